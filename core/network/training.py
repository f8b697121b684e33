"""Train a network's dense layers on, in NumPy: seconds for a few thousand images, without Keras.

Those are all layers of a dense network. Of one with convolutions they are the last; what lies below
is run as it is. `descent` does the arithmetic. See docs/decisions/044-learning-a-hand.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..base.types import FloatArray
from .adam import falling
from .descent import Descent, trainable
from .network import Network
from .numpy_engine import compile_network

BATCH = 64

TINY = 1e-3
"""Adam's. With the usual 1e-7 every weight would move by the whole rate however small its slope:
much is forgotten that way, and nothing gained."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a network is shown in one epoch.

    Attributes
    ----------
    inputs : float32 (N, F)
        Of its first dense layer that is trained; see `Training.inputs`.
    wanted : float32 (N, 10)
        The probabilities that it should give; each row sums to 1.
    """

    inputs: FloatArray
    wanted: FloatArray


class Training:
    """The training of one network, any number of times, each time from where it was."""

    def __init__(self, network: Network) -> None:
        """Find the layers that can be trained; raises ModelProblem if there are none."""
        self._network = network
        first = trainable(network)[0]
        below = replace(network, layers=network.layers[:first])
        self._below = compile_network(below) if below.layers else None

    def inputs(self, images: FloatArray) -> FloatArray:
        """Return what images are for the first layer that is trained: float32 (N, F).

        Parameters
        ----------
        images : float32 (N, 28, 28)
            0 is paper, 1 is ink.
        """
        shaped = images.reshape(len(images), *self._network.input_shape)
        found = self._below(shaped) if self._below else shaped
        return np.asarray(found).reshape(len(images), -1)

    def train(self, lessons: Sequence[Lesson], rate: float, seed: int) -> Network:
        """Return the network as it is after the lessons.

        Parameters
        ----------
        lessons : sequence of Lesson
            One for each epoch.
        rate : float
            Adam's first step; it falls to zero along a cosine.
        seed : int
            Shuffles the images.
        """
        steps = sum(-(-len(lesson.wanted) // BATCH) for lesson in lessons)
        with Descent(self._network, tiny=TINY) as descent:
            for step, (inputs, wanted) in enumerate(_batches(lessons, seed)):
                descent.step(inputs, wanted, falling(rate, step, steps))
            return descent.network()


def between(old: Network, new: Network, share: float) -> Network:
    """Return the network whose weights are a share of the way from one to another.

    It forgets less than the new one and reads nearly as well (Wortsman et al., Robust fine-tuning
    of zero-shot models, CVPR 2022).

    Parameters
    ----------
    old, new : Network
        Of the same layers.
    share : float
        0 for the old one, 1 for the new one.
    """
    layers = []
    for before, after in zip(old.layers, new.layers, strict=True):
        mixed = {
            name: array + np.float32(share) * (after.weights[name] - array)
            for name, array in before.weights.items()
        }
        layers.append(replace(before, weights=mixed))
    return replace(old, layers=tuple(layers))


def _batches(lessons: Sequence[Lesson], seed: int) -> Iterator[tuple[FloatArray, FloatArray]]:
    rng = np.random.default_rng(seed)
    for lesson in lessons:
        order = rng.permutation(len(lesson.wanted))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            yield lesson.inputs[places], lesson.wanted[places]
