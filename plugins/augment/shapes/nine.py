"""Styles of the digit 9."""

from ..hand import LOOPS, Hand, Line, Strokes, Style, Value


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


def _straight(h: Hand) -> Strokes:
    """Draw a straight stem."""
    foot = -h(-0.04, 0.3)
    return _nine(h, h(-0.04, 0.1), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def _hooked(h: Hand) -> Strokes:
    """Like a g: the tail hooks to the left, short or far."""
    tail = h(0.3, 0.62)
    stem: Line = [(h(-0.02, 0.05), 0.55), (-h(0.0, 0.12), 0.86), (-tail * 0.55, h(0.96, 1.03)),
                  (-tail, h(0.7, 0.98))]  # fmt: skip
    return _nine(h, h(-0.04, 0.2), stem, h(0.3, 0.54))


def _open(h: Hand) -> Strokes:
    """Begin the loop well left of the stem."""
    foot = -h(-0.04, 0.25)
    return _nine(h, h(0.08, 0.18), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def _q(h: Hand) -> Strokes:
    """End the stem in a flick to the right."""
    foot = -h(-0.02, 0.12)
    stem: Line = [(foot * 0.4, 0.55), (foot, 0.97), (foot + h(0.08, 0.2), h(0.9, 1.02))]
    return _nine(h, h(-0.04, 0.1), stem, h(0.36, 0.56))


def _turned(h: Hand) -> Strokes:
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


def _two_strokes(h: Hand) -> Strokes:
    """Draw a ring, and a stem at its right that needn't touch it."""
    size, rx = h(0.2, 0.3), h(0.18, 0.28)
    x, foot = rx + h(-0.05, 0.07), h(-0.05, 0.25)
    return [
        h.stroke(h.turn(0, size, rx, size, h(0, 90), -h(320, 380))),
        h.stroke([(x, h(-0.06, 0.15)), (x - foot * 0.3, 0.5), (x - foot, 1.0)]),
    ]


STYLES = (
    Style("straight", 2, _straight, width=LOOPS),
    Style("hooked", 2, _hooked, width=LOOPS),
    Style("open", 1.5, _open, width=LOOPS),
    Style("q", 0.6, _q, width=LOOPS),
    Style("turned", 1, _turned, width=LOOPS),
    Style("two strokes", 1, _two_strokes, width=LOOPS),
)
