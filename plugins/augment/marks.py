"""Marks that people add to digits: a 7's bar, a 0's slash, a 1's flag and its foot.

They are drawn onto a dataset's own images, at places found from the ink and with a pen as thick
as its strokes. Whole digits in other styles are in `styles`.
"""

from collections.abc import Callable

import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array
from .hand import Hand, Line, Value
from .pen import BOX, FINE, boxes, normalise, trace


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
