"""Compose strips of numbers as people write them, from images of single digits.

A strip is what a row of writing becomes before it is read: 32 pixels high, its digits about 20, ink
bright. A hand writes a number; most are brought to their strips as the reader brings those that it
finds on a page; what other rows, ruled lines and boxes leave there is added; a camera looks at it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ...core.base.types import FloatArray, UInt8Array
from ...core.network.network import STRIP_HEIGHT
from ...core.numbers.fitting import fitted, line_through
from ...core.numbers.pieces import digit_height, pieces_of
from ...core.numbers.strip import upright
from . import leftovers
from .camera import as_seen, with_pen
from .choice import Glyphs
from .hand import ROOM, Drawn, Hand
from .traits import INKED

AS_FOUND = 0.9
"""The share of the rows that are brought to their strips as those on a page are, by the ink that is
there. The others stay as they were drawn, for pages where rows are found badly."""

RULED = 0.25
"""The share of the strips with ruled lines, or what is left of them."""

Rng = np.random.Generator


@dataclass(frozen=True)
class Strips:
    """Composed strips.

    Attributes
    ----------
    images : list of uint8 (32, W)
        0 is paper, 255 is ink.
    texts : list of tuple of int
        What is written on each: indices into `SYMBOLS`.
    places : list of tuple of float
        The column in the middle of each symbol.
    """

    images: list[UInt8Array]
    texts: list[tuple[int, ...]]
    places: list[tuple[float, ...]]


def compose(digits: UInt8Array, labels: UInt8Array, rng: Rng, count: int) -> Strips:
    """Compose strips.

    Parameters
    ----------
    digits : uint8 (N, 28, 28)
        As MNIST has them, sorted in any way.
    labels : uint8 (N,)
    rng : numpy.random.Generator
        All chance comes from here.
    count : int
    """
    glyphs = Glyphs(digits, labels)
    images, texts, places = [], [], []
    for _ in range(count):
        hand = Hand(rng, glyphs)
        drawn = hand.write()
        strip, matrix = _on_strip(drawn.ink, found=rng.random() < AS_FOUND)
        _add_leftovers(strip, drawn, matrix, rng, glyphs)
        strip = strip if hand.redraws else with_pen(strip, rng)
        images.append(upright(as_seen(strip, rng))[0])
        texts.append(drawn.text)
        places.append(tuple(matrix[0, 0] * np.array(drawn.middles) + matrix[0, 2]))
    return Strips(images, texts, places)


def _on_strip(ink: UInt8Array, *, found: bool) -> tuple[UInt8Array, FloatArray]:
    """Bring what was drawn to a strip, as the reader brings what it has found, or as it is.

    Returns
    -------
    uint8 (32, W), float64 (2, 3)
        The strip, and the matrix from places in the drawing to places on it.
    """
    pieces = pieces_of((ink > INKED).astype(np.uint8))[1].astype(np.float64)
    tall = pieces[pieces[:, 3] >= 0.5 * digit_height(pieces)]
    if found and len(tall):

        def draw(matrix: FloatArray, columns: int) -> UInt8Array:
            size = columns, STRIP_HEIGHT
            strip = cv2.warpAffine(ink, matrix, size, flags=cv2.INTER_LINEAR)
            return np.asarray(strip, np.uint8)

        ends = pieces[:, 0].min(), (pieces[:, 0] + pieces[:, 2]).max()
        fit = fitted(draw, line_through(tall), *ends)
        if fit is not None:
            return fit.strip, fit.matrix
    return ink[ROOM:-ROOM].copy(), np.array([[1.0, 0, 0], [0, 1, -ROOM]])


def _add_leftovers(
    strip: UInt8Array, drawn: Drawn, matrix: FloatArray, rng: Rng, glyphs: Glyphs
) -> None:
    """Draw the sides of boxes, and sometimes ruled lines and another row; in place."""
    for side in drawn.sides:
        leftovers.draw_side(strip, rng, matrix[0, 0] * side + matrix[0, 2])
    if rng.random() < RULED:
        base = matrix[1] @ (drawn.start, drawn.base, 1)
        size = matrix[0, 0] * drawn.size
        leftovers.draw_ruled(strip, rng, base, size, drawn.tilt + matrix[1, 0] / matrix[0, 0])
    if rng.random() < 0.1:
        leftovers.draw_other_row(strip, rng, glyphs.images, glyphs.by_class)
