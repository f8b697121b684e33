"""What went wrong in a number: which digits were misread, missed, invented, cut or joined.

Two texts of digits are laid beside each other in the cheapest way (Levenshtein's). Not for counting
(`number_score`).
"""

import itertools
from typing import NamedTuple

WRONG, MISSED, TOO_MANY, CUT, JOINED = KINDS = (
    "wrong digit",
    "missed",
    "one too many",
    "cut in two",
    "two in one",
)


class Slip(NamedTuple):
    """One mistake.

    Attributes
    ----------
    kind : str
        One of KINDS.
    wanted, found : str
        The digits that are written there, and those that were read.
    """

    kind: str
    wanted: str
    found: str

    def __str__(self) -> str:
        if self.kind == MISSED:
            return f"{self.wanted} missed"
        if self.kind == TOO_MANY:
            return f"{self.found} too many"
        return f"{self.wanted}→{self.found}"

    @property
    def cost(self) -> int:
        """How many digits have to be changed, inserted or deleted: 1 or 2."""
        return max(len(self.wanted), len(self.found))


MOST_STEPS = 10_000
"""Pairs of digits; with so many, as in two texts of 100 digits, it takes a tenth of a second."""

STEPS = ((1, 1), (1, 0), (0, 1), (1, 2), (2, 1))
"""How many digits a slip of each of KINDS takes of what is written, and of what was read."""


def slips(wanted: str, found: str) -> list[Slip]:
    """Return the fewest mistakes that make one text of digits the other, in order.

    Of as cheap ways, the one with the fewest mistakes is taken: "8" read as "13" was cut in two,
    rather than misread with one too many.
    """
    return [Slip(_kind(*pair), *pair) for pair in align(wanted, found) if pair[0] != pair[1]]


def distance(wanted: str, found: str) -> int:
    """Return how many digits have to be changed, inserted or deleted (Levenshtein's distance)."""
    return sum(slip.cost for slip in slips(wanted, found))


def wrong_places(wanted: str, found: str) -> set[int]:
    """Return which of the digits that were found are wrong, counted from 0."""
    places: set[int] = set()
    start = 0
    for written, read in align(wanted, found):
        if written != read:
            places.update(range(start, start + len(read)))
        start += len(read)
    return places


def align(wanted: str, found: str) -> list[tuple[str, str]]:
    """Lay two texts of digits beside each other: what is written and what was read, in pairs."""
    if len(wanted) * len(found) > MOST_STEPS:
        return list(itertools.zip_longest(wanted, found, fillvalue=""))
    # for each pair of places: the cost and number of mistakes so far, and the step that led there
    best = [[(0, 0, -1)] * (len(found) + 1) for _ in range(len(wanted) + 1)]
    for i in range(len(wanted) + 1):
        for j in range(len(found) + 1):
            ways = []
            for step, (a, b) in enumerate(STEPS):
                if a <= i and b <= j:
                    cost, count, _ = best[i - a][j - b]
                    if a == b and wanted[i - 1] == found[j - 1]:
                        ways.append((cost, count, step))
                    else:
                        ways.append((cost + max(a, b), count + 1, step))
            if ways:
                best[i][j] = min(ways)
    pairs, i, j = [], len(wanted), len(found)
    while i or j:
        a, b = STEPS[best[i][j][2]]
        pairs.append((wanted[i - a : i], found[j - b : j]))
        i, j = i - a, j - b
    return pairs[::-1]


def _kind(wanted: str, found: str) -> str:
    return KINDS[STEPS.index((len(wanted), len(found)))]
