"""Strips: what the network that reads numbers sees of a row of writing.

A strip is uint8 (32, W): 0 is paper, 255 is ink, digits are about 20 pixels high and stand in the
middle. A network looks at windows of 45 to 70 columns, one every three, and says for each which of
`SYMBOLS` is written there, or that none begins (`BLANK`).
"""

import numpy as np

from ..base.types import UInt8Array
from ..network.network import STRIP_HEIGHT, STRIP_STEP

DIGIT_HEIGHT = 20

SYMBOLS = "0123456789.-/:#"
"""What a row may say. A dot stands for a comma, too; # is writing that is no number."""

JUNK = SYMBOLS.index("#")
BLANK = len(SYMBOLS)
CLASS_NAMES = (*SYMBOLS, "none")
CLASSES = len(CLASS_NAMES)

STEP = STRIP_STEP
"""Columns from one window to the next."""


def full_ink(strip: UInt8Array) -> UInt8Array:
    """Return a strip with its darkest ink at 255, however faint the pen is: uint8 (32, W)."""
    ink = strip[strip > _FAINT]
    if not len(ink):
        return strip
    factor = np.float32(255 / max(float(np.percentile(ink, 85)), _FAINT))
    full: UInt8Array = np.minimum(strip * factor, 255).astype(np.uint8)
    return full


_FAINT = 40


def zoomed(strip: UInt8Array, zoom: float) -> UInt8Array:
    """Return a strip as if its digits were `zoom` times as large: uint8 (32, W × zoom)."""
    import cv2

    middle = STRIP_HEIGHT / 2
    matrix = np.array([[zoom, 0, 0], [0, zoom, middle * (1 - zoom)]])
    size = max(int(strip.shape[1] * zoom), 1), STRIP_HEIGHT
    return np.asarray(cv2.warpAffine(strip, matrix, size, flags=cv2.INTER_LINEAR))


STEEPEST = 0.7
"""How far writing may lean, as run by rise; more is taken for this much."""


def lean_of(strip: UInt8Array) -> float:
    """Return how far the writing on a strip leans to the right: columns by row, -0.7 to 0.7.

    Of a stroke that leans by s, brightness changes along (1, s): the least squares of
    `change down + s × change across` over the edges that are rather upright.
    """
    import cv2

    across = cv2.Sobel(strip, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(strip, cv2.CV_32F, 0, 1)
    upright = across * across
    lean = 0.0
    for _ in range(3):
        near = np.abs(down - lean * across) < np.abs(across)
        weight = float(upright[near].sum())
        if weight <= 0:
            return 0.0
        lean = float((across[near] * down[near]).sum()) / weight
    return float(np.clip(lean, -STEEPEST, STEEPEST))


def upright(strip: UInt8Array) -> tuple[UInt8Array, float]:
    """Return a strip whose writing doesn't lean, and how far it did."""
    import cv2

    lean = lean_of(strip)
    # rows above the middle of a strip that leans to the right move to the left
    matrix = np.array([[1, lean, -lean * STRIP_HEIGHT / 2], [0, 1, 0]])
    size = strip.shape[1], STRIP_HEIGHT
    return np.asarray(cv2.warpAffine(strip, matrix, size, flags=cv2.INTER_LINEAR)), lean
