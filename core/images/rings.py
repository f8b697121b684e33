"""Takes out the ring or the box that someone drew around a digit in another colour.

What goes around is told from what is written by its hue, and by how it lies: on all sides, and not
inside. A ring in the digit's own colour stays. See docs/decisions/040-colour.md.
"""

import numpy as np

from ..base.types import UInt8Array
from .colour import shrink
from .ink import find_ink

LOOK = 128
"""Rings are looked for on a copy of at most this many pixels a side."""

APART = 0.985
"""The cosine of the angle between two inks' colours, seen from the paper's: 10 degrees at least."""

SECTORS, AROUND = 24, 0.75
"""A ring lies in most of the directions from the digit's middle."""

INSIDE = 0.1
"""The share of a ring's ink that may lie in the box around the digit."""

FEWEST = 12
"""Pixels; with fewer there is no digit in a ring."""


def without_ring(rgb: UInt8Array, grey: UInt8Array) -> UInt8Array:
    """Return a grey picture without a ring or box of another colour than the digit's.

    Parameters
    ----------
    rgb : uint8 (H, W, 3)
    grey : uint8 (H, W)
        The same picture.

    Returns
    -------
    uint8 (H, W)
        `grey` itself where there is none.
    """
    import cv2

    look = shrink(rgb, LOOK)
    small = shrink(grey, LOOK)
    ink = find_ink(small)
    if ink is None or cv2.countNonZero(ink.mask) < 2 * FEWEST:
        return grey
    ring = _ring(look, ink.mask)
    if ring is None:
        return grey
    gone = cv2.dilate(ring, np.ones((5, 5), np.uint8))
    known = (1 - cv2.dilate(gone | ink.mask, np.ones((3, 3), np.uint8))).astype(np.float32)
    near = max(small.shape) / 16
    weight = cv2.GaussianBlur(known, (0, 0), near)
    level = cv2.GaussianBlur(small * known, (0, 0), near)
    level = np.where(weight > 0.01, level / np.maximum(weight, 0.01), np.median(small))
    size = grey.shape[1], grey.shape[0]
    paper = cv2.resize(level.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    cover = cv2.resize(gone, size, interpolation=cv2.INTER_NEAREST) > 0
    return np.where(cover, np.rint(paper).astype(np.uint8), grey)


def _ring(look: UInt8Array, mask: UInt8Array) -> UInt8Array | None:
    """Return the mask of a ring, or None."""
    import cv2

    away = look[mask > 0] - np.median(look.reshape(-1, 3), axis=0).astype(np.float32)
    contrast = np.linalg.norm(away, axis=1)
    away /= np.maximum(contrast, 1)[:, np.newaxis]
    plain = away[contrast > 0.5 * np.quantile(contrast, 0.9)]  # faint marks have any hue
    first = plain[np.argmin(plain @ plain.mean(axis=0))]
    second = plain[np.argmin(plain @ first)]
    for _ in range(6):  # 2-means, from the two that differ most
        near_first = plain @ first >= plain @ second
        if near_first.all() or not near_first.any():
            return None
        first, second = (_unit(plain[part].mean(axis=0)) for part in (near_first, ~near_first))
    if float(first @ second) > APART:
        return None
    near_first = away @ first >= away @ second
    for part in (near_first, ~near_first):
        kind = np.zeros_like(mask)
        kind[mask > 0] = part
        other = mask - kind
        core = other & (1 - cv2.dilate(kind, np.ones((3, 3), np.uint8)))
        if cv2.countNonZero(core) >= FEWEST and _lies_around(kind, core):
            return kind
    return None


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6))


def _lies_around(ring: UInt8Array, digit: UInt8Array) -> bool:
    """Tell whether ink lies around other ink on all sides, and hardly inside of it."""
    ring_y, ring_x = np.nonzero(ring)
    y, x = np.nonzero(digit)
    (top, bottom), (left, right) = np.percentile(y, (3, 97)), np.percentile(x, (3, 97))
    inside = (ring_y > top) & (ring_y < bottom) & (ring_x > left) & (ring_x < right)
    if inside.mean() > INSIDE:
        return False
    angles = np.arctan2(ring_y - (top + bottom) / 2, ring_x - (left + right) / 2)
    sectors = np.unique(((angles + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS)
    return len(sectors) >= AROUND * SECTORS
