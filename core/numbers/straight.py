"""Find straight lines along the rows of a mask, level or a little aslant."""

import numpy as np

from ..base.types import UInt8Array

STEEP = np.tan(np.radians(12))
"""How far a ruled line may rise by its run, on a sheet that lies askew."""

MOST_LINES = 200
"""Of a page; what has more is a texture."""

Segment = tuple[int, int, int, int]
"""x and y of the left end of a line, and of the right one."""


def segments(mask: UInt8Array, least: float, height: float) -> list[Segment]:
    """Return straight lines along the rows.

    Parameters
    ----------
    mask : uint8 (H, W)
    least : float
        The length of the shortest, in pixels.
    height : float
        Of digits, in pixels: a line may have gaps of 0.4 of that.
    """
    import cv2

    found = cv2.HoughLinesP(
        mask, 1, np.pi / 360, int(0.5 * least), minLineLength=least, maxLineGap=0.4 * height
    )
    if found is None:
        return []
    ends = found.reshape(-1, 4)[:MOST_LINES].tolist()
    return [each for each in ends if abs(each[3] - each[1]) <= STEEP * (each[2] - each[0])]


def may_have_lines(mask: UInt8Array, least: float) -> bool:
    """Tell whether any run of ink is long enough for a line that is slightly aslant."""
    import cv2

    grown = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    runs = cv2.erode(
        grown,
        np.ones((1, max(int(0.3 * least), 8)), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return bool(cv2.countNonZero(runs))


def thickness(mask: UInt8Array, line: Segment, most: int) -> int:
    """Return how thick a line along the rows usually is: its own run of ink, 1 to `most` pixels."""
    left, top, right, bottom = line
    x = np.arange(left, right + 1)
    y = np.rint(np.linspace(top, bottom, len(x))).astype(int)
    reach = np.arange(1, most + 1)[:, np.newaxis]
    runs = np.zeros((2, len(x)), int)
    for run, way in zip(runs, (-1, 1), strict=True):
        places = y + way * reach
        seen = mask[places.clip(0, len(mask) - 1), x] * ((places >= 0) & (places < len(mask)))
        run[:] = np.cumprod(seen, axis=0, dtype=np.uint8).sum(axis=0, dtype=int)
    return min(int(np.median(runs.sum(axis=0))) + 1, most)
