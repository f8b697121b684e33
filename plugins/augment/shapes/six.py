"""Styles of the digit 6."""

from ..hand import LOOPS, Hand, Strokes, Style, Value


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


def _curled(h: Hand) -> Strokes:
    """Draw a back that bends all the way."""
    return _six(h, h(0.35, 0.6), h(-0.02, 0.1), h(0.02, 0.12), h(0.35, 0.58), h(-0.06, 0.06))


def _straight(h: Hand) -> Strokes:
    """Draw a straight, slanted back."""
    return _six(h, h(0.1, 0.45), 0.0, h(-0.06, 0.02), h(0.3, 0.55), h(-0.06, 0.06))


def _upright(h: Hand) -> Strokes:
    """Like a b."""
    return _six(h, h(-0.1, 0.12), 0.0, h(-0.04, 0.04), h(0.36, 0.55), h(-0.08, 0.05))


def _open(h: Hand) -> Strokes:
    """Draw a loop that doesn't reach the back."""
    return _six(h, h(0.15, 0.5), 0.0, h(-0.04, 0.08), h(0.35, 0.55), h(0.08, 0.22))


STYLES = (
    Style("curled", 2, _curled, width=LOOPS),
    Style("straight", 2, _straight, width=LOOPS),
    Style("upright", 1, _upright, width=LOOPS),
    Style("open", 1.5, _open, width=LOOPS),
)
