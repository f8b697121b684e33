"""Find straight lines along the rows of a mask, level or a little aslant.

OpenCV's search takes points at random and misses a line now and then, and looks at all angles. See
docs/decisions/065-lines-and-margins.md.
"""

import math
from itertools import pairwise

import numpy as np

from ..base.types import UInt8Array

STEEP = np.tan(np.radians(12))
"""How far a ruled line may rise by its run, on a sheet that lies askew."""

FLAT = 11
"""Pixels of a row that a line fills that is STEEP and a pixel thick, with the rows around it."""

CELLS = 24
"""Where there may be lines is looked for on a copy on which the shortest has so many pixels."""

SLOPES = np.linspace(-STEEP, STEEP, 49)
"""What lines may rise by their run, to begin with: at 200 pixels, the next one is 2 pixels off."""

FILLED = 0.5
"""The share of its shortest length that a line fills, at least."""

NEAR = 1.0
"""Pixels from a line to its ink, at most."""

MOST_PIXELS, MOST_TRIED, MOST_LINES = 100_000, 200, 200
"""Pixels and tried lines of one place, and lines of a page; what has more is a texture."""

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

    gap = 0.4 * height
    flat = _without_uprights(mask, least)
    factor = max(least / CELLS, 1.0)
    areas = _areas(small_with_all_ink(flat, factor), least / factor, gap / factor)
    count, labels = cv2.connectedComponents(areas)
    if count == 1:
        return []
    y, x = np.divmod(np.flatnonzero(flat.view(bool)), flat.shape[1])
    down, across = (
        np.minimum((at / factor).astype(int), side - 1)
        for at, side in zip((y, x), labels.shape, strict=True)
    )
    place = labels[down, across]
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(1, count + 1))
    found: list[Segment] = []
    for start, end in pairwise(bounds.tolist()):
        own = order[start:end]
        if FILLED * least <= len(own) <= MOST_PIXELS:
            found += _lines(x[own], y[own], least, gap)
        if len(found) >= MOST_LINES:
            break
    return found[:MOST_LINES]


def _without_uprights(mask: UInt8Array, least: float) -> UInt8Array:
    """Return a mask without strokes that go upwards, which is most of a page's ink."""
    import cv2

    run = np.ones((1, min(FLAT, int(0.3 * least)) | 1), np.uint8)
    grown = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    return np.asarray(mask & cv2.morphologyEx(grown, cv2.MORPH_OPEN, run))


def _areas(flat: UInt8Array, least: float, gap: float) -> UInt8Array:
    """Return where a small mask has enough ink from left to right for a line, give or take."""
    import cv2

    rise, room = math.ceil(STEEP * least) + 2 | 1, math.ceil(gap) + 2 | 1
    wide = max(int(least) - 1, 1)
    grown = cv2.dilate(flat, np.ones((rise, 1), np.uint8))
    joined = cv2.morphologyEx(grown, cv2.MORPH_CLOSE, np.ones((1, room), np.uint8))
    return np.asarray(cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, wide), np.uint8)))


def _lines(x: np.ndarray, y: np.ndarray, least: float, gap: float) -> list[Segment]:
    """Return lines through pixels, those through the most of them first.

    Each pixel votes for all lines through it: the Hough transform as Duda and Hart have it (1972),
    with slopes for angles.
    """
    starts = (y - SLOPES[:, np.newaxis] * x).astype(np.float32)
    bins = np.rint(starts - starts.min()).astype(np.int32)
    size = int(bins.max()) + 1
    bins += np.arange(len(SLOPES), dtype=np.int32)[:, np.newaxis] * size
    votes = np.bincount(bins.ravel(), minlength=len(SLOPES) * size)
    free = np.ones(len(x), bool)
    found: list[Segment] = []
    for _ in range(MOST_TRIED):
        best = int(votes.argmax())
        if votes[best] < FILLED * least:
            break
        gone = free & (bins[best // size] == best)
        left, right = _longest(np.unique(x[gone]), gap)
        if right - left + 1 >= FILLED * least:  # else what lies far apart adds up
            slope, start = np.polyfit(x[gone], y[gone], 1)
            along = slope * x + start
            near = np.abs(y - along) <= NEAR
            left, right = _longest(np.unique(x[near]), gap)
            if right - left + 1 >= least and abs(slope) <= STEEP:
                top, bottom = (round(float(slope * end + start)) for end in (left, right))
                found.append((left, top, right, bottom))
                gone |= free & near & (left <= x) & (x <= right)
        votes -= np.bincount(bins[:, gone].ravel(), minlength=len(votes))
        free &= ~gone
    return found


def _longest(columns: np.ndarray, gap: float) -> tuple[int, int]:
    """Return the ends of the longest run of columns, in order, without a larger gap."""
    if not len(columns):
        return 0, -1
    breaks = np.flatnonzero(np.diff(columns) > gap)
    starts = columns[np.append(0, breaks + 1)]
    stops = columns[np.append(breaks, len(columns) - 1)]
    longest = int((stops - starts).argmax())
    return int(starts[longest]), int(stops[longest])


def small_with_all_ink(mask: UInt8Array, factor: float) -> UInt8Array:
    """Return a mask with `factor` times fewer pixels a side, 1 and more; all ink is on it."""
    import cv2

    if factor == 1:
        return mask
    size = [max(round(side / factor), 1) for side in mask.shape[::-1]]
    grown = cv2.dilate(mask, np.ones((math.ceil(factor),) * 2, np.uint8))
    return np.asarray(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST))


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
