"""Run the network that reads numbers: slide it along a strip, and say what is written there."""

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import FloatArray, UInt8Array
from ..network.network import Layer, Network
from ..network.numpy_engine import compile_network
from .strip import CLASSES, STEP


class Recogniser:
    """Reads strips with one network; safe to call from several threads."""

    def __init__(self, network: Network, temperature: float = 1.0) -> None:
        """Prepare a network.

        Parameters
        ----------
        network : Network
            One that reads strips.
        temperature : float
            Above 1 it lowers the confidence; the symbols stay the same.

        Raises
        ------
        ModelProblem
            When the network is for something else.
        """
        if (
            not network.reads_strips
            or network.symbols != CLASSES
            or any(map(_fixed, network.layers))
        ):
            raise ModelProblem("This model reads single digits, not rows of numbers.")
        self._as_image = len(network.input_shape) == 3
        self._half = network.input_shape[1 if self._as_image else 0] // 2
        self._run = compile_network(network)
        self._power = np.float32(1 / temperature)

    def __call__(self, strip: UInt8Array) -> FloatArray:
        """Return the probabilities of all classes along a strip.

        Parameters
        ----------
        strip : uint8 (32, W)

        Returns
        -------
        float32 (W // 3 + 1, classes)
            Place i is about column 3 i; each row sums to 1.
        """
        seen = np.pad(strip, ((0, 0), (self._half, self._half))).astype(np.float32)
        seen = seen[..., np.newaxis] if self._as_image else seen.T
        found = self._run(seen[np.newaxis])[0, : strip.shape[1] // STEP + 1]
        if self._power != 1:
            found = found**self._power
            found /= found.sum(axis=1, keepdims=True)
        return np.asarray(found)


def _fixed(layer: Layer) -> bool:
    """Tell whether a layer makes all strips the same length."""
    if layer.kind == "Reshape":
        return -1 not in layer.options["target_shape"]
    return layer.kind == "Flatten"
