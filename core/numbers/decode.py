"""From a network's probabilities along a strip to the symbols that are written on it.

The network says for each place which symbol it sees or that none begins there (connectionist
temporal classification, Graves et al. 2006). Equal neighbours are one symbol; equal symbols that
stand beside each other have at least one place without between them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray
from .strip import BLANK

TOGETHER = 2**20
"""Numbers that are taken to memory for several strips at once: 8 MB."""

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


def probability_of(symbols: Sequence[int], probabilities: FloatArray) -> float:
    """Return how likely it is that a strip says just these symbols, 0 to 1.

    Parameters
    ----------
    symbols : sequence of int
        Places in `SYMBOLS`.
    probabilities : float32 (places, classes)
    """
    return probabilities_of([(symbols, probabilities)])[0]


def probabilities_of(pairs: Sequence[tuple[Sequence[int], FloatArray]]) -> list[float]:
    """Return what `probability_of` does for pairs of its arguments, and much quicker."""
    found = [0.0] * len(pairs)
    longest = max((len(rows) for _, rows in pairs), default=0)
    order = sorted(range(len(pairs)), key=lambda each: len(pairs[each][0]))
    while order:
        most = max(TOGETHER // (longest * _states(pairs[order[-1]][0])), 1)
        portion, order = order[-most:], order[:-most]
        chances = _forward([pairs[each] for each in portion])
        for each, chance in zip(portion, chances, strict=True):
            found[each] = chance
    return found


def _states(symbols: Sequence[int]) -> int:
    """Return how many states there are: each symbol, and the gaps around all."""
    return 2 * len(symbols) + 1


def _forward(pairs: Sequence[tuple[Sequence[int], FloatArray]]) -> list[float]:
    """Sum over all ways to place symbols: the forward algorithm of Graves et al., eq. 6 to 8.

    All pairs take each step at once. What a shorter one has too many of stays 0.
    """
    states = max(_states(symbols) for symbols, _ in pairs)
    lengths = np.array([len(each) for _, each in pairs])
    rows = np.zeros((lengths.max(), len(pairs), states))
    skipping = np.zeros((len(pairs), states))
    for place, (symbols, each) in enumerate(pairs):
        own = np.full(_states(symbols), BLANK)
        own[1::2] = symbols
        # a symbol may follow the one before it without a gap if it is another one
        skipping[place, 3 : len(own) : 2] = own[3::2] != own[1:-2:2]
        rows[: len(each), place, : len(own)] = each[:, own]
    padded = np.zeros((len(pairs), states + 2))  # so that what comes before the first state is 0
    alpha = padded[:, 2:]
    alpha[:, :2] = rows[0, :, :2]
    log = np.zeros(len(pairs))
    found = [0.0] * len(pairs)
    for step, row in enumerate(rows):
        if step:
            moved = alpha + padded[:, 1:-1]
            moved += skipping * padded[:, :-2]
            moved *= row
            alpha[:] = moved
        if step % RESCALED == 0:
            total = alpha.sum(axis=1)
            total[total <= 0] = 1
            log += np.log(total)
            alpha /= total[:, np.newaxis]
        for place in np.flatnonzero(lengths == step + 1).tolist():
            end = _states(pairs[place][0])
            found[place] = float(np.exp(log[place]) * alpha[place, max(end - 2, 0) : end].sum())
    return found
