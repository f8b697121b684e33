"""How much each input of a layer changes what comes out at the network's end, in NumPy.

Each function takes a layer, its inputs (N, …), and the slopes of its outputs, and gives the slopes
of its inputs. For layers that change numbers one by one see `saliency`. These functions are for a
few images, and short rather than fast.
"""

from collections.abc import Callable

import numpy as np

from .network import Layer
from .numpy_convolutions import Slide
from .numpy_images import shares

SlopesOf = Callable[[Layer, np.ndarray, np.ndarray], np.ndarray]


def _dense(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    return np.asarray(back @ layer.weights["kernel"].T)


def _convolution(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    kernel = layer.weights["kernel"]
    return _scattered(Slide.of(layer), x, lambda i, j: back @ kernel[i, j].T, back.shape)


def _depthwise(layer: Layer, x: np.ndarray, back: np.ndarray, name: str = "kernel") -> np.ndarray:
    kernel = layer.weights[name]
    back = back.reshape(*back.shape[:3], *kernel.shape[2:])
    return _scattered(
        Slide.of(layer), x, lambda i, j: (back * kernel[i, j]).sum(axis=-1), back.shape
    )


def _separable(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    mixed = back @ layer.weights["pointwise_kernel"][0, 0].T
    return _depthwise(layer, x, mixed, "depthwise_kernel")


def _pooling(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    options = layer.options
    slide = Slide(options["pool_size"], options["strides"], (1, 1), options["padding"] == "same")
    largest = layer.kind == "MaxPooling2D"
    (top, bottom), (left, right) = slide.margins(x.shape[1:3])
    margins = ((0, 0), (top, bottom), (left, right), (0, 0))
    inside = x if largest else np.ones_like(x)
    padded = np.pad(inside, margins, constant_values=-np.inf if largest else 0)
    seen = {
        (i, j): padded[slide.at(i, j, back.shape[1:3])]
        for i in range(slide.size[0])
        for j in range(slide.size[1])
    }
    if largest:
        most = np.maximum.reduce(list(seen.values()))
        seen = {place: (each == most).astype(x.dtype) for place, each in seen.items()}
    # the largest ones share the slope, as all pixels do where the mean is taken
    total = np.add.reduce(list(seen.values()))
    return _scattered(slide, x, lambda i, j: back * seen[i, j] / total, back.shape)


def _scattered(
    slide: Slide,
    x: np.ndarray,
    part: Callable[[int, int], np.ndarray],
    shape: tuple[int, ...],
) -> np.ndarray:
    """Add up, for each pixel, the slopes that it has in all windows by its place in them."""
    (top, bottom), (left, right) = slide.margins(x.shape[1:3])
    count, height, width, channels = x.shape
    total = np.zeros((count, top + height + bottom, left + width + right, channels), x.dtype)
    for i in range(slide.size[0]):
        for j in range(slide.size[1]):
            total[slide.at(i, j, shape[1:3])] += part(i, j)
    return total[:, top : top + height, left : left + width]


def _global_pooling(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    back = back.reshape(len(x), 1, 1, -1)
    if layer.kind == "GlobalMaxPooling2D":
        chosen = x == x.max(axis=(1, 2), keepdims=True)
    else:
        chosen = np.ones(x.shape, bool)
    return np.asarray(back * chosen / chosen.sum(axis=(1, 2), keepdims=True))


def _zero_padding(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    (top, _), (left, _) = layer.options["padding"]
    return back[:, top : top + x.shape[1], left : left + x.shape[2]]


def _cropping(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    return np.pad(back, ((0, 0), *layer.options["cropping"], (0, 0)))


def _up_sampling(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    (rows, columns), (count, height, width, channels) = layer.options["size"], x.shape
    copies = back.reshape(count, height, rows, width, columns, channels)
    return np.asarray(copies.sum(axis=(2, 4)))


def _resizing(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    rows, columns = (
        shares(old, new, layer.options["interpolation"])
        for old, new in zip(x.shape[1:3], back.shape[1:3], strict=True)
    )
    return np.asarray(np.einsum("yh,nyxc,xw->nhwc", rows, back, columns, optimize=True))


def _permute(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    return back.transpose(np.argsort((0, *layer.options["dims"])))


def _reshape(layer: Layer, x: np.ndarray, back: np.ndarray) -> np.ndarray:
    return back.reshape(x.shape)


SLOPES: dict[str, SlopesOf] = {
    "AveragePooling2D": _pooling,
    "Conv2D": _convolution,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Flatten": _reshape,
    "GlobalAveragePooling2D": _global_pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "MaxPooling2D": _pooling,
    "Permute": _permute,
    "Reshape": _reshape,
    "Resizing": _resizing,
    "SeparableConv2D": _separable,
    "UpSampling2D": _up_sampling,
    "ZeroPadding2D": _zero_padding,
}
"""By the layer's class; without its activation."""
