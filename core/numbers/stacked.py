"""Cut apart digits of two rows that touch, a 9 and the 0 below it: pieces of ink as high as both.

What stands beside such a piece tells: the digits of both rows, one below the other. Where a ruled
line parts the rows, it tells, too. See docs/decisions/059-askew-columns.md.
"""

from itertools import pairwise

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .evenly import evenly_ruled
from .pieces import Pieces, digit_height, joining, pieces_of
from .rulings import STACKED, closely_ruled

MOST_STACKED = 200
"""Pieces that may stand in two rows, at most."""

USUAL = 0.65, 1.35
"""How high a digit is by the usual height, at least and at most."""

BROAD = 0.3
"""How broad such a digit is by its own height, at least: it isn't what is left of a line."""

LEAST = 8
"""How high it is in pixels, at least: it is no speck."""

BESIDE = 5.0
"""Digit heights from a piece to the digits beside it, at most."""

ENDS = 0.5
"""Digit heights between the ends of a piece and those of the rows beside it, at most: large digits
beside small print end elsewhere."""

APART = 0.75
"""Digit heights from the middle of one row to that of the next, at least."""

AROUND = 0.25
"""How far from the middle between two rows a piece may be cut, in digit heights."""


def single_height(pieces: np.ndarray, height: float) -> float:
    """Return how high digits are where `height` is that of two or three that touch, else `height`.

    Parameters
    ----------
    pieces : int or float64 (N, 5)
        x, y, width, height and area.
    height : float
        Their usual height, in pixels.
    """
    for share in (1 / 2, 1 / 3):
        usual = _usual(pieces, share * height)
        lower = digit_height(pieces[usual]) if usual.any() else 0
        if not lower:
            continue
        # most of what is so high must stand in two rows, since all of the page is read by this
        parted = {one for one, _ in _boundaries(pieces.astype(float), lower)}
        if 2 * len(parted) > len(_high(pieces, lower)):
            return lower
    return height


def cut_at_lines(rest: UInt8Array, level: UInt8Array, height: float) -> UInt8Array:
    """Cut what stands in two rows at the line between them: a digit that reaches the one below.

    Parameters
    ----------
    rest, level : uint8 (H, W)
        The ink without level lines, and these lines.
    height : float
        Of digits, in pixels.

    Returns
    -------
    uint8 (H, W)
        The ink. Pieces of about a digit's height stay whole, whatever crosses them.
    """
    import cv2

    if not level.any():
        return rest
    labels, pieces = pieces_of(rest)
    # where strokes cross a line, it was left in
    lines = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, int(height)), np.uint8))
    high = _high(pieces, height)
    # where most of what is written stands in two rows, digits are larger than was thought
    if len(high) <= _usual(pieces, height).sum():
        lines |= evenly_ruled(lines, height)
    lines = cv2.dilate(lines, np.ones((3, 1), np.uint8))
    cut = rest.copy()
    for one in high:
        x, y, wide, long = pieces[one, :4]
        if not closely_ruled(lines[:, x : x + wide], height):
            continue
        margin = int(0.3 * height)
        inner = slice(y + margin, y + long - margin), slice(x, x + wide)
        cut[inner] &= 1 - (lines[inner] & (labels[inner] == one + 1))
    return cut


def cut_between_rows(rest: UInt8Array, found: Pieces, height: float) -> UInt8Array:
    """Cut what stands in two rows where there is the least ink between the digits beside it.

    Parameters
    ----------
    rest : uint8 (H, W)
        The ink without lines.
    found : Pieces
        Its pieces; those that nearly touch are one (`pieces.joining`).
    height : float
        Of digits, in pixels.

    Returns
    -------
    uint8 (H, W)
        The ink; `rest` itself if nothing was cut.
    """
    boundaries = _boundaries(found.pieces, height)
    if not boundaries:
        return rest
    cut = rest.copy()
    band = joining(height)
    for one, boundary in boundaries:
        x, wide = found.pieces[one, [0, 2]].astype(int)
        first, last = round(boundary - AROUND * height), round(boundary + AROUND * height) + 1
        own = found.labels[first:last, x : x + wide] == found.numbers[one]
        own &= rest[first:last, x : x + wide] > 0
        # of rows with as little ink, the one next to the middle
        along = own.sum(axis=1) + 0.1 * np.abs(np.arange(first, last) - boundary)
        row = max(int(along.argmin()) - band // 2, 0)
        cut[first:last, x : x + wide][row : row + band][own[row : row + band]] = 0
    return cut if (cut != rest).any() else rest


def _high(pieces: np.ndarray, height: float) -> np.ndarray:
    """Return the places of pieces that may stand in two rows; what is thin is rather a line."""
    stacked = (pieces[:, 3] > STACKED * height) & (pieces[:, 2] > 0.3 * height)
    return np.flatnonzero(stacked)[:MOST_STACKED]


def _usual(pieces: np.ndarray, height: float) -> np.ndarray:
    """Tell which pieces are about so high, and broad enough for any digit but a 1: bool (N,)."""
    wide, high = pieces[:, 2:4].T
    least, most = USUAL
    about = (high >= least * height) & (high <= most * height) & (high >= LEAST)
    return np.asarray(about & (wide >= BROAD * high))


def _boundaries(pieces: FloatArray, height: float) -> list[tuple[int, float]]:
    """Return pieces that stand in several rows, and where one ends and the next begins.

    To one side of such a piece, there are digits of both rows, one below the other, and it ends
    where they do. The slash of a fraction has a digit to each side, or its own and the next one's.

    Parameters
    ----------
    pieces : float64 (N, 5)
    height : float

    Returns
    -------
    list of (int, float)
        The place of the piece among `pieces`, and the row between two of its digits, in pixels.
    """
    x, y, wide, high, _ = pieces[_usual(pieces, height)].T
    middle = y + high / 2
    found = []
    for one in _high(pieces, height):
        left, top, breadth, long = pieces[one, :4]
        within = (middle > top) & (middle < top + long)
        for gap in (x - (left + breadth), left - (x + wide)):
            beside = within & (gap > -0.5 * height) & (gap < BESIDE * height)
            order = np.flatnonzero(beside)[np.argsort(middle[beside], kind="stable")]
            steps = np.flatnonzero(np.diff(middle[order]) > APART * height) + 1
            rows = np.split(order, steps)
            fits = (
                len(rows) > 1
                and abs(float(np.median(y[rows[0]])) - top) < ENDS * height
                and abs(float(np.median((y + high)[rows[-1]])) - top - long) < ENDS * height
                and all(_one_below(x, wide, *pair) for pair in pairwise(rows))
            )
            if fits:
                centres = [float(np.median(middle[row])) for row in rows]
                found += [(int(one), (upper + lower) / 2) for upper, lower in pairwise(centres)]
                break
    return found


def _one_below(x: FloatArray, wide: FloatArray, upper: np.ndarray, lower: np.ndarray) -> bool:
    """Tell whether a digit of one row stands above one of the next, by their columns."""
    left, right = x[upper][:, np.newaxis], (x + wide)[upper][:, np.newaxis]
    return bool(((x[lower] < right) & ((x + wide)[lower] > left)).any())
