"""Styles of the digit 1."""

import numpy as np

from ....core.base.types import FloatArray
from ..hand import Hand, Line, Strokes, Style


def _stem(h: Hand) -> Line:
    return [(0.0, 0.0), (h.bell(0, 0.02), 0.5), (h.bell(-0.01, 0.03), 1.0)]


def _flag(h: Hand, short: float, long: float) -> tuple[FloatArray, FloatArray]:
    """Where a flag begins: left of the top and below it."""
    length = h(short, long)
    angle = np.radians(h(24 - 6 * length, 64 - 24 * length))  # a long one keeps to the stem
    return -length * np.sin(angle), np.minimum(length * np.cos(angle), h(0.85, 1.05))


def _flagged(h: Hand, short: float, long: float) -> FloatArray:
    x, y = _flag(h, short, long)
    bow = h.bell(0.015, 0.025)
    return h.stroke([(x, y), (x * 0.45 - bow, y * 0.45 - bow), (0.0, 0.0)], _stem(h)[1:])


def _baseline(h: Hand) -> FloatArray:
    y = h.bell(1, 0.02)
    return h.stroke(
        [(-h(0.12, 0.42), y), (h(-0.02, 0.04), y), (h(0.12, 0.42), y + h.bell(0, 0.03))]
    )


def _plain(h: Hand) -> Strokes:
    """Draw a bare stroke, upright or slanted either way."""
    slant = np.where(h(0, 1) < 0.4, h(-0.5, 0.8), h(-0.1, 0.3))
    bend = h.bell(0, 0.04)
    return [h.stroke([(slant, 0.0), (slant / 2 + bend, 0.5), (0.0, 1.0)])]


def _short_flag(h: Hand) -> Strokes:
    """Draw a flag of up to four tenths."""
    return [_flagged(h, 0.14, 0.42)]


def _half_flag(h: Hand) -> Strokes:
    """Draw a flag that reaches half way down."""
    return [_flagged(h, 0.4, 0.75)]


def _long_flag(h: Hand) -> Strokes:
    """Draw a flag down to the baseline: a Λ."""
    return [_flagged(h, 0.7, 1.2)]


def _foot(h: Hand) -> Strokes:
    """Draw a stem on a line."""
    return [h.stroke(_stem(h)), _baseline(h)]


def _low_flag(h: Hand) -> Strokes:
    """Draw a flag that meets the stem below its top, nearly level."""
    y, reach = h(0.15, 0.32), h(0.16, 0.3)
    flag = h.stroke([(-reach, y + reach * h(0.1, 0.9)), (-reach / 2, y + h(0.0, 0.12)), (0.0, y)])
    return [flag, h.stroke(_stem(h))]


def _flag_foot(h: Hand) -> Strokes:
    """Draw a flag above and a line below."""
    return [_flagged(h, 0.14, 0.6), _baseline(h)]


def _block(h: Hand) -> Strokes:
    """Go up and down side by side: a stem as thick as a bar, with square ends."""
    step, slant = h(0.05, 0.13), h.bell(0, 0.04)
    return [
        h.stroke([(place * step + slant, h.bell(0, 0.02)), (place * step, 1 + h.bell(0, 0.02))])
        for place in range(3)
    ]


def _hooked(h: Hand) -> Strokes:
    """With a flag, and a stem that swings to the left at its end."""
    x, y = _flag(h, 0.2, 0.6)
    stem: Line = [(h(0.0, 0.06), 0.4), (h(-0.02, 0.04), 0.8), (-h(0.08, 0.42), h(0.94, 1.02))]
    bow = h(-0.02, 0.1)
    return [h.stroke([(x, y), (x * 0.5 - bow, y * 0.5 - bow), (0.0, 0.0)], stem)]


def _upstroke(h: Hand) -> Strokes:
    """Go up the flag and back down with hardly a corner, so that the top is narrow."""
    x, y = _flag(h, 0.25, 0.8)
    foot = h.bell(0, 0.04)
    return [h.stroke([(x, y), (x * 0.3, y * 0.3), (0.0, 0.0), (0.03, 0.3), (foot, 1.0)])]


STYLES = (
    Style("plain", 2, _plain),
    Style("block", 0.8, _block, lean=(-8, 12), width=(4, 6.5)),
    Style("block with flag", 0.8, _short_flag, lean=(-8, 15), width=(3.5, 6.5)),
    Style("low flag", 0.8, _low_flag, lean=(-8, 12), width=(2.5, 5.5)),
    Style("hooked", 1, _hooked, lean=(-15, 22)),
    Style("short flag", 2.5, _short_flag, lean=(-20, 22)),
    Style("half flag", 2.5, _half_flag, lean=(-20, 22), width=(1.3, 5.5)),
    Style("long flag", 2, _long_flag, lean=(-15, 22)),
    Style("foot", 1, _foot),
    Style("flag and foot", 2.5, _flag_foot),
    Style("upstroke", 1, _upstroke, lean=(-20, 22)),
)
