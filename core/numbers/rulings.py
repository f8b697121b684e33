"""Take out what is ruled or printed: lines below and between rows, the boxes of a form."""

from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array
from .straight import segments, thickness

LEVEL_SHARE, UPRIGHT_SHARE = 0.75, 0.85
"""The share of its length for which a line is there, and thin: a level one, on which digits stand;
an upright one, which might go through digits that stand below each other."""

STACKED = 1.6
"""Digit heights between two rows of closely ruled paper, at most: what is higher stands in two."""

RULED = 0.3
"""The share of a width that is closely ruled, at least, where all of it is said to be."""


class Ruled(NamedTuple):
    """A mask without its lines, and what was taken out: each uint8 (H, W)."""

    rest: UInt8Array
    level: UInt8Array
    upright: UInt8Array


def remove_level_lines(mask: UInt8Array, height: float) -> UInt8Array:
    """Take long straight lines along the rows out of a mask. Strokes that cross one stay whole.

    Parameters
    ----------
    mask : uint8 (H, W)
        1 where there is ink.
    height : float
        About how high the digits are, in pixels; a line is longer than any stroke.
    """
    thin, thick = _thickest(height)
    rest = _without_lines(mask, 6 * height, thick, height, LEVEL_SHARE)
    return _without_lines(rest, 2.6 * height, thin, height, LEVEL_SHARE)


def remove_upright_lines(
    rest: UInt8Array, level: UInt8Array, height: float, *, close: bool = False
) -> Ruled:
    """Take upright lines out of a mask, too.

    Parameters
    ----------
    rest : uint8 (H, W)
        The ink without level lines.
    level : uint8 (H, W)
        The level lines. Where there are some, an upright line may be the side of a box, which is
        longer than a 1, or stands between two level lines; else it is longer than any stroke.
    height : float
        Of the digits, in pixels.
    close : bool
        The level lines are a digit apart: 1s below each other are as long as an upright line then,
        and only what is about as thin as the level lines is one, and higher than two rows unless it
        ends at level lines.
    """
    thin, thick = _thickest(height)
    usual = _usual_thickness(level)
    if close:
        thin = thick = min(thin, round(1.5 * usual) + 1)
    turned = _without_lines(np.ascontiguousarray(rest.T), 3 * height, thick, height, UPRIGHT_SHARE)
    if level.any():
        levels = level.T.copy()
        levels[:, 0] = levels[:, -1] = 1  # a picture may end inside a box
        least = (2.6 if close else 1.4) * height  # 1s of two rows may look like a line
        turned = _without_lines(turned, least, thin, height, UPRIGHT_SHARE)
        thin = min(thin, round(usual) + 1)  # thinner than a 1, for most pens
        turned = _without_lines(turned, 0.8 * height, thin, height, UPRIGHT_SHARE, levels)
    left = np.ascontiguousarray(turned.T)
    return Ruled(left, level, rest & (1 - left))


def closely_ruled(level: UInt8Array, height: float) -> bool:
    """Tell whether level lines, uint8 (H, W), are about a digit's height apart, on much of a width.

    Small print misleads about the height: larger digits on one line stand in one row. The width is
    looked at in parts, for lines that rise a little are level in each.
    """
    if not level.any():
        return False
    parts = max(round(level.shape[1] / (2 * height)), 1)
    each = np.array_split(level, parts, axis=1)
    return bool(np.mean([_a_digit_apart(part, height) for part in each]) >= RULED)


def _a_digit_apart(level: UInt8Array, height: float) -> bool:
    there = np.append(0, level.mean(axis=1) > 0.4)
    apart = np.diff(np.flatnonzero(np.diff(there) == 1))
    return bool(((apart > 0.6 * height) & (apart < STACKED * height)).any())


def _usual_thickness(level: UInt8Array) -> float:
    """Return how thick level lines are on average, in pixels."""
    begins = level & (1 - np.roll(level, 1, axis=0))
    return float(level.sum() / max(int(begins.sum()), 1))


def _thickest(height: float) -> tuple[int, int]:
    """Return how thick a line may be, in pixels: a short one, and a long one."""
    return max(int(0.3 * height), 3), max(int(0.7 * height), 4)


def _without_lines(
    mask: UInt8Array,
    least: float,
    most: int,
    height: float,
    share: float,
    between: UInt8Array | None = None,
) -> UInt8Array:
    """Take lines along the rows out of a mask, but for where a stroke goes on at both sides.

    Parameters
    ----------
    mask : uint8 (H, W)
    least : float
        The length of the shortest, in pixels.
    most : int
        The thickness of the thickest.
    height : float
        Of digits.
    share : float
        For how much of its length a line must be there.
    between : uint8 (H, W), optional
        Where there is one, only lines that begin and end at what this shows.
    """
    import cv2

    if mask.shape[1] < max(least, 12):
        return mask
    column = np.ones((most + 1, 1), np.uint8)
    thick = cv2.morphologyEx(
        mask, cv2.MORPH_OPEN, column, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    thin = mask & (1 - thick)
    gone = np.zeros_like(mask)
    reach = max(int(0.08 * height), 2)
    for left, top, right, bottom in segments(thin, least, height):
        if between is not None and not all(
            _near(between, x, y, reach) for x, y in ((left, top), (right, bottom))
        ):
            continue
        bone = np.zeros_like(mask)
        cv2.line(bone, (left, top), (right, bottom), 1)
        inked = (cv2.dilate(bone, np.ones((3, 1), np.uint8)) & thin)[:, left : right + 1]
        # a ruled line is thin for most of its length; one that is laid through strokes isn't
        if inked.any(axis=0).mean() < share:
            continue
        usual = thickness(thin, (left, top, right, bottom), most)
        more = 0.5 * height / (right - left)  # what is broken off goes on a little
        x, y = round(more * (right - left)), round(more * (bottom - top))
        cv2.line(bone, (left - x, top - y), (right + x, bottom + y), 1)
        gone |= cv2.dilate(bone, np.ones((2 * usual + 1, 3), np.uint8)) & thin
    if not gone.any():
        return mask
    rest = mask & (1 - gone)
    grown = cv2.dilate(rest, np.ones((3, 3), np.uint8))
    above, below = np.roll(grown, 2, axis=0), np.roll(grown, -2, axis=0)
    above[:2], below[-2:] = 0, 0
    return np.asarray(rest | (gone & above & below))


def _near(mask: UInt8Array, x: int, y: int, reach: int) -> bool:
    """Tell whether there is ink within `reach` pixels of a place."""
    return bool(mask[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1].any())
