"""Draw things that aren't digits: wandering lines, crossings, arcs, and letters unlike any digit.

They replace some training images, whose labels stay. Such a label says nothing about its image, and
the best that a network can learn from it is to be unsure.
See docs/decisions/015-scribbles-keep-labels.md.
"""

from collections.abc import Callable

import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array
from .hand import Hand
from .pen import ink

Strokes = list[FloatArray]

# A letter is a text of strokes, each a row of points on a grid of 0 to 4 (x, then y downwards).
# Letters that look like digits are left out: B, D, G, I, J, O, Q, S, Z, a, b, g, i, j, l, o, q …
LETTERS = (
    "04 20 44, 12 32",  # A
    "00 04, 00 30, 02 22, 04 34",  # E
    "00 04, 00 30, 02 22",  # F
    "00 04, 30 34, 02 32",  # H
    "00 04, 30 02 34",  # K
    "00 04 34",  # L
    "04 00 23 40 44",  # M
    "04 00 34 30",  # N
    "00 04, 00 30 32 02",  # P
    "00 04, 00 30 32 02, 12 34",  # R
    "00 40, 20 24",  # T
    "00 03 14 23 30",  # U
    "00 24 40",  # V
    "00 14 22 34 40",  # W
    "00 34, 30 04",  # X
    "00 22 40, 22 24",  # Y
    "00 04, 02 11 31 34",  # h
    "00 04, 31 02 34",  # k
    "01 04, 02 11 21 24, 22 31 41 44",  # m
    "01 04, 02 11 31 34",  # n
    "01 04, 02 11 31",  # r
    "10 13 24 34, 01 31",  # t
    "01 03 14 34 31",  # u
    "01 34, 31 04",  # x
    "31 10 00 04, 02 22",  # f
    "30 10 01 03 14 34, 02 22",  # €
    "20 24, 02 42",  # +
    "20 24, 01 43, 41 03",  # *
    "10 04, 30 24, 01 41, 03 43",  # #
    "04 20 44 04",  # a triangle
)


def scribble(count: int, rng: np.random.Generator) -> UInt8Array:
    """Draw scribbles.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator
        All chance comes from here.

    Returns
    -------
    uint8 (count, 28, 28)
        Placed as preprocessing places them.
    """
    images = np.empty((count, SIDE, SIDE), np.uint8)
    chosen = rng.integers(0, len(SHAPES), count)
    for number, shape in enumerate(SHAPES):
        places = np.flatnonzero(chosen == number)
        if len(places):
            images[places] = ink(shape(Hand(rng, len(places))), rng)
    return images


def _wander(h: Hand) -> Strokes:
    """Wander about in one stroke."""
    return [h.stroke([(h(-0.4, 0.4), h(0, 1)) for _ in range(9)])]


def _lines(h: Hand) -> Strokes:
    """Cross lines at random."""
    return [h.stroke([(h(-0.4, 0.4), h(0, 1)), (h(-0.4, 0.4), h(0, 1))]) for _ in range(5)]


def _arcs(h: Hand) -> Strokes:
    """Draw arcs anywhere."""
    return [
        h.stroke(h.turn(h(-0.3, 0.3), h(0.2, 0.8), h(0.1, 0.4), h(0.1, 0.4), h(0, 360), h(90, 300)))
        for _ in range(3)
    ]


def _zigzag(h: Hand) -> Strokes:
    """Draw a zigzag."""
    points = [(0.12 * step - 0.4, h(0, 0.3) if step % 2 else h(0.7, 1)) for step in range(8)]
    return [h.stroke(*[[point] for point in points])]


def _letter(text: str) -> Callable[[Hand], Strokes]:
    rows = [
        [(int(point[0]) / 5, int(point[1]) / 4) for point in stroke.split()]
        for stroke in text.split(", ")
    ]

    def draw(h: Hand) -> Strokes:
        loose = h(0.0, 0.06)
        return [
            h.stroke(*[[(x + loose * h(-1, 1), y + loose * h(-1, 1))] for x, y in row])
            for row in rows
        ]

    return draw


SHAPES: tuple[Callable[[Hand], Strokes], ...] = (
    *(_wander, _lines, _arcs, _zigzag) * 5,
    *map(_letter, LETTERS),
)
"""Every scribble and every letter; one of the scribbles is drawn about as often as not."""
