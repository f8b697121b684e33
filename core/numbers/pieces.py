"""Pieces of connected ink: how high digits are, and which pieces are what is left of lines."""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .rulings import Ruled

MOST_PIECES = 2000
"""The largest pieces of ink that are looked at; a page of noise has more."""

COMPARED = 2**17
"""Pairs of pieces that are compared at once, which bounds the memory."""

BROKEN = 0.5
"""The longest piece of a broken line, as a share of its length."""

BESIDE = 0.2
"""Digit heights from a line to what is left of it, at most."""

ONE, ALONGSIDE, ACROSS = 0.5, 0.8, 0.2
"""The height of a piece that may be a 1 beside a line, in digit heights, at least; for how much of
that the line runs beside it, at least, and through it, at most."""

STRAIGHT = 0.4
"""The least share of its box that a piece of an upright line fills."""


class Pieces(NamedTuple):
    """Pieces of connected ink.

    Attributes
    ----------
    pieces : float64 (N, 5)
        x, y, width, height and area of each.
    numbers : int (N,)
        Their numbers in `labels`.
    labels : int32 (H, W)
        0 is paper.
    """

    pieces: FloatArray
    numbers: np.ndarray
    labels: np.ndarray


def pieces_of(mask: UInt8Array) -> tuple[np.ndarray, np.ndarray]:
    """Return labels, int32 (H, W), and x, y, width, height and area of each, int32 (N, 5)."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    return labels, stats[1:]


def numbered(mask: UInt8Array) -> Pieces:
    """Return the largest pieces of connected ink."""
    labels, stats = pieces_of(mask)
    numbers = np.arange(1, len(stats) + 1)
    if len(stats) > MOST_PIECES:
        largest = np.argsort(-stats[:, 4], kind="stable")[:MOST_PIECES]
        stats, numbers = stats[largest], numbers[largest]
    return Pieces(stats.astype(np.float64), numbers, labels)


def joining(height: float) -> int:
    """Return over how many pixels pieces are joined that nearly touch, by the height of digits."""
    return max(int(0.05 * height), 1) | 1


def digit_height(pieces: np.ndarray, share: float = 0.5) -> float:
    """Guess how high digits are: the middle of the pieces that may be one, by their area.

    What has others inside is a frame; what is thin says little, be it a 1 or a line.

    Parameters
    ----------
    pieces : int or float64 (N, 5)
    share : float
        Above 0.5, a height that so much of the ink doesn't exceed: small print may be most of it.
    """
    pieces = pieces[(pieces[:, 3] >= 6) & (pieces[:, 2] <= 6 * pieces[:, 3])].astype(float)
    pieces = pieces[~_frames(pieces)]
    broad = pieces[pieces[:, 2] >= 0.25 * pieces[:, 3]]
    pieces = broad if len(broad) else pieces
    if not len(pieces):
        return 0.0
    high, weight = pieces[:, 3], np.sqrt(pieces[:, 2] * pieces[:, 3])
    order = np.argsort(high, kind="stable")
    along = np.cumsum(weight[order])
    return float(high[order][np.searchsorted(along, share * along[-1])])


def _frames(pieces: np.ndarray) -> np.ndarray:
    """Tell which pieces have others of some size inside: bool (N,)."""
    largest = np.argsort(-pieces[:, 2] * pieces[:, 3], kind="stable")[:300]
    x, y, wide, high = pieces[:, :4].T
    across, down, size = x + wide / 2, y + high / 2, wide * high
    frames = np.zeros(len(pieces), bool)
    most = max(COMPARED // max(len(pieces), 1), 1)
    for start in range(0, len(largest), most):
        one = largest[start : start + most, np.newaxis]
        inside = np.abs(across - across[one]) < wide[one] / 2 - wide / 3
        inside &= np.abs(down - down[one]) < high[one] / 2 - high / 3
        inside &= (high >= 0.15 * high[one]) & (size < 0.5 * size[one])
        frames[one[:, 0]] = inside.any(axis=1)
    return frames


def left_of_lines(pieces: FloatArray, ruled: Ruled, height: float) -> np.ndarray:
    """Tell which pieces are what is left of an upright line, the side of a box: bool (N,).

    They are thin, and stand where a line was taken out, or on one line with others like them, or
    reach, with what is above and below them, from one level line to the next. A stroke beside which
    the line goes on is none of them.

    Parameters
    ----------
    pieces : float64 (N, 5)
        x, y, width, height and area.
    ruled : Ruled
    height : float
        Of digits, in pixels.
    """
    x, y, wide, high, area = pieces.T
    thin = wide < 0.4 * high
    # a leaning 1 isn't; it fills little of its box
    straight = (wide <= 3) | (area >= STRAIGHT * wide * high)
    reach = wide / 2 + BESIDE * height
    beside, left = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for lean in {0.0, _lean(ruled.upright, height)}:
        middle = x + wide / 2 - lean * (y + high / 2)
        beside |= thin & (
            _between(ruled.upright, lean, middle - reach, middle + reach) > 3 * height
        )
        breadth = wide - abs(lean) * high
        narrow = (breadth <= max(0.15 * height, 2)) & (high >= wide) & (straight | (lean == 0))
        places = np.flatnonzero(narrow)
        for one in places:
            others = places[np.abs(middle[places] - middle[one]) <= 1.5]
            long = (y + high)[others].max() - y[others].min()
            left[one] |= len(others) >= 4 and long > 3 * height and high[one] < 2 * height
    left |= beside & straight
    if ruled.level.any():
        upright = ruled.rest | ruled.upright
        for one in np.flatnonzero(thin & (wide < 0.3 * height) & ~left):
            columns = slice(max(int(x[one]) - 1, 0), int(x[one] + wide[one]) + 1)
            level, ink = (np.max(each[:, columns], axis=1) for each in (ruled.level, upright))
            left[one] = _from_line_to_line(level, ink, int(y[one] + high[one] / 2), high[one])
    further = round(2 * BESIDE * height)  # where a line leans, it is further away elsewhere
    for one in np.flatnonzero(left & beside & (high >= ONE * height)):
        left[one] = not _runs_beside(ruled.upright, pieces[one], further)
    return np.asarray(left)


def _lean(upright: UInt8Array, height: float) -> float:
    """Return how far the longest of the upright lines moves to the right, by its way down."""
    if not upright.any():
        return 0.0
    labels, lines = pieces_of(upright)
    longest = int(lines[:, 3].argmax())
    if lines[longest, 3] < 3 * height:
        return 0.0
    x, y, wide, high, _ = lines[longest]
    rows, columns = np.nonzero(labels[y : y + high, x : x + wide] == longest + 1)
    return float(np.polyfit(rows, columns, 1)[0])


def _between(upright: UInt8Array, lean: float, left: FloatArray, right: FloatArray) -> np.ndarray:
    """Return how much there is of upright lines between pairs of lines that lean, in pixels.

    Parameters
    ----------
    upright : uint8 (H, W)
    lean : float
    left, right : float (N,)
        Where they cross row 0.
    """
    places = np.zeros(0)
    if upright.any():
        rows, columns = np.nonzero(upright)
        places = np.sort(columns - lean * rows)
    return np.searchsorted(places, right) - np.searchsorted(places, left)


def _runs_beside(upright: UInt8Array, piece: FloatArray, reach: int) -> bool:
    """Tell whether the line runs on beside a piece, which is at least as broad: a 1, then.

    Parameters
    ----------
    upright : uint8 (H, W)
        The upright lines.
    piece : float64 (5,)
    reach : int
        How far from the piece the line may be, in pixels.
    """
    x, y, wide, high, area = piece.astype(int)
    start = max(x - reach, 0)
    line = upright[y : y + high, start : x + wide + reach]
    own = line[:, max(x - 1 - start, 0) : x + wide + 1 - start]
    there, through = line.any(axis=1).mean(), own.any(axis=1).mean()
    thick = line.sum() / max(there * high, 1)
    return bool(there > ALONGSIDE and through < ACROSS and area / high >= thick)


def _from_line_to_line(level: UInt8Array, ink: UInt8Array, at: int, high: float) -> bool:
    """Tell whether a piece is a part of a line from one level line to the next.

    A picture may end inside a box: its edge is a line, too, unless the piece is as long as a 1.

    Parameters
    ----------
    level, ink : uint8 (H,)
        What there is in the piece's columns.
    at, high : int, float
        The row of its middle, and its height.
    """
    above, below = np.flatnonzero(level[:at]), np.flatnonzero(level[at:])
    if not len(above) and not len(below):
        return False
    above = above if len(above) else np.array([-1])
    below = below if len(below) else np.array([len(level) - at])
    own = np.flatnonzero(ink[above[-1] + 1 : at + below[0]])
    room = at + int(below[0]) - int(above[-1]) - 1
    if not len(own) or own[0] > 1 or own[-1] < room - 2:
        return False
    framed = above[-1] < 0 or at + below[0] == len(level)
    return bool(len(own) > 0.3 * room and (not framed or high < BROKEN * room))
