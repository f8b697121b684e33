"""Layers that change the size of images, in NumPy: pooling, padding, cropping, scaling.

Formulas are Keras 3's. Functions take and give (N, height, width, channels). What pooling and
convolutions (`numpy_convolutions`) give lies in memory as (channels, height, width, N): so whatever
is copied, compared and added comes in long runs. Elementwise layers keep that order by themselves.
See docs/decisions/050-convolutions.md.
"""

from collections.abc import Callable

import numpy as np

from ..base.types import FloatArray
from .network import Layer

Step = Callable[[FloatArray], FloatArray]
Pair = tuple[int, int]


def images_last(x: FloatArray) -> FloatArray:
    """Return (N, height, width, channels) as contiguous (channels, height, width, N)."""
    return np.ascontiguousarray(x.transpose(3, 1, 2, 0))


def images_first(x: FloatArray) -> FloatArray:
    """Return a view of (channels, height, width, N) as (N, height, width, channels)."""
    return x.transpose(3, 1, 2, 0)


def margins_of_same(size: tuple[int, ...], reach: Pair, strides: Pair) -> tuple[Pair, Pair]:
    """Return the margins above and below, and left and right, that padding "same" gives images.

    Parameters
    ----------
    size, reach, strides : pair of int
        Down and across: of the images, of the window with its gaps, and of its steps.
    """
    missing = (
        max((-(-length // step) - 1) * step + seen - length, 0)
        for length, seen, step in zip(size, reach, strides, strict=True)
    )
    down, across = ((each // 2, each - each // 2) for each in missing)
    return down, across


def padded_as_same(x: FloatArray, reach: Pair, strides: Pair, value: float = 0.0) -> FloatArray:
    """Return images with the margins that Keras's padding "same" gives them.

    Parameters
    ----------
    x : (channels, height, width, N)
    reach : pair of int
        Height and width of the window, with the gaps that dilation makes.
    strides : pair of int
    value : float
        What the margins hold.
    """
    margins = ((0, 0), *margins_of_same(x.shape[1:3], reach, strides), (0, 0))
    return np.pad(x, margins, constant_values=value)


def pooling(layer: Layer) -> list[Step]:
    """Return the step of a MaxPooling2D or AveragePooling2D layer."""
    size, strides = layer.options["pool_size"], layer.options["strides"]
    same = layer.options["padding"] == "same"
    if layer.kind == "MaxPooling2D":

        def largest(x: FloatArray) -> FloatArray:
            x = images_last(x)
            if same:
                x = padded_as_same(x, size, strides, -np.inf)
            return images_first(_joined(x, size, strides, np.maximum))

        return [largest]

    def average(x: FloatArray) -> FloatArray:
        x = images_last(x)
        # the margins don't count
        counts = np.ones((1, *x.shape[1:3], 1), x.dtype)
        if same:
            x, counts = (padded_as_same(each, size, strides) for each in (x, counts))
        total, count = (_joined(each, size, strides, np.add) for each in (x, counts))
        return images_first(total / count)

    return [average]


def _joined(x: FloatArray, size: Pair, strides: Pair, join: np.ufunc) -> FloatArray:
    """Return the sum or the maximum of each window of (channels, height, width, N)."""
    for axis, length, step in zip((1, 2), size, strides, strict=True):
        end = x.shape[axis] - length + 1  # behind the last place where a window begins
        parts = (
            x[:, place : end + place : step] if axis == 1 else x[:, :, place : end + place : step]
            for place in range(length)
        )
        total = next(parts)
        for number, part in enumerate(parts):
            # the first sum is a new array, which the next ones may be added to
            total = join(total, part, out=total if number else None)
        x = total
    return x


def global_pooling(layer: Layer) -> list[Step]:
    """Return the step of a GlobalMaxPooling2D or GlobalAveragePooling2D layer."""
    keep = layer.options.get("keepdims", False)
    if layer.kind == "GlobalMaxPooling2D":
        return [lambda x: x.max(axis=(1, 2), keepdims=keep)]
    return [lambda x: x.mean(axis=(1, 2), keepdims=keep)]


def zero_padding(layer: Layer) -> list[Step]:
    """Return the step of a ZeroPadding2D layer."""
    margins = ((0, 0), *layer.options["padding"], (0, 0))
    return [lambda x: np.pad(x, margins)]


def cropping(layer: Layer) -> list[Step]:
    """Return the step of a Cropping2D layer."""
    (top, bottom), (left, right) = layer.options["cropping"]
    return [lambda x: x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]]


def up_sampling(layer: Layer) -> list[Step]:
    """Return the step of an UpSampling2D layer."""
    rows, columns = layer.options["size"]
    return [lambda x: x.repeat(rows, axis=1).repeat(columns, axis=2)]


def resizing(layer: Layer) -> list[Step]:
    """Return the step of a Resizing layer."""
    size, near = (layer.options["height"], layer.options["width"]), layer.options["interpolation"]

    def step(x: FloatArray) -> FloatArray:
        rows, columns = (
            shares(old, new, near) for old, new in zip(x.shape[1:3], size, strict=True)
        )
        return np.asarray(np.einsum("yh,nhwc,xw->nyxc", rows, x, columns, optimize=True))

    return [step]


def shares(old: int, new: int, interpolation: str) -> FloatArray:
    """Return how much of each old row goes into each new one: float32 (new, old)."""
    places = (np.arange(new) + 0.5) * (old / new)
    found = np.zeros((new, old), np.float32)
    rows = np.arange(new)
    if interpolation == "nearest":
        found[rows, np.minimum(places.astype(int), old - 1)] = 1
        return found
    below = np.floor(places - 0.5)
    upper = (places - 0.5 - below).astype(np.float32)
    for place, share in ((below, 1 - upper), (below + 1, upper)):
        np.add.at(found, (rows, place.clip(0, old - 1).astype(int)), share)
    return found
