"""Leave out what runs through most of a picture, to see how high the rest is: frames, rulings."""

import numpy as np

from ..base.types import UInt8Array
from .straight import Segment, segments, thickness

LONG = 0.5
"""The share of a picture's width through which a line runs that is no stroke; in a picture of one
digit, it may be one."""

THICK = 0.02
"""How thick such a line is by a picture's height, at most."""

SEVERAL = 3
"""So many of them below one another are no strokes."""


def without_frames(mask: UInt8Array) -> UInt8Array:
    """Return the mask without what runs through most of it: to see how high the rest is."""
    import cv2

    seen = _without_long_lines(mask)
    rest = seen.copy()
    for axis, share in ((1, LONG), (0, 0.85)):
        length = max(int(mask.shape[axis] * share), 8)
        across = np.ones((1, 3) if axis == 0 else (3, 1), np.uint8)
        along = np.ones((length, 1) if axis == 0 else (1, length), np.uint8)
        grown = cv2.dilate(seen, across)
        # beyond the frame there may be anything, so that half of it counts
        if grown.sum(axis=axis, dtype=np.int32).max() >= length // 2:
            lines = cv2.morphologyEx(grown, cv2.MORPH_OPEN, along)
            rest &= 1 - cv2.dilate(lines, across)
    return rest


def _without_long_lines(mask: UInt8Array) -> UInt8Array:
    """Return the mask without long straight lines, which may be aslant, if it has SEVERAL."""
    import cv2

    lines = _long_lines(mask)
    most = max(round(THICK * mask.shape[0]), 3)
    if _apart(lines, 2 * most + 2) < SEVERAL:  # a thick line is found several times
        return mask
    rest = mask.copy()
    for line in lines:
        cv2.line(rest, line[:2], line[2:], 0, 2 * thickness(mask, line, most) + 1)
    turned = np.ascontiguousarray(mask.T)
    for line in _long_lines(turned):
        thick = 2 * thickness(turned, line, most) + 1
        cv2.line(rest, line[1::-1], line[:1:-1], 0, thick)
    return rest


def _long_lines(mask: UInt8Array) -> list[Segment]:
    """Return straight lines along the rows, through much of a mask."""
    least = max(LONG * mask.shape[1], 12)
    return segments(mask, least, 0.04 * least)


def _apart(lines: list[Segment], least: float) -> int:
    """Return how many of some lines lie at least so far below one another."""
    count, last = 0, -np.inf
    for middle in sorted((top + bottom) / 2 for _, top, _, bottom in lines):
        if middle - last >= least:
            count, last = count + 1, middle
    return count
