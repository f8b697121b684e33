"""Cut the digits of a number out of its drawing, each with its own ink."""

from collections.abc import Sequence

import numpy as np

from ..base.types import UInt8Array
from ..numbers.number import Box

MOSTLY = 0.7
"""The share of a piece's ink in one box from which on the whole piece belongs to that digit; what
is shared more evenly is of digits that touch, and is cut where their boxes meet."""

MARGIN = 0.2
"""Paper around a digit, as a share of its longer side."""


def cut_out(canvas: UInt8Array, boxes: Sequence[Box]) -> list[UInt8Array]:
    """Return a square drawing of each digit.

    Parameters
    ----------
    canvas : uint8 (H, W)
        0 is paper, 255 is ink.
    boxes : sequence of (x, y, width, height)
        In pixels of the canvas.

    Returns
    -------
    list of uint8 (N, N)
    """
    return [_square(np.where(mask, canvas, 0)) for mask in _ink_of(canvas, boxes)]


def around_ink(canvas: UInt8Array, boxes: Sequence[Box]) -> list[Box]:
    """Return boxes that fit each digit's own ink; one without ink stays as it is.

    Parameters are those of `cut_out`.
    """
    fitting = []
    for mask, box in zip(_ink_of(canvas, boxes), boxes, strict=True):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if len(rows):
            x, y = int(columns[0]), int(rows[0])
            box = x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y  # noqa: PLW2901
        fitting.append(box)
    return fitting


def _ink_of(canvas: UInt8Array, boxes: Sequence[Box]) -> np.ndarray:
    """Return where each digit's ink is: bool (N, H, W)."""
    import cv2

    ink = np.zeros((len(boxes), *canvas.shape), bool)
    if not boxes:
        return ink
    count, labels, stats, _ = cv2.connectedComponentsWithStats((canvas > 0).astype(np.uint8))
    for piece in range(1, count):
        left, top, width, height = (int(side) for side in stats[piece, :4])
        part = slice(top, top + height), slice(left, left + width)
        own = labels[part] == piece
        nearest = _nearest(boxes, left, top, own.shape)
        shares = np.bincount(nearest[own], minlength=len(boxes)) / max(int(own.sum()), 1)
        for place in np.flatnonzero(shares):
            if shares[place] >= MOSTLY:
                ink[place][part] |= own
            elif shares.max() < MOSTLY:
                ink[place][part] |= own & (nearest == place)
    return ink


def _nearest(boxes: Sequence[Box], left: int, top: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return which box each pixel of an area is in, or nearest to: int (H, W)."""
    y, x = np.ogrid[top : top + shape[0], left : left + shape[1]]
    away = [
        np.hypot(
            np.maximum(np.maximum(box[0] - x, x - (box[0] + box[2] - 1)), 0),
            np.maximum(np.maximum(box[1] - y, y - (box[1] + box[3] - 1)), 0),
        )
        for box in boxes
    ]
    return np.asarray(np.argmin(np.stack([np.broadcast_to(each, shape) for each in away]), axis=0))


def _square(drawing: UInt8Array) -> UInt8Array:
    """Return the ink of a drawing in the middle of a square, with a margin."""
    rows, columns = np.flatnonzero(drawing.any(axis=1)), np.flatnonzero(drawing.any(axis=0))
    if not len(rows):
        return np.zeros((1, 1), np.uint8)
    part = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = round(max(part.shape) * (1 + 2 * MARGIN))
    square = np.zeros((side, side), np.uint8)
    top, left = (side - part.shape[0]) // 2, (side - part.shape[1]) // 2
    square[top : top + part.shape[0], left : left + part.shape[1]] = part
    return square
