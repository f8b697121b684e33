"""Styles of the digit 1: bare, with a flag, on a foot."""

import numpy as np

from ....core.base.types import FloatArray
from ..hand import LOOPS, Hand, Line, Strokes, Style


def _one_stem(h: Hand) -> Line:
    return [(0.0, 0.0), (h.bell(0, 0.02), 0.5), (h.bell(-0.01, 0.03), 1.0)]


def _one_flag(h: Hand, short: float, long: float) -> tuple[FloatArray, FloatArray]:
    """Where a flag begins: left of the top and below it."""
    length = h(short, long)
    angle = np.radians(h(24 - 6 * length, 64 - 24 * length))  # a long one keeps to the stem
    return -length * np.sin(angle), np.minimum(length * np.cos(angle), h(0.85, 1.05))


def _one_flagged(h: Hand, short: float, long: float) -> FloatArray:
    x, y = _one_flag(h, short, long)
    bow = h.bell(0.015, 0.025)
    return h.stroke([(x, y), (x * 0.45 - bow, y * 0.45 - bow), (0.0, 0.0)], _one_stem(h)[1:])


def _one_baseline(h: Hand) -> FloatArray:
    y = h.bell(1, 0.02)
    return h.stroke(
        [(-h(0.12, 0.42), y), (h(-0.02, 0.04), y), (h(0.12, 0.42), y + h.bell(0, 0.03))]
    )


def _one_plain(h: Hand) -> Strokes:
    """Draw a bare stroke, upright or slanted either way."""
    slant = np.where(h(0, 1) < 0.4, h(-0.5, 0.8), h(-0.1, 0.3))
    bend = h.bell(0, 0.04)
    return [h.stroke([(slant, 0.0), (slant / 2 + bend, 0.5), (0.0, 1.0)])]


def _one_short_flag(h: Hand) -> Strokes:
    """Draw a flag of up to four tenths."""
    return [_one_flagged(h, 0.14, 0.42)]


def _one_half_flag(h: Hand) -> Strokes:
    """Draw a flag that reaches half way down."""
    return [_one_flagged(h, 0.4, 0.75)]


def _one_long_flag(h: Hand) -> Strokes:
    """Draw a flag down to the baseline: a Λ."""
    return [_one_flagged(h, 0.7, 1.2)]


def _one_foot(h: Hand) -> Strokes:
    """Draw a stem on a line."""
    return [h.stroke(_one_stem(h)), _one_baseline(h)]


def _one_low_flag(h: Hand) -> Strokes:
    """Draw a flag that meets the stem below its top, nearly level."""
    y, reach = h(0.15, 0.32), h(0.16, 0.3)
    flag = h.stroke([(-reach, y + reach * h(0.1, 0.9)), (-reach / 2, y + h(0.0, 0.12)), (0.0, y)])
    return [flag, h.stroke(_one_stem(h))]


def _one_flag_foot(h: Hand) -> Strokes:
    """Draw a flag above and a line below."""
    return [_one_flagged(h, 0.14, 0.6), _one_baseline(h)]


def _one_block(h: Hand) -> Strokes:
    """Go up and down side by side: a stem as thick as a bar, with square ends."""
    step, slant = h(0.05, 0.13), h.bell(0, 0.04)
    return [
        h.stroke([(place * step + slant, h.bell(0, 0.02)), (place * step, 1 + h.bell(0, 0.02))])
        for place in range(3)
    ]


def _one_hooked(h: Hand) -> Strokes:
    """With a flag, and a stem that swings to the left at its end."""
    x, y = _one_flag(h, 0.2, 0.6)
    stem: Line = [(h(0.0, 0.06), 0.4), (h(-0.02, 0.04), 0.8), (-h(0.08, 0.42), h(0.94, 1.02))]
    bow = h(-0.02, 0.1)
    return [h.stroke([(x, y), (x * 0.5 - bow, y * 0.5 - bow), (0.0, 0.0)], stem)]


def _one_upstroke(h: Hand) -> Strokes:
    """Go up the flag and back down with hardly a corner, so that the top is narrow."""
    x, y = _one_flag(h, 0.25, 0.8)
    foot = h.bell(0, 0.04)
    return [h.stroke([(x, y), (x * 0.3, y * 0.3), (0.0, 0.0), (0.03, 0.3), (foot, 1.0)])]


def _one_ticked(h: Hand) -> Strokes:
    """Run on from the foot in a short tick, up to the right; with a flag or without."""
    x, y = _one_flag(h, 0.0, 0.4)
    foot = h.bell(0, 0.04)
    run = h(0.08, 0.28)
    tick = [(foot + run, 1 - run * h(0.4, 1.3))]
    return [h.stroke([(x, y), (x * 0.4, y * 0.4), (0.0, 0.0)], [(0.0, 0.5), (foot, 1.0)], tick)]


def _one_foot_apart(h: Hand) -> Strokes:
    """Draw a flag or none, and a line below that doesn't touch the stem."""
    stem = _one_flagged(h, 0.02, 0.5)
    y = 1 + h(0.04, 0.16)
    left, right = h(0.08, 0.36), h(0.08, 0.4)
    return [stem, h.stroke([(-left, y), (0.0, y + h.bell(0, 0.02)), (right, y - h(-0.04, 0.06))])]


ONE = (
    Style("plain", 2, _one_plain),
    Style("block", 0.8, _one_block, lean=(-8, 12), width=(4, 6.5)),
    Style("block with flag", 0.8, _one_short_flag, lean=(-8, 15), width=(3.5, 6.5)),
    Style("low flag", 0.8, _one_low_flag, lean=(-8, 12), width=(2.5, 5.5)),
    Style("hooked", 1, _one_hooked, lean=(-15, 22)),
    Style("short flag", 2.5, _one_short_flag, lean=(-20, 22)),
    Style("half flag", 2.5, _one_half_flag, lean=(-20, 22), width=(1.3, 5.5)),
    Style("long flag", 2, _one_long_flag, lean=(-15, 22)),
    Style("foot", 1, _one_foot),
    Style("flag and foot", 2.5, _one_flag_foot),
    Style("upstroke", 1, _one_upstroke, lean=(-20, 22)),
    Style("ticked", 1, _one_ticked, lean=(-12, 28), width=LOOPS),
    Style("foot apart", 0.8, _one_foot_apart, lean=(-12, 20), width=LOOPS),
)
