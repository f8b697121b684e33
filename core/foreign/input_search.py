"""Find out how a foreign network wants its inputs, by trying all known ways on digits.

Nothing in the file says so. With a wrong way the network reads fewer digits, usually far fewer. If
two ways read about as many, the better calibrated one wins: a scale that is too large makes a
network too sure, and one that is too small makes it too unsure. See
docs/decisions/028-foreign-models.md.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..base.problems import DataProblem, ModelProblem
from ..base.types import FloatArray, Split, UInt8Array
from ..images import preprocess
from ..network.classifier import Classifier
from ..network.network import Network
from ..network.numpy_engine import compile_network
from . import input_way
from .input_way import Statistics, Way

SAMPLE_SIZE = 1000
"""How many images decide."""

ALIKE = 0.005
"""Accuracies that differ by no more than this are the same on 1,000 images."""

GLANCE, KEPT = 200, 6
"""All ways are tried on GLANCE images, the best KEPT of them on all."""

Images = tuple[FloatArray, UInt8Array]


@dataclass(frozen=True, eq=False)
class Tried:
    """A way that was tried.

    Attributes
    ----------
    way : Way
    reading : str
        What else was assumed, by its name in `readings`.
    accuracy : float
        0 to 1.
    loss : float
        Cross-entropy in nats.
    count : int
        The number of images it was tried on.
    network : Network
        Takes 28×28 images from 0 to 1.
    """

    way: Way
    reading: str
    accuracy: float
    loss: float
    count: int
    network: Network

    def __str__(self) -> str:
        return ", ".join(word for word in (str(self.way), self.reading) if word)


def try_all(networks: dict[str, Network], split: Split) -> list[Tried]:
    """Try every way for every network that a file may hold.

    Parameters
    ----------
    networks : dict of str to Network
        By what each of them assumes.
    split : Split
        All ways are tried on the first of these images, the best on all.

    Returns
    -------
    list of Tried
        The best first; ways that were tried on all images come before the others.

    Raises
    ------
    DataProblem
        When there are no images.
    """
    if not len(split):
        raise DataProblem("The dataset has no training images to try the model on.")
    statistics = input_way.statistics_of(split.images)
    chosen = sample(split)
    images = preprocess.to_model_input(chosen.images)
    few = images[:GLANCE], chosen.labels[:GLANCE]
    benches = {name: _Bench(name, network, statistics) for name, network in networks.items()}
    found = [bench.run(way, few) for bench in benches.values() for way in bench.ways]
    found.sort(key=_rank)
    best = [benches[one.reading].run(one.way, (images, chosen.labels)) for one in found[:KEPT]]
    best.sort(key=_rank)
    alike = [one for one in best if one.accuracy >= best[0].accuracy - ALIKE]
    first = min(alike, key=lambda one: one.loss)
    return [first, *(one for one in best if one is not first), *found[KEPT:]]


def sample(split: Split) -> Split:
    """Return the images that decide: evenly spread, and always the same."""
    places = np.linspace(0, len(split) - 1, min(SAMPLE_SIZE, len(split))).astype(int)
    # so that the first of them are spread as well
    places = places[np.random.default_rng(0).permutation(len(places))]
    return Split(split.images[places], split.labels[places])


def _rank(tried: Tried) -> tuple[float, float]:
    return -tried.accuracy, tried.loss


class _Bench:
    """One network, compiled once, and what is needed to try it."""

    def __init__(self, reading: str, network: Network, statistics: Statistics) -> None:
        self._reading = reading
        self._network = network
        self._statistics = statistics
        self._classify = Classifier(network)
        self.ways = tuple(input_way.ways(network))

    def run(self, way: Way, images: Images) -> Tried:
        """Try a way on float32 images (N, 28, 28) with their labels."""
        pixels, labels = images
        shape, layers = input_way.layers_of(way, self._network.input_shape, self._statistics)
        front = replace(self._network, input_shape=shape, layers=tuple(layers))
        prepared = compile_network(front)(pixels.reshape(len(pixels), *shape))
        try:
            probabilities = self._classify(np.ascontiguousarray(prepared))
        except ModelProblem:  # the numbers overflow
            probabilities = np.full((len(pixels), 10), 0.1, np.float32)
        right = probabilities.argmax(axis=1) == labels
        wanted = probabilities[np.arange(len(labels)), labels]
        return Tried(
            way,
            self._reading,
            float(right.mean()),
            float(-np.log(wanted.clip(1e-7)).mean()),
            len(labels),
            input_way.attach(self._network, way, self._statistics),
        )
