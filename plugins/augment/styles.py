"""Digits drawn from strokes, in the ways that people write them around the world.

MNIST was written by American clerks and school children: its ones are bare strokes, its sevens
have no bar. Here every digit has a set of styles, each a few pen strokes whose control points
vary (`low_shapes`, `high_shapes`); `draw` makes training images of them. The weights favour
what MNIST lacks, so this is no picture of how often a style is written. How points become ink
is in `pen`; marks that are added to a dataset's own images are in `marks`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array
from . import high_shapes as high
from . import low_shapes as low
from .pen import Hand, ink

CHUNK = 1024
"""Images drawn in one go: their canvases stay in a few megabytes."""


@dataclass(frozen=True)
class Style:
    """One way of writing a digit.

    Attributes
    ----------
    name : str
    weight : float
        How often it is drawn, beside the digit's other styles.
    shape : callable
        Takes a `Hand`, returns the strokes, each float32 (n, P, 2).
    lean : tuple of float
        Limits of the slant in degrees, where another would make another digit of it.
    width : tuple of float
        Limits of the pen's width in pixels.
    """

    name: str
    weight: float
    shape: Callable[[Hand], list[FloatArray]]
    lean: tuple[float, float] = (-25, 35)
    width: tuple[float, float] = (1.3, 4.5)


def draw(labels: UInt8Array, rng: np.random.Generator) -> UInt8Array:
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


LOOPS = (1.3, 3.4)
"""Pens that leave a small loop open."""

STYLES: tuple[tuple[Style, ...], ...] = (
    (
        Style("round", 3, low.zero_round),
        Style("narrow", 1.5, low.zero_narrow, width=LOOPS),
        Style("open", 2, low.zero_open),
        Style("slashed", 2.5, low.zero_slashed, lean=(-12, 24), width=(1.3, 2.9)),
        Style("narrow and slashed", 2, low.zero_narrow_slashed, lean=(-12, 24), width=(1.3, 2.5)),
        Style("loop", 1.5, low.zero_loop),
        Style("dotted", 0.4, low.zero_dotted, width=LOOPS),
    ),
    (
        Style("plain", 2, low.one_plain),
        Style("block", 0.8, low.one_block, lean=(-8, 12), width=(4, 6.5)),
        Style("block with flag", 0.8, low.one_short_flag, lean=(-8, 15), width=(3.5, 6.5)),
        Style("low flag", 0.8, low.one_low_flag, lean=(-8, 12), width=(2.5, 5.5)),
        Style("hooked", 1, low.one_hooked, lean=(-15, 22)),
        Style("short flag", 2.5, low.one_short_flag, lean=(-20, 22)),
        Style("half flag", 2.5, low.one_half_flag, lean=(-20, 22), width=(1.3, 5.5)),
        Style("long flag", 2, low.one_long_flag, lean=(-15, 22)),
        Style("foot", 1, low.one_foot),
        Style("flag and foot", 2.5, low.one_flag_foot),
        Style("upstroke", 1, low.one_upstroke, lean=(-20, 22)),
    ),
    (
        Style("flat base", 2, low.two_flat),
        Style("wavy base", 1.5, low.two_wavy),
        Style("loop", 1.5, low.two_loop),
        Style("angular", 1.5, low.two_angular),
    ),
    (
        Style("round", 2, low.three_round),
        Style("flat top", 2, low.three_flat),
        Style("loop", 1.5, low.three_loop, width=LOOPS),
        Style("smooth", 1, low.three_smooth),
    ),
    (
        Style("open", 2.5, low.four_open),
        Style("cup", 1.5, low.four_cup),
        Style("closed", 2, low.four_closed, width=LOOPS),
        Style("one stroke", 1.5, low.four_one_stroke),
        Style("lightning", 0.6, low.four_lightning),
        Style("looped", 1.6, low.four_looped, width=LOOPS),
        Style("crossed", 2, low.four_crossed),
        Style("crossed, broad", 1.2, low.four_crossed, width=(3, 5)),
    ),
    (
        Style("one stroke", 1.5, high.five_one_stroke),
        Style("bar apart", 2.5, high.five_bar),
        Style("s", 1.5, high.five_s),
    ),
    (
        Style("curled", 2, high.six_curled, width=LOOPS),
        Style("straight", 2, high.six_straight, width=LOOPS),
        Style("upright", 1, high.six_upright, width=LOOPS),
        Style("open", 1.5, high.six_open, width=LOOPS),
    ),
    (
        Style("plain", 2, high.seven_plain),
        Style("crossed", 3, high.seven_crossed),
        Style("tick", 1, high.seven_tick),
        Style("tick and crossed", 1.5, high.seven_tick_crossed),
        Style("curved", 1.5, high.seven_curved),
        Style("round", 1, high.seven_round),
    ),
    (
        Style("s first", 2, high.eight_s, width=LOOPS),
        Style("open", 2, high.eight_open, width=LOOPS),
        Style("ribbon", 1, high.eight_ribbon, width=LOOPS),
        Style("hourglass", 0.7, high.eight_hourglass, width=LOOPS),
        Style("rings", 1.5, high.eight_rings, width=LOOPS),
    ),
    (
        Style("straight", 2, high.nine_straight, width=LOOPS),
        Style("hooked", 2, high.nine_hooked, width=LOOPS),
        Style("open", 1.5, high.nine_open, width=LOOPS),
        Style("q", 0.6, high.nine_q, width=LOOPS),
        Style("turned", 1, high.nine_turned, width=LOOPS),
        Style("two strokes", 1, high.nine_two_strokes, width=LOOPS),
    ),
)
"""The styles of each digit, 0 to 9."""
