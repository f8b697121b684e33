"""Where the signs of a strip begin and end, on it and on the page that it was cut from."""

import itertools

import numpy as np

from .number import Box
from .rows import Row
from .strip import DIGIT_HEIGHT

INKED = 60
"""Of 255: what counts as ink on a strip."""


def widest_gap(inked: np.ndarray, left: float, right: float) -> float:
    """Return the widest run of columns without ink between two places of a strip."""
    between = inked[(inked >= left) & (inked <= right)]
    places = np.concatenate([[left], between, [right]])
    return float(np.diff(places).max())


def edges_between(peaks: list[float], inked: np.ndarray) -> list[float]:
    """Return the columns between which signs stand: one more than signs.

    Parameters
    ----------
    peaks : list of float
        The columns at which the network is surest of each.
    inked : int (N,)
        The columns with ink, in order. Where there is paper between two signs, the edge is there.
    """
    inner = []
    for left, right in itertools.pairwise(peaks):
        between = np.concatenate([[left], inked[(inked > left) & (inked < right)], [right]])
        widest = int(np.diff(between).argmax())
        free = between[widest + 1] - between[widest]
        inner.append(between[widest] + free / 2 if free > 2 else (left + right) / 2)
    first, last = peaks[0] - _reach(peaks[0] - inked[::-1]), peaks[-1] + _reach(inked - peaks[-1])
    return [max(first, 0), *inner, last]


def _reach(away: np.ndarray) -> float:
    """Return how far an outer sign reaches: as far as its ink goes on, up to a digit's height.

    Parameters
    ----------
    away : float (N,)
        How far each column with ink is from the sign's peak, outwards; in order.
    """
    own = away[(away > -2) & (away <= DIGIT_HEIGHT)]
    ends = np.flatnonzero(np.diff(own) > 2)
    reach = own[ends[0]] + 1 if len(ends) else own[-1] + 1 if len(own) else 0
    return float(reach if 2 < reach < DIGIT_HEIGHT else 0.45 * DIGIT_HEIGHT)


def box_on_page(row: Row, left: float, right: float, page: tuple[int, int]) -> Box:
    """Return the box on the page of some columns of a strip, as high as their ink.

    Parameters
    ----------
    row : Row
    left, right : float
        The columns between which it is.
    page : tuple of int
        Its rows and columns. A box ends where the page does, though a leaning one would go on.
    """
    start, end = max(int(left), 0), min(int(np.ceil(right)), row.strip.shape[1])
    ink = row.strip[:, start : max(end, start + 1)] > INKED
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (6, 26)
    if len(columns):
        start, end = start + int(columns[0]), start + int(columns[-1]) + 1
    linear, shift = row.matrix[:, :2], row.matrix[:, 2]
    corners = np.array([[start, start, end, end], [top, bottom, top, bottom]], np.float64)
    x, y = np.linalg.solve(linear, corners - shift[:, None])
    (x_first, wide), (y_first, high) = _span(x, page[1]), _span(y, page[0])
    return x_first, y_first, wide, high


def _span(places: np.ndarray, end: int) -> tuple[int, int]:
    """Return the first pixel of what reaches from the least to the largest place, and how many."""
    first = min(max(round(float(places.min())), 0), end - 1)
    last = min(max(round(float(places.max())), first + 1), end)
    return first, last - first
