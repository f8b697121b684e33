"""How good a model is: on a dataset's test split, or on any labelled set.

Images are prepared, classified and counted in batches, so a set may have any size. The plugins get
the images and the answers, batch by batch. See docs/decisions/019-evaluate-blank-and-unreadable.md.
"""

import contextlib
from collections.abc import Callable

import numpy as np

from ..base.problems import DataProblem
from ..base.text import visible
from ..base.types import Dataset, FloatArray, Predictions, Split, UInt8Array
from ..data.labelled import LabelledArrays
from ..events.session import CommandSession
from ..images import preprocess
from ..images.imagefile import DEFAULT_LIMITS
from ..modelfile.artifact import Artifact
from ..network.classifier import Classifier
from ..network.network import Network
from ..network.second_look import look_again
from ..numbers.number import Numbers
from ..reading import answers
from ..reading.labelled_files import LabelledFiles
from ..reading.predictor import Job
from ..reading.rows import Status
from . import calibration
from .number_score import NumberScore
from .score import Score, sure_from

BATCH = 256
MOST_NAMED = 5

LabelledBatch = tuple[tuple[str, ...], FloatArray, UInt8Array]
"""Ids, prepared images and labels."""


class ProblemCounter:
    """Counts problem images, and names the first few to the user."""

    def __init__(self, word: str, note: Callable[[str], None]) -> None:
        self.count = 0
        self._word, self._note = word, note

    def add(self, name: str, reason: str = "") -> None:
        """Count one; `reason` is a sentence that says what is wrong, if the word doesn't."""
        self.count += 1
        if self.count <= MOST_NAMED:
            self._note(f"{self._word}: '{name}'{reason and ': '}{reason}")
        elif self.count == MOST_NAMED + 1:
            self._note(f"{self._word}: more, not named here.")


def on_test_split(model: Artifact, dataset: Dataset) -> tuple[Predictions, dict[str, float]]:
    """Classify a dataset's test split.

    Returns
    -------
    Predictions
        With the truth, in the order of the split.
    dict of str to float
        `test_loss` (cross-entropy, in nats), `test_accuracy` and `test_calibration_error` (0 to 1).
    """
    images = preprocess.to_model_input(dataset.test.images)
    ids = tuple(map(str, range(len(images))))
    batch = ids, images, dataset.test.labels
    predictions = _classify(Classifier(model.network, model.temperature), batch)
    score = Score()
    score.add(predictions)
    return predictions, {
        "test_loss": score.loss,
        "test_accuracy": score.accuracy,
        "test_calibration_error": score.calibration_error,
    }


def calibrate(network: Network, held_out: Split) -> tuple[float, float]:
    """Return what makes a model's confidence meaningful, for its card.

    Parameters
    ----------
    network : Network
    held_out : Split
        Images that the network wasn't trained on.

    Returns
    -------
    tuple of float
        The temperature, and the confidence at and above which 99.5 % of the answers are right.
    """
    images, truth = preprocess.to_model_input(held_out.images), held_out.labels
    temperature = calibration.fit_temperature(Classifier(network)(images), truth)
    classify = Classifier(network, temperature)
    probabilities = classify(images)
    look_again(classify, images, probabilities)  # as what is drawn or photographed is read
    right = probabilities.argmax(axis=1) == truth
    reject_below = calibration.reject_threshold(probabilities.max(axis=1), right)
    return temperature, reject_below


def on_set(
    session: CommandSession,
    model: Artifact,
    data: LabelledArrays | LabelledFiles,
) -> tuple[Score, int]:
    """Classify a labelled set, tell the plugins, and name the images that can't be read.

    Returns
    -------
    Score
    int
        How many files couldn't be read; they aren't in the score.

    Raises
    ------
    Problem
        When no image could be read, or a plugin fails in `prepare_image`.
    """
    score, unreadable = Score(sure_from(model)), 0
    with session.stage("predict"):
        if isinstance(data, LabelledArrays):
            _add_arrays(session, model, data, score)
        else:
            unreadable = _add_files(session, model, data, score)
        if not score.count:
            raise DataProblem(f"None of the {unreadable:,} images can be read.")
    return score, unreadable


def on_numbers(
    session: CommandSession, job: Job, data: LabelledFiles, tell: Callable[[Numbers], None]
) -> tuple[NumberScore, int]:
    """Read the numbers of labelled files, tell the plugins, and name files that can't be read.

    Parameters
    ----------
    session : CommandSession
    job : Job
        For numbers.
    data : LabelledFiles
        Labelled with numbers.
    tell : callable
        Tells the plugins the numbers of one file.

    Returns
    -------
    NumberScore
    int
        How many files couldn't be read; they aren't in the score.

    Raises
    ------
    Problem
        When no file could be read, or a plugin fails in `prepare_image` or `find_numbers`.
    """
    score, seen = NumberScore(), _Remarks(session)
    change, find = answers.change_by(session, "number"), answers.find_by(session)
    batches = answers.read_all(job, data.names(), data.path_of, change=change, find=find)
    with session.stage("predict"), contextlib.closing(batches):
        for batch in batches:
            seen.add(batch)
            for found in batch.numbers(data.numbers(batch.names)):
                score.add(found)
                tell(found)
    if not score.count:
        raise DataProblem(f"None of the {seen.unreadable:,} images can be read.")
    return score, seen.unreadable


class _Remarks:
    """Names files that weren't simply read, a few of each kind."""

    def __init__(self, session: CommandSession) -> None:
        self._unreadable = ProblemCounter("Unreadable", session.note)
        self._named = {
            Status.BLANK: ProblemCounter("Blank", session.note),
            Status.SEVERAL: ProblemCounter("Several digits", session.note),
            Status.NO_NUMBER: ProblemCounter("No number", session.note),
        }
        self._notices = ProblemCounter("Notice", session.note)

    @property
    def unreadable(self) -> int:
        """How many files couldn't be read."""
        return self._unreadable.count

    def add(self, batch: answers.Batch) -> None:
        for name, status, remark in batch.remarkable():
            shown = visible(name)
            if status.failed:
                self._unreadable.add(shown, remark)
            elif status in self._named:
                self._named[status].add(shown)
            elif remark:
                self._notices.add(shown, remark)


def _classify(classifier: Classifier, batch: LabelledBatch) -> Predictions:
    """Classify arrays of images: by the network alone, as its card describes it."""
    ids, images, truth = batch
    return Predictions("dataset", ids, images, classifier(images), truth)


def _add_arrays(
    session: CommandSession, model: Artifact, data: LabelledArrays, score: Score
) -> None:
    classifier, blank = (
        Classifier(model.network, model.temperature),
        ProblemCounter("Blank", session.note),
    )
    start = 0
    for block in data.blocks(BATCH):
        images = preprocess.to_model_input(block)
        inked = images.any(axis=(1, 2))
        for place in np.flatnonzero(~inked):
            blank.add(str(start + place))
        if inked.any():
            ids = tuple(str(start + place) for place in np.flatnonzero(inked))
            labels = data.labels[start : start + len(block)][inked]
            predictions = _classify(classifier, (ids, images[inked], labels))
            score.add(predictions)
            session.tell("on_prediction", predictions=predictions)
        start += len(block)
    score.blank = blank.count


def _add_files(
    session: CommandSession,
    model: Artifact,
    data: LabelledFiles,
    score: Score,
) -> int:
    """Read and count files; return how many couldn't be read."""
    told = session.has("on_prediction")
    job = Job(model.network, model.temperature, score.reject_below, DEFAULT_LIMITS, images=told)
    seen = _Remarks(session)
    batches = answers.read_all(job, data.names(), data.path_of, change=answers.change_by(session))
    with contextlib.closing(batches):
        for batch in batches:
            labels = data.labels(batch.names)
            score.add_rows(batch.rows, labels)
            seen.add(batch)
            if told:
                for predictions in batch.predictions(labels.tolist()):
                    session.tell("on_prediction", predictions=predictions)
    return seen.unreadable
