"""Run the network that reads numbers: slide it along a strip, and say what is written there."""

from collections.abc import Sequence

import numpy as np

from ..base.problems import ModelProblem
from ..base.types import FloatArray, UInt8Array
from ..network.network import STRIP_HEIGHT, Network, columns_of
from ..network.numpy_engine import compile_network
from .strip import CLASSES, STEP

MOST_AT_ONCE = 3000
"""Columns of strips that are read together, which bounds the memory, unless one is longer."""


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

    def each(self, strips: Sequence[UInt8Array]) -> list[FloatArray]:
        """Return the same for several strips.

        It is quicker than one by one, because strips that lie beside each other share the paper
        that a network needs at their ends. The last bits may differ.
        """
        found: list[FloatArray] = []
        portion: list[UInt8Array] = []
        for strip in strips:
            if portion and sum(part.shape[1] for part in portion) + strip.shape[1] > MOST_AT_ONCE:
                found += self._together(portion)
                portion = []
            portion.append(strip)
        return found + (self._together(portion) if portion else [])

    def _together(self, strips: list[UInt8Array]) -> list[FloatArray]:
        parts: list[UInt8Array] = []
        places, at = [], 0
        for strip in strips:
            if parts:  # the paper between two strips, so wide that this one begins at a step
                paper = self._half + -(at + self._half) % STEP
                parts.append(np.zeros((STRIP_HEIGHT, paper), np.uint8))
                at += paper
            places.append(slice(at // STEP, at // STEP + -(-strip.shape[1] // STEP)))
            parts.append(strip)
            at += strip.shape[1]
        found = self(np.hstack(parts))
        return [found[place] for place in places]
