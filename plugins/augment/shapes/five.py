"""Styles of the digit 5."""

from ..hand import Hand, Line, Strokes, Style


def _bowl(h: Hand) -> Line:
    low = h(0.94, 1.02)
    return [
        (h(0.22, 0.32), h(0.32, 0.42)), (h(0.42, 0.6), h(0.58, 0.74)), (h(0.2, 0.34), low),
        (h(-0.1, 0.08), low - h(0.0, 0.16)),
    ]  # fmt: skip


def _one_stroke(h: Hand) -> Strokes:
    """Begin at the bar's right end."""
    x = h(0.02, 0.18)
    return [
        h.stroke(
            [(h(0.45, 0.9), h(-0.06, 0.08)), (x, h(-0.02, 0.05))],
            [(x - h(-0.02, 0.08), h(0.36, 0.48))],
            _bowl(h),
        )
    ]


def _bar(h: Hand) -> Strokes:
    """Draw the bar last; it may leave a gap, start late or stick out to the left."""
    x, y = h(0.02, 0.18), h(0.0, 0.12)
    start = x + h(-0.12, 0.2)
    bar = y + h(-0.14, 0.04)
    return [
        h.stroke([(x, y), (x - h(-0.02, 0.08), h(0.36, 0.48))], _bowl(h)),
        h.stroke([(start, bar), (start + h(0.25, 0.8), bar + h.bell(-0.03, 0.05))]),
    ]


def _s(h: Hand) -> Strokes:
    """Draw an S, without corners."""
    return [
        h.stroke(
            [
                (h(0.45, 0.8), h(-0.02, 0.12)), (h(0.16, 0.36), h(-0.02, 0.04)),
                (h(0.0, 0.1), h(0.2, 0.32)), (h(0.2, 0.34), h(0.42, 0.52)),
                (h(0.42, 0.56), h(0.64, 0.78)), (h(0.2, 0.32), h(0.95, 1.02)),
                (h(-0.16, 0.06), h(0.72, 0.98)),
            ]
        )
    ]  # fmt: skip


STYLES = (
    Style("one stroke", 1.5, _one_stroke),
    Style("bar apart", 2.5, _bar),
    Style("s", 1.5, _s),
)
