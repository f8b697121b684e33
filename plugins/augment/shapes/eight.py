"""Styles of the digit 8."""

from ..hand import LOOPS, Hand, Line, Strokes, Style


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


def _s(h: Hand) -> Strokes:
    """Let the ends meet at the top, or nearly."""
    x, y = h(0.1, 0.26), h(0.04, 0.18)
    start = [(x, y), (h(-0.04, 0.06), h(-0.03, 0.03))]
    return _eight(
        h, start, [(h(0.18, 0.28), h(0.14, 0.28)), (x + h(-0.1, 0.05), y + h(-0.1, 0.04))]
    )


def _open(h: Hand) -> Strokes:
    """Let the ends cross or miss one another at the top."""
    return _eight(h, [(h(0.12, 0.4), h(-0.02, 0.14)), (h(-0.02, 0.1), h(-0.02, 0.06))],
                  [(h(0.16, 0.36), h(0.14, 0.32)), (h(0.1, 0.5), h(-0.12, 0.1))])  # fmt: skip


def _ribbon(h: Hand) -> Strokes:
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


def _hourglass(h: Hand) -> Strokes:
    """Draw a bar at the top, a diagonal, a round or flat base, and a diagonal back up."""
    right, low = h(0.16, 0.34), h(0.14, 0.3)
    return [
        h.stroke(
            [(right, h(-0.03, 0.08)), (0.0, h(-0.04, 0.03)), (-h(0.16, 0.32), h(0.0, 0.1))],
            [(0.0, h(0.4, 0.5)), (low, 0.8), (0.0, h(0.96, 1.03)), (-low, h(0.8, 0.94)),
             (0.0, h(0.45, 0.55)), (right + h(-0.08, 0.06), h(-0.04, 0.12))],
        )
    ]  # fmt: skip


def _rings(h: Hand) -> Strokes:
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


STYLES = (
    Style("s first", 2, _s, width=LOOPS),
    Style("open", 2, _open, width=LOOPS),
    Style("ribbon", 1, _ribbon, width=LOOPS),
    Style("hourglass", 0.7, _hourglass, width=LOOPS),
    Style("rings", 1.5, _rings, width=LOOPS),
)
