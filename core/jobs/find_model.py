"""Choose a model: by a path or a run's name, or else the newest run that is good enough.

If no run is good enough, the included model is used.
"""

import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..base.problems import ModelProblem, ModelRejected
from ..base.types import Dataset
from ..events import records
from ..foreign import adopt
from ..foreign.input_way import at_default
from ..modelfile.artifact import Artifact, read_artifact
from .embedded_digits import load_mnist

Digits = Callable[[], Dataset]

SHIPPED = Path(__file__).parents[2] / "artifacts" / "pretrained.h5"
SHIPPED_NUMBERS = SHIPPED.with_name("numbers.h5")
SECOND_NUMBERS = SHIPPED.with_name("numbers-second.h5")
INCLUDED = (SHIPPED, SHIPPED_NUMBERS, SECOND_NUMBERS)

LEAST, LEAST_NUMBERS = 0.9, 0.6
"""A model must read this share of its own test images to be used for other images by default; or of
its composed numbers, which are harder than what people write: the included one reads 75 %."""

MOST_NAMED = 3
"""How many of the skipped runs are named."""


def read_chosen(
    name: str | None,
    note: Callable[[str], None],
    digits: Digits | None = load_mnist,
    *,
    any_run: bool = False,
    numbers: bool = False,
) -> Artifact:
    """Find and read a model, and tell the user which one it is and how good.

    Parameters
    ----------
    name : str or None
        The value of `--model`: a `.h5` or `.keras` file, a run's folder, or a run's name. None
        stands for the newest complete run that was trained on digits and reads enough of its test
        images or numbers (see LEAST), or else the included model.
    note : callable
        Takes lines for the user, such as `session.note`.
    digits : callable or None
        Returns the digits on which to try a foreign file. If it is None, such a file is used as if
        its inputs were scaled in the most common way.
    any_run : bool
        Whether None stands for the newest complete run, however good, to examine what was just
        trained.
    numbers : bool
        Whether numbers are to be read, and not single digits. Where the named model is for single
        digits, the included one for numbers stands in.

    Raises
    ------
    ModelProblem
        When there is no such model, or it isn't one that reads digits.
    ModelRejected
        When the named model can't be used. Otherwise an unusable model is skipped, with a notice.
    """
    reason = ""
    if name is None:
        artifact = _newest(note, any_run=any_run, numbers=numbers)
    elif numbers:
        artifact, reason = _for_numbers(name)
    else:
        artifact = for_digits(read_named(name, note, digits))
    note(f"Model: {model_summary(artifact)}{reason}")
    return artifact


def read_named(
    name: str, note: Callable[[str], None], digits: Digits | None = load_mnist
) -> Artifact:
    """Find and read a named model, for digits or for numbers; see `read_chosen`."""
    artifact = read_artifact(model_path(name))
    if artifact.card is not None:
        return artifact
    if digits:
        return adopt.in_passing(artifact, digits, note)
    note("The model doesn't say how its images were prepared; inkhook's own way is used.")
    return replace(artifact, network=at_default(artifact.network))


def for_digits(artifact: Artifact) -> Artifact:
    """Return a model that reads single digits; raises ModelProblem for one that doesn't."""
    if artifact.network.reads_strips:
        raise ModelProblem(
            f"The model '{model_name(artifact)}' reads rows of numbers, not single digits; "
            "'inkhook read' takes it."
        )
    return artifact


def is_for_numbers(name: str) -> bool:
    """Tell whether a named model reads numbers, not single digits; raises as `read_chosen`."""
    path = model_path(name)
    return path != SHIPPED and read_artifact(path).network.reads_strips


def _for_numbers(name: str) -> tuple[Artifact, str]:
    """Return a named model that reads numbers, or the included one and why, for a sentence."""
    path = model_path(name)
    if path in (SHIPPED, SHIPPED_NUMBERS):
        return _shipped(numbers=True), ""
    found = read_artifact(path)
    if found.network.reads_strips:
        return found, ""
    return _shipped(numbers=True), f", since '{name}' reads single digits"


def model_path(name: str) -> Path:
    """Return the path that a name refers to; raises ModelProblem."""
    inside = (
        folder / own for folder in (Path(name), records.ROOT / name) for own in records.MODELS
    )
    for path in (Path(name), *inside):
        # os.path's functions return False where Path's raise, as for a name that is too long
        if os.path.exists(path) and not os.path.isdir(path):
            return path
    for shipped in INCLUDED:
        if name == shipped.stem:
            return shipped
    raise ModelProblem(f"There is no model file and no run '{name}'.")


def model_name(artifact: Artifact) -> str:
    """Return what `--model` calls a model: `pretrained`, or its path."""
    return SHIPPED.stem if artifact.path in (SHIPPED, SHIPPED_NUMBERS) else str(artifact.path)


def accuracy_of(artifact: Artifact) -> float | None:
    """Return the share of its test images that a model reads, 0 to 1; None if it isn't known.

    For a model that reads numbers, of composed numbers that it reads wholly.
    """
    metrics = artifact.card.metrics if artifact.card else {}
    return metrics.get("test_accuracy", metrics.get("test_exact"))


def model_summary(artifact: Artifact) -> str:
    """Return a model's path, architecture and accuracy as one line."""
    return f"{model_name(artifact)} ({artifact.network.architecture}, {_percent(artifact)})"


def title_of(artifact: Artifact) -> str:
    """Return a model's name and accuracy, for the title of a picture or a window."""
    return f"{model_name(artifact)}, {_percent(artifact)}"


def facts(artifact: Artifact) -> dict[str, str | float | None]:
    """Return what JSON output says about the model that was used."""
    return {"model": model_name(artifact), "model_accuracy": accuracy_of(artifact)}


def _percent(artifact: Artifact) -> str:
    accuracy = accuracy_of(artifact)
    return "accuracy unknown" if accuracy is None else f"{accuracy * 100:.2f} %"


def _newest(note: Callable[[str], None], *, any_run: bool, numbers: bool) -> Artifact:
    passed = 0
    for path, status in records.ended_models():
        metrics = records.read_record(path.parent).get("metrics") if numbers else None
        if isinstance(metrics, dict) and "test_accuracy" in metrics:
            continue  # for single digits; there may be hundreds, and reading one takes a while
        try:
            found = read_artifact(path)
        except ModelRejected as problem:
            line = str(problem)
        else:
            if found.network.reads_strips != numbers:  # for other work
                continue
            doubt = _doubt(found, status)
            if not doubt:
                return found
            line = f"{model_summary(found)} {doubt}"
            if any_run and found.card is not None and status in records.ENDED_WELL:
                note(f"Warning: {line}.")
                return found
            line += f"; use it anyway with --model {shlex.quote(path.parent.name)}."
        passed += 1
        if passed <= MOST_NAMED:
            note(f"Skipped: {line}")
    if passed > MOST_NAMED:
        note(f"Skipped: {passed - MOST_NAMED:,} older runs; 'inkhook models list' shows all.")
    return _shipped(numbers=numbers)


def _shipped(*, numbers: bool) -> Artifact:
    path = SHIPPED_NUMBERS if numbers else SHIPPED
    if path.exists():
        found = read_artifact(path)
        if not numbers or not SECOND_NUMBERS.exists():
            return found
        second = read_artifact(SECOND_NUMBERS).network
        return replace(found, network=replace(found.network, second=second))
    what, plugins = ("model for numbers", "augment,strings") if numbers else ("model", "train")
    raise ModelProblem(
        f"There is no trained {what}; train one with 'inkhook run --plugins {plugins}'."
    )


def _doubt(found: Artifact, status: str) -> str:
    """Say why other people's images shouldn't be shown to a run's model; empty if they may be."""
    if found.card is None:
        return "wasn't written by inkhook"
    if status not in records.ENDED_WELL:
        return f"is of a run that is {status}"
    if not found.card.holds_digits:
        return f"was trained on '{found.card.dataset}', which hasn't all ten digits"
    strips = found.network.reads_strips
    least, what = (LEAST_NUMBERS, "numbers") if strips else (LEAST, "images")
    if (accuracy_of(found) or 0) < least:
        return f"reads less than {least * 100:.0f} % of its test {what}"
    return ""
