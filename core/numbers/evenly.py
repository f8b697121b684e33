"""Tell the lines of evenly ruled paper, though some are too faint to be seen.

Digits of two rows that touch are cut apart at the line between them. See
docs/decisions/066-evenly-ruled.md.
"""

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .pieces import pieces_of
from .rulings import STACKED

LONG, MOST_LINES = 2.6, 30
"""Digit heights of a line between rows, at least; and how many of the longest are compared."""

FEWEST, BEYOND = 3, 3
"""So many lines are evenly far apart by more than chance; and how many may be missing between two
that are seen, and before and after them all."""

CLOSEST, UNEQUAL = 0.75, 0.12
"""Digit heights from one line to the next, at least; and the share of that by which those that are
as far apart as others differ, at most."""


def evenly_ruled(lines: UInt8Array, height: float) -> UInt8Array:
    """Return all lines of evenly ruled paper, though some are too faint to be seen as a whole.

    Parameters
    ----------
    lines : uint8 (H, W)
        What is seen of them, without gaps.
    height : float
        Of digits, in pixels.
    """
    import cv2

    drawn = np.zeros_like(lines)
    labels, pieces = pieces_of(lines)
    long = np.flatnonzero(pieces[:, 2] >= LONG * height)
    found = []
    for one in long[np.argsort(-pieces[long, 2], kind="stable")][:MOST_LINES]:
        x, y, wide, high = pieces[one, :4].tolist()
        down, across = np.nonzero(labels[y : y + high, x : x + wide] == one + 1)
        slope, start = np.polyfit(across + x, down + y, 1)
        found.append((start + slope * lines.shape[1] / 2, slope, start, x, x + wide))
    found.sort()
    seen = np.array(found).reshape(-1, 5)
    places, counts = _regular(seen[:, 0], seen[:, 4] - seen[:, 3], height)
    if len(places) < FEWEST:
        return drawn
    _, slopes, starts, lefts, rights = seen[places].T
    left, right = int(lefts.min()), int(rights.max())
    at = np.append(0, np.cumsum(counts))
    step = (starts[-1] - starts[0]) / at[-1]
    for place in range(-BEYOND, int(at[-1]) + BEYOND + 1):
        outside = min(place, 0) + max(place - int(at[-1]), 0)
        start = float(np.interp(place, at, starts)) + outside * step
        slope = float(np.interp(place, at, slopes))
        ends = [(x, round(start + slope * x)) for x in (left, right)]
        cv2.line(drawn, ends[0], ends[1], 1)
    return drawn


def _regular(
    middles: FloatArray, weights: FloatArray, height: float
) -> tuple[list[int], list[int]]:
    """Choose lines that are equally far apart, or several times that: the most of them by weight.

    Parameters
    ----------
    middles : float64 (N,)
        Where lines are, from the top.
    weights : float64 (N,)
        How much each counts.
    height : float
        Of digits.

    Returns
    -------
    list of int
        Their places.
    list of int
        How many times as far apart as usual each is from the next.
    """
    apart = middles[np.newaxis] - middles[:, np.newaxis]
    likely = (apart > CLOSEST * height) & (apart < STACKED * height)
    best: tuple[float, list[int], list[int]] = (0.0, [], [])
    for usual in np.unique(apart[likely])[::-1]:
        counts = np.rint(apart / usual).astype(int)
        fits = (counts >= 1) & (counts <= BEYOND + 1)
        fits &= np.abs(apart - counts * usual) < UNEQUAL * usual
        chains: list[tuple[float, list[int], list[int]]] = []
        for one, weight in enumerate(weights.tolist()):
            before = np.flatnonzero(fits[:one, one]).tolist()
            last = max(before, key=lambda other: chains[other][0], default=None)
            if last is None:
                chains.append((weight, [one], []))
            else:
                total, places, steps = chains[last]
                chains.append((total + weight, [*places, one], [*steps, int(counts[last, one])]))
        best = max([best, *chains], key=lambda chain: chain[0])
    return best[1], best[2]
