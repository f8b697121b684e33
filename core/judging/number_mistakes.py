"""Numbers that were misread: keep those worth drawing, and draw them with their boxes.

`mistakes` and `figures` do the same for single digits.
"""

import heapq
import math
from typing import TYPE_CHECKING

import numpy as np

from ..numbers.number import Numbers, digits_of
from .figures import INK, add_headline, new_figure
from .number_score import NumberScore
from .slips import Slip, wrong_places

if TYPE_CHECKING:
    from .picture import Picture

RIGHT, WRONG = "#7a9a83", "#c0392b"

CELL = 3.4, 2.0
"""Inches that a picture and its title take: width and height."""

LONGEST_TITLE = 22
"""Characters of a number in a title."""


class NumberMistakes:
    """Adds up pictures whose numbers are known, and keeps the worst.

    Only those to be drawn keep their pages, so that a million pictures need no more memory than a
    thousand.

    Attributes
    ----------
    score : NumberScore
    """

    def __init__(self, most: int) -> None:
        """Prepare to keep this many."""
        self.score = NumberScore()
        self._most = most
        self._best: list[tuple[float, int, Numbers]] = []  # a heap of (rank, place, numbers)

    @property
    def wrong(self) -> int:
        """How many pictures were misread."""
        return self.score.count - self.score.right

    @property
    def best(self) -> list[Numbers]:
        """The kept pictures, the most confident first."""
        return [numbers for _, _, numbers in sorted(self._best, reverse=True)]

    def add(self, found: Numbers, chance: np.random.Generator | None = None) -> list[Slip]:
        """Count a picture, and return what went wrong in it; one without truth is ignored.

        Parameters
        ----------
        found : Numbers
        chance : numpy.random.Generator, optional
            Keeps random ones; without it, the most confident ones are kept.
        """
        made = self.score.add(found)
        if made:
            rank = chance.random() if chance else found.confidence or 0.0
            heapq.heappush(self._best, (rank, -self.score.count, found))
            if len(self._best) > self._most:
                heapq.heappop(self._best)
        return made


def plot_number_errors(mistakes: NumberMistakes) -> "Picture":
    """Draw misread numbers in a grid, each with its label, what was read, and its digits' boxes.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it; `figure.savefig("errors.png")` writes it.
    """
    drawn = mistakes.best
    columns = max(min(len(drawn), max(3, math.ceil(math.sqrt(len(drawn))))), 2)
    rows, title = max(math.ceil(len(drawn) / columns), 1), 0.7
    width, height = columns * CELL[0] + 0.3, rows * CELL[1] + title
    figure = new_figure(width, height)
    count, share = mistakes.score.count, mistakes.wrong / max(mistakes.score.count, 1)
    said = f"{mistakes.wrong:,} of {count:,} pictures are misread ({share * 100:.2f} %)"
    add_headline(figure, height, said, "" if drawn else "every number is right")
    for place, found in enumerate(drawn):
        row, column = divmod(place, columns)
        left = (0.15 + column * CELL[0] + 0.15) / width
        bottom = 1 - (title + (row + 1) * CELL[1] - 0.1) / height
        size = (CELL[0] - 0.3) / width, (CELL[1] - 0.6) / height
        _draw(figure, (left, bottom, *size), found)
    return figure


def _draw(figure: "Picture", place: tuple[float, float, float, float], found: Numbers) -> None:
    from matplotlib.patches import Rectangle

    axes = figure.add_axes(place)
    axes.set_axis_off()
    wanted, read = digits_of(found.truth or ""), found.digits
    sure = "" if found.confidence is None else f" ({math.floor(found.confidence * 100)} %)"
    said = f"Read {_short(read)}{sure}" if read else found.status.replace("_", " ").capitalize()
    axes.set_title(f"Label {_short(wanted)} · {said}", size=10, color=INK, pad=5)
    if found.page is None:
        return
    across, down = found.size
    axes.imshow(
        found.page,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(0, across, down, 0),
        interpolation="antialiased",
    )
    wrong = wrong_places(wanted, read)
    digits = (digit for number in found.numbers for digit in number.digits)
    for number, digit in enumerate(digits):
        x, y, wide, high = digit.box
        colour, line = (WRONG, 1.8) if number in wrong else (RIGHT, 0.8)
        box = Rectangle((x, y), wide, high, fill=False, edgecolor=colour, linewidth=line)
        axes.add_patch(box)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"
