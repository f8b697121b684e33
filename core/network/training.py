"""Train a network's dense layers on, in NumPy: seconds for a few thousand images, without Keras.

Those are all layers of a dense network. Of one with convolutions they are the last; what lies below
is run as it is. Not for training from scratch, which is Keras's work. See
docs/decisions/044-learning-a-hand.md.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import FloatArray
from .classifier import last_active, last_step
from .network import Network
from .numpy_activations import softmax
from .numpy_engine import compile_network

BATCH = 64

MEAN, SQUARE, TINY = 0.9, 0.999, 1e-3
"""Adam's (Kingma and Ba 2015). With the usual 1e-7 every weight would move by the whole rate
however small its slope: much is forgotten that way, and nothing gained."""


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
        self._finish = last_step(network)
        self._places = _trainable(network)
        if not self._places:
            raise ModelProblem(
                f"A network of {network.architecture} can't be trained on: its last layer must be "
                "dense, with a softmax, sigmoids or nothing after it."
            )
        below = replace(network, layers=network.layers[: self._places[0]])
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
        arrays = [
            array
            for place in self._places
            for array in self._network.layers[place].weights.values()
        ]
        numbers = np.concatenate([array.ravel() for array in arrays])
        slopes = np.empty_like(numbers)
        weights, into = self._views(numbers), self._views(slopes)
        adam = _Adam(numbers)
        steps = sum(-(-len(lesson.wanted) // BATCH) for lesson in lessons)
        for step, (inputs, wanted) in enumerate(_batches(lessons, seed)):
            self._find_slopes(weights, inputs, wanted, into)
            adam.step(slopes, rate * 0.5 * (1 + math.cos(math.pi * step / steps)))
        return self._with(weights)

    def _views(self, numbers: FloatArray) -> list[list[FloatArray]]:
        """Return the arrays of each layer as parts of one vector."""
        views: list[list[FloatArray]] = []
        start = 0
        for place in self._places:
            views.append([])
            for array in self._network.layers[place].weights.values():
                views[-1].append(numbers[start : start + array.size].reshape(array.shape))
                start += array.size
        return views

    def _find_slopes(
        self,
        weights: list[list[FloatArray]],
        inputs: FloatArray,
        wanted: FloatArray,
        into: list[list[FloatArray]],
    ) -> None:
        """Find the slope of the mean cross-entropy for each array."""
        values = [inputs]
        for place, (kernel, *biases) in zip(self._places, weights, strict=True):
            x = values[-1] @ kernel
            for bias in biases:
                x += bias
            if self._rectifies(place):
                np.maximum(x, 0, out=x)
            values.append(x)
        back = _slope_of_loss(values.pop(), wanted, self._finish == "share")
        for number in range(len(self._places) - 1, -1, -1):
            x, (kernel, *_), slopes = values[number], weights[number], into[number]
            np.matmul(x.T, back, out=slopes[0])
            for slope in slopes[1:]:
                back.sum(axis=0, out=slope)
            if number:
                back = back @ kernel.T
                if self._rectifies(self._places[number - 1]):
                    back *= x > 0

    def _rectifies(self, place: int) -> bool:
        return bool(self._network.layers[place].options["activation"] == "relu")

    def _with(self, weights: list[list[FloatArray]]) -> Network:
        layers = list(self._network.layers)
        for place, arrays in zip(self._places, weights, strict=True):
            names = layers[place].weights
            layers[place] = replace(layers[place], weights=dict(zip(names, arrays, strict=True)))
        return replace(self._network, layers=tuple(layers))


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


def _trainable(network: Network) -> list[int]:
    """Return the places of the dense layers at the network's end, in order."""
    found: list[int] = []
    for place in range(last_active(network) or 0, -1, -1):
        layer = network.layers[place]
        name = layer.options.get("activation")
        if not found and layer.kind == "Softmax":
            continue
        allowed = ("relu", "linear") if found else ("softmax", "sigmoid", "linear")
        if name not in allowed or layer.kind not in ("Dense",) + ("Activation",) * (not found):
            break
        if layer.kind == "Dense":
            found.insert(0, place)
    return found


def _slope_of_loss(numbers: FloatArray, wanted: FloatArray, shares: bool) -> FloatArray:
    """Return the slope of the mean cross-entropy for the last layer's sums, float32 (N, 10)."""
    if not shares:
        return np.asarray((softmax(numbers) - wanted) / np.float32(len(wanted)))
    sigmoids = 1 / (1 + np.exp(-numbers.clip(-60, 60)))
    total = np.maximum(sigmoids.sum(axis=1, keepdims=True), np.float32(1e-12))
    return np.asarray((sigmoids / total - wanted) * (1 - sigmoids) / np.float32(len(wanted)))


def _batches(lessons: Sequence[Lesson], seed: int) -> Iterator[tuple[FloatArray, FloatArray]]:
    rng = np.random.default_rng(seed)
    for lesson in lessons:
        order = rng.permutation(len(lesson.wanted))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            yield lesson.inputs[places], lesson.wanted[places]


class _Adam:
    """Changes numbers in place."""

    def __init__(self, numbers: FloatArray) -> None:
        self._numbers = numbers
        self._mean, self._square, self._spare = (np.zeros_like(numbers) for _ in range(3))
        self._steps = 0

    def step(self, slopes: FloatArray, rate: float) -> None:
        """Take one step; the slopes are used up."""
        self._steps += 1
        length = rate * math.sqrt(1 - SQUARE**self._steps) / (1 - MEAN**self._steps)
        spare = self._spare
        np.multiply(slopes, slopes, out=spare)
        spare -= self._square
        spare *= np.float32(1 - SQUARE)
        self._square += spare
        slopes -= self._mean
        slopes *= np.float32(1 - MEAN)
        self._mean += slopes
        np.sqrt(self._square, out=spare)
        spare += np.float32(TINY)
        np.divide(self._mean, spare, out=spare)
        spare *= np.float32(length)
        self._numbers -= spare
