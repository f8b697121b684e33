"""Convolutions in NumPy: what the windows see is gathered row by row, and multiplied by BLAS.

The memory's order is that of `numpy_images`. See docs/decisions/050-convolutions.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..base.types import FloatArray
from .network import Layer
from .numpy_images import (
    Pair,
    Step,
    images_first,
    images_last,
    margins_of_same,
    padded_as_same,
)

ALONE = 2**19 - 1
"""The most multiplications that OpenBLAS does at once without a thread for each core. Products of
this size gain little from threads, which wait tens of milliseconds for a core that is busy."""

GATHERED = 2**17
"""How many numbers to gather at once, if a row has no more: 512 kB, for the processor's cache."""

WIDE = 64
"""Windows are gathered whole if BLAS then gets this many of them at once, else in parts."""


@dataclass(frozen=True)
class Slide:
    """How a window goes over images.

    Attributes
    ----------
    size, strides, dilation : pair of int
        Down and across.
    same : bool
        Whether images get margins, so that there is a window around each `strides`-th pixel.
    """

    size: Pair
    strides: Pair
    dilation: Pair
    same: bool

    @classmethod
    def of(cls, layer: Layer) -> "Slide":
        """Return how a layer's window goes."""
        options = layer.options
        return cls(
            options["kernel_size"],
            options["strides"],
            options["dilation_rate"],
            options["padding"] == "same",
        )

    @property
    def reach(self) -> Pair:
        """Height and width of the window with its gaps."""
        (height, width), (down, across) = self.size, self.dilation
        return (height - 1) * down + 1, (width - 1) * across + 1

    def padded(self, x: FloatArray) -> FloatArray:
        """Return (channels, height, width, N), contiguous and with its margins."""
        return padded_as_same(x, self.reach, self.strides) if self.same else x

    def margins(self, size: tuple[int, ...]) -> tuple[Pair, Pair]:
        """Return the margins that images of (height, width) get: down and across."""
        if not self.same:
            return (0, 0), (0, 0)
        return margins_of_same(size, self.reach, self.strides)

    def at(self, i: int, j: int, places: tuple[int, ...]) -> tuple[slice, ...]:
        """Return where place (i, j) of all windows is in padded images (N, height, width, …)."""
        starts = i * self.dilation[0], j * self.dilation[1]
        each = (
            slice(start, start + (count - 1) * step + 1, step)
            for start, count, step in zip(starts, places, self.strides, strict=True)
        )
        return (slice(None), *each)

    def places(self, x: FloatArray) -> Pair:
        """Return how many windows there are down and across padded images."""
        (height, width), (down, across) = self.reach, self.strides
        return (x.shape[1] - height) // down + 1, (x.shape[2] - width) // across + 1

    def lines(self, x: FloatArray, rows: slice) -> FloatArray:
        """Gather what the windows of some rows see in each line of padded images.

        Returns
        -------
        (lines, width, channels, columns × N)
            All lines from the first that the first row sees to the last that the last one sees.
        """
        first, last = rows.start * self.strides[0], (rows.stop - 1) * self.strides[0]
        plane, line, pixel, number = x.strides
        seen = as_strided(
            x[:, first:],
            (last - first + self.reach[0], self.size[1], len(x), self.places(x)[1], x.shape[3]),
            (line, pixel * self.dilation[1], plane, pixel * self.strides[1], number),
            writeable=False,
        )
        # contiguous, so that neighbouring lines are one matrix
        return np.ascontiguousarray(seen).reshape(*seen.shape[:3], -1)

    def windows(self, lines: FloatArray) -> FloatArray:
        """Return a view of gathered lines (lines, …) by rows of windows: (rows, height, …)."""
        rows = (len(lines) - self.reach[0]) // self.strides[0] + 1
        each = lines.strides[0]
        return as_strided(
            lines,
            (rows, self.size[0], *lines.shape[1:]),
            (each * self.strides[0], each * self.dilation[0], *lines.strides[1:]),
            writeable=False,
        )


def convolution(layer: Layer, activations: Mapping[str, Step]) -> list[Step]:
    """Return the steps of a Conv2D layer.

    Parameters
    ----------
    layer : Layer
    activations : mapping
        The functions of the names that a layer's options may have.
    """
    return [_dense(Slide.of(layer), layer.weights["kernel"]), *_finish(layer, activations)]


def depthwise(layer: Layer, activations: Mapping[str, Step]) -> list[Step]:
    """Return the steps of a DepthwiseConv2D layer."""
    return [_depthwise(Slide.of(layer), layer.weights["kernel"]), *_finish(layer, activations)]


def separable(layer: Layer, activations: Mapping[str, Step]) -> list[Step]:
    """Return the steps of a SeparableConv2D layer."""
    each = _depthwise(Slide.of(layer), layer.weights["depthwise_kernel"])
    mixed = _dense(Slide((1, 1), (1, 1), (1, 1), same=False), layer.weights["pointwise_kernel"])
    return [each, mixed, *_finish(layer, activations)]


def _dense(slide: Slide, kernel: FloatArray) -> Step:
    """Return a step from all channels to all filters."""
    height, width, channels, filters = kernel.shape
    by_lines = kernel.size * WIDE > ALONE and height > 1
    lines = kernel.reshape(height if by_lines else 1, -1, filters)
    arranged = np.ascontiguousarray(lines.transpose(0, 2, 1))

    def step(x: FloatArray) -> FloatArray:
        x = slide.padded(images_last(x))
        (rows, columns), images = slide.places(x), x.shape[3]
        long = columns * images
        y = np.empty((filters, rows, long), x.dtype)
        for part in _parts(rows, max(slide.strides[0] * width * channels, filters) * long):
            out = y[:, part].transpose(1, 0, 2)
            windows = slide.windows(slide.lines(x, part))
            # without gaps between the window's lines, these are still views
            if by_lines:
                windows = windows.reshape(len(out), height, width * channels, long)
                products = np.empty((len(out), height, filters, long), x.dtype)
                _multiply(arranged, windows, products)
                np.add.reduce(products, axis=1, out=out)
            else:
                _multiply(arranged, windows.reshape(len(out), -1, long), out)
        return images_first(y.reshape(filters, rows, columns, images))

    return step


def _depthwise(slide: Slide, kernel: FloatArray) -> Step:
    """Return a step from each channel to filters of its own."""
    height, width, channels, each = kernel.shape
    arranged = np.ascontiguousarray(kernel.transpose(2, 3, 0, 1).reshape(channels, each, -1))

    def step(x: FloatArray) -> FloatArray:
        x = slide.padded(images_last(x))
        (rows, columns), images = slide.places(x), x.shape[3]
        long = columns * images
        y = np.empty((channels, each, rows, long), x.dtype)
        for part in _parts(rows, height * width * channels * long):
            windows = slide.windows(slide.lines(x, part)).transpose(0, 3, 1, 2, 4)
            windows = windows.reshape(len(windows), channels, height * width, long)
            _multiply(arranged, windows, y[:, :, part].transpose(2, 0, 1, 3))
        return images_first(y.reshape(channels * each, rows, columns, images))

    return step


def _parts(rows: int, row: int) -> Iterator[slice]:
    """Divide rows so that a part has at most GATHERED numbers, or is one row."""
    count = max(1, GATHERED // row)
    for start in range(0, rows, count):
        yield slice(start, min(start + count, rows))


def _multiply(kernel: FloatArray, columns: FloatArray, out: FloatArray) -> None:
    """Multiply matrices (…, F, K) and (…, K, n) in portions for which BLAS needs no threads."""
    most = max(1, ALONE // (kernel.shape[-2] * kernel.shape[-1]))
    long = columns.shape[-1]
    portions = -(-long // most)
    width = min(most, -(-long // portions) + 15 & -16)  # BLAS likes multiples of 16
    for start in range(0, long, width):
        some = slice(start, start + width)
        np.matmul(kernel, columns[..., some], out=out[..., some])


def _finish(layer: Layer, activations: Mapping[str, Step]) -> list[Step]:
    """Return what comes after the products, which may be changed in place."""
    bias, name = layer.weights.get("bias"), layer.options["activation"]

    def finish(x: FloatArray) -> FloatArray:
        if bias is not None:
            x += bias
        if name == "relu":
            return np.maximum(x, np.float32(0), out=x)
        return activations[name](x)

    return [finish]
