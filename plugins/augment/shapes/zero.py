"""Styles of the digit 0."""

import numpy as np

from ....core.base.types import FloatArray
from ..hand import LOOPS, Hand, Strokes, Style


def _oval(h: Hand, gap: float = -40, most: float = 25, rx: float = 0.34) -> FloatArray:
    """One turn, mostly counterclockwise, that ends `gap` to `most` degrees before its start."""
    way = np.where(h(0, 1) < 0.85, np.float32(-1), np.float32(1))
    return h.stroke(
        h.turn(
            h.bell(0, 0.01), h.bell(0.5, 0.02), h.bell(rx, 0.04), h.bell(0.5, 0.03),
            h(-50, 60), way * (360 - h(gap, most)),
        )
    )  # fmt: skip


def _round(h: Hand) -> Strokes:
    """Draw a plain oval."""
    return [_oval(h)]


def _narrow(h: Hand) -> Strokes:
    """Draw a narrow oval."""
    return [_oval(h, rx=0.17)]


def _open(h: Hand) -> Strokes:
    """Draw an oval that isn't closed at its top."""
    return [_oval(h, 20, 48)]


def _slash(h: Hand) -> FloatArray:
    """Draw a line through the middle, from the lower left to the upper right."""
    length, angle = h(0.34, 0.85), np.radians(h(12, 46))
    x, y = h.bell(0, 0.03), h.bell(0.5, 0.04)
    dx, dy = length * np.sin(angle), length * np.cos(angle)
    return h.stroke([(x + dx, y - dy), (x - dx, y + dy)])


def _slashed(h: Hand) -> Strokes:
    """Draw an oval with a line through it."""
    return [_oval(h), _slash(h)]


def _narrow_slashed(h: Hand) -> Strokes:
    """Draw a narrow oval with a line through it."""
    return [_oval(h, rx=0.23), _slash(h)]


def _loop(h: Hand) -> Strokes:
    """Run on over the start, inside or out to the right."""
    start = h(-5, 50)
    turn = h.turn(0, 0.5, h.bell(0.3, 0.05), h.bell(0.48, 0.03), start, -h(345, 375))
    return [h.stroke([*turn, (h(-0.05, 0.3), h(0.05, 0.28)), (h(-0.1, 0.55), h(-0.05, 0.3))])]


def _dotted(h: Hand) -> Strokes:
    """Draw an oval with a dot in it."""
    x, y = h.bell(0, 0.04), h.bell(0.5, 0.05)
    return [_oval(h), h.stroke([(x, y), (x + h(-0.03, 0.03), y + h(0.0, 0.06))])]


STYLES = (
    Style("round", 3, _round),
    Style("narrow", 1.5, _narrow, width=LOOPS),
    Style("open", 2, _open),
    Style("slashed", 2.5, _slashed, lean=(-12, 24), width=(1.3, 2.9)),
    Style("narrow and slashed", 2, _narrow_slashed, lean=(-12, 24), width=(1.3, 2.5)),
    Style("loop", 1.5, _loop),
    Style("dotted", 0.4, _dotted, width=LOOPS),
)
