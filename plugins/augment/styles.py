"""Digits drawn from strokes, in the ways that people write them around the world.

MNIST was written by American clerks and school children: its ones are bare strokes, its sevens
have no bar. Here every digit has a set of styles (`shapes`), each a few pen strokes whose control
points vary; `draw` makes training images of them. The weights favour what MNIST lacks, so this is
no picture of how often a style is written. How strokes become ink is in `pen`; marks that are added
to a dataset's own images are in `marks`.
"""

import numpy as np

from ...core.base.types import SIDE, UInt8Array
from .hand import Hand, Style
from .pen import ink
from .shapes.bows import FIVE, THREE, TWO
from .shapes.lines import FOUR, ONE, SEVEN
from .shapes.loops import EIGHT, NINE, SIX, ZERO

CHUNK = 1024
"""Images drawn at once: their canvases fit into a few megabytes."""

STYLES: tuple[tuple[Style, ...], ...] = (
    ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE,
)  # fmt: skip
"""The styles of each digit, 0 to 9."""


def draw_digits(labels: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw one digit for each label.

    Parameters
    ----------
    labels : uint8 (N,)
        0 to 9.
    rng : numpy.random.Generator
        All chance comes from here: the same state draws the same images.

    Returns
    -------
    uint8 (N, 28, 28)
        0 is paper, 255 is ink; placed as `core.preprocess` places a drawing.
    """
    images = np.zeros((len(labels), SIDE, SIDE), np.uint8)
    for digit, styles in enumerate(STYLES):
        places = np.flatnonzero(labels == digit)
        weights = np.array([style.weight for style in styles])
        chosen = rng.choice(len(styles), len(places), p=weights / weights.sum())
        for number, style in enumerate(styles):
            images[places[chosen == number]] = draw_style(style, int((chosen == number).sum()), rng)
    return images


def draw_style(style: Style, count: int, rng: np.random.Generator) -> UInt8Array:
    """Draw uint8 (count, 28, 28) of one style, such as `STYLES[7][1]`."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for start in range(0, count, CHUNK):
        part = images[start : start + CHUNK]
        part[:] = ink(style.shape(Hand(rng, len(part))), rng, style.lean, style.width)
    return images
