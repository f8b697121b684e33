"""A trained model as one `.h5` file that says what it is.

The file is what Keras writes (`keras.models.load_model` reads it) plus one root attribute,
`inkhook`: the model's card as JSON. It is made in memory and put in place whole.
"""

import io
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from . import files
from .keras_import import import_keras
from .preprocess import PreprocessSettings
from .problems import ModelProblem, OutputProblem
from .runs import now
from .types import DIGITS

ATTRIBUTE = "inkhook"
FORMAT = 1


def current_versions() -> dict[str, str]:
    """Return the versions of what made a model: inkhook, its libraries and Python."""
    packages = ("inkhook", "keras", "tensorflow", "numpy", "h5py")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


@dataclass(frozen=True)
class Card:
    """What a model file says of itself; JSON values only.

    Attributes
    ----------
    dataset, dataset_sha256 : str
        The name and the digest of what it was trained on.
    architecture : str
        The layers at a glance, such as "784-512-10".
    parameters : int
        How many numbers were learnt.
    training : dict
        The trainer's arguments, with the seed.
    metrics : dict of str to float
        Such as `test_accuracy`, 0 to 1.
    status : str
        `complete`, or `stopped` where the training was ended early.
    preprocess : dict
        The settings of `preprocess` that the model was trained with.
    class_names : tuple of str
        One for each output.
    created : str
        ISO 8601, UTC.
    versions : dict of str to str
    format : int
        The version of this form.
    """

    dataset: str
    dataset_sha256: str
    architecture: str
    parameters: int
    training: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    status: str = "complete"
    preprocess: Mapping[str, Any] = field(default_factory=PreprocessSettings().as_dict)
    class_names: tuple[str, ...] = DIGITS
    created: str = field(default_factory=now)
    versions: Mapping[str, str] = field(default_factory=current_versions)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card; raises ValueError where it isn't one of this format."""
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"not an inkhook card of format {FORMAT}")
        known = {f.name for f in fields(cls)}
        if not {"dataset", "dataset_sha256", "architecture", "parameters"} <= set(content) <= known:
            raise ValueError("not the fields of an inkhook card")
        return cls(**content | {"class_names": tuple(content["class_names"])})


def architecture(model: Any) -> str:
    """Return a Keras model's layers at a glance: "784-512-10" for a dense one."""
    sizes = [int(np.prod(model.input_shape[1:]))]
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Dense":
            sizes.append(layer.units)
        elif kind not in ("InputLayer", "Flatten", "Reshape", "Dropout"):
            return f"{sizes[0]}-…-{model.output_shape[-1]} ({len(model.layers)} layers)"
    return "-".join(map(str, sizes))


def save(model: Any, path: Path, card: Card) -> None:
    """Write a Keras model and its card, so that `path` holds the old file or the new one, whole.

    Parameters
    ----------
    model : keras.Model
        Its weights are written, its optimizer isn't.
    path : pathlib.Path
        The `.h5` file.
    card : Card

    Raises
    ------
    OutputProblem
        When the file can't be written or doesn't read back as it was written.
    ModelProblem
        When the weights hold NaN or infinity.
    """
    if not all(np.isfinite(array).all() for array in model.get_weights()):
        raise ModelProblem(
            "The training ended in numbers that aren't finite; try a smaller --learning-rate."
        )
    data = _pack(model, card)
    with files.replacing(path) as temporary:
        temporary.write_bytes(data)
        if temporary.read_bytes() != data:
            raise OutputProblem(f"'{path}' doesn't read back as it was written; check the disk.")


def _pack(model: Any, card: Card) -> bytes:
    """Return the bytes of Keras's `.h5` layout: the description, and a group for each layer.

    Written here rather than by `model.save`, which can only write to a path and leaves HDF5 in
    a bad state when the disk is full. Layout: Keras 3, keras/src/legacy/saving/legacy_h5_format.
    """
    import h5py

    keras = import_keras()
    signs = {"keras_version": keras.__version__, "backend": keras.config.backend()}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs.update(signs | {"model_config": model.to_json(), ATTRIBUTE: card.to_json()})
        weights = file.create_group("model_weights")
        weights.attrs.update(
            signs | {"layer_names": [layer.name.encode() for layer in model.layers]}
        )
        for layer in model.layers:
            group = weights.create_group(layer.name)
            group.attrs["weight_names"] = [variable.path.encode() for variable in layer.weights]
            for variable in layer.weights:
                group.create_dataset(variable.path, data=np.asarray(variable))
        weights.create_group("top_level_model_weights").attrs["weight_names"] = []
    return buffer.getvalue()


def load(path: Path) -> tuple[Any, Card]:
    """Read a model that inkhook wrote.

    Returns
    -------
    keras.Model, Card

    Raises
    ------
    ModelProblem
        When there is no such file, or it isn't one of ours.
    """
    import h5py

    if not path.is_file():
        raise ModelProblem(f"There is no model file '{path}'.")
    try:
        with h5py.File(path, "r") as file:
            card = Card.from_json(file.attrs[ATTRIBUTE])
        model = import_keras().models.load_model(path, compile=False, safe_mode=True)
    except KeyError as error:
        raise ModelProblem(
            f"'{path}' has no inkhook card; it wasn't written by inkhook."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelProblem(f"'{path}' isn't a whole inkhook model: {error}") from error
    return model, card
