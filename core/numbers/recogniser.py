"""Run the network that reads numbers: slide it along a strip, and say what is written there."""

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import FloatArray, UInt8Array
from ..network.network import Network, columns_of
from ..network.numpy_engine import compile_network
from .strip import CLASSES, STEP


class Recogniser:
    """Reads strips with one network; safe to call from several threads.

    Attributes
    ----------
    second : Recogniser or None
        Reads with the network that is asked where this one isn't sure.
    """

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
        if not network.reads_strips or network.symbols != CLASSES:
            raise ModelProblem("This model reads single digits, not rows of numbers.")
        self._as_image = len(network.input_shape) == 3
        self._half = columns_of(network.input_shape) // 2
        self._run = compile_network(network)
        self._power = np.float32(1 / temperature)
        self.second = Recogniser(network.second, temperature) if network.second else None

    def __call__(self, strip: UInt8Array) -> FloatArray:
        """Return the probabilities of all classes along a strip.

        Parameters
        ----------
        strip : uint8 (32, W)

        Returns
        -------
        float32 (W / 3 rounded up, classes)
            Place i is about column 3 i; each row sums to 1.
        """
        seen = np.pad(strip, ((0, 0), (self._half, self._half))).astype(np.float32)
        seen = seen[..., np.newaxis] if self._as_image else seen.T
        found = self._run(seen[np.newaxis])[0, : strip.shape[1] // STEP + 1]
        if self._power != 1:
            found = found**self._power
            found /= found.sum(axis=1, keepdims=True)
        return np.asarray(found)
