"""One pen for a whole number: glyphs that were drawn with any are redrawn with a given one.

Beside digits of many pens, a sign is known by its pen alone, and the network would learn just that:
see docs/decisions/055-one-pen.md.
Everything here works on glyphs FINE times as large as on a strip, for their edges' sake.
"""

import cv2
import numpy as np

from ...core.base.types import UInt8Array

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
