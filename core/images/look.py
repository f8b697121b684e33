"""Copies of an image to look at: of the whole or of a part, no larger than a look takes.

Blocks of pixels become their mean, which is what ink is found on, or their darkest or lightest
pixel, which keeps strokes that are far thinner than a block. Finds no ink itself.
"""

from typing import Literal

import numpy as np

from ..base.types import UInt8Array
from . import around

LOOK = 96
"""Ink is searched for on a copy of at most this many pixels a side, five times the final size."""

FINE = 192
"""Gaps between digits are looked for on a copy of the ink of at most this many pixels a side."""

Block = Literal["mean", "darkest", "lightest"]
"""What becomes of a block of pixels."""


def shrink(image: UInt8Array, most: int, block: Block = "mean") -> UInt8Array:
    """Return the image with at most so many pixels a side.

    Parameters
    ----------
    image : uint8 (H, W)
    most : int
    block : Block, optional

    Returns
    -------
    uint8 (h, w)
        The image itself if it is small enough.
    """
    height, width = image.shape
    factor = -(-max(height, width) // most)
    if factor == 1:
        return image
    even = min(height, width) >= factor  # what is left over beyond whole blocks is cut off
    if block != "mean" and even:
        return _extremes(image, factor, block)
    if factor == 2 or not even:
        zoom = most / max(height, width)
        size = max(1, round(width * zoom)), max(1, round(height * zoom))
    else:  # whole blocks of pixels are averaged five times as fast
        size = width // factor, height // factor
        image = image[: size[1] * factor, : size[0] * factor]
    return around.shrink(image, size, around.find(image))


def part(image: UInt8Array, mask: UInt8Array) -> UInt8Array:
    """Return the part of an image where a mask of the whole of it shows ink, with a margin."""
    import cv2

    x, y, width, height = cv2.boundingRect(mask)
    zoom_y, zoom_x = image.shape[0] / mask.shape[0], image.shape[1] / mask.shape[1]
    margin = 0.12 * max(width, height) + 1
    rows = slice(max(0, int((y - margin) * zoom_y)), int((y + height + margin) * zoom_y) + 1)
    columns = slice(max(0, int((x - margin) * zoom_x)), int((x + width + margin) * zoom_x) + 1)
    return np.ascontiguousarray(image[rows, columns])


def _extremes(image: UInt8Array, factor: int, block: Block) -> UInt8Array:
    """Return the darkest or lightest pixel of each block, of an image that is smoothed first."""
    import cv2

    found = cv2.GaussianBlur(image, (3, 3), 0)  # or paper is as dark as the worst of its noise
    for _ in range(2):  # along the rows of memory, which is fast: first down, then across
        count, length = found.shape[0] // factor, found.shape[1]
        blocks = found[: count * factor].reshape(count, factor, length)
        found = (blocks.min if block == "darkest" else blocks.max)(axis=1)
        found = np.ascontiguousarray(found.T)
    return np.asarray(found)
