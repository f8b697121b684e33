"""Train the dense layers at a network's end in NumPy: forwards, backwards, and a step of Adam.

`training` goes on with a trained network, the plugin `train` begins with `dense_network`. A test
compares it with Keras's `fit`. See docs/decisions/052-training-without-tensorflow.md.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np

from ..base import blas
from ..base.problems import ModelProblem
from ..base.types import DIGITS, SIDE, FloatArray, UInt8Array
from .adam import Adam
from .classifier import last_active, last_step
from .network import Layer, Network
from .numpy_activations import softmax

Arrays = list[list[FloatArray]]
"""Those of each trained layer."""


class Descent:
    """Steps down the slope of the mean cross-entropy.

    A context manager: inside it, a step is divided among as many threads as there are `parts`.
    However many cores there are, the same parts are summed, so that a seed repeats a training.
    """

    def __init__(
        self, network: Network, *, square: float = 0.999, tiny: float = 1e-7, parts: int = 1
    ) -> None:
        """Begin where a network is.

        Parameters
        ----------
        network : Network
        square, tiny : float
            As `Adam` takes them.
        parts : int
            How many parts to divide a batch into; at least 1.

        Raises
        ------
        ModelProblem
            When it has no layers that can be trained.
        """
        self._start = network
        self._finish = last_step(network)
        self._places = trainable(network)
        layers = [network.layers[place] for place in self._places]
        self._shapes = [[array.shape for array in layer.weights.values()] for layer in layers]
        self._numbers = np.concatenate(
            [array.ravel() for layer in layers for array in layer.weights.values()]
        )
        self._weights = self._views(self._numbers)
        self._slopes = [np.empty_like(self._numbers) for _ in range(parts)]
        self._into = [self._views(slopes) for slopes in self._slopes]
        self._shares = _divide(len(self._numbers), parts)
        self._adams = [Adam(self._numbers[share], square, tiny) for share in self._shares]
        self._pool: ThreadPoolExecutor | None = None
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        if len(self._slopes) > 1:
            pool = ThreadPoolExecutor(len(self._slopes) - 1, thread_name_prefix="descent")
            self._opened.enter_context(blas.one_thread())
            self._pool = self._opened.enter_context(pool)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool = None
        self._opened.close()

    def step(
        self, inputs: "FloatArray | UInt8Array", wanted: FloatArray, rate: float
    ) -> FloatArray:
        """Take a step.

        Parameters
        ----------
        inputs : float32 or uint8 (N, F)
            Of the first layer that is trained; bytes are scaled to 0..1.
        wanted : float32 (N, 10)
            The probabilities that the network should give; each row sums to 1.
        rate : float

        Returns
        -------
        float32 (N, 10)
            The probabilities that it gave before the step; not finite if it diverges.
        """
        found = np.empty_like(wanted)
        parts = _divide(len(wanted), len(self._slopes))

        def slope(number: int) -> None:
            part = parts[number]
            into, count = self._into[number], len(wanted)
            found[part] = self._find_slopes(inputs[part], wanted[part], count, into)

        def change(number: int) -> None:
            first, *others = (slopes[self._shares[number]] for slopes in self._slopes)
            with np.errstate(all="ignore"):  # whoever calls looks at the probabilities
                for other in others:
                    first += other
                self._adams[number].step(first, rate)

        self._each(slope)
        self._each(change)
        return found

    def network(self) -> Network:
        """Return the network as it is now; further steps don't change it."""
        layers = list(self._start.layers)
        for place, arrays in zip(self._places, self._views(self._numbers.copy()), strict=True):
            weights = dict(zip(layers[place].weights, arrays, strict=True))
            layers[place] = replace(layers[place], weights=weights)
        return replace(self._start, layers=tuple(layers))

    def _each(self, work: Callable[[int], None]) -> None:
        """Do the work of every part, the first here."""
        others = range(1, len(self._slopes))
        rest: Iterable[None] = (self._pool.map if self._pool else map)(work, others)
        work(0)
        for _ in rest:  # raises what was raised there
            pass

    def _views(self, numbers: FloatArray) -> Arrays:
        """Return the arrays of each layer as parts of one vector."""
        views: Arrays = []
        start = 0
        for shapes in self._shapes:
            views.append([])
            for shape in shapes:
                size = int(np.prod(shape))
                views[-1].append(numbers[start : start + size].reshape(shape))
                start += size
        return views

    def _find_slopes(
        self, inputs: "FloatArray | UInt8Array", wanted: FloatArray, count: int, into: Arrays
    ) -> FloatArray:
        """Find a part's share of the slope for each array, and return its probabilities."""
        with np.errstate(all="ignore"):
            if inputs.dtype == np.uint8:
                values = [np.multiply(inputs, np.float32(1 / 255), dtype=np.float32)]
            else:
                values = [np.asarray(inputs, np.float32)]
            for place, (kernel, *biases) in zip(self._places, self._weights, strict=True):
                x = values[-1] @ kernel
                for bias in biases:
                    x += bias
                if self._rectifies(place):
                    np.maximum(x, 0, out=x)
                values.append(x)
            found, back = _slope_of_loss(values.pop(), wanted, self._finish == "share")
            back /= np.float32(count)
            for number in range(len(self._places) - 1, -1, -1):
                x, (kernel, *_), slopes = values[number], self._weights[number], into[number]
                np.matmul(x.T, back, out=slopes[0])
                for slope in slopes[1:]:
                    back.sum(axis=0, out=slope)
                if number:
                    back = back @ kernel.T
                    if self._rectifies(self._places[number - 1]):
                        back *= x > 0
        return found

    def _rectifies(self, place: int) -> bool:
        return bool(self._start.layers[place].options["activation"] == "relu")


def dense_network(hidden: Sequence[int], rng: np.random.Generator) -> Network:
    """Return an untrained network: ReLU hidden layers of some sizes, then ten probabilities.

    Its weights are drawn as Keras draws them (Glorot and Bengio 2010).
    """
    layers = []
    sizes = (SIDE * SIDE, *hidden, len(DIGITS))
    for place, (inputs, units) in enumerate(pairwise(sizes)):
        most = (6 / (inputs + units)) ** 0.5
        kernel = rng.uniform(-most, most, (inputs, units)).astype(np.float32)
        activation = "relu" if place < len(hidden) else "softmax"
        options = {"units": units, "activation": activation, "use_bias": True}
        layers.append(Layer("Dense", options, {"kernel": kernel, "bias": np.zeros(units, "f4")}))
    return Network((SIDE * SIDE,), tuple(layers), max(sizes))


def _divide(count: int, parts: int) -> list[slice]:
    """Return the parts of so many things, as even as can be."""
    cuts = np.linspace(0, count, parts + 1, dtype=int).tolist()
    return [slice(*ends) for ends in pairwise(cuts)]


def trainable(network: Network) -> list[int]:
    """Return the places of the dense layers at a network's end, in order.

    Raises
    ------
    ModelProblem
        When there are none, or what follows them isn't known here.
    """
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
    if not found:
        raise ModelProblem(
            f"A network of {network.architecture} can't be trained on: its last layer must be "
            "dense, with a softmax, sigmoids or nothing after it."
        )
    return found


def _slope_of_loss(
    numbers: FloatArray, wanted: FloatArray, shares: bool
) -> tuple[FloatArray, FloatArray]:
    """Return probabilities and the slope of their cross-entropy for the last layer's sums.

    Both are float32 (N, 10).
    """
    if not shares:
        found = softmax(numbers)
        return found, found - wanted
    sigmoids = 1 / (1 + np.exp(-numbers.clip(-60, 60)))
    total = np.maximum(sigmoids.sum(axis=1, keepdims=True), np.float32(1e-12))
    found = sigmoids / total
    return found, (found - wanted) * (1 - sigmoids)
