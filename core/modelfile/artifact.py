"""A trained model as one `.h5` file that says what it is.

The file is what Keras writes (`keras.models.load_model` reads it) plus one root attribute,
`inkhook`: the model's card as JSON. It is made in memory and put in place whole; it is read
through `h5guard`, ours like a stranger's.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base import files
from ..base.problems import ModelRejected, OutputProblem
from ..images.preprocess import PreprocessSettings
from ..kerasfile.build import build
from ..network.network import Network
from . import h5guard
from .card import Card
from .h5write import pack, pack_network

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
        In a file that isn't inkhook's, as it stands there: its inputs may be of any scaling and
        size (see the wing `foreign`).
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
        return Artifact(path, opened.sha256, opened.network, None, PreprocessSettings())
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
