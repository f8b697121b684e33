"""How good a model is on a labelled set, for `inkhook evaluate` and `inkhook.evaluate`.

`reading.labelled_files` and `data` open the set; `judging.evaluation` does the counting.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from ..base.types import DIGITS, SIDE, Dataset, Predictions
from ..events.from_python import Chosen, make_plugins
from ..events.hooks import hookimpl
from ..events.runs import RunFolder
from ..events.session import CommandSession
from ..judging import evaluation
from ..judging.number_score import NumberScore, number_score_as_dict
from ..judging.score import Score, format_score, score_as_dict
from ..modelfile.artifact import Artifact
from ..reading.labelled_files import open_numbers
from .find_model import model_name
from .model import Model, artifact_of
from .pipeline import open_labelled
from .read_numbers import FOR_PLUGINS, numbers_job, tell

RECORDED = (
    *("count", "accuracy", "low", "high", "loss", "calibration_error", "blank", "several"),
    *("digit_error_rate", "no_number", "unreadable"),
)
"""The figures for a run's record, of those that there are."""

AnyScore = TypeVar("AnyScore", Score, NumberScore)


@dataclass(frozen=True, eq=False)
class Measured(Generic[AnyScore]):
    """The results of an evaluation.

    Attributes
    ----------
    model : Artifact
    score : Score or NumberScore
    unreadable : int
        How many files couldn't be read; they aren't in the score.
    problems : sequence of str
        What else should have been measured but wasn't, one sentence each.
    """

    model: Artifact
    score: AnyScore
    unreadable: int
    problems: Sequence[str]

    @property
    def figures(self) -> dict[str, Any]:
        """All figures as JSON values."""
        score = self.score
        figures = score_as_dict(score) if isinstance(score, Score) else number_score_as_dict(score)
        return figures | {"unreadable": self.unreadable}


def measure(
    session: CommandSession,
    data: Path | Dataset,
    labels: Path | None,
    open_model: Callable[[], Artifact],
) -> Measured[Score]:
    """Open a set and a model, and find out how good it is.

    Parameters
    ----------
    session : CommandSession
        Entered; its metrics, and its run's record if it has a run, get the figures.
    data : pathlib.Path or Dataset
    labels : pathlib.Path, optional
        As for `open_labelled`.
    open_model : callable
        Opens the model; called once the set has been opened.

    Raises
    ------
    Problem
        When there is no such set or model, or no image can be read.
    """
    with session.stage("load_dataset"):
        found = open_labelled(data, labels, session.note)
        session.note(f"Data: {found.notice}")
    model = _opened(session, open_model)
    done = Measured(model, *evaluation.on_set(session, model, found), found.problems)
    _keep(session, done.figures)
    return done


def measure_numbers(
    session: CommandSession,
    data: Path,
    labels: Path | None,
    open_model: Callable[[], Artifact],
) -> Measured[NumberScore]:
    """Find out how well numbers are read: as `measure`, for a folder labelled with numbers."""
    with session.stage("load_dataset"):
        found = open_numbers(data, labels)
        session.note(f"Data: {found.notice}")
    model = _opened(session, open_model)
    pages = FOR_PLUGINS if session.has("on_number") else 0
    job = numbers_job(model, pages=pages, cuts=session.has("on_prediction"))
    score = evaluation.on_numbers(session, job, found, partial(tell, session))
    done = Measured(model, *score, found.problems)
    _keep(session, done.figures)
    return done


def _opened(session: CommandSession, open_model: Callable[[], Artifact]) -> Artifact:
    with session.stage("load_model"):
        model = open_model()
    if session.run:
        session.run.add_to_record(model=model_name(model), model_sha256=model.sha256)
    session.network = None if model.network.reads_strips else model.network
    return model


def _keep(session: CommandSession, figures: dict[str, Any]) -> None:
    kept = {name: figures[name] for name in RECORDED if figures.get(name) is not None}
    session.metrics.update(kept)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a model is on a labelled set.

    Attributes
    ----------
    score : Score
        All figures; the three most used ones are also attributes here.
    predictions : Predictions
        The answers, with the truth; without the images that have no answer.
    unreadable : int
        How many files couldn't be read; they don't count.
    problems : sequence of str
        What else should have been measured but wasn't, one sentence each.
    faults : sequence of str
        Plugin failures that didn't stop the work, one sentence each.
    """

    score: Score
    predictions: Predictions
    unreadable: int
    problems: Sequence[str]
    faults: Sequence[str]

    @property
    def accuracy(self) -> float:
        """The share of the images with a right answer, 0 to 1; those without one are wrong."""
        return self.score.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval."""
        return self.score.interval

    @property
    def confusion(self) -> npt.NDArray[np.int64]:
        """int64 (10, 10): rows are labels, columns are predictions."""
        return self.score.confusion

    def __repr__(self) -> str:
        figures = format_score(self.score).splitlines()[0]
        return f"<inkhook.Evaluation {figures.removeprefix('Accuracy: ')}>"


def evaluate(
    model: Model | str | os.PathLike[str] | None,
    data: str | os.PathLike[str] | Dataset,
    *,
    labels: str | os.PathLike[str] | None = None,
    plugins: Chosen = (),
    output: str | os.PathLike[str] | None = None,
    strict: bool = False,
    **options: Any,
) -> Evaluation:
    """Measure a model on a labelled set: `inkhook evaluate` from Python.

    Parameters
    ----------
    model : Model, str, path-like or None
        A model, or what `load_model` takes.
    data : str, path-like or Dataset
        A folder of images in folders named after digits (digits/7/a.png), a `.npz` file with images
        and labels, a folder of IDX files, or a dataset. Where there are test images, those are
        used.
    labels : str or path-like, optional
        A CSV file with the columns `file` (below `data`) and `label`, where the folders' names
        don't say it.
    plugins : str, plugin, or list of these
        As for `train`; none by default. They get the answers, batch by batch.
    output : str or path-like, optional
        A folder for the record and the plugins' results; without it, nothing is written.
    strict : bool
        Whether a plugin's first failure ends the work.
    **options
        The plugins' options.

    Returns
    -------
    Evaluation

    Raises
    ------
    Problem
        When there is no such set or model, or no image can be read.
    TypeError
        For an option that none of the plugins has.

    Notes
    -----
    The predictions hold what the model saw: 3 kB per image. If the images don't fit into memory,
    use the command.

    Examples
    --------
    >>> inkhook.evaluate("pretrained", inkhook.load_mnist(test=1000)).accuracy > 0.99
    True
    """
    kept = _Kept()
    given = plugins if isinstance(plugins, list | tuple) else [plugins]
    made = make_plugins([*given, kept], options=options)
    place = data if isinstance(data, Dataset) else Path(data)
    table = None if labels is None else Path(labels)
    folder = None
    if output is not None:
        name = data.name if isinstance(data, Dataset) else str(place)
        record = {"command": ["inkhook.evaluate"], "plugins": made.names, "data": name}
        folder = RunFolder(Path(output), record)
    with CommandSession(made, folder, strict=strict) as session:
        done = measure(session, place, table, lambda: artifact_of(model, any_run=True))
    faults = [str(fault) for fault in session.hooks.faults]
    return Evaluation(done.score, kept.joined(), done.unreadable, done.problems, faults)


class _Kept:
    """A plugin that keeps all predictions."""

    def __init__(self) -> None:
        self._batches: list[Predictions] = []

    @hookimpl
    def on_prediction(self, predictions: Predictions) -> None:
        """Keep a batch."""
        self._batches.append(predictions)

    def joined(self) -> Predictions:
        """Return all batches as one."""
        empty = Predictions(
            "dataset",
            (),
            np.zeros((0, SIDE, SIDE), np.float32),
            np.zeros((0, len(DIGITS)), np.float32),
            np.zeros(0, np.uint8),
        )
        batches = self._batches or [empty]
        return Predictions(
            batches[0].source,
            tuple(name for batch in batches for name in batch.ids),
            np.concatenate([batch.images for batch in batches]),
            np.concatenate([batch.probabilities for batch in batches]),
            np.concatenate([batch.truth for batch in batches if batch.truth is not None]),
        )
