"""Tell slashes from 1s: one by one they look alike.

But a slash is higher than the digits beside it, and parts a date or a fraction or closes an amount.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .decode import Seen
from .strip import SYMBOLS

SLASH, ONE = SYMBOLS.index("/"), SYMBOLS.index("1")

DOUBT = 0.02
"""How likely a slash must be, beside a 1, to be weighed."""

UNDATED = 1e-3
"""How likely slashes are where they part neither a date nor a fraction."""

CLOSING = "/-"
"""What is written after an amount in India and around it, so that nothing can be added."""

HIGH_ONE, HIGH_SLASH = (0.96, 0.15), (1.43, 0.18)
"""How high 1s and slashes are by the height of the other digits beside them: mean and deviation
among pen strokes of the sets that this was developed with (182 and 83)."""

MOST_BY_HEIGHT = 10.0
"""How many times likelier a stroke's height makes a slash, or a 1, at most."""

INKED = 70
"""Of 255: what counts as ink on a strip."""

MOST_STROKES = 6
"""Strokes of a number that are weighed: 64 ways to read them."""


def sensible_slashes(
    seen: list[Seen], found: FloatArray, heights: Callable[[], Sequence[float]]
) -> tuple[list[Seen], FloatArray]:
    """Decide which strokes are slashes and which are 1s, by the number that comes out.

    A slash parts a date or a fraction or closes an amount (`_is_dated`), and doesn't begin or end
    one. Where the network sees one elsewhere, it is the leaning 1 that it must be; where a 1 might
    be a slash, both are weighed.

    Parameters
    ----------
    seen : list of Seen
    found : float32 (places, classes)
        The probabilities along the strip.
    heights : callable
        Returns those of what is seen, as `heights_of` measures them; called where they may matter.

    Returns
    -------
    list of Seen, float32 (places, classes)
        The same with the strokes as they were decided.
    """

    def may_be(each: Seen, rather: float) -> bool:
        slash, one = found[each.peak, SLASH], found[each.peak, ONE]
        return each.symbol == SLASH or (each.symbol == ONE and rather * slash > DOUBT * one)

    if not any(may_be(each, MOST_BY_HEIGHT) for each in seen):
        return seen, found
    rather = [_rather_slash(height) for height in heights()]
    strokes = [place for place, each in enumerate(seen) if may_be(each, rather[place])]
    strokes = strokes[:MOST_STROKES]
    if not strokes:
        return seen, found
    best: tuple[float, tuple[int, ...]] = (-1.0, ())
    symbols = [each.symbol for each in seen]
    for choice in itertools.product((ONE, SLASH), repeat=len(strokes)):
        chance = 1.0
        for place, symbol in zip(strokes, choice, strict=True):
            symbols[place] = symbol
            chance *= max(float(found[seen[place].peak, symbol]), 1e-3)
            chance *= rather[place] if symbol == SLASH else 1.0
        text = "".join(SYMBOLS[symbol] for symbol in symbols)
        if not _is_dated(text):
            chance *= UNDATED
        if text.startswith("/") or text.endswith("/"):
            chance *= UNDATED
        best = max(best, (chance, choice))
    found, seen = found.copy(), list(seen)
    for place, symbol in zip(strokes, best[1], strict=True):
        if symbol != seen[place].symbol:
            other, area = seen[place].symbol, slice(seen[place].first, seen[place].last + 1)
            found[area, symbol] += found[area, other]
            found[area, other] = 0
            seen[place] = seen[place]._replace(symbol=symbol)
    return seen, found


def heights_of(seen: list[Seen], columns: Sequence[float], strip: UInt8Array) -> list[float]:
    """Return how high each sign is, by the usual height of the digits but 1s; 0 is unknown.

    Parameters
    ----------
    seen : list of Seen
    columns : sequence of float
        Where on the strip each stands.
    strip : uint8 (32, W)

    Returns
    -------
    list of float
        The height is unknown where a sign touches another.
    """
    import cv2

    if not any(each.symbol in (ONE, SLASH) for each in seen):
        return [0.0] * len(seen)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((strip > INKED).astype(np.uint8))
    stats[0, 3] = 0  # paper
    pieces = []
    for column in columns:
        near = np.unique(labels[:, max(int(column) - 2, 0) : int(column) + 3])
        pieces.append(int(near[stats[near, 3].argmax()]) if len(near) else 0)
    own = [float(stats[one, 3]) if pieces.count(one) == 1 else 0.0 for one in pieces]
    others = [
        height
        for height, each in zip(own, seen, strict=True)
        if height and each.symbol < 10 and each.symbol != ONE
    ]
    usual = float(np.median(others or [height for height in own if height] or [1]))
    return [height / usual for height in own]


def _rather_slash(height: float) -> float:
    """Return how many times likelier a stroke of this height is a slash than a 1."""
    if not height:
        return 1.0
    (one, spread), (slash, wide) = HIGH_ONE, HIGH_SLASH
    log = 0.5 * (((height - one) / spread) ** 2 - ((height - slash) / wide) ** 2)
    most = np.log(MOST_BY_HEIGHT)
    return float(np.exp(np.clip(log, -most, most)) * spread / wide)


def _is_dated(text: str) -> bool:
    """Tell whether slashes stand where they may: 12/21/91, 2026/11/26, 3/4, 1/250, 55000/-."""
    text = text.removesuffix(CLOSING) or text
    parts = [len(part) for part in text.split("/")]
    if len(parts) == 3:  # the year comes last or, in full, first
        day, month, year = parts if parts[0] != 4 else parts[::-1]
        return 1 <= day <= 2 and 1 <= month <= 2 and year in (2, 4)
    short, longest = min(parts), max(parts)
    return len(parts) == 1 or (len(parts) == 2 and 1 <= short <= 2 and longest <= 4)
