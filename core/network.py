"""A network as a list of plain layers, built from a file's description and arrays.

Only layers that are known here are accepted, every size is bounded, and every array must have the
shape that the description implies. Nothing is looked up by name and nothing is executed: a class
name in a description only selects a row of `layers.RULES`.
"""

import math
from dataclasses import dataclass

from . import bounded_json, chain
from .chain import Step
from .fields import Shape, is_image
from .problems import ModelRejected
from .translate import Layer, Translator
from .types import DIGITS, SIDE
from .weights import Arrays, Store

__all__ = ["INPUT_SHAPES", "Layer", "Network", "build"]

MOST_WORK = 500_000_000
"""Multiplications an image; VGG-like networks on 28×28 take a tenth of that."""

INPUT_SHAPES: tuple[Shape, ...] = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1))
"""The shapes to which an image of 28×28 can be brought without being changed."""

USUAL_SHAPES: tuple[Shape, ...] = (*INPUT_SHAPES, (SIDE, SIDE, 3))
"""What is tried where a description doesn't say what shape its inputs have."""


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers from one image to ten numbers.

    Attributes
    ----------
    input_shape : tuple of int
        One of INPUT_SHAPES; for a network just read, whatever its file says.
    layers : tuple of Layer
    largest : int
        The most numbers that one image becomes between two layers.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    largest: int

    @property
    def rows(self) -> int:
        """How many images to run at once, so that no step takes more than 16 MB."""
        return max(1, min(1024, 2**22 // self.largest))

    @property
    def parameters(self) -> int:
        """How many numbers the network holds."""
        return sum(array.size for layer in self.layers for array in layer.weights.values())

    @property
    def architecture(self) -> str:
        """The layers at a glance: "784-512-10" for a dense network, else the classes."""
        counted = ("BatchNormalization", "Dense", "LSTM", "GRU", "SimpleRNN")
        rest = [
            layer
            for layer in self.layers
            if layer.kind in counted or "Conv" in layer.kind or "Pool" in layer.kind
        ]
        if all(layer.kind == "Dense" for layer in rest):
            first = math.prod(self.input_shape)
            return "-".join(map(str, [first, *(layer.options["units"] for layer in rest)]))
        return " ".join(layer.kind for layer in rest)


def build(
    description: str, weights: Arrays, version: str = "3", *, turned: bool = False
) -> Network:
    """Build a network.

    Parameters
    ----------
    description : str
        Keras's `model_config`: JSON.
    weights : mapping of str to mapping of str to float32 array
        The arrays of each layer by their names or paths.
    version : str
        Of the Keras that wrote it; empty where that isn't known.
    turned : bool
        Whether the kernels of convolutions are to be turned by 180°, as Theano kept them.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    content = bounded_json.parse(description, "Its description")
    shape, steps = chain.unroll(content)
    if shape is not None:
        return _assemble(shape, steps, weights, version, turned)
    for usual in USUAL_SHAPES:
        try:
            return _assemble(usual, steps, weights, version, turned)
        except ModelRejected as problem:
            if problem.code not in ("shape", "config", "input"):
                raise
    raise ModelRejected(
        "input", "It doesn't say what shape its inputs have, and none of the usual ones fits."
    )


def _assemble(
    shape: Shape, steps: list[Step], weights: Arrays, version: str, turned: bool
) -> Network:
    """Build the network of a chain with inputs of a shape."""
    if not is_image(shape):
        raise ModelRejected("input", f"It takes inputs of shape {shape}, not images of digits.")
    translator = Translator(shape, Store(weights), version, turned=turned)
    for step in steps:
        translator.add(step)
        if translator.work > MOST_WORK:
            raise ModelRejected("work", f"It takes over {MOST_WORK:,} multiplications an image.")
    if translator.store.left:
        raise ModelRejected("extra_weights", "It has weights for layers that it doesn't describe.")
    out = translator.shape
    if len(out) == 1 and out != (len(DIGITS),):
        raise ModelRejected(
            "output", f"It tells {out[0]} classes apart, so it isn't for the ten digits."
        )
    if out != (len(DIGITS),):
        raise ModelRejected("output", f"It gives numbers of shape {out} an image, not ten.")
    return Network(shape, tuple(translator.layers), translator.largest)
