"""Styles of the digits that are one ring or two: 0 and 8."""

import numpy as np

from ....core.base.types import FloatArray
from ..hand import LOOPS, Hand, Line, Strokes, Style


def _zero_oval(h: Hand, gap: float = -40, most: float = 25, rx: float = 0.34) -> FloatArray:
    """One turn, mostly counterclockwise, that ends `gap` to `most` degrees before its start."""
    way = np.where(h(0, 1) < 0.85, np.float32(-1), np.float32(1))
    return h.stroke(
        h.turn(
            h.bell(0, 0.01), h.bell(0.5, 0.02), h.bell(rx, 0.04), h.bell(0.5, 0.03),
            h(-50, 60), way * (360 - h(gap, most)),
        )
    )  # fmt: skip


def _zero_round(h: Hand) -> Strokes:
    """Draw a plain oval."""
    return [_zero_oval(h)]


def _zero_narrow(h: Hand) -> Strokes:
    """Draw a narrow oval."""
    return [_zero_oval(h, rx=0.17)]


def _zero_open(h: Hand) -> Strokes:
    """Draw an oval that isn't closed at its top."""
    return [_zero_oval(h, 20, 48)]


def _zero_slash(
    h: Hand, half: tuple[float, float] = (0.34, 0.85), angle: tuple[float, float] = (12, 46)
) -> FloatArray:
    """Draw a line through the middle; the angle is in degrees, clockwise from upright."""
    length, turned = h(*half), np.radians(h(*angle))
    x, y = h.bell(0, 0.03), h.bell(0.5, 0.04)
    dx, dy = length * np.sin(turned), length * np.cos(turned)
    return h.stroke([(x + dx, y - dy), (x - dx, y + dy)])


def _zero_slashed(h: Hand) -> Strokes:
    """Draw an oval with a line through it."""
    return [_zero_oval(h), _zero_slash(h)]


def _zero_narrow_slashed(h: Hand) -> Strokes:
    """Draw a narrow oval with a line through it."""
    return [_zero_oval(h, rx=0.23), _zero_slash(h)]


def _zero_pierced(h: Hand) -> Strokes:
    """Draw a ring on a long, steep line, which sticks out above and below."""
    ring = h.turn(0, 0.5, h(0.2, 0.36), h(0.28, 0.4), h(-50, 60), -h(340, 380))
    return [h.stroke(ring), _zero_slash(h, (0.48, 0.75), (2, 40))]


def _zero_barred(h: Hand) -> Strokes:
    """Draw an oval with a bar across it, level or falling, which may stick out."""
    return [_zero_oval(h), _zero_slash(h, (0.2, 0.55), (55, 130))]


def _zero_curled(h: Hand) -> Strokes:
    """Run on over the start and curl inwards, as in a G."""
    start, rx = h(-10, 60), h.bell(0.32, 0.04)
    turn = h.turn(0, 0.5, rx, h.bell(0.48, 0.03), start, -h(320, 355))
    return [h.stroke([*turn, (rx * h(0.1, 0.5), h(0.08, 0.3)), (-rx * h(0.0, 0.5), h(0.2, 0.42))])]


def _zero_loop(h: Hand) -> Strokes:
    """Run on over the start, inside or out to the right."""
    start = h(-5, 50)
    turn = h.turn(0, 0.5, h.bell(0.3, 0.05), h.bell(0.48, 0.03), start, -h(345, 375))
    return [h.stroke([*turn, (h(-0.05, 0.3), h(0.05, 0.28)), (h(-0.1, 0.55), h(-0.05, 0.3))])]


def _zero_dotted(h: Hand) -> Strokes:
    """Draw an oval with a dot in it."""
    x, y = h.bell(0, 0.04), h.bell(0.5, 0.05)
    return [_zero_oval(h), h.stroke([(x, y), (x + h(-0.03, 0.03), y + h(0.0, 0.06))])]


ZERO = (
    Style("round", 3, _zero_round),
    Style("narrow", 1.5, _zero_narrow, width=LOOPS),
    Style("open", 2, _zero_open),
    Style("slashed", 2.5, _zero_slashed, lean=(-12, 24), width=(1.3, 2.9)),
    Style("narrow and slashed", 2, _zero_narrow_slashed, lean=(-12, 24), width=(1.3, 2.5)),
    Style("pierced", 1.5, _zero_pierced, lean=(-12, 24), width=(1.3, 2.5)),
    Style("barred", 0.8, _zero_barred, lean=(-12, 24), width=(1.3, 2.5)),
    Style("curled", 1, _zero_curled, width=LOOPS),
    Style("loop", 1.5, _zero_loop),
    Style("dotted", 0.4, _zero_dotted, width=LOOPS),
)


def _eight(h: Hand, start: Line, end: Line) -> Strokes:
    """Draw an S and back up; `start` and `end` are how the two ends meet at the top."""
    waist, upper, lower = h(0.4, 0.54), h(0.14, 0.3), h(0.16, 0.36)
    return [
        h.stroke(
            [
                *start, (-upper, waist * 0.45), (0.0, waist), (lower, waist * 0.5 + 0.48),
                (h(-0.03, 0.05), 1.0), (-lower, waist * 0.5 + 0.52), (0.0, waist + h(-0.05, 0.05)),
                *end,
            ]
        )
    ]  # fmt: skip


def _eight_s(h: Hand) -> Strokes:
    """Let the ends meet at the top, or nearly."""
    x, y = h(0.1, 0.26), h(0.04, 0.18)
    start = [(x, y), (h(-0.04, 0.06), h(-0.03, 0.03))]
    return _eight(
        h, start, [(h(0.18, 0.28), h(0.14, 0.28)), (x + h(-0.1, 0.05), y + h(-0.1, 0.04))]
    )


def _eight_open(h: Hand) -> Strokes:
    """Let the ends cross or miss one another at the top."""
    return _eight(h, [(h(0.12, 0.4), h(-0.02, 0.14)), (h(-0.02, 0.1), h(-0.02, 0.06))],
                  [(h(0.16, 0.36), h(0.14, 0.32)), (h(0.1, 0.5), h(-0.12, 0.1))])  # fmt: skip


def _eight_ribbon(h: Hand) -> Strokes:
    """Let two lines cross and end high up, wide apart, above a loop."""
    cross, low = h(0.4, 0.6), h(0.16, 0.32)
    return [
        h.stroke(
            [
                (h(0.12, 0.35), h(-0.05, 0.12)), (-h(0.0, 0.2), cross * 0.4), (h(0.0, 0.06), cross),
                (low, 0.8), (0.0, 1.0), (-low, 0.8), (h(-0.04, 0.04), cross),
                (h(0.15, 0.3), cross * 0.4), (h(0.25, 0.5), h(-0.1, 0.08)),
            ]
        )
    ]  # fmt: skip


def _eight_hourglass(h: Hand) -> Strokes:
    """Draw a bar at the top, a diagonal, a round or flat base, and a diagonal back up."""
    right, low = h(0.16, 0.34), h(0.14, 0.3)
    return [
        h.stroke(
            [(right, h(-0.03, 0.08)), (0.0, h(-0.04, 0.03)), (-h(0.16, 0.32), h(0.0, 0.1))],
            [(0.0, h(0.4, 0.5)), (low, 0.8), (0.0, h(0.96, 1.03)), (-low, h(0.8, 0.94)),
             (0.0, h(0.45, 0.55)), (right + h(-0.08, 0.06), h(-0.04, 0.12))],
        )
    ]  # fmt: skip


def _eight_rings(h: Hand) -> Strokes:
    """Draw a snowman: two rings that overlap, touch or just don't."""
    cut = h(0.38, 0.54)
    gap = h(-0.08, 0.03)
    upper, lower = (cut - gap / 2) / 2, (1 - cut - gap / 2) / 2
    return [
        h.stroke(h.turn(0, upper, h(0.15, 0.27), upper, h(-40, 40), -h(335, 385))),
        h.stroke(
            h.turn(h.bell(0, 0.03), 1 - lower, h(0.18, 0.32), lower, h(-60, 60), -h(335, 385))
        ),
    ]


def _eight_gap(h: Hand) -> Strokes:
    """Leave it wide open at the top: one end hangs over the loop, the other stops short."""
    cross, low = h(0.42, 0.56), h(0.18, 0.34)
    x, y = h(0.1, 0.26), h(0.04, 0.24)
    return [
        h.stroke(
            [
                (x, y), (h(-0.04, 0.08), h(-0.03, 0.03)), (-h(0.14, 0.26), cross * 0.45),
                (h(-0.02, 0.04), cross), (low, 0.78), (h(-0.02, 0.03), 1.0), (-low, 0.78),
                (h(-0.08, 0.04), cross + 0.02), (x + h(0.02, 0.2), cross * h(0.45, 0.9)),
            ]
        )
    ]  # fmt: skip


def _eight_middle(h: Hand) -> Strokes:
    """Begin and end in the middle, where the ends may miss one another."""
    waist, upper, lower = h(0.42, 0.54), h(0.14, 0.27), h(0.17, 0.34)
    x = h(-0.06, 0.12)
    return [
        h.stroke(
            [
                (x, waist + h(-0.04, 0.1)), (upper, waist * 0.5), (h(-0.04, 0.04), 0.0),
                (-upper, waist * 0.5), (0.0, waist + h(-0.02, 0.04)), (lower, waist * 0.5 + 0.5),
                (h(-0.03, 0.03), 1.0), (-lower, waist * 0.5 + 0.52),
                (x + h(-0.14, 0.06), waist + h(-0.06, 0.08)),
            ]
        )
    ]  # fmt: skip


EIGHT = (
    Style("s first", 2, _eight_s, width=LOOPS),
    Style("open", 2, _eight_open, width=LOOPS),
    Style("ribbon", 1, _eight_ribbon, width=LOOPS),
    Style("hourglass", 0.7, _eight_hourglass, width=LOOPS),
    Style("rings", 1.5, _eight_rings, width=LOOPS),
    Style("gap", 1, _eight_gap, width=LOOPS),
    Style("from the middle", 1, _eight_middle, width=LOOPS),
)
