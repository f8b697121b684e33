"""Run a network in NumPy, without importing Keras.

A dense one takes a few hundredths of a millisecond an image, one with convolutions a few tenths.
Every layer becomes a function from float32 (N, …) to float32 (N, …). Formulas are Keras 3's. See
docs/decisions/008-two-engines.md, and 050-convolutions.md, which replaces most of it.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from ..base.processor import cores
from ..base.types import FloatArray
from .folding import folded, is_plain, scale_and_shift
from .network import Layer, Network
from .numpy_activations import ACTIVATIONS, elu, leaky_relu, softmax
from .numpy_convolutions import ALONE, GATHERED, convolution, depthwise, separable
from .numpy_images import cropping, global_pooling, pooling, resizing, up_sampling, zero_padding
from .numpy_rows import recurrent, sliding

Step = Callable[[FloatArray], FloatArray]

CACHED = 2**18
"""How many numbers the images that go through convolutions at once may have between two layers:
1 MB, so that they stay in the processor's cache."""

TOGETHER = (8, 64)
"""How many images that are at least and at most: with fewer, NumPy's calls cost more than the work.
"""

KEPT = 2**23
"""Bytes of memory to keep between two blocks: see `_keep_memory`."""

SHARED = 64
"""From this many images on, the processor's cores share them. Those who use a process for each core
give fewer at once; see `reading.predictor`."""

BUSY = 2**14
"""Cores share the images of networks with this many numbers between two layers. With fewer, threads
spend the time that they save on waiting for the interpreter's lock."""


SPARSE = 2**17, 0.5
"""A single image is multiplied with the weights of what isn't 0 in it alone, if a dense layer has
so many weights and less than this share isn't 0. A fifth of an image is ink, a tenth of a layer's
units answer, and to fetch weights from memory takes most of the time."""


def compile_network(network: Network) -> Step:
    """Return a function from (N, *input_shape) to (N, 10) that doesn't copy the batch.

    It may be called from several threads. The last bits of an answer depend on the number of images
    and on an image's place among them, but neither on the other images nor on the number of cores
    if the network has convolutions.
    """
    network = replace(network, layers=tuple(folded(network.layers)))
    rows, together = network.rows, _together(network)
    end = _end_of_images(network, together)
    on_images, after = (
        [step for layer in part for step in _STEPS[layer.kind](layer)]
        for part in (network.layers[:end], network.layers[end:])
    )
    if on_images:
        _keep_memory()

    def run(batch: FloatArray) -> FloatArray:
        if len(batch) > rows:
            return np.concatenate(
                [run(batch[start : start + rows]) for start in range(0, len(batch), rows)]
            )
        if on_images:
            batch = _by_blocks(on_images, batch, together, shared=network.largest >= BUSY)
        for step in after:
            batch = step(batch)
        return batch

    return run


def _by_blocks(steps: list[Step], batch: FloatArray, size: int, *, shared: bool) -> FloatArray:
    """Take a batch through the first layers block by block, in threads if that is worth it."""

    def block(start: int) -> FloatArray:
        x = batch[start : start + size]
        with np.errstate(all="ignore"):  # which threads don't inherit
            for step in steps:
                x = step(x)
        return x

    starts = range(0, len(batch), size)
    threads = min(cores(), len(starts)) if shared and len(batch) >= SHARED else 1
    if threads == 1:
        return np.concatenate([block(start) for start in starts])
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(block, starts)))


def _keep_memory() -> None:
    """Let glibc keep what a block frees for the next one.

    It gives memory back to the system only beyond twice the largest piece that was ever freed.
    Otherwise the system clears the same pages for each block anew, which may take as long as the
    work.
    """
    np.empty(KEPT, np.uint8)


def _end_of_images(network: Network, together: int) -> int:
    """Return how many layers images go through block by block: up to large dense ones."""
    layers = network.layers
    windowed = [place for place, layer in enumerate(layers) if layer.kind in _WINDOWED]
    if not windowed:
        return 0
    for place in range(windowed[-1], len(layers)):
        dense = layers[place].kind == "Dense"
        if dense and layers[place].weights["kernel"].size * together > ALONE:
            return place
    return len(layers)


def _together(network: Network) -> int:
    """Return how many images go through convolutions at once."""
    least, most = TOGETHER
    kernels = [array for layer in network.layers for array in layer.weights.values()]
    seen = max((array.size // array.shape[-1] for array in kernels if array.ndim == 4), default=1)
    if seen * least > GATHERED:  # windows as large as hardly any network has
        return max(1, GATHERED // seen)
    # one window of each image takes half of GATHERED at most, unless these are the least
    return max(least, min(most, CACHED // network.largest, GATHERED // (2 * seen)))


def _activation(layer: Layer) -> list[Step]:
    name = layer.options["activation"]
    return [ACTIVATIONS[name]] if name != "linear" else []


def _dense(layer: Layer) -> list[Step]:
    kernel, bias = layer.weights["kernel"], layer.weights.get("bias")
    least, most = SPARSE

    def step(x: FloatArray) -> FloatArray:
        inked = np.flatnonzero(x) if x.shape[:-1] == (1,) and kernel.size >= least else None
        if inked is not None and len(inked) < most * len(kernel):
            y: FloatArray = x[:, inked] @ kernel.take(inked, axis=0)
        else:
            y = x @ kernel
        if bias is not None:
            y += bias
        return y

    return [step, *_activation(layer)]


def _batch_normalization(layer: Layer) -> list[Step]:
    factor, shift = scale_and_shift(layer)

    def step(x: FloatArray) -> FloatArray:
        y: FloatArray = x * factor
        y += shift
        return y

    return [step]


def _flatten(layer: Layer) -> list[Step]:
    return [lambda x: x.reshape(len(x), -1)]


def _reshape(layer: Layer) -> list[Step]:
    shape = layer.options["target_shape"]
    known = math.prod(size for size in shape if size != -1)

    def step(x: FloatArray) -> FloatArray:
        rest = math.prod(x.shape[1:]) // known  # NumPy can't tell it for no image at all
        return x.reshape(len(x), *(rest if size == -1 else size for size in shape))

    return [step]


def _rescaling(layer: Layer) -> list[Step]:
    scale, offset = np.float32(layer.options["scale"]), np.float32(layer.options["offset"])
    return [lambda x: x * scale + offset]


def _elu_layer(layer: Layer) -> list[Step]:
    return [lambda x: elu(x, layer.options["alpha"])]


def _leaky_relu_layer(layer: Layer) -> list[Step]:
    return [lambda x: leaky_relu(x, layer.options["negative_slope"])]


def _relu_layer(layer: Layer) -> list[Step]:
    if is_plain(layer):
        return [ACTIVATIONS["relu"]]
    slope, threshold = layer.options["negative_slope"], np.float32(layer.options["threshold"])
    most = layer.options.get("max_value")

    def step(x: FloatArray) -> FloatArray:
        y = np.where(x >= threshold, x, np.float32(slope) * (x - threshold))
        return y if most is None else np.minimum(y, np.float32(most))

    return [step]


def _prelu(layer: Layer) -> list[Step]:
    alpha = layer.weights["alpha"]
    return [lambda x: np.asarray(np.where(x > 0, x, alpha * x))]


def _permute(layer: Layer) -> list[Step]:
    axes = (0, *layer.options["dims"])
    return [lambda x: x.transpose(axes)]


def _unit_normalization(layer: Layer) -> list[Step]:
    axis = layer.options["axis"]

    def step(x: FloatArray) -> FloatArray:
        squares = np.square(x).sum(axis=axis, keepdims=True)
        return np.asarray(x / np.sqrt(np.maximum(squares, np.float32(1e-12))))

    return [step]


def _layer_normalization(layer: Layer) -> list[Step]:
    scale, shift = layer.weights.get("gamma"), layer.weights.get("beta")
    epsilon = np.float32(layer.options["epsilon"])

    def step(x: FloatArray) -> FloatArray:
        deviation = np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
        y = (x - x.mean(axis=-1, keepdims=True)) / deviation
        y = y if scale is None else y * scale
        return np.asarray(y if shift is None else y + shift)

    return [step]


def _recurrent(layer: Layer) -> list[Step]:
    return [recurrent(layer, ACTIVATIONS)]


_STEPS: dict[str, Callable[[Layer], list[Step]]] = {
    "Activation": _activation,
    "AveragePooling2D": pooling,
    "BatchNormalization": _batch_normalization,
    "Conv1D": lambda layer: [sliding(layer, ACTIVATIONS)],
    "Conv2D": lambda layer: convolution(layer, ACTIVATIONS),
    "Cropping2D": cropping,
    "Dense": _dense,
    "DepthwiseConv2D": lambda layer: depthwise(layer, ACTIVATIONS),
    "ELU": _elu_layer,
    "Flatten": _flatten,
    "GRU": _recurrent,
    "GlobalAveragePooling2D": global_pooling,
    "GlobalMaxPooling2D": global_pooling,
    "LSTM": _recurrent,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu_layer,
    "MaxPooling2D": pooling,
    "PReLU": _prelu,
    "Permute": _permute,
    "ReLU": _relu_layer,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Resizing": resizing,
    "SeparableConv2D": lambda layer: separable(layer, ACTIVATIONS),
    "SimpleRNN": _recurrent,
    "Softmax": lambda _: [softmax],
    "UnitNormalization": _unit_normalization,
    "UpSampling2D": up_sampling,
    "ZeroPadding2D": zero_padding,
}
"""For every layer that a model file may have, by its class's name; see `kerasfile.rules`."""

_WINDOWED = (
    "AveragePooling2D",
    "Conv2D",
    "DepthwiseConv2D",
    "MaxPooling2D",
    "SeparableConv2D",
)
"""Layers that are run block by block."""
