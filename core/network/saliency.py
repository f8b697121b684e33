"""Why a network says what it says: how much each pixel's ink speaks for a digit.

It is gradient × input (Shrikumar et al. 2016, arXiv 1605.01713) of the digit's log odds,
log p/(1 - p), which still tell apart what is nearly certain, as probabilities don't. To a first
approximation, the sum over a part is by how much they fall when the part is wiped out.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.types import SIDE, FloatArray
from .keras_model import build_model
from .network import Layer, Network, plain
from .numpy_activations import softmax
from .numpy_engine import compile_network
from .numpy_slopes import SLOPES
from .output_step import with_probabilities

_ELEMENTWISE = (
    "Activation",
    "BatchNormalization",
    "ELU",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "Rescaling",
)
_ACTIVATED = ("Conv2D", "Dense", "DepthwiseConv2D", "SeparableConv2D")
"""Layers with an activation of their own that can be told apart."""

STEP = 1e-4
"""By which the slope of an activation is measured, to both sides."""


def contributions(
    network: Network, images: FloatArray, digits: npt.NDArray[np.integer]
) -> FloatArray:
    """Return by how much each pixel raises a digit's log odds.

    Parameters
    ----------
    network : Network
    images : float32 (N, 28, 28)
        0 is paper, 1 is ink.
    digits : int (N,)
        The digit to explain for each image, 0 to 9.

    Returns
    -------
    float32 (N, 28, 28)
        Above 0 where ink speaks for the digit, below 0 where it speaks against it; 0 on paper.
    """
    if not len(images):
        return np.empty((0, SIDE, SIDE), np.float32)
    layers = [part for layer in with_probabilities(network).layers for part in _apart(layer)]
    simple = all(_has_slopes(layer) for layer in layers[:-1])
    gradients = (_gradients if simple else _gradients_in_keras)(network, layers, images, digits)
    return np.asarray(gradients.reshape(images.shape) * images, np.float32)


def _has_slopes(layer: Layer) -> bool:
    """Tell whether NumPy can go back through a layer."""
    if layer.kind in _ELEMENTWISE:  # a softmax mixes the numbers
        return layer.options.get("activation") != "softmax"
    return layer.kind in SLOPES


def _apart(layer: Layer) -> list[Layer]:
    """Return a layer and its activation as two layers; others as they are."""
    activation = layer.options.get("activation", "linear")
    if activation == "linear" or layer.kind not in _ACTIVATED:
        return [layer]
    bare = replace(layer, options={**layer.options, "activation": "linear"})
    return [bare, plain("Activation", activation=activation)]


def _gradients(
    network: Network,
    layers: list[Layer],
    images: FloatArray,
    digits: npt.NDArray[np.integer],
) -> np.ndarray:
    """Return the gradients by the pixels, backwards through the layers: (N, …)."""
    x = images.reshape(len(images), *network.input_shape).astype(np.float64)
    inputs = []
    # they take any floats; single ones are too coarse for the slopes below
    steps: list[Callable[[Any], Any]] = [
        compile_network(replace(network, layers=(layer,))) for layer in layers[:-1]
    ]
    for step in steps:
        inputs.append(x)
        x = step(x)
    chosen = np.eye(x.shape[1])[digits]
    back = chosen - softmax(np.where(chosen > 0, -np.inf, x))
    for layer, step, x in zip(layers[-2::-1], steps[::-1], inputs[::-1], strict=True):
        if layer.kind in _ELEMENTWISE:
            back = back * (step(x + STEP) - step(x - STEP)) / (2 * STEP)
        else:
            back = SLOPES[layer.kind](layer, x, back)
    return np.asarray(back)


def _gradients_in_keras(
    network: Network,
    layers: list[Layer],
    images: FloatArray,
    digits: npt.NDArray[np.integer],
) -> np.ndarray:
    """Return the gradients by the pixels of any network: (N, …)."""
    model = build_model(replace(network, layers=tuple(layers[:-1])))
    import tensorflow as tf

    x = tf.constant(images.reshape(len(images), *network.input_shape))
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = model(x, training=False)
        chosen = tf.one_hot(digits, logits.shape[1])
        others = tf.reduce_logsumexp(logits - 1e9 * chosen, axis=1)
        odds = tf.reduce_sum(logits * chosen, axis=1) - others
    return np.asarray(tape.gradient(odds, x))
