"""From 28×28 images to probabilities, without importing Keras."""

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import DIGITS, FloatArray
from .network import Network
from .numpy_activations import softmax
from .numpy_engine import compile_network

_PASSIVE = ("Flatten", "Reshape", "Dropout")
"""Layers that change no values."""


class Classifier:
    """Classifies images with one network; safe to call from several threads.

    Attributes
    ----------
    network : Network
    """

    def __init__(self, network: Network, temperature: float = 1.0) -> None:
        """Prepare a network.

        Parameters
        ----------
        network : Network
        temperature : float
            Above 1 it lowers the confidence, below 1 it raises it; the digits stay the same.
        """
        self.network = network
        self._temperature = np.float32(temperature)
        self._shape = network.input_shape
        self._finish = last_step(network)
        self._run = compile_network(network)

    def __call__(self, images: FloatArray) -> FloatArray:
        """Classify images.

        Parameters
        ----------
        images : float32 (N, 28, 28)
            0 is paper, 1 is ink.

        Returns
        -------
        float32 (N, 10)
            Each row sums to 1.

        Raises
        ------
        ModelProblem
            When the network's numbers overflow.
        """
        if not len(images):
            return np.empty((0, len(DIGITS)), np.float32)
        with np.errstate(all="ignore"):  # what overflows is found below
            numbers = self._run(images.reshape(len(images), *self._shape))
            if self._finish == "softmax":
                numbers = softmax(numbers)
            elif self._finish == "share":
                total = numbers.sum(axis=1, keepdims=True)
                numbers = numbers / np.maximum(total, np.float32(1e-12))
        if not np.isfinite(numbers).all():
            raise ModelProblem("The model's numbers overflow, so it gives no probabilities.")
        if self._temperature != 1:
            # logarithms of probabilities are logits up to a constant, which softmax ignores
            numbers = softmax(np.log(numbers.clip(1e-30)) / self._temperature)
        return numbers


def last_step(network: Network) -> str:
    """Return what turns the network's output into probabilities: "", "softmax" or "share".

    A network that ends without an activation gives logits. One that ends in sigmoids gives ten
    independent answers, which are normalised to sum to 1.
    """
    place = last_active(network)
    if place is None:
        return "softmax"
    layer = network.layers[place]
    last = "softmax" if layer.kind == "Softmax" else layer.options.get("activation", "linear")
    return {"softmax": "", "sigmoid": "share"}.get(last, "softmax")


def last_active(network: Network) -> int | None:
    """Return the place of the last layer that changes numbers; None where there is none."""
    places = range(len(network.layers) - 1, -1, -1)
    return next((n for n in places if network.layers[n].kind not in _PASSIVE), None)
