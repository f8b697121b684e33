"""One writer's hand: draws a number sign by sign, each after the other as near as this hand does.

Digits are images of a dataset, leaned, resized and redrawn with the hand's pen; signs are strokes.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from ...core.base.types import UInt8Array
from ...core.network.network import STRIP_HEIGHT
from ...core.numbers.strip import DIGIT_HEIGHT, JUNK, SYMBOLS
from . import leftovers, marks, signs
from .choice import FILLED, Choice, Glyphs
from .pen import line_with, placed
from .signs import Place, Points
from .texts import choose_text
from .traits import INKED, LEANS, lean_of, places_of_digits

ENDS = 10
"""Paper at both ends of a number, in pixels, at most."""

REDRAWN = 0.8
"""The share of the numbers that are redrawn with one pen."""

PEN, PENS = 2.4, (0.9, 4.0)
"""The usual width of such a pen, and the limits, in pixels of a strip."""

ROOM = 8
"""Rows of paper above and below what will be the strip: the row may be moved or made smaller."""

HEIGHT = STRIP_HEIGHT + 2 * ROOM

SPACE = (4, 20)
"""How wide a space of a text is, beside the gap between digits, in pixels."""

Rng = np.random.Generator


class Drawn(NamedTuple):
    """A number on paper that is higher than a strip.

    Attributes
    ----------
    ink : uint8 (HEIGHT, W)
        0 is paper, 255 is ink.
    text : tuple of int
        What is written: indices into `SYMBOLS`.
    middles : tuple of float
        The column in the middle of each.
    sides : tuple of float
        The columns where the sides of boxes are to be drawn.
    start, base, tilt, size : float
        The line of writing: its first column, the row there, how far it falls by its run, the
        digits' height.
    """

    ink: UInt8Array
    text: tuple[int, ...]
    middles: tuple[float, ...]
    sides: tuple[float, ...]
    start: float
    base: float
    tilt: float
    size: float


class Hand:
    """One writer: what the digits of a number have in common."""

    def __init__(self, rng: Rng, glyphs: Glyphs) -> None:
        self._rng, self._glyphs = rng, glyphs
        self._lean = rng.normal(0.1, 0.22)
        self._even = rng.choice([0.0, rng.uniform(0.5, 1)], p=[0.2, 0.8])  # by how much it varies
        self._size = DIGIT_HEIGHT * np.exp(rng.normal(-0.01, 0.12))
        self._stretch = np.exp(rng.normal(0, 0.14))
        self._tilt = rng.normal(0, 0.03)  # of the line of writing: fall by run
        self._base = HEIGHT / 2 + self._size / 2 + rng.normal(0, 1.6)
        self._gap = rng.choice([rng.normal(0.1, 0.8), rng.normal(2.5, 1.5), rng.uniform(3, 22)],
                               p=[0.4, 0.4, 0.2])  # fmt: skip
        self._uneven = rng.uniform(0.2, 1.2)
        self._spaces = rng.choice([0.0, 0.25], p=[0.75, 0.25])
        self._places = places_of_digits(rng)
        self._sizes = rng.uniform(0.02, 0.11)
        self.redraws = rng.random() < REDRAWN
        if self.redraws:
            self._pen = float(np.clip(PEN * np.exp(rng.normal(0, 0.32)), *PENS))
        else:
            self._pen = FILLED * float(glyphs.pens[rng.integers(len(glyphs.pens))])
        self._choice = Choice(glyphs, rng, self._pen, redrawn=self.redraws)

    def write(self) -> Drawn:
        """Write a number, or what is none."""
        rng = self._rng
        text = choose_text(rng)
        self._paper = np.zeros((HEIGHT, len(text) * 52 + 2 * ENDS + 40), np.uint8)
        self._start = start = rng.uniform(1, ENDS)
        self._x, self._edge, self._middle, self._side = start, start, start, -1.0
        self._space = 0.0  # before the next sign
        boxed = rng.random() < 0.05
        symbols, middles, sides = [], [], []
        for sign in text:
            if sign == " ":
                self._space = rng.uniform(*SPACE)
                continue
            if sign.isdigit():
                self._digit(int(sign))
            elif sign in signs.SIGNS:
                self._strokes(signs.strokes_of, sign)
            elif sign in marks.SHAPES:
                self._strokes(marks.strokes_of, sign)
            else:
                self._junk(sign if sign.isalpha() else None)
            self._space = 0.0
            symbols.append(SYMBOLS.index(sign) if sign in SYMBOLS else JUNK)
            middles.append(self._middle)
            if boxed or rng.random() < 0.006:  # the side of a box, which is no sign
                sides.append(self._edge + rng.uniform(1, 4))
                self._edge = self._side = sides[-1] + 1
        width = max(int(self._edge + rng.uniform(1, ENDS)), 24)
        return Drawn(
            self._paper[:, :width], tuple(symbols), tuple(middles), tuple(sides),
            start, self._base, self._tilt, self._size,
        )  # fmt: skip

    def _digit(self, digit: int) -> None:
        image = self._choice.image_of(digit)
        # digits of one hand lean alike, whoever wrote them
        usual = self._glyphs.leans[digit]
        lean = LEANS[digit] - usual + self._even * (usual - lean_of(image))
        self._place(image, *self._places[digit], lean)

    def _place(
        self, image: UInt8Array, size: float = 1.0, below: float = 0.0, lean: float = 0.0
    ) -> None:
        """Put an image of a digit after what is there, as near as this hand does, and lean it.

        It is `size` times as high as this hand's digits are, and reaches `below` of that under the
        line.
        """
        rng = self._rng
        left, top, width, height = cv2.boundingRect(image)
        if not height:
            return
        base = self._base + self._tilt * (self._x - self._start) + self._size * below
        base += rng.normal(0, 0.7)
        size *= self._size * np.exp(rng.normal(0, self._sizes))
        tall = size / max(height, 0.72 * width, 8)
        wide = tall * self._stretch * np.exp(rng.normal(0, 0.05))
        lean += self._lean + rng.normal(0, 0.06)
        # of the old image's points: x' = wide (x - left) - lean tall (y - bottom) + shift
        bottom = top + height
        matrix = np.array(
            [
                [wide, -lean * tall, -wide * left + lean * tall * bottom],
                [0, tall, base - tall * bottom],
            ]
        )
        room = int(abs(lean) * tall * height) + 3
        matrix[0, 2] += room
        pen = self._pen * rng.uniform(0.93, 1.07) if self.redraws else None
        drawn = placed(image, matrix, (HEIGHT, int(wide * width) + 2 * room + 3), pen)
        columns = np.flatnonzero(drawn.max(axis=0) > 40)
        if not len(columns):
            return
        first, last = int(columns[0]), int(columns[-1]) + 1
        gap = self._gap + rng.normal(0, self._uneven) + self._space
        if rng.random() < self._spaces:
            gap += rng.uniform(4, 30)
        ink = drawn[:, first:last]
        if self._edge == self._start:
            place = int(self._start)
        elif self._edge == self._side:  # nothing reaches over the side of a box
            place = int(np.ceil(self._edge + max(gap, 0)))
        else:
            place = int(max(self._edge - self._reach(ink) + gap, 0))
        self._stamp(ink, place)

    def _reach(self, drawn: UInt8Array) -> float:
        """Return how far leaning or rounded ink may move under or over its neighbour, in pixels."""
        end = int(self._edge)
        before = self._paper[:, max(end - 14, 0) : end]
        if not before.any():
            return 0.0
        wide = before.shape[1]
        right = np.where(before > INKED, np.arange(1, wide + 1), 0).max(axis=1) - wide
        left = np.where(drawn[:, :14] > INKED, np.arange(min(14, drawn.shape[1])), 99).min(axis=1)
        # in rows that are near, ink of both may touch, too
        right = np.maximum.reduce([right, np.roll(right, 1), np.roll(right, -1)])
        room = (left - right)[(right > -wide) & (left < 99)]
        return float(min(room.min(), 6)) if len(room) else 4.0

    def _stamp(self, drawn: UInt8Array, place: int) -> None:
        end = min(place + drawn.shape[1], self._paper.shape[1])
        target = self._paper[:, place:end]
        np.maximum(target, drawn[:, : end - place], out=target)
        self._middle = (place + end) / 2
        self._x, self._edge = place, max(self._edge, end)

    def _strokes(self, strokes_of: Callable[[str, Place, Rng], list[Points]], sign: str) -> None:
        x = self._edge + max(self._gap, 0) * 0.6 + self._rng.uniform(0.5, 4) + self._space
        base = self._base + self._tilt * (x - self._start)
        at = Place(x, self._edge, base, self._size, self._lean)
        middles = []
        for points in strokes_of(sign, at, self._rng):
            self._stroke(points)
            middles.append(self._middle)
        self._middle = float(np.mean(middles))

    def _stroke(self, points: list[tuple[float, float]], pen: float | None = None) -> None:
        """Draw a line through points, and let the writing go on behind it."""
        xs = np.array(points)
        pen = pen or self._pen * self._rng.uniform(0.9, 1.1)
        wide = int(np.ceil(xs[:, 0].max() + pen)) + 2
        small = line_with(pen, xs, (HEIGHT, wide))
        end = min(wide, self._paper.shape[1])
        np.maximum(self._paper[:, :end], small[:, :end], out=self._paper[:, :end])
        self._middle = float(xs[:, 0].min() + xs[:, 0].max()) / 2
        self._x, self._edge = float(xs[0, 0]), max(self._edge, xs[:, 0].max() + pen / 2)

    def _junk(self, letter: str | None) -> None:
        """Write a letter or, without one, any mark: a letter, a cross, a scribble, an arc."""
        mark = leftovers.mark(self._rng, letter)
        if mark is None:
            self._arc()
        else:
            self._place(mark, self._rng.uniform(0.6, 1.1))

    def _arc(self) -> None:
        """Draw what was meant to underline a number: long, flat, bent."""
        rng = self._rng
        long, flat = rng.uniform(1.2, 3) * self._size, rng.normal(0, 0.5, 2) * self._size
        x = self._edge + max(self._gap, 0) + rng.uniform(0, 4) + self._space
        y = self._base - self._size * rng.uniform(0, 0.7)
        along = np.linspace(0, 1, 8)
        bent = flat[0] * along * (1 - along) * 2 + flat[1] * along * 0.5
        points = zip(x + along * long, np.clip(y + bent, 2, HEIGHT - 2), strict=True)
        self._stroke(list(points), self._pen * rng.uniform(1, 2))
