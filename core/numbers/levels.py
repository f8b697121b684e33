"""Read a number that is doubted again, with more and with less of the page taken for ink.

How dark a pixel must be to be ink is a guess. Where the pen is faint, the paper has a pattern or
strokes nearly touch, another guess makes another picture; what several pictures say is right more
often. See docs/decisions/068-more-or-less-ink.md.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .light import softened
from .number import Box, Number
from .writing import Writing

LEVELS = (0.75, 1.3)
"""The level from which on a pixel is ink, by that of the page."""

DOUBTED = 0.7
"""The confidence below which a number is read again."""

MOST = 20
"""Numbers of a page that are read again, which bounds the time."""

AROUND = (2.0, 1.0)
"""How much beside a number, and above and below it, is looked at, by its height: its ends may have
been missed."""

SAME_PLACE = 0.5
"""The share that boxes of the same number have in common, of what they cover together."""

SAME_INK = 0.9
"""If the higher level leaves at least this share of the lower one's ink, both show the same:
strokes have hard edges, as on a screen."""


def at_levels(writing: Writing, box: Box) -> list[Writing]:
    """Return what is written around a box of the page, by each of LEVELS, unless all are alike."""
    parts = [part_of(writing, box, share) for share in LEVELS]
    ink = [np.count_nonzero(part.mask) for part in parts]
    return parts if min(ink) < SAME_INK * max(ink) else []


def part_of(writing: Writing, box: Box, share: float) -> Writing:
    """Return what is written around a box of the page, by a level `share` times as high."""
    x, y, wide, high = box
    beside, above = (reach * high for reach in AROUND)
    corners = np.array([(x - beside, y - above), (x + wide + beside, y + high + above)])
    inside = np.array(writing.mask.shape[::-1])
    first = np.clip(np.floor(corners[0] / writing.scale), 0, inside - 1).astype(int)
    end = np.clip(np.ceil(corners[1] / writing.scale), first + 1, inside).astype(int)
    density = writing.density[first[1] : end[1], first[0] : end[0]]
    level = share * writing.level
    mask = np.asarray(softened(density) > level, np.uint8)
    left, top = np.rint(first * writing.scale).astype(int).tolist()
    return writing._replace(density=density, mask=mask, level=level, corner=(left, top))


def agreed(
    number: Number, neighbours: Sequence[Number], others: Sequence[Sequence[Number]]
) -> Number:
    """Return what a number and those in its place say most often, weighed by their confidence.

    Parameters
    ----------
    number : Number
    neighbours : sequence of Number
        The other numbers of the page.
    others : sequence of sequences of Number
        What other levels show around it. Where one shows no such number, or has two of them in
        one or one in two, it has no vote.

    Returns
    -------
    Number
        Its confidence is the mean of those that say the same digits; no vote counts as 0.
    """
    votes = [number]
    for found in others:
        shared = [_in_common(one.box, number.box) for one in found]
        if shared and max(shared) >= SAME_PLACE:
            vote = found[int(np.argmax(shared))]
            two_in_one = any(_lies_in(one.box, vote.box) for one in neighbours)
            one_in_two = sum(_lies_in(one.box, number.box) for one in found) > 1
            if not two_in_one and not one_in_two:
                votes.append(vote)
    digits, confidence = _likeliest(votes, "number")
    same = [vote for vote in votes if vote.number == digits]
    text, _ = _likeliest(same, "text")
    best = max((vote for vote in same if vote.text == text), key=lambda vote: vote.confidence)
    return replace(best, confidence=confidence / (1 + len(others)), row=number.row)


def _likeliest(votes: Sequence[Number], what: str) -> tuple[str, float]:
    """Return the `text` or the `number` for which the confidence adds up to most, and that sum."""
    chances: dict[str, float] = {}
    for vote in votes:
        chances[getattr(vote, what)] = chances.get(getattr(vote, what), 0.0) + vote.confidence
    return max(chances.items(), key=lambda said: said[1])


def _lies_in(one: Box, other: Box) -> bool:
    """Tell whether most of a box lies in another."""
    return _shared(one, other) > 0.5 * one[2] * one[3]


def _in_common(one: Box, other: Box) -> float:
    """Return the area that two boxes share, by what they cover together."""
    shared = _shared(one, other)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _shared(one: Box, other: Box) -> int:
    (x, y, wide, high), (left, top, width, height) = one, other
    across = min(x + wide, left + width) - max(x, left)
    down = min(y + high, top + height) - max(y, top)
    return max(across, 0) * max(down, 0)
