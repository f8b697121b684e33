"""Marks that people add to digits, and scribbles, which are none.

A 7's bar, a 0's slash, a 1's flag and its foot are drawn onto a dataset's own images, at places
found from the ink and with a pen as thick as its strokes. Whole digits in other styles are drawn by
`pen`.
"""

from collections.abc import Callable

import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array
from .hand import Hand, Line, Strokes, Value
from .pen import BOX, FINE, boxes, ink, normalise, trace


def add_marks(
    images: UInt8Array, labels: UInt8Array, rng: np.random.Generator, share: float = 0.3
) -> UInt8Array:
    """Add marks to a share of the zeros, ones and sevens.

    Parameters
    ----------
    images : uint8 (N, 28, 28)
        0 is paper; they are left as they are.
    labels : uint8 (N,)
    rng : numpy.random.Generator
        All chance comes from here.
    share : float
        How many of these digits get marks, 0 to 1.

    Returns
    -------
    uint8 (N, 28, 28)
        A copy; images with marks are placed again as in `core.images.preprocess`.
    """
    marked = images.copy()
    chance = rng.random(len(images))
    # a one has a flag, a flag and a foot, or a foot
    mark(marked, (labels == 7) & (chance < share), cross_sevens, rng)
    mark(marked, (labels == 0) & (chance < share), slash_zeros, rng)
    mark(marked, (labels == 1) & (chance > 0.2 * share) & (chance < share), flag_ones, rng)
    mark(marked, (labels == 1) & (chance < 0.5 * share), foot_ones, rng)
    changed = (chance < share) & np.isin(labels, (0, 1, 7)) & images.any(axis=(1, 2))
    marked[changed] = normalise(marked[changed])
    return marked


Marker = Callable[[UInt8Array, np.random.Generator], UInt8Array]


def mark(images: UInt8Array, chosen: np.ndarray, marker: Marker, rng: np.random.Generator) -> None:
    """Put a marker's marks on the chosen images that have ink; in place."""
    places = np.flatnonzero(chosen & images.any(axis=(1, 2)))
    if len(places):
        images[places] = marker(images[places], rng)


def cross_sevens(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw a bar across the stem of each uint8 (n, 28, 28); it may stick out of the box."""
    hand, ink = Hand(rng, len(images)), _Ink(images)
    y = ink.top + ink.height * hand(0.42, 0.66)
    x = ink.middle(y) + hand.bell(0, 0.5)
    half, rise = hand(2, 5.5), hand(-0.15, 0.35)
    line = [(x - half, y + rise * half), (x, y), (x + half, y - rise * half)]
    return ink.with_stroke(line, hand)


def slash_zeros(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw a line through each uint8 (n, 28, 28), from the lower left to the upper right."""
    hand, ink = Hand(rng, len(images)), _Ink(images)
    x, y = ink.left + ink.width / 2 + hand.bell(0, 0.5), ink.top + ink.height / 2
    dx = ink.width / 2 * hand(0.45, 1.2)
    dy = ink.height / 2 * hand(0.6, 1.2)
    # a thick slash would fill a narrow zero
    ink.pen = np.minimum(ink.pen, ink.width * np.float32(0.22))
    return ink.with_stroke([(x - dx, y + dy), (x, y), (x + dx, y - dy)], hand)


def flag_ones(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw a flag at the top of each uint8 (n, 28, 28), short or down to the baseline."""
    hand, ink = Hand(rng, len(images)), _Ink(images)
    y = ink.top + ink.pen / 2
    x, low = ink.middle(y), ink.middle(ink.top + ink.height - 1)
    length = hand(0.2, 0.95)
    # measured from the stem, and a long flag keeps closer to it; never near level, like a 7's bar
    lean = np.arctan2(x - low, ink.height)
    angle = np.minimum(lean + np.radians(hand(22, 62 - 22 * length)), np.radians(62))
    reach = length * ink.height
    end = x - reach * np.sin(angle), y + reach * np.cos(angle)
    bow = hand.bell(0.4, 0.5)
    between = (x + end[0]) / 2 - bow, (y + end[1]) / 2 - bow
    return ink.with_stroke([end, between, (x, y)], hand)


def foot_ones(images: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw a line under each uint8 (n, 28, 28)."""
    hand, ink = Hand(rng, len(images)), _Ink(images)
    y = ink.top + ink.height - ink.pen / 2
    x = ink.middle(y)
    line = [(x - hand(2, 6), y + hand.bell(0, 0.4)), (x, y),
            (x + hand(2, 6), y + hand.bell(0, 0.4))]  # fmt: skip
    return ink.with_stroke(line, hand)


class _Ink:
    """Where the ink of images is, and how thick: pixels, float32 (n,)."""

    def __init__(self, images: UInt8Array) -> None:
        self.images = images
        low, high = (edges.astype(np.float32) for edges in boxes(images))
        self.top, self.left = low.T
        self.height, self.width = (high - low).T
        light = images / np.float32(255)
        self._rows = light.sum(axis=2)
        self._moments = light @ (np.arange(SIDE, dtype=np.float32) + np.float32(0.5))
        # a stroke has two edges: its length is half of the change between paper and ink
        down, right = np.diff(light, axis=1)[:, :, 1:], np.diff(light, axis=2)[:, 1:]
        edge = np.sqrt(down * down + right * right).sum(axis=(1, 2))
        self.pen = (2 * self._rows.sum(axis=1) / np.maximum(edge, 1)).clip(1.2, 5)

    def middle(self, y: Value) -> FloatArray:
        """Return the x of the ink's middle near a height y, float32 (n,)."""
        heights = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
        near = np.exp(-np.square(heights - np.asarray(y)[:, None]))
        ink = np.maximum((near * self._rows).sum(axis=1), 1e-6)
        middle: FloatArray = (near * self._moments).sum(axis=1) / ink
        return middle

    def with_stroke(self, line: Line, hand: Hand) -> UInt8Array:
        """Return the images with one more stroke in each, as thick as theirs."""
        # a hand's wobble is a share of the digit's size
        points = hand.stroke([(x / BOX, y / BOX) for x, y in line]) * BOX
        pen = self.pen * hand(0.8, 1.15)
        radius = np.maximum(np.rint((pen * FINE - 1) / 2), 1).astype(np.float32)
        edge = radius[:, None, None] / FINE + np.float32(0.5)
        fine = points.clip(edge, SIDE - edge) * FINE - np.float32(0.5)
        stroke = trace(fine, radius, [0, points.shape[1]], hand)
        return np.maximum(self.images, stroke)


# Scribbles replace some training images, whose labels stay: such a label says nothing about its
# image, and the best that a network can learn from it is to be unsure.
# See docs/decisions/015-scribbles-keep-labels.md.
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
