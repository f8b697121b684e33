"""Finds what is too small or too thin for a look at the whole image.

Says where something is written, and in what tone; what it is, a closer look tells. See
docs/decisions/042-small-on-large.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array
from .ink import LEAST_CONTRAST
from .look import Block, shrink

SIDE = 400
"""Marks are searched for on a copy of at most this many pixels a side."""

SMALLEST, FEWEST = 16, 4
"""In pixels of the image and of the copy: what is smaller is dust, or can't be read."""

WINDOW = 25
"""In pixels of the copy: the paper's brightness is the median of a square as large. More than half
of it is paper, as strokes so thin or digits so small as to need this search leave it."""

CLEAR = 9
"""Times the median deviation from the paper; noise doesn't reach that."""


class Marks(NamedTuple):
    """Where something is written.

    Attributes
    ----------
    mask : uint8 (h, w)
        1 where there are marks, on a small copy of the image.
    block : Block
        The way to shrink the image by which they can be seen.
    """

    mask: UInt8Array
    block: Block


def find_marks(image: UInt8Array) -> Marks | None:
    """Find small or thin marks on a large image.

    Parameters
    ----------
    image : uint8 (H, W)
        Grey, of either polarity, on which ink wasn't found on a copy of means.

    Returns
    -------
    Marks or None
        None where nothing but paper, noise and dust is to be seen.
    """
    import cv2

    dark, light = _departures(image, "darkest"), _departures(image, "lightest")
    block: Block = "darkest" if dark.max() >= light.max() else "lightest"
    departs = dark if block == "darkest" else light
    noise = float(np.median(np.abs(departs - np.median(departs))))
    level = max(LEAST_CONTRAST, float(np.median(departs)) + CLEAR * max(noise, 1))
    mask = (departs > max(level, 0.3 * float(departs.max()))).astype(np.uint8)
    factor = max(image.shape) / max(mask.shape)
    least = max(FEWEST, SMALLEST / factor)
    joined = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    _, places, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    large = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) - 2 >= least
    large[0] = False
    mask &= large[places]
    return Marks(mask, block) if mask.any() else None


def _departures(image: UInt8Array, block: Block) -> np.ndarray:
    """Return how much darker, or lighter, each place is than the paper around it: int16 (h, w)."""
    import cv2

    copy = shrink(image, SIDE, block)
    around = cv2.copyMakeBorder(copy, *(WINDOW // 2,) * 4, cv2.BORDER_REFLECT)
    inner = slice(WINDOW // 2, -(WINDOW // 2))
    paper = cv2.medianBlur(around, WINDOW)[inner, inner].astype(np.int16)
    return np.asarray(paper - copy if block == "darkest" else copy - paper)
