"""Styles of the digit 4."""

from ....core.base.types import FloatArray
from ..hand import LOOPS, Hand, Line, Strokes, Style, Value


def _stem(h: Hand, x: Value, top: Value) -> FloatArray:
    return h.stroke([(x + h(-0.02, 0.08), top), (x, 0.6), (x - h(-0.02, 0.16), h(0.92, 1.12))])


def _open(h: Hand) -> Strokes:
    """Two strokes: down and to the right, then the stem."""
    bar = h(0.48, 0.78)
    corner = h(-0.02, 0.1)
    angle: Line = [(h(0.06, 0.3), h(-0.05, 0.1)), (corner + h(0.0, 0.06), bar * 0.6), (corner, bar)]
    stem = _stem(h, h(0.28, 0.55), h(-0.1, 0.45))
    return [
        h.stroke(angle, [(0.3, bar + h(-0.05, 0.03)), (h(0.5, 0.85), bar + h.bell(0, 0.05))]),
        stem,
    ]


def _cup(h: Hand) -> Strokes:
    """As open, but round at the lower left, like a u or a y."""
    bar = h(0.48, 0.66)
    x = h(0.36, 0.52)
    cup: Line = [(h(-0.02, 0.1), h(-0.03, 0.12)), (h(-0.04, 0.04), bar * 0.65),
                 (h(0.12, 0.22), bar),
           (x, bar - h(0.0, 0.2))]  # fmt: skip
    return [h.stroke(cup), _stem(h, x, h(-0.08, 0.2))]


def _closed(h: Hand) -> Strokes:
    """Draw a slanted line, a bar and a stem, which meet in a point at the top, or nearly."""
    bar, x = h(0.45, 0.76), h(0.32, 0.55)
    left = h(-0.06, 0.05)
    roof: Line = [(x + h(-0.06, 0.04), h(-0.04, 0.08)), ((x + left) / 2 + h(-0.06, 0.06), bar / 2),
            (left, bar)]  # fmt: skip
    return [
        h.stroke(roof, [(h(0.5, 0.8), bar + h.bell(0, 0.04))]),
        _stem(h, x, h(-0.04, 0.14)),
    ]


def _one_stroke(h: Hand) -> Strokes:
    """Without lifting the pen: down, across, up to the top right and down the stem."""
    bar, x = h(0.42, 0.64), h(0.38, 0.55)
    return [
        h.stroke(
            [(h(0.02, 0.3), h(-0.04, 0.12)), (h(-0.04, 0.08), bar)],
            [(x * 0.6, bar + h(-0.03, 0.06)), (x + h(0.0, 0.1), bar - h(0.02, 0.18)),
             (x + h(0.02, 0.1), h(-0.05, 0.25))],
            [(x, 0.5), (x - h(0.0, 0.15), 1.0)],
        )
    ]  # fmt: skip


def _lightning(h: Hand) -> Strokes:
    """One zigzag: down, across, and down again from the bar's end."""
    bar, x = h(0.42, 0.6), h(0.42, 0.6)
    left = h(-0.04, 0.08)
    return [
        h.stroke(
            [(h(0.12, 0.42), 0.0), (left + 0.1, bar * 0.55), (left, bar)],
            [(x, bar - h(-0.02, 0.16))],
            [(x - h(0.06, 0.3), 1.0)],
        )
    ]


def _looped(h: Hand) -> Strokes:
    """Draw a closed one that is round at its left, with a bar that runs on over the stem."""
    bar, x = h(0.42, 0.68), h(0.3, 0.5)
    left = h(-0.04, 0.04)
    loop: Line = [
        (x + h(-0.02, 0.06), h(-0.03, 0.08)), ((x + left) / 2 + h(-0.08, 0.02), bar * 0.45),
        (left, bar * h(0.78, 0.95)), (left + h(0.06, 0.14), bar), (x, bar - h(0.0, 0.12)),
        (x + h(0.05, 0.35), bar - h(-0.02, 0.16)),
    ]  # fmt: skip
    return [h.stroke(loop), _stem(h, x, h(-0.05, 0.12))]


def _crossed(h: Hand) -> Strokes:
    """Draw it open, with a short stem that crosses the bar and is hardly taller than it."""
    bar, x = h(0.45, 0.78), h(0.24, 0.58)
    left, slant = h(-0.02, 0.12), h(0.0, 0.32)
    angle: Line = [(left + slant, 0.0), (left + slant * 0.45 - h(-0.02, 0.06), bar * 0.55),
                   (left, bar)]  # fmt: skip
    return [
        h.stroke(angle, [(x + h(0.03, 0.4), bar + h.bell(0, 0.05))]),
        _stem(h, x + h(0.0, 0.08), bar - h(0.02, 0.3)),
    ]


STYLES = (
    Style("open", 2.5, _open),
    Style("cup", 1.5, _cup),
    Style("closed", 2, _closed, width=LOOPS),
    Style("one stroke", 1.5, _one_stroke),
    Style("lightning", 0.6, _lightning),
    Style("looped", 1.6, _looped, width=LOOPS),
    Style("crossed", 2, _crossed),
    Style("crossed, broad", 1.2, _crossed, width=(3, 5)),
)
