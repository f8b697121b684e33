"""A network as plain data: an input's shape, and a list of layers with their arrays.

Nothing here knows where a network comes from or what runs it: `kerasfile` makes one from a file's
description, and `classifier` runs it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base.types import SIDE, FloatArray

Shape = tuple[int, ...]

INPUT_SHAPES: tuple[Shape, ...] = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1))
"""The shapes that a 28×28 image can take without a change to its pixels."""

STRIP_HEIGHT = 32
"""In pixels: what a network that reads numbers sees of a row of writing; see `numbers.strip`."""

STRIP_STEP = 3
"""Columns from one window of a strip to the next."""

WINDOWS = range(24, 129)
"""How many columns a window may have: more than a digit, less than most strips."""

MOST_SYMBOLS = 64
"""That such a network may tell apart."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer.

    Attributes
    ----------
    kind : str
        The name of its class in `keras.layers`.
    options : mapping
        The arguments that this class takes; plain values.
    weights : mapping of str to float32 array
        In the order in which Keras keeps them.
    """

    kind: str
    options: Mapping[str, Any]
    weights: Mapping[str, FloatArray]


def plain(kind: str, **options: Any) -> Layer:
    """Return a layer without arrays."""
    return Layer(kind, options, {})


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers from one image to ten numbers.

    A network that reads numbers is one, too: from one window of a strip, (columns, 32) or
    (32, columns, 1), to one number for each symbol. It is slid along strips of any length.

    Attributes
    ----------
    input_shape : tuple of int
        One of INPUT_SHAPES, or a window's shape; for a network just read, whatever its file says.
    layers : tuple of Layer
    largest : int
        The largest number of values that one image has between two layers.
    second : Network or None
        Of a network that reads numbers: another one, to ask where this one isn't sure.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    largest: int
    second: "Network | None" = None

    @property
    def reads_strips(self) -> bool:
        """Whether it reads windows of strips, not images of single digits."""
        return is_window(self.input_shape)

    @property
    def symbols(self) -> int:
        """How many numbers come out for one window of a strip."""
        return int([layer.options["units"] for layer in self.layers if layer.kind == "Dense"][-1])

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
        """The layers at a glance: "784-512-10" for a dense network, else the classes.

        Of a network that is slid along strips, the sizes of its layers.
        """
        if self.reads_strips:
            sizes = (
                layer.options.get("units", layer.options.get("filters")) for layer in self.layers
            )
            return "-".join(map(str, [STRIP_HEIGHT, *filter(None, sizes)]))
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


def is_window(shape: Shape) -> bool:
    """Tell whether a shape is that of a window of strips, but no square.

    A window is (columns, 32), whose columns are seen as a row of numbers, or (32, columns, 1), an
    image.
    """
    columns = columns_of(shape) if shape else 0
    return shape in ((columns, STRIP_HEIGHT), (STRIP_HEIGHT, columns, 1)) and (
        columns in WINDOWS and columns != STRIP_HEIGHT
    )


def columns_of(window: Shape) -> int:
    """Return how many columns a window has."""
    return window[1] if len(window) == 3 else window[0]


def wider(window: Shape, columns: int) -> Shape:
    """Return the shape of a strip that is wider than a window by some columns."""
    return tuple(
        size + columns * (axis == (1 if len(window) == 3 else 0))
        for axis, size in enumerate(window)
    )
