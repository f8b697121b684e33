"""Find straight lines along the rows of a mask, level or a little aslant."""

import math

import numpy as np

from ..base.types import UInt8Array

STEEP = np.tan(np.radians(12))
"""How far a ruled line may rise by its run, on a sheet that lies askew."""

FLAT = 11
"""Pixels of a row that a line fills that is STEEP and a pixel thick, with the rows around it."""

CELLS = 24
"""Where there may be lines is looked for on a copy on which the shortest has so many pixels."""

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

    flat = _where_lines_may_be(mask, least, 0.4 * height)
    if not cv2.countNonZero(flat):
        return []
    found = cv2.HoughLinesP(
        flat, 1, np.pi / 360, int(0.5 * least), minLineLength=least, maxLineGap=0.4 * height
    )
    if found is None:
        return []
    ends = found.reshape(-1, 4)[:MOST_LINES].tolist()
    return [each for each in ends if abs(each[3] - each[1]) <= STEEP * (each[2] - each[0])]


def _where_lines_may_be(mask: UInt8Array, least: float, gap: float) -> UInt8Array:
    """Return a mask without strokes that go upwards, and without what is too short for a line.

    The search for lines takes its time for each pixel, and most of a page's ink is neither.
    """
    import cv2

    run = np.ones((1, min(FLAT, int(0.3 * least)) | 1), np.uint8)
    grown = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    flat = mask & cv2.morphologyEx(grown, cv2.MORPH_OPEN, run)
    factor = max(least / CELLS, 1.0)
    rise, room = (math.ceil(size / factor) for size in (STEEP * least, gap))
    area = small_with_all_ink(flat, factor)
    area = cv2.dilate(area, np.ones((rise + 2 | 1, 1), np.uint8))
    area = cv2.morphologyEx(area, cv2.MORPH_CLOSE, np.ones((1, room + 2 | 1), np.uint8))
    area = cv2.morphologyEx(area, cv2.MORPH_OPEN, np.ones((1, int(least / factor) - 1), np.uint8))
    return flat & cv2.resize(area, flat.shape[::-1], interpolation=cv2.INTER_NEAREST)


def small_with_all_ink(mask: UInt8Array, factor: float) -> UInt8Array:
    """Return a mask with `factor` times fewer pixels a side, 1 and more; all ink is on it."""
    import cv2

    if factor == 1:
        return mask
    size = [max(round(side / factor), 1) for side in mask.shape[::-1]]
    grown = cv2.dilate(mask, np.ones((math.ceil(factor),) * 2, np.uint8))
    return np.asarray(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST))


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
