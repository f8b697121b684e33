"""Read the numbers on a page: find its rows, and let the network read each."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array
from .decode import Seen, probability_of
from .edges import INKED, box_on_page, edges_between
from .levels import DOUBTED, MOST, agreed, at_levels
from .looks import Said, parts_of, read_strips
from .number import Digit, Number, Numbers
from .recogniser import Recogniser
from .rows import Row, find_rows
from .strip import JUNK, SYMBOLS
from .writing import Writing, find_writing

UNUSUAL = 2.3
"""How many times higher or lower than most a row may be, to be a number beside them."""

LEAST = 0.3
"""A row of whose signs the network is less sure on average is no number."""

LEAST_OF_WORDS = 0.55
"""So is a row with something else than digits among them, of which it is less sure than this."""

LONE = 0.95
"""So is a single sign beside rows of several, which is most often a mark, not a 1 or a 7."""

LEAST_BESIDE, READ = 0.6, 0.7
"""A number of whose signs it is less sure than the first is left out beside one of which it is
surer than the second: words and what lines leave are most often that."""


class _ReadRow(NamedTuple):
    row: Row
    said: Said


class NumbersReader:
    """Reads pages; safe to call from several threads."""

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
        numbers = self._numbers(writing, page)
        if not numbers:
            return Numbers("no_number")
        doubted = [number for number in numbers if number.confidence < DOUBTED]
        for number in sorted(doubted, key=lambda each: each.confidence)[:MOST]:
            others = [self._numbers(part, page) for part in at_levels(writing, number.box)]
            place = numbers.index(number)
            better = agreed(number, numbers[:place] + numbers[place + 1 :], others)
            numbers[place] = replace(better, sure=better.confidence >= self._reject_below)
        sure = all(number.sure for number in numbers)
        return Numbers("ok" if sure else "unsure", tuple(numbers))

    def _numbers(self, writing: Writing, page: UInt8Array) -> list[Number]:
        """Return the numbers of what is written on a page or a part of it."""
        numbers: list[Number] = []
        size = page.shape[0], page.shape[1]
        line, above = -1, None
        rows = find_rows(writing)
        every = read_strips(self._recognise, [row.strip for row in rows])
        read = [_ReadRow(*each) for each in zip(rows, every, strict=True)]
        for row, said in _only_numbers(read):
            if above is None or not _beside(above, row):
                line += 1
            above = row
            parts = parts_of(said.look, row.strip)
            numbers += [self._number(row, said, part, line, size) for part in parts]
        return _likely([number for number in numbers if number.digits])

    def _number(
        self, row: Row, said: Said, seen: list[Seen], line: int, page: tuple[int, int]
    ) -> Number:
        """Make a number of what is seen side by side in a row, of a page of that shape."""
        look = said.look
        columns = [look.column(each.peak) for each in seen]
        found = look.found
        text = "".join(SYMBOLS[each.symbol] for each in seen)
        first = max(seen[0].first - 4, 0)
        own = found[first : seen[-1].last + 5]
        # other looks doubt all numbers of the row alike
        doubt = min(said.chance / max(look.chance, 1e-12), 1.0)
        confidence = doubt * probability_of([each.symbol for each in seen], own)
        inked = np.flatnonzero(row.strip.max(axis=0) > INKED)
        edges = edges_between(columns, inked)
        digits = []
        for place, each in enumerate(seen):
            if each.symbol < 10:
                chances = found[each.peak, :10]
                total = max(float(chances.sum()), 1e-12)
                box = box_on_page(row, edges[place], edges[place + 1], page)
                sure = float(found[each.peak, each.symbol])
                digits.append(Digit(each.symbol, sure, box, chances / total))
        return Number(
            text,
            "".join(str(digit.digit) for digit in digits),
            confidence,
            confidence >= self._reject_below,
            box_on_page(row, edges[0], edges[-1], page),
            line,
            tuple(digits),
        )


def _only_numbers(read: list[_ReadRow]) -> list[_ReadRow]:
    """Leave out rows that say no number: words, lines, stains."""
    kept = []
    for one in read:
        symbols, chance = one.said.look.symbols, one.said.chance
        least = LEAST_OF_WORDS if JUNK in symbols else LEAST
        if one.said.look.mostly_digits and chance ** (1 / len(symbols)) >= least:
            kept.append(one)
    lengths = [len(one.said.look.seen) for one in kept]
    if max(lengths, default=0) > 1:
        both = zip(kept, lengths, strict=True)
        kept = [one for one, length in both if length > 1 or one.said.chance >= LONE]
    if len(kept) < 2:
        return kept
    heights = np.array([one.row.height for one in kept])
    order = np.argsort(heights, kind="stable")
    # printed lines are long, too, but nothing that the network is sure of
    weights = [len(one.said.look.seen) * one.said.chance for one in kept]
    along = np.cumsum(np.array(weights)[order])
    usual = heights[order][np.searchsorted(along, 0.5 * along[-1])]
    return [one for one in kept if usual / UNUSUAL <= one.row.height <= usual * UNUSUAL]


def _likely(numbers: list[Number]) -> list[Number]:
    """Leave out what is hardly a number, beside others that are."""
    of_each = [number.confidence ** (1 / len(number.text)) for number in numbers]
    if max(of_each, default=0) <= READ:
        return numbers
    return [one for one, sure in zip(numbers, of_each, strict=True) if sure >= LEAST_BESIDE]


def _beside(one: Row, other: Row) -> bool:
    """Tell whether two rows, in reading order, stand on one line."""
    middle, next_middle = (row.box[1] + row.box[3] / 2 for row in (one, other))
    return other.box[0] >= one.box[0] and abs(middle - next_middle) < 0.5 * min(
        one.height, other.height
    )
