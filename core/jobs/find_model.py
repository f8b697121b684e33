"""Choose a model: a path, a run's name, or nothing, which means the newest complete run's.

Where no run has ended yet there is the model that comes with inkhook.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..base.problems import ModelProblem, ModelRejected
from ..base.types import Dataset
from ..events import runs
from ..foreign import adopt
from ..foreign.input_way import at_default
from ..modelfile.artifact import Artifact, read_artifact
from .embedded_digits import load_mnist

Digits = Callable[[], Dataset]

SHIPPED = Path(__file__).parents[2] / "artifacts" / "pretrained.h5"


def load_model(
    name: str | None, note: Callable[[str], None], digits: Digits | None = load_mnist
) -> Artifact:
    """Find and read a model, and say which one it is.

    Parameters
    ----------
    name : str or None
        The value of `--model`: a `.h5` file, a run's folder, or a run's name.
    note : callable
        Takes lines for the user, such as `session.note`.
    digits : callable or None
        Gives the digits on which a stranger's file is tried; where it is None, such a file is used
        as if its inputs were scaled in the commonest way.

    Raises
    ------
    ModelProblem
        When there is no such model, or it isn't one that reads digits.
    ModelRejected
        When the named one can't be used. One that wasn't named is passed over with a notice.
    """
    artifact = load_named(name, note, digits) if name is not None else _newest(note)
    note(f"Model: {model_summary(artifact)}")
    return artifact


def load_named(
    name: str, note: Callable[[str], None], digits: Digits | None = load_mnist
) -> Artifact:
    """Find and read a model that is named; see `load_model`."""
    artifact = read_artifact(find(name))
    if artifact.card is not None:
        return artifact
    if digits:
        return adopt.in_passing(artifact, digits, note)
    note("It doesn't say how its images were prepared; inkhook's own way is used.")
    return replace(artifact, network=at_default(artifact.network))


def find(name: str) -> Path:
    """Return the path that a name stands for; raises ModelProblem."""
    for path in (Path(name), Path(name) / runs.MODEL, runs.ROOT / name / runs.MODEL):
        # os.path's questions answer False where Path's raise, as for a name that is too long
        if os.path.exists(path) and not os.path.isdir(path):
            return path
    if name == SHIPPED.stem:
        return SHIPPED
    raise ModelProblem(f"There is no model file and no run '{name}'.")


def name_of(artifact: Artifact) -> str:
    """Return what `--model` calls a model: `pretrained`, or its path."""
    return SHIPPED.stem if artifact.path == SHIPPED else str(artifact.path)


def model_summary(artifact: Artifact) -> str:
    """Return one line on a model: where it is, its architecture, its accuracy."""
    line = f"{name_of(artifact)} ({artifact.network.architecture}"
    accuracy = artifact.card.metrics.get("test_accuracy") if artifact.card else None
    return f"{line}, {accuracy * 100:.2f} %)" if accuracy is not None else f"{line})"


def _newest(note: Callable[[str], None]) -> Artifact:
    for path, status in runs.ended_models():
        if status not in ("complete", "stopped"):
            note(f"Passed over: '{path}' is of a run that is {status}.")
            continue
        try:
            artifact = read_artifact(path)
        except ModelRejected as problem:
            note(f"Passed over: {problem}")
            continue
        if artifact.card is not None:
            return artifact
        note(f"Passed over: '{path}' wasn't written by inkhook.")
    if SHIPPED.exists():
        return read_artifact(SHIPPED)
    raise ModelProblem("There is no trained model; train one with 'inkhook run --plugins train'.")
