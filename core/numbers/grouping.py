"""Put pieces of ink together that stand in one row."""

import numpy as np

APART = 4.5
"""Digit heights between two pieces of one row, at most."""

OVERLAP = 0.4
"""The share of the lower one's height that two of them have beside each other, at least."""

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
    return [tall[roots == each] for each in dict.fromkeys(roots.tolist())]
