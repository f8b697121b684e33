"""Fold normalisations and plain ReLU layers into the layer before, which does their work, too.

A normalisation after a product multiplies and shifts each output's numbers: so may the product's
own weights. What comes out differs from Keras in the last bits.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .network import Layer

_PRODUCTS = ("Conv1D", "Conv2D", "Dense")
"""What multiplies by a kernel whose last axis is the output, and then adds a bias."""


def folded(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers that compute the same in fewer steps."""
    result: list[Layer] = []
    for layer in layers:
        before = result[-1] if result else None
        linear = before is not None and before.options.get("activation") == "linear"
        if before is None or before.kind not in _PRODUCTS or not linear:
            result.append(layer)
        elif layer.kind == "BatchNormalization":
            result[-1:] = _normalised(before, layer)
        elif layer.kind == "ReLU" and is_plain(layer):
            result[-1] = replace(before, options={**before.options, "activation": "relu"})
        else:
            result.append(layer)
    return result


def is_plain(relu: Layer) -> bool:
    """Tell whether a ReLU layer is max(x, 0)."""
    options = relu.options
    return (options["negative_slope"], options["threshold"]) == (0, 0) and (
        options.get("max_value") is None
    )


def scale_and_shift(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Return by what a BatchNormalization layer multiplies, and what it adds then: float32 (C,)."""
    weights = layer.weights
    deviation = np.sqrt(weights["moving_variance"] + np.float32(layer.options["epsilon"]))
    scale = weights.get("gamma", np.float32(1)) / deviation
    return scale, weights.get("beta", np.float32(0)) - weights["moving_mean"] * scale


def _normalised(layer: Layer, normalisation: Layer) -> list[Layer]:
    """Return one layer for two; or both, where the products of their weights are too large."""
    with np.errstate(all="ignore"):
        scale, shift = scale_and_shift(normalisation)
        bias = layer.weights.get("bias", np.float32(0)) * scale + shift
        weights = {"kernel": layer.weights["kernel"] * scale, "bias": bias}
    if not all(np.isfinite(array).all() for array in weights.values()):
        return [layer, normalisation]
    return [replace(layer, options={**layer.options, "use_bias": True}, weights=weights)]
