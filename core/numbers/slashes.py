"""Tell slashes from 1s: one by one they look alike, but a slash parts a date or a fraction."""

import itertools

from ..base.types import FloatArray
from .decode import Seen
from .strip import SYMBOLS

SLASH, ONE = SYMBOLS.index("/"), SYMBOLS.index("1")

DOUBT = 0.02
"""How likely a slash must be, beside a 1, to be weighed."""

UNDATED = 1e-3
"""How likely slashes are where they part neither a date nor a fraction."""

MOST_STROKES = 6
"""Strokes of a number that are weighed: 64 ways to read them."""


def sensible_slashes(seen: list[Seen], found: FloatArray) -> tuple[list[Seen], FloatArray]:
    """Decide which strokes are slashes and which are 1s, by the number that comes out.

    A slash parts a date or a fraction (`_is_dated`), and neither begins nor ends a number. Where
    the network sees one elsewhere, it is the leaning 1 that it must be; where a 1 might be a slash,
    both are weighed.
    """
    strokes = [
        place
        for place, each in enumerate(seen)
        if each.symbol == SLASH
        or (each.symbol == ONE and found[each.peak, SLASH] > DOUBT * found[each.peak, ONE])
    ][:MOST_STROKES]
    if not strokes:
        return seen, found
    best: tuple[float, tuple[int, ...]] = (-1.0, ())
    symbols = [each.symbol for each in seen]
    for choice in itertools.product((ONE, SLASH), repeat=len(strokes)):
        chance = 1.0
        for place, symbol in zip(strokes, choice, strict=True):
            symbols[place] = symbol
            chance *= max(float(found[seen[place].peak, symbol]), 1e-3)
        if not _is_dated("".join(SYMBOLS[symbol] for symbol in symbols)):
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


def _is_dated(text: str) -> bool:
    """Tell whether slashes stand where they may: 12/21/91, 2026/11/26, 3/4, 1/250; or none do."""
    *short, longest = sorted(len(part) for part in text.split("/"))
    if not short:
        return True
    years = (1, 2, 4) if len(short) == 2 else (1, 2, 3, 4)
    return len(short) <= 2 and short[0] >= 1 and short[-1] <= 2 and longest in years
