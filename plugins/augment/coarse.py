"""Coarse views: digits as small scans hold them, 16 pixels high, grey or black and white.

Collections of handwriting that are older than large memories keep a digit as 16×16 pixels, often
stretched until it fills them, so that a narrow 3 comes out as broad as it is high. Preprocessing
enlarges such an image to the size of all others; so do these views.
"""

import numpy as np

from ...core.base.types import UInt8Array
from .pen import BOX, boxes, normalise

SMALL = 16
"""Pixels of a small scan's longest side."""

MOST = 3.2
"""How much broader a digit is made at most: a bare stroke made square would be a blot."""


def coarsen(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Return digits as they look after being kept in 16×16 pixels.

    Parameters
    ----------
    images : uint8 (N, 28, 28)
        0 is paper; they are left as they are. Blank ones stay blank.
    rng : numpy.random.Generator
        All chance comes from here.

    Returns
    -------
    uint8 (N, 28, 28)
        Each is stretched by a random share of what would fill the square; half of them are black
        and white. Placed as preprocessing places them.
    """
    import cv2

    coarse = images.copy()
    inked = np.flatnonzero(images.any(axis=(1, 2)))
    low, high = boxes(images[inked])
    # two in five fill the square, as far as they may be stretched
    stretch = np.minimum(rng.uniform(0, 1.6, len(inked)), 1)
    black = rng.random(len(inked)) < 0.5
    level = rng.uniform(60, 150, len(inked))
    for number, place in enumerate(inked):
        (top, left), (bottom, right) = low[number], high[number]
        digit = images[place, top:bottom, left:right]
        sides = np.array(digit.shape)
        filled = np.minimum(sides.max() / sides, MOST) ** stretch[number]
        small = np.maximum(np.rint(sides * filled * SMALL / sides.max()), 1).astype(int)
        kept = cv2.resize(digit, small[::-1].tolist(), interpolation=cv2.INTER_AREA)
        if black[number]:
            kept = np.where(kept > min(level[number], kept.max() - 1), np.uint8(255), np.uint8(0))
        large = np.maximum(np.rint(small * BOX / SMALL), 1).astype(int)
        coarse[place] = 0
        coarse[place, : large[0], : large[1]] = cv2.resize(
            kept, large[::-1].tolist(), interpolation=cv2.INTER_LINEAR
        )
    coarse[inked] = normalise(coarse[inked])
    return coarse
