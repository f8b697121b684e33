"""Styles of the digits of a loop and a stem: 6 and 9."""

import numpy as np

from ..hand import LOOPS, Hand, Line, Strokes, Style, Value


def _six(h: Hand, x: Value, start: Value, curl: Value, size: Value, gap: Value) -> Strokes:
    """Down the back, round the loop, and to within `gap` of the back again."""
    top = 1 - size
    width = h(0.38, 0.6)
    return [
        h.stroke(
            [
                (x, start), (x * 0.45 - curl, 0.25 + h(-0.05, 0.05)), (h(-0.02, 0.04), 0.62),
                (h(0.04, 0.1), 0.9), (width * 0.5, h(0.97, 1.03)), (width, 1 - size * 0.45),
                (width * 0.55 + gap * 0.5, top), (gap, top + size * h(0.25, 0.6)),
            ]
        )
    ]  # fmt: skip


def _six_curled(h: Hand) -> Strokes:
    """Draw a back that bends all the way."""
    return _six(h, h(0.35, 0.6), h(-0.02, 0.1), h(0.02, 0.12), h(0.35, 0.58), h(-0.06, 0.06))


def _six_straight(h: Hand) -> Strokes:
    """Draw a straight, slanted back."""
    return _six(h, h(0.1, 0.45), 0.0, h(-0.06, 0.02), h(0.3, 0.55), h(-0.06, 0.06))


def _six_upright(h: Hand) -> Strokes:
    """Like a b."""
    return _six(h, h(-0.1, 0.12), 0.0, h(-0.04, 0.04), h(0.36, 0.55), h(-0.08, 0.05))


def _six_open(h: Hand) -> Strokes:
    """Draw a loop that doesn't reach the back."""
    return _six(h, h(0.15, 0.5), 0.0, h(-0.04, 0.08), h(0.35, 0.55), h(0.08, 0.22))


def _six_hooked(h: Hand) -> Strokes:
    """Begin with a hook that curls inwards, towards the loop and clear of it."""
    size, x, width = h(0.32, 0.44), h(0.3, 0.5), h(0.4, 0.58)
    low = h(0.12, 0.3)
    return [
        h.stroke(
            [
                (x - h(-0.02, 0.16), low), (x + h(0.0, 0.08), low * 0.5), (x * 0.6, h(-0.03, 0.03)),
                (x * 0.22, 0.2), (h(-0.04, 0.02), 0.6), (h(0.04, 0.1), 0.9),
                (width * 0.5, h(0.97, 1.03)), (width, 1 - size * 0.45),
                (width * 0.5, 1 - size), (h(-0.04, 0.08), 1 - size * h(0.4, 0.75)),
            ]
        )
    ]  # fmt: skip


SIX = (
    Style("curled", 2, _six_curled, width=LOOPS),
    Style("straight", 2, _six_straight, width=LOOPS),
    Style("upright", 1, _six_upright, width=LOOPS),
    Style("open", 1.5, _six_open, width=LOOPS),
    Style("hooked", 1, _six_hooked, width=LOOPS),
)


def _nine(h: Hand, gap: Value, stem: Line, size: Value) -> Strokes:
    """Round the loop from the upper right, up to within `gap` of its start, and the stem."""
    x = h(0.4, 0.56)
    return [
        h.stroke(
            [
                (x - gap, h(0.02, 0.16)), (x * 0.5, h(-0.03, 0.03)), (h(-0.04, 0.04), size * 0.55),
                (x * 0.45, size), (x - h(0.0, 0.06), size * 0.6),
                (x + h(-0.02, 0.05), h(0.0, 0.14)),
            ],
            [(x + dx, y) for dx, y in stem],
        )
    ]  # fmt: skip


def _nine_straight(h: Hand) -> Strokes:
    """Draw a straight stem."""
    foot = -h(-0.04, 0.3)
    return _nine(h, h(-0.04, 0.1), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def _nine_hooked(h: Hand) -> Strokes:
    """Like a g: the tail hooks to the left, short or far."""
    tail = h(0.3, 0.62)
    stem: Line = [(h(-0.02, 0.05), 0.55), (-h(0.0, 0.12), 0.86), (-tail * 0.55, h(0.96, 1.03)),
                  (-tail, h(0.7, 0.98))]  # fmt: skip
    return _nine(h, h(-0.04, 0.2), stem, h(0.3, 0.54))


def _nine_open(h: Hand) -> Strokes:
    """Begin the loop well left of the stem."""
    foot = -h(-0.04, 0.25)
    return _nine(h, h(0.08, 0.18), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def _nine_q(h: Hand) -> Strokes:
    """End the stem in a flick to the right."""
    foot = -h(-0.02, 0.12)
    stem: Line = [(foot * 0.4, 0.55), (foot, 0.97), (foot + h(0.08, 0.2), h(0.9, 1.02))]
    return _nine(h, h(-0.04, 0.1), stem, h(0.36, 0.56))


def _nine_turned(h: Hand) -> Strokes:
    """Draw a 6 upside down: clockwise from inside the loop, which may stay open at the right."""
    x, size = h(0.36, 0.54), h(0.36, 0.58)
    return [
        h.stroke(
            [
                (x - h(-0.02, 0.14), size * h(0.55, 0.85)), (x * 0.5, size),
                (h(-0.04, 0.03), size * 0.6), (x * 0.45, h(-0.03, 0.03)),
                (x + h(-0.04, 0.04), size * 0.45),
                (x + h(-0.04, 0.06), h(0.5, 0.7)), (x - h(0.0, 0.45), h(0.9, 1.02)),
            ]
        )
    ]  # fmt: skip


def _nine_two_strokes(h: Hand) -> Strokes:
    """Draw a ring, and a stem at its right that needn't touch it."""
    size, rx = h(0.2, 0.3), h(0.18, 0.28)
    x, foot = rx + h(-0.05, 0.07), h(-0.05, 0.25)
    return [
        h.stroke(h.turn(0, size, rx, size, h(0, 90), -h(320, 380))),
        h.stroke([(x, h(-0.06, 0.15)), (x - foot * 0.3, 0.5), (x - foot, 1.0)]),
    ]


def _nine_bent(h: Hand) -> Strokes:
    """Bend the stem to the left in a corner, and run on level or a little upwards."""
    tail, x = h(0.2, 0.6), -h(-0.02, 0.12)
    y = h(0.86, 1.0)
    stem: Line = [(x * 0.5, 0.6), (x, y)]
    (loop,) = _nine(h, h(-0.04, 0.16), stem, h(0.34, 0.56))
    end = loop[:, -1]
    foot = h.stroke([(end[:, 0], end[:, 1]), (end[:, 0] - tail, end[:, 1] - h(-0.06, 0.2))])
    return [np.concatenate([loop, foot], axis=1)]


def _nine_slanted(h: Hand) -> Strokes:
    """Let the stem run straight to the lower left, under the loop or beyond it."""
    foot = -h(0.3, 0.62)
    return _nine(h, h(-0.04, 0.1), [(foot * 0.5, 0.5 + h(0.0, 0.1)), (foot, 1.0)], h(0.32, 0.52))


def _nine_left(h: Hand) -> Strokes:
    """Like a P: round the loop from its lower left, on to the beginning, and the stem below it."""
    x, size, foot = h(0.36, 0.56), h(0.38, 0.58), h(-0.25, 0.3)
    start = h(-0.06, 0.12)
    neck = start + h(-0.04, 0.12)
    return [
        h.stroke(
            [
                (start, size * h(0.8, 1.05)), (h(-0.06, 0.03), size * 0.45),
                (x * 0.45, h(-0.03, 0.03)), (x + h(-0.02, 0.06), size * h(0.3, 0.5)),
                (x * h(0.55, 0.75), size * h(0.85, 0.95)), (neck, size + h(-0.03, 0.1)),
            ],
            [(neck + foot * 0.4, h(0.72, 0.8)), (neck + foot, 1.0)],
        )
    ]  # fmt: skip


def _nine_like_e(h: Hand) -> Strokes:
    """Like an e with a tail: out of the loop's middle, round it, and on below to either side."""
    x, size = h(0.36, 0.6), h(0.38, 0.56)
    neck, foot = x * h(0.5, 1.05), h(-0.6, 0.5)
    return [
        h.stroke(
            [
                (h(-0.12, 0.2), size * h(0.65, 1.05)), (x * 0.75, size * h(0.6, 0.85)),
                (x + h(-0.03, 0.05), size * 0.35), (x * 0.5, h(-0.03, 0.03)),
                (h(-0.04, 0.04), size * 0.4), (x * 0.3, size * h(0.9, 1.05)),
                (neck, size * h(1.0, 1.2)),
            ],
            [(neck + foot * h(0.2, 0.6), h(0.74, 0.86)), (neck + foot, h(0.96, 1.02))],
        )
    ]  # fmt: skip


NINE = (
    Style("straight", 2, _nine_straight, width=LOOPS),
    Style("hooked", 2, _nine_hooked, width=LOOPS),
    Style("open", 1.5, _nine_open, width=LOOPS),
    Style("q", 0.6, _nine_q, width=LOOPS),
    Style("turned", 1, _nine_turned, width=LOOPS),
    Style("two strokes", 1, _nine_two_strokes, width=LOOPS),
    Style("bent", 1, _nine_bent, width=LOOPS),
    Style("slanted", 1.5, _nine_slanted, width=LOOPS),
    Style("left", 1.5, _nine_left, width=LOOPS),
    Style("like e", 1.5, _nine_like_e, width=LOOPS),
)
