"""What a layer may do to each number at its end, in NumPy. Formulas are Keras 3's."""

from collections.abc import Callable

import numpy as np

from ..base.types import FloatArray


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
