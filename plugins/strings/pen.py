"""One pen for a whole number: glyphs that were drawn with any are redrawn with a given one.

Beside digits of many pens, a sign is known by its pen alone, and the network would learn just that:
see docs/decisions/055-one-pen.md.
Everything here works on glyphs FINE times as large as on a strip, for their edges' sake.
"""

import cv2
import numpy as np

from ...core.base.types import FloatArray, UInt8Array

FINE = 2
"""Fine pixels for each pixel of a strip."""

INKED = 110
"""Of 255: from here on a glyph's grey is ink."""

WIGGLE = 0.6
"""What is less far inside the ink than this share of the usual is a bump of the edge, no stroke."""


def redrawn(glyph: UInt8Array, pen: float) -> UInt8Array:
    """Return a glyph with strokes of one width.

    A point of the new ink is near the middle of an old stroke, or so far inside the old edge that
    the strokes become broader or thinner by what they are off.

    Parameters
    ----------
    glyph : uint8 (H, W)
    pen : float
        The width of the strokes, in fine pixels; what comes out is up to one more.
    """
    mask = (glyph > INKED).astype(np.uint8)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    top = cv2.dilate(inside, np.ones((3, 3), np.uint8))
    middle = (mask > 0) & (inside >= top)
    if not middle.any():
        return glyph
    usual = float(np.median(inside[middle]))
    middle &= inside > WIGGLE * usual
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 3)
    from_middle = cv2.distanceTransform(1 - middle.astype(np.uint8), cv2.DIST_L2, 3)
    moved = inside - outside + (pen / 2 - usual)
    near = np.maximum(moved, pen / 2 - from_middle)
    return np.asarray(np.clip(near + 0.5, 0, 1) * 255, np.uint8)


def placed(
    image: UInt8Array, matrix: FloatArray, shape: tuple[int, int], pen: float | None
) -> UInt8Array:
    """Return paper, uint8 of a shape, with an image on it.

    Parameters
    ----------
    image : uint8 (H, W)
    matrix : float64 (2, 3)
        From places in the image to places on the paper.
    shape : tuple of int
        Rows and columns.
    pen : float or None
        What its strokes are redrawn with, in pixels of the strip; None to leave them as they are.
    """
    if pen is None:
        drawn = cv2.warpAffine(image, matrix, shape[::-1], flags=cv2.INTER_LINEAR)
        return np.asarray(drawn, np.uint8)
    larger = matrix * FINE
    larger[:, 2] += (FINE - 1) / 2  # the middle of a pixel stays there
    size = shape[1] * FINE, shape[0] * FINE
    fine = np.asarray(cv2.warpAffine(image, larger, size, flags=cv2.INTER_LINEAR), np.uint8)
    return _coarse(redrawn(fine, pen * FINE), shape)


def line_with(pen: float, points: FloatArray, shape: tuple[int, int]) -> UInt8Array:
    """Return paper, uint8 of a shape, with a line through points.

    It is about as broad as what `redrawn` makes with that pen. OpenCV's own lines are up to two and
    a half fine pixels broader than asked for, in steps of two, and would give signs away.

    Parameters
    ----------
    pen : float
        Its width, in pixels of the strip.
    points : float64 (N, 2)
        x and y, in the same.
    shape : tuple of int
        Rows and columns.
    """
    around = np.full((shape[0] * FINE, shape[1] * FINE), 255, np.uint8)
    middle = np.rint((points * FINE + (FINE - 1) / 2) * 16).astype(np.int32)
    cv2.polylines(around, [middle], False, 0, 1, cv2.LINE_8, 4)
    away = cv2.distanceTransform(around, cv2.DIST_L2, 3)
    fine = (np.clip(pen * FINE / 2 - away + 0.5, 0, 1) * 255).astype(np.uint8)
    return _coarse(fine, shape)


def _coarse(fine: UInt8Array, shape: tuple[int, int]) -> UInt8Array:
    return np.asarray(cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
