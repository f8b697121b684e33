"""Run a network without convolutions in NumPy, without importing Keras.

A dense one takes a few hundredths of a millisecond an image. Every layer becomes a function from
float32 (N, …) to float32 (N, …). Formulas are Keras 3's.
"""

from collections.abc import Callable

import numpy as np

from ..base.types import FloatArray
from .network import Layer, Network
from .numpy_rows import recurrent, sliding


def softmax(x: FloatArray) -> FloatArray:
    """Return exp(x) / sum(exp(x)) along the last axis, without overflow."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return np.asarray(powers)


def relu(x: FloatArray) -> FloatArray:
    """Return x where it is above 0, else 0."""
    return np.maximum(x, np.float32(0))


def _sigmoid(x: FloatArray) -> FloatArray:
    # the argument of exp is never positive, so nothing overflows
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, np.float32(1), small) / (1 + small))


def _tanh(x: FloatArray) -> FloatArray:
    return np.tanh(x)


def elu(x: FloatArray, alpha: float = 1.0) -> FloatArray:
    """Return x where it is above 0, else alpha * (exp(x) - 1)."""
    return np.where(x > 0, x, np.float32(alpha) * np.expm1(np.minimum(x, 0)))


def leaky_relu(x: FloatArray, slope: float = 0.2) -> FloatArray:
    """Return x where it is above 0, else slope * x."""
    return np.where(x > 0, x, np.float32(slope) * x)


def _selu(x: FloatArray) -> FloatArray:
    return np.float32(1.05070098) * elu(x, 1.67326324)


def _silu(x: FloatArray) -> FloatArray:
    return np.asarray(x * _sigmoid(x))


def _softplus(x: FloatArray) -> FloatArray:
    return np.logaddexp(x, np.float32(0))


def _softsign(x: FloatArray) -> FloatArray:
    return np.asarray(x / (1 + np.abs(x)))


def _hard_sigmoid(x: FloatArray) -> FloatArray:
    return (x * np.float32(1 / 6) + np.float32(0.5)).clip(0, 1)


def _log_sigmoid(x: FloatArray) -> FloatArray:
    return -_softplus(-x)


def _gelu(x: FloatArray) -> FloatArray:
    return np.float32(0.5) * x * (1 + _erf(x * np.float32(np.sqrt(0.5))))


def _erf(x: FloatArray) -> FloatArray:
    """Return the error function, by formula 7.1.26 of Abramowitz and Stegun (error below 2e-7)."""
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    return np.asarray(np.sign(x) * (1 - series * np.exp(-size * size)))


ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "elu": elu,
    "gelu": _gelu,
    "hard_sigmoid": _hard_sigmoid,
    "leaky_relu": leaky_relu,
    "linear": lambda x: x,
    "log_sigmoid": _log_sigmoid,
    "relu": relu,
    "selu": _selu,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "softmax": softmax,
    "softplus": _softplus,
    "softsign": _softsign,
    "tanh": _tanh,
}
"""Those of `fields.ACTIVATION_NAMES`."""


Step = Callable[[FloatArray], FloatArray]


def supports(network: Network) -> bool:
    """Tell whether all of a network's layers have a function here."""
    return all(layer.kind in _STEPS for layer in network.layers)


def compile_network(network: Network) -> Step:
    """Return a function from (N, *input_shape) to (N, 10) that doesn't copy the batch."""
    rows = network.rows
    steps = [step for layer in network.layers for step in _STEPS[layer.kind](layer)]

    def run(batch: FloatArray) -> FloatArray:
        if len(batch) > rows:
            return np.concatenate(
                [run(batch[start : start + rows]) for start in range(0, len(batch), rows)]
            )
        for step in steps:
            batch = step(batch)
        return batch

    return run


def _activation(layer: Layer) -> list[Step]:
    name = layer.options["activation"]
    return [ACTIVATIONS[name]] if name != "linear" else []


def _dense(layer: Layer) -> list[Step]:
    kernel, bias = layer.weights["kernel"], layer.weights.get("bias")

    def step(x: FloatArray) -> FloatArray:
        y = x @ kernel
        if bias is not None:
            y += bias
        return y

    return [step, *_activation(layer)]


def _batch_normalization(layer: Layer) -> list[Step]:
    weights = layer.weights
    deviation = np.sqrt(weights["moving_variance"] + np.float32(layer.options["epsilon"]))
    factor = weights.get("gamma", np.float32(1)) / deviation
    shift = weights.get("beta", np.float32(0)) - weights["moving_mean"] * factor
    return [lambda x: x * factor + shift]


def _flatten(layer: Layer) -> list[Step]:
    return [lambda x: x.reshape(len(x), -1)]


def _reshape(layer: Layer) -> list[Step]:
    shape = layer.options["target_shape"]
    return [lambda x: x.reshape(len(x), *shape)]


def _rescaling(layer: Layer) -> list[Step]:
    scale, offset = np.float32(layer.options["scale"]), np.float32(layer.options["offset"])
    return [lambda x: x * scale + offset]


def _elu_layer(layer: Layer) -> list[Step]:
    return [lambda x: elu(x, layer.options["alpha"])]


def _leaky_relu_layer(layer: Layer) -> list[Step]:
    return [lambda x: leaky_relu(x, layer.options["negative_slope"])]


def _relu_layer(layer: Layer) -> list[Step]:
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


def _zero_padding(layer: Layer) -> list[Step]:
    margins = ((0, 0), *layer.options["padding"], (0, 0))
    return [lambda x: np.pad(x, margins)]


def _cropping(layer: Layer) -> list[Step]:
    (top, bottom), (left, right) = layer.options["cropping"]
    return [lambda x: x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]]


def _up_sampling(layer: Layer) -> list[Step]:
    rows, columns = layer.options["size"]
    return [lambda x: x.repeat(rows, axis=1).repeat(columns, axis=2)]


def _resizing(layer: Layer) -> list[Step]:
    size, near = (layer.options["height"], layer.options["width"]), layer.options["interpolation"]

    def step(x: FloatArray) -> FloatArray:
        rows, columns = (
            _shares(old, new, near) for old, new in zip(x.shape[1:3], size, strict=True)
        )
        return np.asarray(np.einsum("yh,nhwc,xw->nyxc", rows, x, columns, optimize=True))

    return [step]


def _shares(old: int, new: int, interpolation: str) -> FloatArray:
    """Return how much of each old row goes into each new one: float32 (new, old)."""
    places = (np.arange(new) + 0.5) * (old / new)
    shares = np.zeros((new, old), np.float32)
    rows = np.arange(new)
    if interpolation == "nearest":
        shares[rows, np.minimum(places.astype(int), old - 1)] = 1
        return shares
    below = np.floor(places - 0.5)
    upper = (places - 0.5 - below).astype(np.float32)
    for place, share in ((below, 1 - upper), (below + 1, upper)):
        np.add.at(shares, (rows, place.clip(0, old - 1).astype(int)), share)
    return shares


def _recurrent(layer: Layer) -> list[Step]:
    return [recurrent(layer, ACTIVATIONS)]


def _sliding(layer: Layer) -> list[Step]:
    return [sliding(layer, ACTIVATIONS)]


_STEPS: dict[str, Callable[[Layer], list[Step]]] = {
    "Activation": _activation,
    "BatchNormalization": _batch_normalization,
    "Conv1D": _sliding,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "ELU": _elu_layer,
    "Flatten": _flatten,
    "GRU": _recurrent,
    "LSTM": _recurrent,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu_layer,
    "PReLU": _prelu,
    "Permute": _permute,
    "ReLU": _relu_layer,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Resizing": _resizing,
    "SimpleRNN": _recurrent,
    "Softmax": lambda _: [softmax],
    "UnitNormalization": _unit_normalization,
    "UpSampling2D": _up_sampling,
    "ZeroPadding2D": _zero_padding,
}
