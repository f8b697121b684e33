"""The config of one layer, read field by field with bounds.

This is all that a layer's rule sees of a file's description; see `rules`.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.problems import ModelRejected
from ..base.types import FloatArray
from ..network.network import Shape

Result = tuple[dict[str, Any], dict[str, Shape], Shape]
"""The arguments of the Keras class, the shapes of the weights, and the shape of the output."""

LARGEST_SIZE = 16_384
MOST_VALUES = 200_000
"""The largest number of values that one image may have between layers."""

ACTIVATION_NAMES = (
    "linear",
    "relu",
    "sigmoid",
    "tanh",
    "softmax",
    "gelu",
    "elu",
    "selu",
    "silu",
    "softplus",
    "softsign",
    "leaky_relu",
    "hard_sigmoid",
    "log_sigmoid",
)


IMAGE_SIDES = (8, 128)
"""The smallest and largest side of a network's images, in pixels."""


def is_image(shape: Shape) -> bool:
    """Tell whether an image of a digit can be given this shape."""
    least, most = IMAGE_SIDES
    if len(shape) == 1:
        side = math.isqrt(max(shape[0], 0))
        return side * side == shape[0] and least <= side <= most
    if len(shape) == 3 and shape[0] in (1, 3) and shape[2] not in (1, 3):
        shape = (*shape[1:], shape[0])
    return shape[0] == shape[1] and least <= shape[0] <= most and shape[2:] in ((), (1,), (3,))


class Fields:
    """The config of one layer, read field by field with bounds."""

    def __init__(self, kind: str, config: Mapping[str, Any]) -> None:
        self._kind = kind
        self._config = config
        self.name = self.text("name")

    def wrong(self, key: str) -> ModelRejected:
        """Return the error for a field whose value isn't supported."""
        return ModelRejected("config", f"A {self._kind} layer has a '{key}' that isn't supported.")

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._config.get(key)
        if not isinstance(value, str):
            raise self.wrong(key)
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of some words."""
        value = self._config.get(key, default)
        if value not in choices or not isinstance(value, str):
            raise self.wrong(key)
        return value

    def flag(self, key: str, default: bool = True) -> bool:
        """Return true or false."""
        value = self._config.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key)
        return value

    def integer(self, key: str, least: int = 1) -> int:
        """Return an integer from `least` to 16384."""
        value = self._config.get(key)
        if type(value) is not int or not least <= value <= LARGEST_SIZE:
            raise self.wrong(key)
        return value

    def number(self, key: str, default: float, least: float = -1e6, most: float = 1e6) -> float:
        """Return a number within bounds."""
        value = self._config.get(key, default)
        if isinstance(value, dict) and value.get("type") == "ndarray":  # as some Keras 2 wrote it
            value = value.get("value")
        if type(value) not in (int, float) or not least <= value <= most:
            raise self.wrong(key)
        return float(value)

    def has(self, key: str) -> bool:
        """Tell whether a field is there and isn't null."""
        return self._config.get(key) is not None

    def numbers(self, key: str) -> FloatArray:
        """Return a number, or nested lists of numbers, as an array of at most MOST_VALUES."""
        value = self._config.get(key)
        try:
            array = np.asarray(value, np.float64)
        except (ValueError, TypeError) as error:
            raise self.wrong(key) from error
        if array.size > MOST_VALUES or not np.isfinite(array).all():
            raise self.wrong(key)
        return array.astype(np.float32)

    def pair(self, key: str, default: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        """Return two integers from 1 to 1024; a single number stands for both."""
        value = self._config.get(key)
        if value is None:
            return default
        values = value if isinstance(value, list) else [value, value]
        if len(values) != 2 or not all(type(v) is int and 1 <= v <= 1024 for v in values):
            raise self.wrong(key)
        return values[0], values[1]

    def window(self, key: str) -> tuple[int]:
        """Return an integer from 1 to 1024, which may stand in a list; 1 by default."""
        value = self._config.get(key, 1)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if type(value) is not int or not 1 <= value <= 1024:
            raise self.wrong(key)
        return (value,)

    def margins(self, key: str) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return rows above and below, and columns left and right, each from 0 to 1024.

        A single number stands for all four; each of two numbers stands for both of its sides.
        """
        value = self._config.get(key)
        sides = value if isinstance(value, list) else [value, value]
        pairs = [side if isinstance(side, list) else [side, side] for side in sides]
        if len(pairs) != 2 or not all(
            len(pair) == 2 and all(type(v) is int and 0 <= v <= 1024 for v in pair)
            for pair in pairs
        ):
            raise self.wrong(key)
        (top, bottom), (left, right) = pairs
        return (int(top or 0), int(bottom or 0)), (int(left or 0), int(right or 0))

    def sizes(self, key: str) -> Shape:
        """Return one to four integers, one of which may be -1."""
        value = self._config.get(key)
        if not isinstance(value, list) or not 1 <= len(value) <= 4:
            raise self.wrong(key)
        if not all(type(v) is int and (v == -1 or 1 <= v <= LARGEST_SIZE) for v in value):
            raise self.wrong(key)
        if value.count(-1) > 1:
            raise self.wrong(key)
        return tuple(value)

    def axes(self, shape: Shape, key: str = "axis") -> tuple[int, ...]:
        """Return the axes of a field, counted from 1 as Keras does, in order; the last by default.

        The batch's axis isn't allowed.
        """
        value = self._config.get(key, -1)
        found = []
        for axis in value if isinstance(value, list) else [value]:
            if type(axis) is not int or not -len(shape) <= axis <= len(shape) or axis == 0:
                raise self.wrong(key)
            found.append(axis if axis > 0 else len(shape) + 1 + axis)
        return tuple(sorted(set(found)))

    def last_axis(self, shape: Shape) -> None:
        """Require that `axis` is the last one."""
        if self.axes(shape) != (len(shape),):
            raise self.wrong("axis")

    def image(self, shape: Shape) -> tuple[int, int, int]:
        """Return height, width and channels of a layer's input."""
        if len(shape) != 3:
            raise ModelRejected(
                "config",
                f"A {self._kind} layer expects an image of (height, width, channels), got {shape}.",
            )
        return shape[0], shape[1], shape[2]

    def bounded(self, shape: Shape) -> Shape:
        """Return a layer's output shape; raises ModelRejected if it is empty or too large."""
        if min(shape, default=1) < 1 or math.prod(shape) > MOST_VALUES:
            raise ModelRejected(
                "config",
                f"A {self._kind} layer has an output of {shape}, which is empty or too large.",
            )
        return shape
