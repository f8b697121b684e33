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
"""How much beside and above a number is looked at, by its height: its ends may have been missed."""

SAME_PLACE = 0.5
"""The share that boxes of the same number have in common, of what they cover together."""


def part_of(writing: Writing, box: Box, share: float) -> Writing:
    """Return what is written around a box of the page, by a level `share` times as high."""
    x, y, wide, high = box
    beside, above = (reach * high for reach in AROUND)
    first, end = (
        np.clip(np.array(each) / writing.scale, 0, writing.mask.shape[::-1]).astype(int)
        for each in ((x - beside, y - above), (x + wide + beside, y + high + above))
    )
    density = writing.density[first[1] : end[1], first[0] : end[0]]
    level = share * writing.level
    mask = np.asarray(softened(density) > level, np.uint8)
    corner = tuple(int(each) for each in np.rint(first * writing.scale))
    return writing._replace(density=density, mask=mask, level=level, corner=corner)


def agreed(number: Number, others: Sequence[Sequence[Number]]) -> Number:
    """Return what a number and those in its place say most often, weighed by their confidence.

    Parameters
    ----------
    number : Number
    others : sequence of sequences of Number
        What other levels show around it. Where one shows no such number, it has no vote.

    Returns
    -------
    Number
        Its confidence is the mean of those that say the same digits; no vote counts as 0.
    """
    votes = [number]
    for found in others:
        shared = [_in_common(one.box, number.box) for one in found]
        if shared and max(shared) >= SAME_PLACE:
            votes.append(found[int(np.argmax(shared))])
    chances = dict.fromkeys((vote.number for vote in votes), 0.0)
    for vote in votes:
        chances[vote.number] += vote.confidence / (1 + len(others))
    digits = max(chances, key=lambda each: chances[each])
    best = max((vote for vote in votes if vote.number == digits), key=lambda vote: vote.confidence)
    return replace(best, confidence=chances[digits], row=number.row)


def _in_common(one: Box, other: Box) -> float:
    """Return the area that two boxes share, by what they cover together."""
    (x, y, wide, high), (left, top, width, height) = one, other
    across = min(x + wide, left + width) - max(x, left)
    down = min(y + high, top + height) - max(y, top)
    both = max(across, 0) * max(down, 0)
    return both / (wide * high + width * height - both)
