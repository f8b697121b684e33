"""One frame: the page that it shows, and the numbers on it, as places in the frame.

Not for where frames come from (`sources`) nor for which answer is steady (`steady`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.base.types import FloatArray, UInt8Array
from ...core.images.page import find_page
from ...core.numbers.number import Box, Numbers


@dataclass(frozen=True, eq=False)
class Seen:
    """What was read in a frame.

    Attributes
    ----------
    at : float
        The frame's time in seconds.
    numbers : Numbers
        Their boxes are places on the page.
    matrix : float64 (3, 3)
        The perspective transform from places on the page to places in the frame.
    """

    at: float
    numbers: Numbers
    matrix: np.ndarray

    def corners(self, box: Box) -> FloatArray:
        """Return where the corners of a box are in the frame: float32 (4, 2)."""
        import cv2

        x, y, width, height = box
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        points = np.array([corners], np.float32)
        return np.asarray(cv2.perspectiveTransform(points, self.matrix)[0], np.float32)


def read_frame(
    frame: UInt8Array,
    at: float,
    read: Callable[[UInt8Array], Numbers],
    change: Callable[[UInt8Array], UInt8Array] | None = None,
) -> Seen:
    """Find the sheet in a frame and read it.

    Parameters
    ----------
    frame : uint8 (H, W, 3)
        Blue, green and red, as OpenCV gives it.
    at : float
        Its time in seconds.
    read : callable
        Reads the numbers of a page, uint8 (h, w).
    change : callable, optional
        Changes the page before.
    """
    import cv2

    page = find_page(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8), many=True)
    pixels = page.pixels if change is None else change(page.pixels)
    matrix = page.matrix
    if pixels.shape != page.pixels.shape:  # a plugin has made it larger or smaller
        zoom = [old / new for old, new in zip(page.pixels.shape, pixels.shape, strict=True)]
        matrix = matrix @ np.diag([zoom[1], zoom[0], 1])
    return Seen(at, read(pixels), matrix)
