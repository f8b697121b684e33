"""Leave out brackets, as around the area code of a phone number: one by one they look like 1s.

But they come in pairs, bent away from what is between them. See docs/decisions/064-brackets.md.
"""

from collections.abc import Callable

import numpy as np

from ..base.types import UInt8Array

NARROW = 0.55
"""The width of a bracket by its height, at most."""

BENT, BOTH_BENT = 0.06, 0.18
"""How far the middle of a bracket lies from the line through its ends, by its own height, at least;
and of a pair, in all. Of 271 people's 1s, every 20th is bent by 0.09, but two in a number that are
bent away from each other are rare."""

SMOOTH = 0.035
"""How far it lies from a parabola on average, by its height, at most: flags and feet go further."""

LOOP = 0.05
"""The share of its rows in which its ink is parted, as by a loop, at most."""

LEAST = 0.9
"""How high a bracket is by the pieces of its row, at least."""

ALIKE = 0.7
"""How high the lower one of a pair is by the higher one, at least."""

APART = 2.2
"""Heights between two pieces, at most: what is farther away is another number."""


def without_brackets(
    group: np.ndarray, pieces: np.ndarray, ink_of: Callable[[int], UInt8Array]
) -> np.ndarray:
    """Leave out pairs of brackets with digits between them.

    Parameters
    ----------
    group : int (K,)
        The places of a row's pieces.
    pieces : float64 (N, 5)
        x, y, width, height and area of all pieces.
    ink_of : callable
        Returns a piece's own ink in its box: uint8 (h, w) of 0 and 1.

    Returns
    -------
    int (K or fewer,)
        From the left.
    """
    order = group[np.argsort(pieces[group, 0], kind="stable")]
    x, _, wide, high, _ = pieces[order].T
    may_be = (wide < NARROW * high) & (high >= LEAST * np.median(high))
    if may_be.sum() < 2:
        return order
    # how often a wide gap came before each piece
    gaps = np.cumsum(np.append(0, x[1:] - (x + wide)[:-1] > APART * np.median(high)))
    bows = {place: bow_of(ink_of(int(order[place]))) for place in np.flatnonzero(may_be).tolist()}
    gone: list[int] = []
    opened = None
    for place, bow in bows.items():
        if bow >= BENT:
            opened = place
        elif bow <= -BENT and opened is not None:
            alike = ALIKE <= high[opened] / high[place] <= 1 / ALIKE
            near = gaps[place] == gaps[opened] and place > opened + 1
            if alike and near and bows[opened] - bow >= BOTH_BENT:
                gone += [opened, place]
            opened = None
    return np.delete(order, gone)


def bow_of(ink: UInt8Array) -> float:
    """Return how far a stroke is bent, by its height: positive like (, negative like ), else 0.

    It is 0 for what is no single, smooth stroke from top to bottom.

    Parameters
    ----------
    ink : uint8 (h, w)
        1 where there is ink.
    """
    high = len(ink)
    count = ink.sum(axis=1)
    rows = np.flatnonzero(count)
    if len(rows) < 8:
        return 0.0
    ink, count = ink[rows], count[rows]
    columns = np.arange(ink.shape[1])
    breadth = ink.shape[1] - ink[:, ::-1].argmax(axis=1) - ink.argmax(axis=1)
    if np.mean(breadth > count + 1) > LOOP:
        return 0.0
    middle = (ink @ columns) / count / high
    y = rows / high
    bend, *_ = fit = np.polyfit(y, middle, 2)
    if np.sqrt(np.mean((np.polyval(fit, y) - middle) ** 2)) > SMOOTH:
        return 0.0
    return float(bend / 4)
