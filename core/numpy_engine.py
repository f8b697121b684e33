"""Run a dense network in NumPy: a few hundredths of a millisecond an image, and no import of Keras.

Every layer becomes a function from float32 (N, …) to float32 (N, …). Formulas are Keras 3's.
"""

from collections.abc import Callable

import numpy as np

from .network import Layer, Network
from .types import FloatArray

Step = Callable[[FloatArray], FloatArray]


def supports(network: Network) -> bool:
    """Tell whether all of a network's layers have a function here."""
    return all(layer.kind in _STEPS for layer in network.layers)


def compile_network(network: Network) -> Step:
    """Return a function from (N, *input_shape) to (N, 10), without the batch being copied."""
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


def softmax(x: FloatArray) -> FloatArray:
    """Return exp(x) / sum(exp(x)) along the last axis, without overflow."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return np.asarray(powers)


def _relu(x: FloatArray) -> FloatArray:
    return np.maximum(x, np.float32(0))


def _sigmoid(x: FloatArray) -> FloatArray:
    # the argument of exp is never positive, so nothing overflows
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, np.float32(1), small) / (1 + small))


def _tanh(x: FloatArray) -> FloatArray:
    return np.tanh(x)


def _elu(x: FloatArray, alpha: float = 1.0) -> FloatArray:
    return np.where(x > 0, x, np.float32(alpha) * np.expm1(np.minimum(x, 0)))


def _leaky_relu(x: FloatArray, slope: float = 0.2) -> FloatArray:
    return np.where(x > 0, x, np.float32(slope) * x)


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


_ACTIVATIONS: dict[str, Step] = {
    "elu": _elu,
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "softmax": softmax,
    "tanh": _tanh,
}


def _nothing(layer: Layer) -> list[Step]:
    return []


def _activation(layer: Layer) -> list[Step]:
    name = layer.options["activation"]
    return [_ACTIVATIONS[name]] if name != "linear" else []


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
    return [lambda x: _elu(x, layer.options["alpha"])]


def _leaky_relu_layer(layer: Layer) -> list[Step]:
    return [lambda x: _leaky_relu(x, layer.options["negative_slope"])]


_STEPS: dict[str, Callable[[Layer], list[Step]]] = {
    "Activation": _activation,
    "BatchNormalization": _batch_normalization,
    "Dense": _dense,
    "Dropout": _nothing,
    "ELU": _elu_layer,
    "Flatten": _flatten,
    "LeakyReLU": _leaky_relu_layer,
    "ReLU": lambda _: [_relu],
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Softmax": lambda _: [softmax],
}
