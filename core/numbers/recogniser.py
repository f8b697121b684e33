"""Run the network that reads numbers: slide it along a strip, and say what is written there."""

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import FloatArray, UInt8Array
from ..network.network import Network
from ..network.numpy_engine import compile_network
from .strip import CLASSES, STEP, WINDOW


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
            or network.input_shape[0] != WINDOW
            or network.symbols != CLASSES
            or any(layer.kind == "Reshape" for layer in network.layers)  # to a fixed length
        ):
            raise ModelProblem("This model reads single digits, not rows of numbers.")
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
        half = WINDOW // 2
        columns = np.pad(strip.T, ((half, half), (0, 0))).astype(np.float32)
        found = self._run(columns[np.newaxis])[0, : strip.shape[1] // STEP + 1]
        if self._power != 1:
            found = found**self._power
            found /= found.sum(axis=1, keepdims=True)
        return np.asarray(found)
