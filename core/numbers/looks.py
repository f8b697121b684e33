"""Look at a strip in several ways, and let what each says vote.

One look is what a network says of the strip at one size. Other sizes and a second network make
other mistakes, so that what they agree about is right more often than what one look is sure of.
See docs/decisions/062-sure-by-more-looks.md.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .decode import Seen, best_path, probabilities_of, probability_of
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


def read_strips(recogniser: Recogniser, strips: Sequence[UInt8Array]) -> list[Said]:
    """Read strips, and take other looks at those of which the network isn't sure.

    None of these is taken at what is mostly no digit: a page of specks or of text has hundreds of
    such rows.

    Parameters
    ----------
    recogniser : Recogniser
    strips : sequence of uint8 (32, W)
    """
    looks = [[look] for look in _look(recogniser, strips)]

    def look_again(network: Recogniser, places: list[int], zoom: float = 1.0) -> None:
        found = _look(network, [strips[place] for place in places], zoom)
        for place, look in zip(places, found, strict=True):
            looks[place].append(look)

    second = recogniser.second
    asked = [
        place for place, (look,) in enumerate(looks) if look.plain < SURE and look.mostly_digits
    ]
    if second:
        look_again(second, asked)
    unsure = [place for place in asked if looks[place][0].plain < NEARLY or not second]
    for zoom in ZOOMS:
        for network in (recogniser, second) if second else (recogniser,):
            look_again(network, unsure, zoom)
    return _votes(looks)


def _votes(looks: list[list[Look]]) -> list[Said]:
    """Let all looks at each strip vote for the texts that they say."""
    texts = [{tuple(look.symbols): look for look in reversed(own)} for own in looks]
    pairs = [
        (text, look.found)
        for said, own in zip(texts, looks, strict=True)
        for text in said
        for look in own
    ]
    chances = iter(probabilities_of(pairs))
    chosen = []
    for said, own in zip(texts, looks, strict=True):
        votes = {text: float(np.mean([next(chances) for _ in own])) for text in said}
        text, chance = max(votes.items(), key=lambda vote: vote[1])
        chosen.append(Said(said[text], chance))
    return chosen


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


def _look(recogniser: Recogniser, strips: Sequence[UInt8Array], zoom: float = 1.0) -> list[Look]:
    """Return what a network says of each strip at a size."""
    found = recogniser.each([strip if zoom == 1 else zoomed(strip, zoom) for strip in strips])
    seen = [best_path(each) for each in found]
    chances = probabilities_of(
        [([one.symbol for one in s], f) for s, f in zip(seen, found, strict=True)]
    )
    return [
        _with_slashes(Look(f, s, chance, chance, zoom), strip)
        for f, s, chance, strip in zip(found, seen, chances, strips, strict=True)
    ]


def _with_slashes(look: Look, strip: UInt8Array) -> Look:
    """Weigh slashes against 1s in what is seen on a strip."""
    seen, found = list(look.seen), look.found
    for part in parts_of(look, strip):
        columns = [look.column(each.peak) for each in part]
        heights = partial(heights_of, part, columns, strip)
        better, found = sensible_slashes(part, found, heights)
        for old, new in zip(part, better, strict=True):
            seen[seen.index(old)] = new
    if found is look.found:
        return look
    chance = probability_of([each.symbol for each in seen], found)
    return look._replace(found=found, seen=seen, chance=chance)
