"""Put pieces of ink together that stand in one row."""

import numpy as np

APART = 4.5
"""Digit heights between two pieces of one row, at most."""

OVERLAP = 0.4
"""The share of the lower one's height that two of them have beside each other, at least."""

WHOLE, ROOM = 0.8, 0.15
"""A piece of at least this share of its row's greatest height is a whole digit; and how far beyond
these a part of one may reach, by their height."""

SHARED = 0.3
"""The share of its width that a part has above or below another one, at least, and of its height
that it has beside it, at most."""

HIGHER = 2.6
"""How many times as high as its neighbour a piece may be."""


def groups_of(pieces: np.ndarray, tall: np.ndarray) -> list[np.ndarray]:
    """Put tall pieces that stand beside each other together.

    Parameters
    ----------
    pieces : float64 (N, 5)
        x, y, width, height and area.
    tall : int (M,)
        The places of those that may be digits or signs.

    Returns
    -------
    list of int (K,)
        The places of each row's pieces.
    """
    parents = np.arange(len(tall))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return int(place)

    x, y, wide, high = pieces[tall, :4].T
    for one in range(len(tall)):
        larger, smaller = np.maximum(high, high[one]), np.minimum(high, high[one])
        overlap = np.minimum(y + high, y[one] + high[one]) - np.maximum(y, y[one])
        gap = np.maximum(x - (x[one] + wide[one]), x[one] - (x + wide))
        beside = (
            (overlap >= OVERLAP * smaller)
            & (gap < APART * (smaller + larger) / 2)
            & (larger < HIGHER * smaller)
        )
        for other in np.flatnonzero(beside[one + 1 :]) + one + 1:
            parents[root(int(other))] = root(one)
    roots = np.array([root(place) for place in range(len(tall))])
    return _with_parts(pieces, [tall[roots == each] for each in dict.fromkeys(roots.tolist())])


def _with_parts(pieces: np.ndarray, groups: list[np.ndarray]) -> list[np.ndarray]:
    """Join a row of broken-off parts of digits to the row of the digits they belong to.

    A thin pen's strokes break: where the upper halves have joined a row, the lower ones make one of
    their own. They reach no further than its whole digits, and each is below or above a piece.
    """
    x, y, wide, high = pieces[:, :4].T
    right, below = x + wide, y + high
    tallest = np.array([high[group].max() for group in groups])
    first = np.array([y[group].min() for group in groups])
    last = np.array([below[group].max() for group in groups])
    reach = np.array([_reach(y[group], high[group]) for group in groups]).reshape(-1, 2)
    home = np.arange(len(groups))
    for one in np.argsort(-tallest, kind="stable"):
        own = groups[one]
        holds = (reach[:, 0] < first[one]) & (reach[:, 1] > last[one]) & (tallest > tallest[one])
        for row in np.flatnonzero(holds):
            its = groups[row][:, np.newaxis]
            across = np.minimum(right[its], right[own]) - np.maximum(x[its], x[own])
            along = np.minimum(below[its], below[own]) - np.maximum(y[its], y[own])
            parted = (across >= SHARED * wide[own]) & (along < SHARED * high[own])
            if parted.any(axis=0).all():
                home[one] = home[row]
                break
    return [
        np.concatenate([groups[one] for one in np.flatnonzero(home == row)])
        for row in dict.fromkeys(home.tolist())
    ]


def _reach(y: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return where the whole digits of a row begin and end, with some room; in pixels."""
    whole = high >= WHOLE * high.max()
    top, bottom = float(np.median(y[whole])), float(np.median((y + high)[whole]))
    return top - ROOM * (bottom - top), bottom + ROOM * (bottom - top)
