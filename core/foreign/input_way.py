"""The layers in front of a foreign network that make it take 28×28 images from 0 to 1.

Networks were trained on digits that were scaled in a dozen ways, transposed, or enlarged, and their
files don't say so. Each way is a few plain layers; `input_search` finds the right one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.types import SIDE, FloatArray, UInt8Array
from ..network.network import INPUT_SHAPES, Layer, Network, Shape, plain

MEAN, DEVIATION = 0.1307, 0.3081
"""Of all pixels of MNIST's training images, 0 to 1."""

Statistics = tuple[FloatArray, FloatArray]
"""Mean and variance of each pixel, 0 to 1, float32 (784,)."""


@dataclass(frozen=True)
class Way:
    """How a network's inputs are made from an image.

    Attributes
    ----------
    scaling : str
        A key of SCALINGS.
    fit : str
        How the image gets the network's size, if that isn't 28×28.
    transposed : bool
        Whether rows and columns are swapped.
    """

    scaling: str
    fit: str = ""
    transposed: bool = False

    def __str__(self) -> str:
        words = [self.scaling, self.fit, "transposed" if self.transposed else ""]
        return ", ".join(word for word in words if word)


SCALINGS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "x / 255": ("rescale", (1.0, 0.0)),
    "0 to 255": ("rescale", (255.0, 0.0)),
    "x / 255 - 0.5": ("rescale", (1.0, -0.5)),
    "-1 to 1": ("rescale", (2.0, -1.0)),
    "1 - x / 255": ("rescale", (-1.0, 1.0)),
    "255 - x": ("rescale", (-255.0, 255.0)),
    "1 to -1": ("rescale", (-2.0, 1.0)),
    "normalize(x, axis=1)": ("unit", (1,)),
    "normalize(x, axis=2)": ("unit", (2,)),
    "normalize(x), the whole image": ("unit", ()),
    "(x / 255 - 0.1307) / 0.3081": ("rescale", (1 / DEVIATION, -MEAN / DEVIATION)),
    "standardised pixel by pixel": ("pixels", ()),
}
"""The known scalings, the most common first; x is a pixel from 0 (paper) to 255 (ink)."""


def ways(network: Network) -> Iterator[Way]:
    """Yield all ways in which a network's inputs may have been made, the most common first."""
    side = _side(network.input_shape)
    if side == SIDE:
        fits = [""]
    else:
        fits = [f"resized to {side}×{side}"]
        if (side - SIDE) % 2 == 0:
            fits.append(f"{'padded' if side > SIDE else 'cut'} to {side}×{side}")
    for transposed in (False, True):
        for fit in fits:
            for scaling, (kind, _) in SCALINGS.items():
                if kind != "pixels" or side == SIDE:
                    yield Way(scaling, fit, transposed)


def layers_of(way: Way, shape: Shape, statistics: Statistics) -> tuple[Shape, list[Layer]]:
    """Return the layers from an image to a network's inputs.

    Parameters
    ----------
    way : Way
    shape : tuple of int
        The network's inputs.
    statistics : tuple of float32 array
        Mean and variance of each pixel.

    Returns
    -------
    tuple of int
        One of INPUT_SHAPES: what the first of these layers takes.
    list of Layer
    """
    side = _side(shape)
    kind, values = SCALINGS[way.scaling]
    if kind == "rescale" and not way.fit and not way.transposed and shape in INPUT_SHAPES:
        scale, offset = values  # elementwise, whatever the shape
        unchanged = scale == 1 and not offset
        return shape, [] if unchanged else [plain("Rescaling", scale=scale, offset=offset)]
    layers = [plain("Permute", dims=(2, 1))] if way.transposed else []
    if way.fit:
        layers += [_reshape(SIDE, SIDE, 1), _fitted(way.fit, side)]
        at: Shape = (side, side, 1)
    else:
        at = (SIDE, SIDE)
    scaling, at = _scaled(kind, values, at, side, statistics)
    layers += scaling
    if 3 in shape and len(shape) == 3:
        layers += [_reshape(side, side, 1), _threefold()]
        layers += [plain("Permute", dims=(3, 1, 2))] if shape[0] == 3 else []
    elif at != shape:
        layers.append(_reshape(*shape))
    return (SIDE, SIDE), layers


def attach(network: Network, way: Way, statistics: Statistics) -> Network:
    """Return a network with a way's layers in front, so that it takes 28×28 images from 0 to 1."""
    shape, layers = layers_of(way, network.input_shape, statistics)
    side = _side(network.input_shape)
    largest = max(network.largest, 3 * side * side if layers else 0)
    return replace(network, input_shape=shape, layers=(*layers, *network.layers), largest=largest)


def at_default(network: Network) -> Network:
    """Return a network that takes 28×28 images in the most common way."""
    nothing = np.zeros(SIDE * SIDE, np.float32)
    return attach(network, next(ways(network)), (nothing, nothing))


def statistics_of(images: UInt8Array) -> Statistics:
    """Return mean and variance of each pixel of uint8 images (N, 28, 28), 0 to 1."""
    total = np.zeros((2, SIDE * SIDE))
    for start in range(0, len(images), 10_000):
        block = images[start : start + 10_000].reshape(-1, SIDE * SIDE).astype(np.float32)
        total += block.sum(axis=0), np.square(block).sum(axis=0)
    mean, square = total / max(len(images), 1)
    variance = (square - mean * mean).clip(0) / 255**2
    # a constant pixel isn't scaled
    variance = np.where(variance > 0, variance, 1)
    return (mean / 255).astype(np.float32), variance.astype(np.float32)


def _side(shape: Shape) -> int:
    """Return the height of a network's images."""
    if len(shape) == 1:
        return math.isqrt(shape[0])
    return shape[1] if len(shape) == 3 and shape[0] in (1, 3) else shape[0]


def _fitted(fit: str, side: int) -> Layer:
    margin = abs(side - SIDE) // 2
    margins = ((margin, margin), (margin, margin))
    if fit.startswith("padded"):
        return plain("ZeroPadding2D", padding=margins)
    if fit.startswith("cut"):
        return plain("Cropping2D", cropping=margins)
    return plain("Resizing", height=side, width=side, interpolation="bilinear")


def _scaled(
    kind: str, values: Sequence[Any], at: Shape, side: int, statistics: Statistics
) -> tuple[list[Layer], Shape]:
    """Return the layers of a scaling, and the shape after them."""
    flat = (side * side,)
    if kind == "rescale":
        scale, offset = values
        unchanged = scale == 1 and not offset
        return ([] if unchanged else [plain("Rescaling", scale=scale, offset=offset)]), at
    if kind == "unit" and values:
        return [plain("UnitNormalization", axis=values[0])], at
    if kind == "unit":
        return [_reshape(*flat), plain("UnitNormalization", axis=1)], flat
    mean, variance = statistics
    arrays = {"moving_mean": mean, "moving_variance": variance}
    options = {"epsilon": 0.0, "center": False, "scale": False}
    return [_reshape(*flat), Layer("BatchNormalization", options, arrays)], flat


def _threefold() -> Layer:
    """Return a layer that repeats each pixel three times, for networks that expect colours."""
    options = {"units": 3, "activation": "linear", "use_bias": False}
    return Layer("Dense", options, {"kernel": np.ones((1, 3), np.float32)})


def _reshape(*shape: int) -> Layer:
    return plain("Reshape", target_shape=shape)
