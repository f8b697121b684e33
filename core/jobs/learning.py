"""Learn from a person's samples, and find out whether that was any good.

The model is trained on with the samples, bent by the plugins of the hook `augment`, and with as
many images of the dataset that it was trained on, so that nothing is forgotten. Cross-validation
says whether it has become better at this hand; see docs/decisions/044-learning-a-hand.md.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, Dataset, FloatArray, Predictions, Split, UInt8Array
from ..data.training import prepare_split
from ..events.session import CommandSession
from ..images import preprocess
from ..judging import evaluation
from ..judging.comparison import Comparison
from ..modelfile.artifact import Artifact
from ..network.classifier import Classifier
from ..network.network import Network
from ..network.training import Lesson, Training, between
from .samples import Samples

FOLDS = 5
EPOCHS = 4
RATE = 2e-3
COPIES = 30
"""Bent copies of each sample in an epoch, where there are few samples."""

ENOUGH = 900
"""Copies in an epoch: with more samples, each has fewer."""

SHARE = 0.55
"""How far the weights go from the old ones to the trained ones."""

POOL = 4
"""Of how many images each one is chosen that is rehearsed."""

MOST_LOST = 0.001
"""Of the accuracy on the dataset's test split, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """The result of learning.

    Attributes
    ----------
    network : Network
        Trained on with all samples.
    own : Comparison
        On the samples; each was answered by a network that hadn't seen it.
    test : Comparison
        On the dataset's test split.
    metrics : dict of str to float
        Of the network, on that split.
    """

    network: Network
    own: Comparison
    test: Comparison
    metrics: dict[str, float]

    @property
    def objection(self) -> str:
        """Why the model shouldn't be used, as a sentence; empty if it is better."""
        if self.test.lost > MOST_LOST:
            return f"It reads {self.test.lost * 100:.2f} points less of {self.test.title}."
        if not self.own.is_better:
            return "On samples that it hadn't seen, it is no better than before."
        return ""


def learn(session: CommandSession, model: Artifact, samples: Samples, dataset: Dataset) -> Learnt:
    """Train a model on, and compare it with what it was.

    Parameters
    ----------
    session : CommandSession
        Its plugins bend the samples; its seed draws everything.
    model : Artifact
    samples : Samples
        At least two.
    dataset : Dataset
        What is rehearsed; its test split is used to find out what was forgotten.

    Raises
    ------
    DataProblem
        When there are too few samples to find out whether anything was learnt.
    PluginProblem
        When a plugin fails in `augment`.
    """
    if len(samples) < 2:
        raise DataProblem(
            "One sample can't show whether anything was learnt; give at least two, better thirty."
        )
    teacher = Teacher(session, model.network, samples.split, dataset.train)
    truth = samples.split.labels
    images = preprocess.scale(samples.split.images)
    answers = np.zeros((len(samples), len(DIGITS)), np.float32)
    folds = divide(truth, FOLDS, session.seed)
    for number in range(folds.max() + 1):
        session.note(f"Proof {number + 1} of {folds.max() + 1} …")
        held = folds == number
        answers[held] = Classifier(teacher.teach(~held), model.temperature)(images[held])
    session.note(f"Learning from all {len(samples):,} samples …")
    network = teacher.teach(np.ones(len(samples), bool))
    before = Classifier(model.network, model.temperature)(images)
    own = Comparison(
        f"your {len(samples):,} samples",
        Predictions("dataset", samples.names, images, before, truth),
        Predictions("dataset", samples.names, images, answers, truth),
    )
    old, _ = evaluation.on_test_split(model, dataset)
    new, metrics = evaluation.on_test_split(replace(model, network=network), dataset)
    title = f"{dataset.name}'s {len(old):,} test images"
    return Learnt(network, own, Comparison(title, old, new), metrics)


def divide(labels: UInt8Array, most: int, seed: int) -> np.ndarray:
    """Divide samples into folds, in each of which the digits are as even as they can be.

    Parameters
    ----------
    labels : uint8 (N,)
    most : int
        Folds; there are fewer where there are fewer samples.
    seed : int

    Returns
    -------
    int (N,)
        The number of each sample's fold, from 0.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), int)
    folds[order] = np.arange(len(labels)) % min(most, len(labels))
    return folds


class Teacher:
    """Trains a network on with any of some samples; what it shows is made once for all times."""

    def __init__(self, session: CommandSession, network: Network, own: Split, train: Split) -> None:
        """Bend the samples, and choose what is rehearsed.

        Parameters
        ----------
        session : CommandSession
        network : Network
        own : Split
            The samples, prepared.
        train : Split
            What is rehearsed, as its dataset has it.
        """
        self._network, self._seed = network, session.seed
        self._training = training = Training(network)
        copies = min(COPIES, max(1, ENOUGH // len(own)))
        self._of = np.repeat(np.arange(len(own)), copies)
        count = min(max(ENOUGH, len(self._of)), len(train))
        pool = prepare_split(_draw(train, POOL * count, session.seed))
        self._own: list[FloatArray] = []
        self._other: list[Lesson] = []
        self._wanted = np.eye(len(DIGITS), dtype=np.float32)[own.labels[self._of]]
        classify = Classifier(network)
        for epoch in range(EPOCHS):
            rng = np.random.default_rng([session.seed, epoch])

            mine = Split(own.images[self._of], own.labels[self._of])
            self._own.append(training.inputs(_bent(session, mine, epoch, rng, own=True)))
            others = _bent(session, pool, epoch, rng, own=False)
            said = classify(others)
            places = _hard_and_any(said, count, rng)
            self._other.append(Lesson(training.inputs(others[places]), said[places]))

    def teach(self, chosen: np.ndarray) -> Network:
        """Return the network after it has learnt from the chosen samples, bool (N,)."""
        places = chosen[self._of]
        lessons = [
            Lesson(
                np.concatenate([own[places], other.inputs]),
                np.concatenate([self._wanted[places], other.wanted]),
            )
            for own, other in zip(self._own, self._other, strict=True)
        ]
        new = self._training.train(lessons, RATE, self._seed)
        return between(self._network, new, SHARE)


def _bent(
    session: CommandSession, split: Split, epoch: int, rng: np.random.Generator, *, own: bool
) -> FloatArray:
    images = session.chain(
        "augment",
        split.images,
        same_shape=True,
        labels=split.labels,
        epoch=epoch,
        rng=rng,
        own=own,
    )
    return preprocess.scale(images)


def _draw(split: Split, count: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    places = rng.choice(len(split), min(count, len(split)), replace=False)
    return Split(split.images[places], split.labels[places])


def _hard_and_any(said: FloatArray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose images, half of them among those of which the network is least sure: int (count,).

    What it is sure of it doesn't forget.
    """
    ranked = np.sort(said, axis=1)
    order = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")
    hard = order[: count // 2]
    rest = rng.choice(order[len(hard) :], min(count, len(order)) - len(hard), replace=False)
    return np.concatenate([hard, rest])
