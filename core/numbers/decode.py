"""From a network's probabilities along a strip to the symbols that are written on it.

The network says for each place which symbol it sees or that none begins there (connectionist
temporal classification, Graves et al. 2006). Equal neighbours are one symbol; equal symbols that
stand beside each other have at least one place without between them.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray
from .strip import BLANK

RESCALED = 8
"""Steps after which small numbers are made larger again, so that none becomes 0."""


class Seen(NamedTuple):
    """A symbol on a strip.

    Attributes
    ----------
    symbol : int
        Its place in `SYMBOLS`.
    first, last : int
        The first and last place at which the network sees it.
    peak : int
        The place at which it is surest.
    """

    symbol: int
    first: int
    last: int
    peak: int


def best_path(probabilities: FloatArray) -> list[Seen]:
    """Return the symbols that are likeliest at each place.

    Parameters
    ----------
    probabilities : float32 (places, classes)
        Each row sums to 1; the last class is BLANK.
    """
    best = probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.r_[True, best[1:] != best[:-1]])
    ends = np.r_[starts[1:], len(best)]
    seen = []
    for start, end in zip(starts, ends, strict=True):
        symbol = int(best[start])
        if symbol != BLANK:
            peak = int(start + probabilities[start:end, symbol].argmax())
            seen.append(Seen(symbol, int(start), int(end) - 1, peak))
    return seen


def probability_of(symbols: list[int], probabilities: FloatArray) -> float:
    """Return how likely it is that a strip says just these symbols, 0 to 1.

    The sum over all ways to place them: the forward algorithm of Graves et al., eq. 6 to 8.

    Parameters
    ----------
    symbols : list of int
        Places in `SYMBOLS`.
    probabilities : float32 (places, classes)
    """
    states = np.full(2 * len(symbols) + 1, BLANK)
    states[1::2] = symbols
    # a symbol may follow the one before it without a gap if it is another one
    skipping = np.zeros(len(states))
    skipping[3::2] = states[3::2] != states[1:-2:2]
    rows = probabilities.astype(np.float64)[:, states]
    padded = np.zeros(len(states) + 2)  # so that what comes before the first state is 0
    alpha = padded[2:]
    alpha[:2] = rows[0, :2]
    log = 0.0
    for place, row in enumerate(rows[1:], 1):
        moved = alpha + padded[1:-1]
        moved += skipping * padded[:-2]
        moved *= row
        alpha[:] = moved
        if place % RESCALED == 0:
            total = float(alpha.sum())
            if total <= 0:
                return 0.0
            log += np.log(total)
            alpha /= total
    return float(np.exp(log) * (alpha[-1] + (alpha[-2] if len(symbols) else 0)))
