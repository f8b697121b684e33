"""Leave out what somebody drew around a number: a ring, a box, the walls of cells.

Their sides would be read as 1s. A 0 is an outline, too, but there is no writing inside it. See
docs/decisions/063-outlines.md.
"""

import math

import numpy as np

from ..base.types import UInt8Array
from .pieces import pieces_of
from .rulings import Ruled

HOLLOW = 0.4
"""The most ink that an outline has, as a share of its box."""

SMALLEST = 12
"""Pixels of its shorter side, at least."""

MOST_OUTLINES = 100
"""The largest pieces that are looked at."""

TALL, SEVERAL_TALL = 0.3, 0.15
"""How high what stands inside is by the outline's height, at least; one piece, or several."""

NEAR, AROUND = 0.9, 0.85
"""The share of an outline's ink that lies at its convex hull, and that of the hull at which there
is ink, at least. A 7 goes around three quarters of its own; a 6 has ink inside."""

BENT = 0.06
"""How far from the hull ink may be, as a share of the shorter side, and beyond one and a half pens:
hands bend."""

NARROW, SLASH, ROUND = 0.85, 0.55, 0.9
"""An outline may be a 0 with a slash if its width, as a share of its height, is less than the
first, there is one thin stroke inside that is higher than the second, and it fills less of its box
than the third: it has no corners."""

WALL = 1.15
"""How long the walls of cells are by the digits inside, at least."""


SMALL = 16
"""Whether there are any is seen on a copy with digits of this many pixels."""


def without_outlines(mask: UInt8Array, height: float) -> Ruled:
    """Take out what goes around other ink.

    Parameters
    ----------
    mask : uint8 (H, W)
        1 where there is ink.
    height : float
        Of digits, in pixels.

    Returns
    -------
    Ruled
        The rest, and the walls of cells, which are lines; a ring is none.
    """
    found = Ruled(mask.copy(), np.zeros_like(mask), np.zeros_like(mask))
    if not _candidates(pieces_of(_small(mask, height / SMALL))[1]):
        return found
    labels, stats = pieces_of(mask)
    for one, inner in _candidates(stats):
        x, y, wide, high = stats[one, :4]
        place = slice(y, y + high), slice(x, x + wide)
        own = np.asarray(labels[place] == one + 1, np.uint8)
        level, upright = _walls(own, int(inner[:, 3].max()))
        outline = level | upright
        if outline.sum() >= NEAR * own.sum():
            found.level[place] |= level
            found.upright[place] |= upright
        else:
            outline = _ring(own, inner)
        found.rest[place] &= 1 - outline
    return found


def _small(mask: UInt8Array, factor: float) -> UInt8Array:
    """Return a mask with `factor` times fewer pixels a side, on which all ink is seen."""
    import cv2

    if factor <= 1:
        return mask
    size = [max(round(side / factor), 1) for side in mask.shape[::-1]]
    grown = cv2.dilate(mask, np.ones((math.ceil(factor),) * 2, np.uint8))
    return np.asarray(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST))


def _candidates(stats: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return the places of hollow pieces with others inside, the largest first, and these.

    Parameters
    ----------
    stats : int32 (N, 5)
        x, y, width, height and area of all pieces.
    """
    wide, high, area = stats[:, 2:].T
    hollow = (area < HOLLOW * wide * high) & (np.minimum(wide, high) >= SMALLEST)
    largest = np.flatnonzero(hollow)
    largest = largest[np.argsort(-(wide * high)[largest], kind="stable")][:MOST_OUTLINES]
    both = ((one, stats[_inside(stats, one)]) for one in largest.tolist())
    return [(one, inner) for one, inner in both if len(inner)]


def _inside(stats: np.ndarray, one: int) -> np.ndarray:
    """Return the places of what may be digits inside a piece of ink, by their boxes."""
    x, y, wide, high, _ = stats.T
    inside = (x > x[one]) & (x + wide < x[one] + wide[one])
    inside &= (y > y[one]) & (y + high < y[one] + high[one])
    inner = np.flatnonzero(inside & (high >= SEVERAL_TALL * high[one]))
    return inner if len(inner) > 1 or (high[inner] >= TALL * high[one]).any() else inner[:0]


def _ring(own: UInt8Array, inner: np.ndarray) -> UInt8Array:
    """Return the ink of a piece at its convex hull, if it goes around most of it, else none.

    Both are uint8 (h, w).
    """
    import cv2

    padded = np.pad(own, 1)
    none = np.zeros_like(own)
    hull = cv2.convexHull(cv2.findNonZero(padded))
    if _may_be_slash(inner, own.shape, cv2.contourArea(hull) / own.size):
        return none
    filled = cv2.fillConvexPoly(np.zeros_like(padded), hull, 1)
    away = cv2.distanceTransform(filled, cv2.DIST_L2, 3)
    pen = cv2.countNonZero(own) / max(cv2.arcLength(hull, closed=True), 1)
    reach = 1.5 * pen + BENT * min(own.shape)
    ring = np.asarray(padded & (away <= reach), np.uint8)[1:-1, 1:-1]
    edge = cv2.drawContours(np.zeros_like(padded), [hull], 0, 1)
    apart = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 3)
    around = np.mean(apart[edge > 0] <= reach) >= AROUND
    return ring if around and ring.sum() >= NEAR * own.sum() else none


def _may_be_slash(inner: np.ndarray, size: tuple[int, ...], full: float) -> bool:
    """Tell whether what stands inside an outline may be a 0's slash.

    `full` is the share of its box that the outline goes around.
    """
    high, wide = size
    if len(inner) > 1 or wide >= NARROW * high or full >= ROUND:
        return False
    thin, tall = inner[0, 2:4]
    return bool(thin < 0.5 * tall and tall >= SLASH * high)


def _walls(own: UInt8Array, tall: int) -> tuple[UInt8Array, UInt8Array]:
    """Return the level and the upright lines of a piece, each uint8 (h, w).

    They are longer than the digits inside, of which the highest is `tall` pixels.
    """
    import cv2

    padded = np.pad(own, 1)
    long = max(min(round(WALL * tall), min(own.shape) - 2), 3)
    lines = []
    for along, across in (((1, long), (3, 1)), ((long, 1), (1, 3))):
        wider = cv2.dilate(padded, np.ones(across, np.uint8))  # they may be a little aslant
        line = cv2.morphologyEx(wider, cv2.MORPH_OPEN, np.ones(along, np.uint8))
        lines.append(np.asarray(line[1:-1, 1:-1] & own, np.uint8))
    return lines[0], lines[1]
