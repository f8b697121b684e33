"""A trained model as one `.h5` file that says what it is.

The file is what Keras writes (`keras.models.load_model` reads it) plus one root attribute,
`inkhook`: the model's card as JSON. It is made in memory and put in place whole; it is read
through `h5guard`, ours like a stranger's.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from . import bounded_json, files, h5guard
from .h5write import pack, pack_network
from .lead import at_default
from .network import Network, build
from .preprocess import PreprocessSettings
from .problems import ModelRejected, OutputProblem
from .text import now, to_json
from .types import DIGITS

ATTRIBUTE = "inkhook"
FORMAT = 2
LONGEST_TEXT = 1000


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
    temperature : float
        What the logits are divided by before softmax, so that confidences are right as often as
        they say (Guo et al. 2017); fitted on images that were held back.
    reject_below : float
        Confidence, 0 to 1, below which an answer is "not sure": of those above it, 99.5 % were
        right on the images that were held back.
    status : str
        `complete`, or `stopped` where the training was ended early.
    preprocess : dict
        The settings of `preprocess` that the model was trained with.
    class_names : tuple of str
        One for each output.
    origin : dict
        Of an imported model: its file's name and SHA-256, and how that wants its inputs; empty
        where it was trained here.
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
    temperature: float = 1.0
    reject_below: float = 0.0
    status: str = "complete"
    preprocess: Mapping[str, Any] = field(default_factory=PreprocessSettings().as_dict)
    class_names: tuple[str, ...] = DIGITS
    origin: Mapping[str, Any] = field(default_factory=dict)
    created: str = field(default_factory=now)
    versions: Mapping[str, str] = field(default_factory=current_versions)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return to_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card, which is text from outside; fields that aren't known are left out.

        Raises
        ------
        ModelRejected
            Where it isn't a card of this format.
        """
        content = bounded_json.parse(text, "Its card")
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ModelRejected("card", f"Its card isn't of format {FORMAT}.")
        kinds: dict[str, type] = {"parameters": int, "format": int, "class_names": list}
        kinds |= dict.fromkeys(("training", "metrics", "preprocess", "origin", "versions"), dict)
        kinds |= dict.fromkeys(("temperature", "reject_below"), float)
        known: dict[str, Any] = {}
        content.setdefault("origin", {})  # cards of 2026 don't have it
        for place in fields(cls):
            value = content.get(place.name)
            if type(value) is not kinds.get(place.name, str):
                raise ModelRejected("card", f"Its card has no proper '{place.name}'.")
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                raise ModelRejected("card", f"Its card has a '{place.name}' that is too long.")
            known[place.name] = value
        if not all(type(number) in (int, float) for number in known["metrics"].values()):
            raise ModelRejected("card", "Its card has a metric that isn't a number.")
        if not (0 < known["temperature"] <= 100 and 0 <= known["reject_below"] <= 1):
            raise ModelRejected("card", "Its card has a temperature or a threshold out of range.")
        names = known["class_names"]
        if len(names) != len(DIGITS) or not all(isinstance(name, str) for name in names):
            raise ModelRejected("card", "Its card hasn't ten class names.")
        return cls(**known | {"class_names": tuple(names)})


@dataclass(frozen=True, eq=False)
class Artifact:
    """A model file that has been read.

    Attributes
    ----------
    path : pathlib.Path
    sha256 : str
        Of the file's bytes.
    network : Network
    card : Card or None
        None where the file isn't inkhook's.
    settings : PreprocessSettings
        How its images are to be prepared; the defaults where the file doesn't say.
    """

    path: Path
    sha256: str
    network: Network
    card: Card | None
    settings: PreprocessSettings

    @property
    def temperature(self) -> float:
        """What the logits are divided by; 1 where the file doesn't say."""
        return self.card.temperature if self.card else 1.0

    @property
    def reject_below(self) -> float:
        """The confidence below which an answer is "not sure"; 0 where the file doesn't say."""
        return self.card.reject_below if self.card else 0.0


def read(path: Path) -> Artifact:
    """Read a model file through the guard.

    Raises
    ------
    ModelRejected
        When it may not be opened, or its card or its settings can't be understood.
    """
    opened = h5guard.open_model(path)
    if ATTRIBUTE not in opened.texts:
        network = at_default(opened.network)
        return Artifact(path, opened.sha256, network, None, PreprocessSettings())
    try:
        card = Card.from_json(opened.texts[ATTRIBUTE])
        settings = PreprocessSettings.from_dict(card.preprocess)
    except ModelRejected as problem:
        raise ModelRejected(problem.code, f"Can't use the model '{path}': {problem}") from problem
    return Artifact(path, opened.sha256, opened.network, card, settings)


def save(model: Any, path: Path, card: Card) -> str:
    """Write a Keras model and its card, so that `path` holds the old file or the new one, whole.

    Parameters
    ----------
    model : keras.Model
        Its weights are written, its optimizer isn't.
    path : pathlib.Path
        The `.h5` file.
    card : Card

    Returns
    -------
    str
        The SHA-256 of the file.

    Raises
    ------
    ModelRejected
        When the guard wouldn't open the file: a layer that isn't allowed, numbers that aren't
        finite.
    OutputProblem
        When the file can't be written or doesn't read back as it was written.
    """
    return _write(_pack(model, card), path)


def save_network(network: Network, path: Path, card: Card) -> str:
    """Write a network and its card, without an import of Keras; see `save`."""
    return _write(pack_network(network, {ATTRIBUTE: card.to_json()}), path)


def _write(data: bytes, path: Path) -> str:
    try:
        h5guard.examine(data)
    except ModelRejected as problem:
        raise ModelRejected(problem.code, f"The model can't be saved: {problem}") from problem
    with files.replacing(path) as temporary:
        temporary.write_bytes(data)
        if temporary.read_bytes() != data:
            raise OutputProblem(f"'{path}' doesn't read back as it was written; check the disk.")
    sha256 = hashlib.sha256(data).hexdigest()
    h5guard.remember(sha256)
    return sha256


def network_of(model: Any) -> Network:
    """Return the network of a Keras model; raises ModelRejected where it has other layers."""
    weights = {
        layer.name: {
            variable.path: np.asarray(variable.numpy(), np.float32) for variable in layer.weights
        }
        for layer in model.layers
    }
    return build(_description(model), weights)


def _description(model: Any) -> str:
    """Return Keras's description of a model, without how it was trained."""
    description = json.loads(model.to_json())
    description.pop("compile_config", None)
    return json.dumps(description)


def _pack(model: Any, card: Card) -> bytes:
    """Return the bytes of a Keras model's file."""
    layers = {
        layer.name: {variable.path: np.asarray(variable.numpy()) for variable in layer.weights}
        for layer in model.layers
    }
    return pack(_description(model), layers, {ATTRIBUTE: card.to_json()})
