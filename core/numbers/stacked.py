"""Cut apart digits of two rows that touch, a 9 and the 0 below it: pieces of ink as high as both.

What stands beside such a piece tells: the digits of both rows, one below the other. Where a ruled
line parts the rows, it tells, too.
"""

from itertools import pairwise

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .pieces import Pieces, digit_height, pieces_of
from .rulings import STACKED, closely_ruled

MOST_STACKED = 200
"""Pieces that may stand in two rows, at most."""

USUAL = 0.65, 1.35
"""How high a digit is by the usual height, at least and at most."""

BROAD, LEAST = 0.3, 8
"""The breadth of such a digit by its height, and its height in pixels, at least: no speck, and not
what is left of a line."""

BESIDE = 5.0
"""Digit heights from a piece to the digits beside it, at most."""

APART = 0.75
"""Digit heights from the middle of one row to that of the next, at least."""


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
        if usual.sum() < 4:
            continue
        lower = digit_height(pieces[usual])
        if lower and len(_boundaries(pieces.astype(float), lower)):
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
    lines = cv2.dilate(lines, np.ones((3, 1), np.uint8))
    cut = rest.copy()
    for one in _high(pieces, height):
        x, y, wide, high = pieces[one, :4]
        if not closely_ruled(lines[:, x : x + wide], height):
            continue
        margin = int(0.3 * height)
        inner = slice(y + margin, y + high - margin), slice(x, x + wide)
        cut[inner] &= 1 - (lines[inner] & (labels[inner] == one + 1))
    return cut


def cut_between_rows(rest: UInt8Array, found: Pieces, height: float) -> UInt8Array:
    """Cut what stands in two rows where there is the least ink between the digits beside it.

    Parameters
    ----------
    rest : uint8 (H, W)
        The ink without lines.
    found : Pieces
        Its pieces.
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
    for one, boundary in boundaries:
        x, wide = found.pieces[one, [0, 2]].astype(int)
        first, last = round(boundary - 0.25 * height), round(boundary + 0.25 * height) + 1
        area = slice(first, last), slice(x, x + wide)
        own = (found.labels[area] == found.numbers[one]) & (rest[area] > 0)
        along = own.sum(axis=1) + 0.1 * np.abs(np.arange(first, last) - boundary)
        row = int(along.argmin())
        cut[first + row, x : x + wide][own[row]] = 0
    return cut


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

    To one side of such a piece, not only to both as beside the slash of a fraction, there are
    digits of both rows.

    Parameters
    ----------
    pieces : float64 (N, 5)
    height : float

    Returns
    -------
    list of (int, float)
        The place of the piece among `pieces`, and the row between two of its digits, in pixels.
    """
    x, y, wide, high, _ = pieces.T
    usual = _usual(pieces, height)
    found = []
    for one in _high(pieces, height):
        top, bottom = y[one], y[one] + high[one]
        within = usual & (y + high / 2 > top) & (y + high / 2 < bottom)
        gaps = x - (x[one] + wide[one]), x[one] - (x + wide)
        for gap in gaps:
            beside = within & (gap > -0.5 * height) & (gap < BESIDE * height)
            middles = np.sort((y + high / 2)[beside])
            steps = np.flatnonzero(np.diff(middles) > APART * height)
            if len(steps):
                rows = np.split(middles, steps + 1)
                centres = [float(np.median(row)) for row in rows]
                found += [(int(one), (a + b) / 2) for a, b in pairwise(centres)]
                break
    return found
