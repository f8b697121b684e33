"""Read the numbers on a page: find its rows, and let the network read each."""

from functools import partial
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .decode import Seen, best_path, probability_of
from .edges import INKED, box_on_page, edges_between, widest_gap
from .number import Digit, Number, Numbers
from .recogniser import Recogniser
from .rows import Row, find_rows
from .slashes import heights_of, sensible_slashes
from .strip import DIGIT_HEIGHT, JUNK, STEP, SYMBOLS, zoomed
from .writing import find_writing

SPACE = 2.2
"""Digit heights of paper between two numbers of a row; a phone number's groups stand closer."""

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

SURE = 0.97
"""If the network is less sure of a row, it is looked at in other ways, too."""

ZOOMS = (0.88, 1.12)


class _Look(NamedTuple):
    """What the network says of a strip that was zoomed.

    Attributes
    ----------
    found : float32 (places, classes)
        The probabilities, with slashes where they make sense.
    seen : list of Seen
        Their best path.
    chance, plain : float
        How likely that path is, and the one before slashes were weighed.
    zoom : float
    """

    found: FloatArray
    seen: list[Seen]
    chance: float
    plain: float
    zoom: float

    @property
    def symbols(self) -> list[int]:
        """What is written."""
        return [each.symbol for each in self.seen]

    def column(self, place: int) -> float:
        """Return the column of the strip at which a place is."""
        return place * STEP / self.zoom


class _Said(NamedTuple):
    """What is read in a row: the look that was chosen, and what all looks think of it, 0 to 1."""

    row: Row
    look: _Look
    chance: float


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
        numbers: list[Number] = []
        size = page.shape[0], page.shape[1]
        line, above = -1, None
        rows = find_rows(writing)
        found = self._recognise.each([row.strip for row in rows])
        for said in _only_numbers([self._read(*each) for each in zip(rows, found, strict=True)]):
            row = said.row
            if above is None or not _beside(above, row):
                line += 1
            above = row
            parts = _parts(said.look, row.strip)
            numbers += [self._number(said, part, line, size) for part in parts]
        numbers = _likely([number for number in numbers if number.digits])
        if not numbers:
            return Numbers("no_number")
        sure = all(number.sure for number in numbers)
        return Numbers("ok" if sure else "unsure", tuple(numbers))

    def _read(self, row: Row, found: FloatArray) -> _Said:
        """Read a row by what the network has seen in it, float32 (places, classes).

        Where that isn't sure, other sizes and a second network vote, too; not on what is mostly no
        digit: a page of specks or of text has hundreds of such rows.
        """
        looks = [_look(row.strip, found)]
        if looks[0].plain < SURE and _mostly_digits(looks[0].symbols):
            second = self._recognise.second
            strips = [(zoomed(row.strip, zoom), zoom) for zoom in ZOOMS]
            looks += [_look(row.strip, self._recognise(strip), zoom) for strip, zoom in strips]
            if second:
                strips = [(row.strip, 1.0), *strips]
                looks += [_look(row.strip, second(strip), zoom) for strip, zoom in strips]
        said = {tuple(look.symbols): look for look in reversed(looks)}
        votes = {
            text: float(np.mean([probability_of(list(text), look.found) for look in looks]))
            for text in said
        }
        text, chance = max(votes.items(), key=lambda vote: vote[1])
        return _Said(row, said[text], chance)

    def _number(self, said: _Said, seen: list[Seen], line: int, page: tuple[int, int]) -> Number:
        """Make a number of what is seen side by side on a strip, of a page of that shape."""
        row, look = said.row, said.look
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


def _look(strip: UInt8Array, found: FloatArray, zoom: float = 1.0) -> _Look:
    """Take what a network says of a strip, uint8 (32, W), that was zoomed for it."""
    seen = best_path(found)
    plain = probability_of([each.symbol for each in seen], found)
    look = _Look(found, seen, plain, plain, zoom)
    for part in _parts(look, strip):
        columns = [look.column(each.peak) for each in part]
        heights = partial(heights_of, part, columns, strip)
        better, found = sensible_slashes(part, found, heights)
        for old, new in zip(part, better, strict=True):
            seen[seen.index(old)] = new
    if found is look.found:
        return look
    chance = probability_of([each.symbol for each in seen], found)
    return look._replace(found=found, chance=chance)


def _only_numbers(read: list[_Said]) -> list[_Said]:
    """Leave out rows that say no number: words, lines, stains."""
    kept = []
    for said in read:
        symbols = said.look.symbols
        least = LEAST_OF_WORDS if JUNK in symbols else LEAST
        if _mostly_digits(symbols) and said.chance ** (1 / len(symbols)) >= least:
            kept.append(said)
    if any(len(said.look.seen) > 1 for said in kept):
        kept = [said for said in kept if len(said.look.seen) > 1 or said.chance >= LONE]
    if len(kept) < 2:
        return kept
    heights = np.array([said.row.height for said in kept])
    order = np.argsort(heights, kind="stable")
    # printed lines are long, too, but nothing that the network is sure of
    along = np.cumsum([len(kept[place].look.seen) * kept[place].chance for place in order])
    usual = heights[order][np.searchsorted(along, 0.5 * along[-1])]
    return [said for said in kept if usual / UNUSUAL <= said.row.height <= usual * UNUSUAL]


def _mostly_digits(symbols: list[int]) -> bool:
    """Tell whether there are more digits than signs of writing that is no number."""
    return sum(symbol < 10 for symbol in symbols) > symbols.count(JUNK)


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


def _parts(look: _Look, strip: UInt8Array) -> list[list[Seen]]:
    """Cut what is seen on a strip where there is much paper between two signs."""
    parts: list[list[Seen]] = []
    inked = np.flatnonzero(strip.max(axis=0) > INKED)
    for each in look.seen:
        if each.symbol == JUNK:
            continue
        before = look.column(parts[-1][-1].peak) if parts else 0
        if parts and widest_gap(inked, before, look.column(each.peak)) < SPACE * DIGIT_HEIGHT:
            parts[-1].append(each)
        else:
            parts.append([each])
    return parts
