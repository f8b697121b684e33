"""Leave out what somebody drew around a number: a ring, a box, the walls of cells.

Their sides would be read as 1s. A 0 is an outline, too, but there is no writing inside it. See
docs/decisions/063-outlines.md.
"""

import math

import numpy as np

from ..base.types import UInt8Array
from .pieces import pieces_of
from .rulings import Ruled
from .straight import small_with_all_ink

HOLLOW = 0.4
"""The most ink that an outline has, as a share of its box."""

SMALLEST = 0.8
"""Its shorter side by the height of digits, at least."""

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

NARROW, SLASH, SAME, ROUND = 1.05, 0.55, 1.6, 0.9
"""An outline may be a 0 with a slash if its width, by its height, is less than the first; if the
one piece inside is longer than the second of that height, and thinner than the third of the
outline's pen; and if it fills less of its box than the fourth: it has no corners."""

WALL, LONGEST = 1.15, 2.0
"""How long the walls of cells are by what stands inside, at least; and how high that is by digits,
at most: what is higher is an outline, too."""

SMALL = 16
"""Whether a page has outlines is looked for on a copy with digits of this many pixels."""


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
    factor = max(height / SMALL, 1.0)
    if not _candidates(pieces_of(small_with_all_ink(mask, factor))[1], height / factor):
        return found
    labels, stats = pieces_of(mask)
    for one, inner in _candidates(stats, height):
        x, y, wide, high = stats[one, :4]
        place = slice(y, y + high), slice(x, x + wide)
        own = np.asarray(labels[place] == one + 1, np.uint8)
        level, upright = _walls(own, min(float(inner[:, 3].max()), LONGEST * height))
        outline = level | upright
        if outline.sum() >= NEAR * own.sum():
            found.level[place] |= level
            found.upright[place] |= upright
        else:
            outline = _ring(own, inner)
        found.rest[place] &= 1 - outline
    return found


def _candidates(stats: np.ndarray, height: float) -> list[tuple[int, np.ndarray]]:
    """Return hollow pieces with others inside, the largest first.

    Parameters
    ----------
    stats : int32 (N, 5)
        x, y, width, height and area of all pieces.
    height : float
        Of digits, in pixels.

    Returns
    -------
    list of (int, int32 (K, 5))
        The place of each among `stats`, and the stats of what stands inside.
    """
    wide, high, area = stats[:, 2:].T
    hollow = (area < HOLLOW * wide * high) & (np.minimum(wide, high) >= SMALLEST * height)
    largest = np.flatnonzero(hollow)
    largest = largest[np.argsort(-(wide * high)[largest], kind="stable")][:MOST_OUTLINES]
    both = ((one, stats[_inside(stats, one)]) for one in largest.tolist())
    return [(one, inner) for one, inner in both if len(inner)]


def _inside(stats: np.ndarray, one: int) -> np.ndarray:
    """Return the places of what may be digits inside a piece, by their boxes; none is too low."""
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
    filled = cv2.fillConvexPoly(np.zeros_like(padded), hull, 1)
    away = cv2.distanceTransform(filled, cv2.DIST_L2, 3)
    pen = cv2.countNonZero(own) / max(cv2.arcLength(hull, closed=True), 1)
    if cv2.contourArea(hull) < ROUND * own.size and _may_be_zero(own.shape, pen, inner):
        return none
    reach = 1.5 * pen + BENT * min(own.shape)
    ring = np.asarray(padded & (away <= reach), np.uint8)[1:-1, 1:-1]
    edge = cv2.drawContours(np.zeros_like(padded), [hull], 0, 1)
    apart = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 3)
    around = np.mean(apart[edge > 0] <= reach) >= AROUND
    return ring if around and ring.sum() >= NEAR * own.sum() else none


def _may_be_zero(size: tuple[int, ...], pen: float, inner: np.ndarray) -> bool:
    """Tell whether what stands inside a ring of (height, width) may be a 0's slash."""
    high, wide = size
    if len(inner) > 1 or wide >= NARROW * high:
        return False
    long = math.hypot(inner[0, 2], inner[0, 3])
    return bool(long >= SLASH * high and inner[0, 4] < SAME * pen * long)


def _walls(own: UInt8Array, tall: float) -> tuple[UInt8Array, UInt8Array]:
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
