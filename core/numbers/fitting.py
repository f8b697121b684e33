"""Bring a row of writing to the size and the place at which the networks read it.

Rows that are found on a page go this road, and so do those that are composed to learn from: a
network learns from strips as evenly filled as those that it will read.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from ..network.network import STRIP_HEIGHT
from .strip import DIGIT_HEIGHT

WIDEST = 1500
"""Columns of a strip; a longer row is read as far as that."""

MARGIN = 6
"""Columns of paper at both ends of a strip."""

FULL, USUAL = 25, 20
"""Rows of a strip between which nearly all of its ink is: the most, and the usual."""

STEEPEST_SLOPE = 0.35
"""How far a row may rise or fall, by its run; a steeper one is taken for this."""

Draw = Callable[[FloatArray, int], UInt8Array]
"""Draws a row on a strip, uint8 (32, columns), through a matrix from its places to the strip's,
float64 (2, 3)."""


class Line(NamedTuple):
    """How a row of writing lies; in pixels of where it was found.

    Attributes
    ----------
    height : float
        Of its digits.
    slope : float
        How far it falls to the right, by its run.
    middle : float
        The row in the middle of the digits, at column 0.
    """

    height: float
    slope: float
    middle: float


class Fitted(NamedTuple):
    """A row on its strip.

    Attributes
    ----------
    strip : uint8 (32, W)
    matrix : float64 (2, 3)
        From the row's places to the strip's.
    height : float
        Of its digits, as they were taken for in the end.
    """

    strip: UInt8Array
    matrix: FloatArray
    height: float


def line_through(pieces: np.ndarray) -> Line:
    """Return how the row lies that some pieces of ink make, its digits and slashes.

    Parameters
    ----------
    pieces : float64 (N, 4 or more)
        x, y, width and height; at least one.
    """
    x, y, wide, high = pieces[:, :4].T
    height = _usual_height(wide, high)
    middles = x + wide / 2, y + high / 2
    slope = 0.0
    if len(pieces) >= 3 and np.ptp(middles[0]) > 2 * height:
        steep = np.polyfit(*middles, 1)[0]
        slope = float(np.clip(steep, -STEEPEST_SLOPE, STEEPEST_SLOPE))
    return Line(height, slope, float(np.median(middles[1] - slope * middles[0])))


def fitted(draw: Draw, line: Line, left: float, right: float) -> Fitted | None:
    """Bring a row to its strip; None if there is no ink on it.

    Parameters
    ----------
    draw : callable
        Draws the row; called again where it turns out to be larger than the line says.
    line : Line
    left, right : float
        The columns between which the row is.
    """
    height, slope, middle = line
    for _ in range(2):
        zoom = DIGIT_HEIGHT / height
        columns = min(int((right - left) * zoom) + 2 * MARGIN, WIDEST)
        shift = MARGIN - zoom * left, STRIP_HEIGHT / 2 - zoom * middle
        matrix = np.array([[zoom, 0, shift[0]], [-zoom * slope, zoom, shift[1]]])
        strip = draw(matrix, columns)
        if not strip.any():
            return None
        first, last = _ink_rows(strip)
        if last - first <= FULL:
            break
        # what was taken for digits are parts of them
        middle += ((first + last) / 2 - STRIP_HEIGHT / 2) / zoom
        height *= (last - first) / USUAL
    return Fitted(strip, matrix, DIGIT_HEIGHT / zoom)


def _ink_rows(strip: UInt8Array) -> tuple[int, int]:
    """Return the rows of a strip between which nearly all of its ink is."""
    along = np.cumsum(strip.sum(axis=1, dtype=np.int64))
    first, last = np.searchsorted(along, (0.04 * along[-1], 0.96 * along[-1]))
    return int(first), int(last) + 1


def _usual_height(wide: np.ndarray, high: np.ndarray) -> float:
    """Return how high a row's digits are: slashes are higher, and thin, a small 0 is lower."""
    broad = wide >= 0.45 * high
    heights = high[broad] if broad.any() else high
    usual = float(np.median(heights))
    near = heights[(heights >= 0.6 * usual) & (heights <= 1.6 * usual)]
    return float(np.median(near)) if len(near) else usual
