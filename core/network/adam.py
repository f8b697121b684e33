"""Adam (Kingma and Ba 2015), in NumPy, as Keras computes it."""

import math

import numpy as np

from ..base.types import FloatArray

MEAN = 0.9

BLOCK = 2**15
"""Numbers per piece of the work, so that all that belongs to a piece stays in the cache."""


class Adam:
    """Changes numbers in place."""

    def __init__(self, numbers: FloatArray, square: float, tiny: float) -> None:
        """Prepare to change numbers.

        Parameters
        ----------
        numbers : float32 (P,)
        square : float
            How much of the mean square slope stays from one step to the next, 0 to 1.
        tiny : float
            Added to the root of the mean square slope, which it keeps from being 0.
        """
        self._numbers, self._keep, self._tiny = numbers, square, tiny
        self._mean, self._square = np.zeros_like(numbers), np.zeros_like(numbers)
        self._spare = np.empty_like(numbers[:BLOCK])
        self._steps = 0

    def step(self, slopes: FloatArray, rate: float) -> None:
        """Take one step; the slopes are used up."""
        self._steps += 1
        length = rate * math.sqrt(1 - self._keep**self._steps) / (1 - MEAN**self._steps)
        for start in range(0, len(slopes), BLOCK):
            part = slice(start, start + BLOCK)
            self._change(slopes[part], part, np.float32(length))

    def _change(self, slopes: FloatArray, part: slice, length: np.float32) -> None:
        mean, square = self._mean[part], self._square[part]
        spare = self._spare[: len(slopes)]
        np.multiply(slopes, slopes, out=spare)
        spare -= square
        spare *= np.float32(1 - self._keep)
        square += spare
        slopes -= mean
        slopes *= np.float32(1 - MEAN)
        mean += slopes
        np.sqrt(square, out=spare)
        spare += np.float32(self._tiny)
        np.divide(mean, spare, out=spare)
        spare *= length
        self._numbers[part] -= spare


def falling(rate: float, step: int, steps: int) -> float:
    """Return the rate of a step, from 0, of so many: it falls to zero along a cosine."""
    return rate * 0.5 * (1 + math.cos(math.pi * step / steps))
