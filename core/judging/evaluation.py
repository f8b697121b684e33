"""How good a model is: on a dataset's test split, or on any labelled set.

The images are prepared, classified and counted in batches, so that a set may be of any size; what
the images were and what was said of them goes to the plugins, batch by batch.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ..base.problems import DataProblem, ImageRefused
from ..base.types import Dataset, FloatArray, Predictions, Source, Split, UInt8Array
from ..data.labelled import LabelledArrays, LabelledFiles
from ..events.session import CommandSession
from ..images import imagefile, preprocess
from ..modelfile.artifact import Artifact
from ..network.classifier import Classifier
from ..network.network import Network
from . import calibration
from .score import Score

BATCH = 256
MOST_NAMED = 5

Batch = tuple[tuple[str, ...], FloatArray, UInt8Array]
"""Ids, prepared images and labels."""


class Tally:
    """Counts images that something is the matter with, and names the first few to the user."""

    def __init__(self, word: str, note: Callable[[str], None]) -> None:
        self.count = 0
        self._word, self._note = word, note

    def add(self, name: str, reason: str = "") -> None:
        """Count one, with what is the matter as a sentence where the word doesn't say it."""
        self.count += 1
        if self.count <= MOST_NAMED:
            self._note(f"{self._word}: '{name}'{reason and ': '}{reason}")
        elif self.count == MOST_NAMED + 1:
            self._note(f"{self._word}: further ones aren't named.")


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
    predictions = _classify(Classifier(model.network, model.temperature), "dataset", batch)
    score = Score()
    score.add(predictions)
    return predictions, {
        "test_loss": score.loss,
        "test_accuracy": score.accuracy,
        "test_calibration_error": score.calibration_error,
    }


def calibrate(network: Network, held_out: Split) -> tuple[float, float]:
    """Return what makes a model's confidence mean something, as the card keeps it.

    Parameters
    ----------
    network : Network
    held_out : Split
        Images that it wasn't trained on.

    Returns
    -------
    tuple of float
        The temperature, and the confidence from which on 99.5 % of the answers are right.
    """
    images, truth = preprocess.to_model_input(held_out.images), held_out.labels
    temperature = calibration.fit_temperature(Classifier(network)(images), truth)
    probabilities = Classifier(network, temperature)(images)
    right = probabilities.argmax(axis=1) == truth
    reject_below = calibration.reject_threshold(probabilities.max(axis=1), right)
    return temperature, reject_below


def on_set(
    session: CommandSession, model: Artifact, data: LabelledArrays | LabelledFiles
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
    classifier, score = Classifier(model.network, model.temperature), Score(model.reject_below)
    blank, unreadable = Tally("Blank", session.note), Tally("Unreadable", session.note)
    source: Source
    if isinstance(data, LabelledArrays):
        source, batches = "dataset", _from_arrays(data, blank)
    else:
        source, batches = "folder", _from_files(session, data, blank, unreadable)
    with session.stage("predict"):
        for batch in batches:
            predictions = _classify(classifier, source, batch)
            score.add(predictions)
            session.tell("on_prediction", predictions=predictions)
        score.blank = blank.count
        if not score.count:
            raise DataProblem(f"None of the {unreadable.count:,} images can be read.")
    return score, unreadable.count


def _classify(classifier: Classifier, source: Source, batch: Batch) -> Predictions:
    ids, images, truth = batch
    return Predictions(source, ids, images, classifier(images), truth)


def _from_arrays(data: LabelledArrays, blank: Tally) -> Iterator[Batch]:
    start = 0
    for block in data.blocks(BATCH):
        images = preprocess.to_model_input(block)
        inked = images.any(axis=(1, 2))
        for place in np.flatnonzero(~inked):
            blank.add(str(start + place))
        if inked.any():
            ids = tuple(str(start + place) for place in np.flatnonzero(inked))
            yield ids, images[inked], data.labels[start : start + len(block)][inked]
        start += len(block)


def _from_files(
    session: CommandSession, data: LabelledFiles, blank: Tally, unreadable: Tally
) -> Iterator[Batch]:
    notices = Tally("Notice", session.note)
    changes = session.has("prepare_image")
    ready: list[tuple[str, FloatArray, int]] = []
    for name, path, label in data.entries():
        try:
            image = imagefile.read_image(path)
        except ImageRefused as refused:
            unreadable.add(name, str(refused))
            continue
        if image.notice:
            notices.add(name, image.notice)
        pixels = image.pixels
        if changes:
            pixels = session.chain("prepare_image", pixels, same_shape=False, source="folder")
        prepared = preprocess.prepare(pixels)
        if prepared is None:
            blank.add(name)
            continue
        ready.append((name, prepared, label))
        if len(ready) == BATCH:
            yield _stack(ready)
            ready.clear()
    if ready:
        yield _stack(ready)


def _stack(ready: list[tuple[str, FloatArray, int]]) -> Batch:
    ids, images, labels = zip(*ready, strict=True)
    return ids, np.stack(images), np.array(labels, np.uint8)
