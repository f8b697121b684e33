"""A trained model as one `.h5` file that says what it is.

The file is what Keras writes (`keras.models.load_model` reads it) plus one root attribute,
`inkhook`: the model's card as JSON. It is built in memory and put in place whole. It is read
through `h5guard`, whoever wrote it.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import files
from ..base.problems import ModelRejected, OutputProblem
from ..base.types import DIGITS
from ..images.preprocess import PreprocessSettings
from ..network.network import Network
from . import h5guard
from .card import Card
from .h5write import Layers, pack_h5, parts_of

ATTRIBUTE = "inkhook"


@dataclass(frozen=True, eq=False)
class Artifact:
    """A model file that has been read.

    Attributes
    ----------
    path : pathlib.Path
    sha256 : str
        Of the file's bytes.
    network : Network
        As the file has it: in a file that inkhook didn't write, inputs may have any scaling and
        size (see the wing `foreign`).
    card : Card or None
        None if inkhook didn't write the file.
    settings : PreprocessSettings
        How to prepare its images; the defaults if the file doesn't say.
    """

    path: Path
    sha256: str
    network: Network
    card: Card | None
    settings: PreprocessSettings

    @property
    def temperature(self) -> float:
        """The logits are divided by this; 1 if the file doesn't say."""
        return self.card.temperature if self.card else 1.0


def read_artifact(path: Path) -> Artifact:
    """Read a model file through the guard.

    Raises
    ------
    ModelRejected
        When it isn't safe to open, or its card or its settings can't be understood.
    """
    opened = h5guard.open_guarded(path)
    try:
        return _artifact(path, opened.sha256, opened.network, opened.texts.get(ATTRIBUTE))
    except ModelRejected as problem:
        raise ModelRejected(problem.code, f"Can't use the model '{path}': {problem}") from problem


def _artifact(path: Path, sha256: str, network: Network, text: str | None) -> Artifact:
    """Return a file's content with its card, which is read from its text."""
    if text is None:
        return Artifact(path, sha256, network, None, PreprocessSettings())
    card = Card.from_json(text)
    if len(card.class_names) != (network.symbols if network.reads_strips else len(DIGITS)):
        raise ModelRejected("card", "Its card names other classes than its network has.")
    return Artifact(path, sha256, network, card, PreprocessSettings.from_dict(card.preprocess))


def check_model_path(path: Path) -> None:
    """Raise OutputProblem where a path's suffix promises another kind of file than `.h5`."""
    if path.suffix in (".keras", ".onnx"):
        raise OutputProblem(
            f"'{path}' must end in .h5; 'inkhook models export' writes {path.suffix} files."
        )


class ModelFile:
    """A model on its way to a file: packed and examined once, however often it is written.

    Attributes
    ----------
    network : Network
        What the file holds, as whoever opens it gets it.
    """

    def __init__(self, model: Any, subject: str = "The model") -> None:
        """Pack a model's weights (its optimizer's aren't kept) and let the guard look at them.

        Parameters
        ----------
        model : keras.Model or Network
            Later changes to its weights aren't seen.
        subject : str
            What to call it where it can't be saved.

        Raises
        ------
        ModelRejected
            When the guard wouldn't open the file: a layer that isn't allowed, numbers that aren't
            finite.
        """
        self._subject = subject
        self._parts = parts_of(model) if isinstance(model, Network) else _keras_parts(model)
        with self._explaining():
            _, networks = h5guard.check_model_file(pack_h5(*self._parts, {}))
        (self.network,) = networks.values()

    def write(self, path: Path, card: Card) -> Artifact:
        """Write the file, so that `path` holds the old one or the new one, whole.

        Parameters
        ----------
        path : pathlib.Path
            The `.h5` file.
        card : Card

        Returns
        -------
        Artifact
            What `read` would return.

        Raises
        ------
        ModelRejected
            When the guard wouldn't open the file because of the card.
        OutputProblem
            When the file can't be written, or can't be read back as written, or isn't a `.h5`.
        """
        check_model_path(path)
        text = card.to_json()
        data = pack_h5(*self._parts, {ATTRIBUTE: text})
        with self._explaining():
            h5guard.check_size(data)
            written = _artifact(path, hashlib.sha256(data).hexdigest(), self.network, text)
        with files.replacing(path) as temporary:
            temporary.write_bytes(data)
            if temporary.read_bytes() != data:
                raise OutputProblem(f"'{path}' can't be read back as written; check the disk.")
        h5guard.remember(written.sha256)
        return written

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except ModelRejected as problem:
            sentence = f"{self._subject} can't be saved: {problem}"
            raise ModelRejected(problem.code, sentence) from problem


def _keras_parts(model: Any) -> tuple[str, Layers]:
    """Return Keras's description of a model, without how it was trained, and its weights."""
    description = json.loads(model.to_json())
    description.pop("compile_config", None)
    layers = {
        layer.name: {variable.path: np.asarray(variable.numpy()) for variable in layer.weights}
        for layer in model.layers
    }
    return json.dumps(description), layers
