"""Weighs a sheet's sides: what the colours along both sides of an edge tell of it.

The edge of a sheet, a ruled line and the edge of a shadow look alike but for what lies beside them.
`sheet` has the areas whose edges these are. See docs/decisions/034-finding-the-sheet.md.
"""

import numpy as np

from ..base.types import UInt8Array
from .quadrilateral import Quadrilateral

STEP = 8.0
"""The smallest difference in Lab levels between a sheet and what lies beside it."""

MARK = 13
"""Places along a side, two pixels apart, among which those of a stroke that crosses it are few."""

DEEPEST = 3.0
"""Times as bright as in a shadow is what lies in the light, at most."""


def may_be_shadow(look: UInt8Array, paper: UInt8Array) -> bool:
    """Tell whether the surroundings have the paper's hue; the edge then says nothing about tilt."""
    import cv2

    inside, outside = (
        np.median(look[cv2.erode(part, np.ones((5, 5), np.uint8)) > 0], axis=0) + 1
        for part in (paper, 1 - paper)
    )
    shares = inside / outside
    return bool(shares.max() < 1.12 * shares.min() and 1 / DEEPEST < shares.mean() < DEEPEST)


def sides_seen(lab: UInt8Array, quad: Quadrilateral, *, shadow: bool) -> float:
    """Return the share of its sides along which the colours inside and outside differ.

    Both are looked at twice, near and further away: a ruled line isn't the end of the paper. Where
    not all sides are in the picture and ink crosses one, that is a shadow's edge: 0.

    Parameters
    ----------
    lab : uint8 (H, W, C)
    quad : Quadrilateral
    shadow : bool
        Whether it may well be one, so that the least that crosses it counts.

    Returns
    -------
    float
        0 to 1.
    """
    last = np.array([lab.shape[1] - 1, lab.shape[0] - 1])
    seen = total = 0.0
    for start, end in quad.sides:
        along = end - start
        length = float(np.hypot(*along))
        inwards = np.array([-along[1], along[0]]) / max(length, 1e-6)
        share = np.linspace(0.06, 0.94, max(8, int(length / 2)))[:, np.newaxis]
        inside, near, far = (
            _at(lab, (start + share * along + inwards * depth).clip(0, last))
            for depth in (3, -3, -7)
        )
        steps = [np.abs(inside - other).max(axis=1) for other in (near, far)]
        seen += length * float((np.minimum(*steps) > STEP).mean())
        total += length
        if len(quad.sides) < 4 and _is_crossed(inside, near, shadow):
            return 0.0
    return seen / total


def _at(lab: UInt8Array, places: np.ndarray) -> np.ndarray:
    """Return the colours at places (x, y)."""
    x, y = np.rint(places).astype(int).T
    return np.asarray(lab[y, x], int)


def _is_crossed(inside: np.ndarray, outside: np.ndarray, shadow: bool) -> bool:
    """Tell whether a stroke crosses a side, from the colours along it; a thumb is wider."""
    if shadow:
        wide = [_off(part, np.median(part, axis=0), 3 * STEP) for part in (inside, outside)]
        if (wide[0] & wide[1]).any():
            return True
    narrow = [_off(part, _usual(part), 2 * STEP) for part in (inside, outside)]
    both = np.concatenate([[False], narrow[0] & narrow[1], [False]])
    start, end = np.flatnonzero(both[1:] & ~both[:-1]), np.flatnonzero(~both[1:] & both[:-1])
    return bool((end - start <= MARK // 3).any())


def _usual(colours: np.ndarray) -> np.ndarray:
    """Return the median of MARK colours around each place along a side."""
    padded = np.pad(colours, ((MARK // 2, MARK // 2), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, MARK, axis=0)
    return np.asarray(np.median(windows, axis=-1))


def _off(colours: np.ndarray, usual: np.ndarray, least: float) -> np.ndarray:
    """Tell which colours differ from what is usual along a side: bool (N,)."""
    return np.asarray(np.abs(colours - usual).max(axis=1) > least)
