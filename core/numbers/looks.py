"""Look at a strip in several ways, and let what each says vote.

One look is what a network says of the strip at one size. Other sizes and a second network make
other mistakes, so that what they agree about is right more often than what one look is sure of.
See docs/decisions/062-sure-by-more-looks.md.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .decode import Seen, best_path, probability_of
from .edges import INKED, widest_gap
from .recogniser import Recogniser
from .slashes import heights_of, sensible_slashes
from .strip import DIGIT_HEIGHT, JUNK, STEP, zoomed

SPACE = 2.2
"""Digit heights of paper between two numbers of a row; a phone number's groups stand closer."""

SURE = 0.995
"""If the network is less sure of a strip, a second network looks at it, too."""

NEARLY = 0.97
"""If it is less sure than this, both look at it in other sizes. A network that is alone does so
where it is less than SURE."""

ZOOMS = (0.88, 1.12)


class Look(NamedTuple):
    """What a network says of a strip that was zoomed.

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

    @property
    def mostly_digits(self) -> bool:
        """Whether there are more digits than signs of writing that is no number."""
        return sum(symbol < 10 for symbol in self.symbols) > self.symbols.count(JUNK)

    def column(self, place: int) -> float:
        """Return the column of the strip at which a place is."""
        return place * STEP / self.zoom


class Said(NamedTuple):
    """What is read on a strip: the look that was chosen, and what all looks think of it, 0 to 1."""

    look: Look
    chance: float


def read_strip(recogniser: Recogniser, strip: UInt8Array, found: FloatArray) -> Said:
    """Read a strip by what the network has seen on it, and by other looks where it isn't sure.

    None of these is taken at what is mostly no digit: a page of specks or of text has hundreds of
    such rows.

    Parameters
    ----------
    recogniser : Recogniser
    strip : uint8 (32, W)
    found : float32 (places, classes)
        What the recogniser returned for it.
    """
    looks = [_look(strip, found)]
    if looks[0].plain < SURE and looks[0].mostly_digits:
        second = recogniser.second
        if second:
            looks.append(_look(strip, second(strip)))
        if looks[0].plain < NEARLY or not second:
            for zoom in ZOOMS:
                other = zoomed(strip, zoom)
                looks.append(_look(strip, recogniser(other), zoom))
                if second:
                    looks.append(_look(strip, second(other), zoom))
    said = {tuple(look.symbols): look for look in reversed(looks)}
    votes = {
        text: float(np.mean([probability_of(list(text), look.found) for look in looks]))
        for text in said
    }
    text, chance = max(votes.items(), key=lambda vote: vote[1])
    return Said(said[text], chance)


def parts_of(look: Look, strip: UInt8Array) -> list[list[Seen]]:
    """Cut what is seen on a strip, uint8 (32, W), where there is much paper between two signs."""
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


def _look(strip: UInt8Array, found: FloatArray, zoom: float = 1.0) -> Look:
    """Take what a network says of a strip that was zoomed for it."""
    seen = best_path(found)
    plain = probability_of([each.symbol for each in seen], found)
    look = Look(found, seen, plain, plain, zoom)
    for part in parts_of(look, strip):
        columns = [look.column(each.peak) for each in part]
        heights = partial(heights_of, part, columns, strip)
        better, found = sensible_slashes(part, found, heights)
        for old, new in zip(part, better, strict=True):
            seen[seen.index(old)] = new
    if found is look.found:
        return look
    chance = probability_of([each.symbol for each in seen], found)
    return look._replace(found=found, chance=chance)
