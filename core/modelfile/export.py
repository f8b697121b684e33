"""Export a model for other tools: Keras's `.keras` and `.h5`, and ONNX.

The file's network gives the same probabilities as inkhook, temperature included. It is written to a
temporary file, read back by the library it is meant for, compared, and only then put in place. It
also describes its input and output in words, and holds the model's card.
"""

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..base import files
from ..base.problems import ModelProblem, OutputProblem, Problem
from ..base.quiet_keras import import_keras
from ..base.types import DIGITS, FloatArray
from ..network.classifier import Classifier
from ..network.keras_model import build_model
from ..network.network import Network
from ..network.output_step import with_probabilities
from . import artifact, h5write, onnx_model
from .artifact import Artifact
from .keras_archive import NOTES

PROBABILITY_TOLERANCE = 1e-5
"""How much a probability may differ from the model's own."""

RunNetwork = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class _Form:
    library: str
    write: Callable[[Network, Mapping[str, str], Path], None]
    read: Callable[[Path], RunNetwork]


def export_model(model: Artifact, path: Path, images: FloatArray, *, force: bool = False) -> float:
    """Write a model as the kind of file that the suffix of `path` names.

    Parameters
    ----------
    model : Artifact
    path : pathlib.Path
        Ends in `.h5`, `.keras` or `.onnx`. Afterwards it holds the whole file, or is unchanged.
    images : float32 (N, 28, 28)
        To test the file with; 0 is paper, 1 is ink.
    force : bool
        Whether an existing file may be replaced; the model's own file never is.

    Returns
    -------
    float
        The largest difference between a probability of the file and the model's own.

    Raises
    ------
    ModelProblem
        When the file's probabilities differ by more than 1e-5, or a library fails.
    OutputProblem
        When the file exists, or can't be written, or ONNX's libraries are missing.
    """
    check_export_path(model, path, force=force)
    form = _FORMS[path.suffix]
    with files.replacing(path) as temporary:
        try:
            network = with_probabilities(model.network, model.temperature)
            form.write(network, file_notes(model), temporary)
            run = form.read(temporary)
            difference = _difference(model, run, images)
        except (OSError, Problem):
            raise
        except Exception as error:  # these libraries raise nearly anything
            raise ModelProblem(
                f"{form.library} can't write and read back the model as '{path}' "
                f"({type(error).__name__}); --debug shows more."
            ) from error
        if not difference <= PROBABILITY_TOLERANCE:  # NaN isn't, either
            raise ModelProblem(
                f"'{path}' wasn't written: in {form.library} its probabilities would differ "
                f"from the model's by {difference:.2g}."
            )
    return difference


def check_export_path(model: Artifact, path: Path, *, force: bool) -> None:
    """Check, before any work, that a model may be exported to `path`; raises OutputProblem."""
    if path.suffix not in _FORMS:
        raise OutputProblem(f"'{path}' must end in {', '.join(sorted(_FORMS))}.")
    if path.suffix == onnx_model.SUFFIX and not onnx_model.is_installed():
        raise OutputProblem("ONNX needs extra libraries: pip install 'inkhook[onnx]'.")
    with files.reporting(path):
        if path.exists() and path.samefile(model.path):
            raise OutputProblem(f"'{path}' is the model itself; choose another file with -o.")
        if (path.exists() or path.is_symlink()) and not force:
            raise OutputProblem(f"'{path}' exists; overwrite it with --force.")


def library(path: Path) -> str:
    """Return the name of the library that files with this suffix are for."""
    return _FORMS[path.suffix].library


def file_notes(model: Artifact) -> dict[str, str]:
    """Return what an exported file says about itself: input, output, source and card."""
    shape = ", ".join(map(str, model.network.input_shape))
    names = ", ".join(model.card.class_names if model.card else DIGITS)
    notes = {
        "inkhook_input": f"float32 (N, {shape}): 28×28 pixels in rows, 0 is paper and 1 is ink; "
        "the longest side of the digit is 20 pixels, its centre of mass in the middle, as in MNIST",
        "inkhook_output": f"float32 (N, 10): the probabilities of {names}",
        "inkhook_source_sha256": model.sha256,
    }
    if model.card:  # it describes this file, whose network contains the temperature
        notes[artifact.ATTRIBUTE] = replace(model.card, temperature=1.0).to_json()
    return notes


def _difference(model: Artifact, run: RunNetwork, images: FloatArray) -> float:
    """Return the largest difference between a network's probabilities and the model's own."""
    expected = Classifier(model.network, model.temperature)(images)
    batch = images.reshape(len(images), *model.network.input_shape)
    # a few at a time, to save memory and to check that a batch may have any size
    rows = min(model.network.rows, 16)
    given = np.concatenate([run(batch[n : n + rows]) for n in range(0, len(batch), rows)])
    if given.shape != expected.shape:
        return float("nan")
    return float(np.abs(given - expected).max())


def _write_h5(network: Network, notes: Mapping[str, str], path: Path) -> None:
    path.write_bytes(h5write.pack_h5(*h5write.parts_of(network), notes))


def _write_keras(network: Network, notes: Mapping[str, str], path: Path) -> None:
    build_model(network).save(path)
    with zipfile.ZipFile(path, "a") as archive:  # Keras reads the members that it knows
        archive.writestr(NOTES, json.dumps(notes, indent=2, ensure_ascii=False))


def _read_in_keras(path: Path) -> RunNetwork:
    model: Any = import_keras().models.load_model(path, compile=False)
    return lambda batch: np.asarray(model(batch, training=False))


_FORMS = {
    ".h5": _Form("Keras", _write_h5, _read_in_keras),
    ".keras": _Form("Keras", _write_keras, _read_in_keras),
    onnx_model.SUFFIX: _Form("ONNX", onnx_model.write_onnx, onnx_model.load_onnx),
}
"""The kinds of files, by their suffix."""
