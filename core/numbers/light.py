"""How bright a page's paper is at each place, and the ink as it would be in even light.

For light, see docs/decisions/060-as-people-photograph.md.
"""

import numpy as np

from ..base.types import FloatArray, UInt8Array

COARSE = 256
"""The paper's light is looked for on a copy of at most this many pixels a side."""

DIMMEST = 2.0
"""How many times as much light as a part of a page most of it has, at most."""

LIGHT = 64
"""The light is compared on at most this many pixels a side."""

LEAST_BLOCKS = 16
"""How many whole blocks of pixels a page must have on a side to be reduced by them: what is left
over beyond them is lost, and of fewer that would be much."""

EVEN = 0.01
"""Light that differs less than by this share is the same everywhere."""


def paper_of(page: UInt8Array) -> UInt8Array:
    """Return the brightness of the paper at each pixel, uint8 (H, W); ink is dark."""
    import cv2

    small = small_copy(page, COARSE)
    # wider than any stroke, also where digits fill a small picture
    reach = max(int(max(small.shape) / 8), min(int(min(small.shape) / 3), 21), 9) | 1
    wide = cv2.copyMakeBorder(small, reach, reach, reach, reach, cv2.BORDER_REFLECT)
    paper = cv2.morphologyEx(
        cv2.medianBlur(wide, 3), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)
    )
    # in floats, because OpenCV blurs bytes four times as slowly
    soft = cv2.GaussianBlur(paper.astype(np.float32), (0, 0), reach / 4)
    inner = np.rint(soft[reach:-reach, reach:-reach]).astype(np.uint8)
    return np.asarray(cv2.resize(inner, page.shape[::-1], interpolation=cv2.INTER_LINEAR))


def as_lit(density: FloatArray, paper: UInt8Array) -> FloatArray:
    """Return the density that ink would have in the light that the page usually has.

    At a place with half that light it is twice what it was, and DIMMEST times at most: what is much
    darker is a margin.

    Parameters
    ----------
    density : float32 (H, W)
        By how many grey levels a pixel is darker than its paper; it may be changed in place.
    paper : uint8 (H, W)
        What `paper_of` returns.
    """
    import cv2

    small = small_copy(paper, LIGHT)
    light = max(level_of(small, 0.75), 1.0)
    known = np.asarray(small > light / (1.5 * DIMMEST), np.float32)
    near = max(small.shape) / 8  # broader than what a stroke or a pattern does to the paper
    share = cv2.GaussianBlur(known, (0, 0), near)
    soft = cv2.GaussianBlur(small * known, (0, 0), near) / np.maximum(share, 1e-3)
    times = light / np.maximum(soft, light / DIMMEST)
    if np.abs(times - 1).max() < EVEN:
        return density
    density *= cv2.resize(times, paper.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return density


def small_copy(page: UInt8Array, most: int) -> UInt8Array:
    """Return a copy of a page, uint8 (H, W), of at most so many pixels a side."""
    import cv2

    factor = max(page.shape) // most
    if factor > 1 and min(page.shape) >= LEAST_BLOCKS * factor:
        # whole blocks are averaged five times as fast; what is left over at the end is cut off
        height, width = (side // factor for side in page.shape)
        blocks = page[: height * factor, : width * factor]
        page = np.asarray(cv2.resize(blocks, (width, height), interpolation=cv2.INTER_AREA))
    share = min(1.0, most / max(page.shape))
    size = [max(round(side * share), 1) for side in page.shape[::-1]]
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA))


def level_of(page: UInt8Array, share: float) -> float:
    """Return the grey level up to which such a share of the pixels, 0 to 1, is."""
    import cv2

    count = cv2.calcHist([page], [0], None, [256], [0, 256]).cumsum()
    return float(np.searchsorted(count, share * count[-1]))


def softened(density: FloatArray) -> FloatArray:
    """Return ink a little blurred, so that the paper's grain is none: float32 (H, W)."""
    import cv2

    return np.asarray(cv2.GaussianBlur(density, (0, 0), 0.6))
