"""Read the numbers on a page: find its rows, and let the network read each."""

import itertools

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .decode import Seen, best_path, probability_of
from .number import Box, Digit, Number, Numbers
from .recogniser import Recogniser
from .rows import Row, find_rows
from .strip import JUNK, STEP, SYMBOLS
from .writing import find_writing

SPACE = 2.2
"""Digit heights of paper between two numbers of a row; a phone number's groups stand closer."""

UNUSUAL = 2.3
"""How many times higher or lower than most a row may be, to be a number beside them."""

LEAST = 0.3
"""A row of which the network is less sure, as the geometric mean of its signs, is no number."""


class NumbersReader:
    """Reads pages with one network; safe to call from several threads."""

    def __init__(self, recogniser: Recogniser, reject_below: float) -> None:
        """Take what reads strips, and the confidence from which on a number is sure."""
        self._recognise = recogniser
        self._reject_below = reject_below

    def __call__(self, page: UInt8Array) -> Numbers:
        """Read a page.

        Parameters
        ----------
        page : uint8 (H, W)
            Grey, upright, of either polarity.

        Returns
        -------
        Numbers
            Its status is `ok`, `unsure`, `blank` or `no_number`.
        """
        writing = find_writing(page)
        if writing is None:
            return Numbers("blank")
        read = [(row, *self._read(row)) for row in find_rows(writing)]
        read = _only_numbers(read)
        numbers: list[Number] = []
        line, above = -1, None
        for row, seen, found in read:
            if above is None or not _beside(above, row):
                line += 1
            above = row
            numbers += [self._number(row, part, found, line) for part in _parts(row, seen)]
        numbers = [number for number in numbers if number.digits]
        if not numbers:
            return Numbers("no_number")
        sure = all(number.sure for number in numbers)
        return Numbers("ok" if sure else "unsure", tuple(numbers))

    def _read(self, row: Row) -> tuple[list[Seen], FloatArray]:
        found = self._recognise(row.strip)
        return best_path(found), found

    def _number(self, row: Row, seen: list[Seen], found: FloatArray, line: int) -> Number:
        """Make a number of what is seen side by side on a strip."""
        text = "".join(SYMBOLS[each.symbol] for each in seen)
        first = max(seen[0].first - 4, 0)
        own = found[first : seen[-1].last + 5]
        confidence = probability_of([each.symbol for each in seen], own)
        edges = _edges(seen)
        digits = []
        for place, each in enumerate(seen):
            if each.symbol < 10:
                chances = found[each.peak, :10]
                total = max(float(chances.sum()), 1e-12)
                box = _box(row, edges[place], edges[place + 1])
                digits.append(
                    Digit(each.symbol, float(found[each.peak, each.symbol]), box, chances / total)
                )
        return Number(
            text,
            "".join(str(digit.digit) for digit in digits),
            confidence,
            confidence >= self._reject_below,
            _box(row, edges[0], edges[-1]),
            line,
            tuple(digits),
        )


_Read = tuple[Row, list[Seen], FloatArray]


def _only_numbers(read: list[_Read]) -> list[_Read]:
    """Leave out rows that say no number: words, lines, stains."""
    kept = []
    for row, seen, found in read:
        symbols = [each.symbol for each in seen]
        digits, junk = sum(symbol < 10 for symbol in symbols), symbols.count(JUNK)
        if digits > junk:
            kept.append((row, [each for each in seen if each.symbol != JUNK], found))
    chances = [_chance(seen, found) for _, seen, found in kept]
    kept = [each for each, chance in zip(kept, chances, strict=True) if chance >= LEAST]
    if len(kept) < 2:
        return kept
    heights = np.array([row.height for row, _, _ in kept])
    order = np.argsort(heights, kind="stable")
    along = np.cumsum([len(kept[place][1]) for place in order])
    usual = heights[order][np.searchsorted(along, 0.5 * along[-1])]
    return [each for each in kept if usual / UNUSUAL <= each[0].height <= usual * UNUSUAL]


def _chance(seen: list[Seen], found: FloatArray) -> float:
    """Return how sure the network is of one sign, on average."""
    symbols = [each.symbol for each in seen]
    return float(probability_of(symbols, found) ** (1 / len(symbols))) if symbols else 0.0


def _beside(one: Row, other: Row) -> bool:
    """Tell whether two rows, in reading order, stand on one line."""
    middle, next_middle = (row.box[1] + row.box[3] / 2 for row in (one, other))
    return other.box[0] >= one.box[0] and abs(middle - next_middle) < 0.5 * min(
        one.height, other.height
    )


def _parts(row: Row, seen: list[Seen]) -> list[list[Seen]]:
    """Cut what is seen on a strip where there is much paper between two signs."""
    parts: list[list[Seen]] = []
    inked = np.flatnonzero(row.strip.max(axis=0) > 60)
    for each in seen:
        if parts and _gap(inked, parts[-1][-1].peak * STEP, each.peak * STEP) < SPACE * 20:
            parts[-1].append(each)
        else:
            parts.append([each])
    return parts


def _gap(inked: np.ndarray, left: int, right: int) -> int:
    """Return the widest run of columns without ink between two places of a strip."""
    between = inked[(inked >= left) & (inked <= right)]
    places = np.concatenate([[left], between, [right]])
    return int(np.diff(places).max())


def _edges(seen: list[Seen]) -> list[float]:
    """Return the columns between which each sign stands: one more than signs."""
    peaks = [each.peak * STEP for each in seen]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(peaks)]
    half = 9.0
    first = max(peaks[0] - half, 0) if not middles else peaks[0] - min(half, middles[0] - peaks[0])
    last = peaks[-1] + (half if not middles else min(half, peaks[-1] - middles[-1]))
    return [first, *middles, last]


def _box(row: Row, left: float, right: float) -> Box:
    """Return the box on the page of some columns of a strip, as high as their ink."""
    start, end = max(int(left), 0), min(int(np.ceil(right)), row.strip.shape[1])
    ink = row.strip[:, start : max(end, start + 1)] > 60
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (6, 26)
    if len(columns):
        start, end = start + int(columns[0]), start + int(columns[-1]) + 1
    linear, shift = row.matrix[:, :2], row.matrix[:, 2]
    corners = np.array([[start, start, end, end], [top, bottom, top, bottom]], np.float64)
    x, y = np.linalg.solve(linear, corners - shift[:, None])
    box = (round(x.min()), round(y.min()), round(np.ptp(x)), round(np.ptp(y)))
    return max(box[0], 0), max(box[1], 0), max(box[2], 1), max(box[3], 1)
