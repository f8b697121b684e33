"""Styles of the digit 3."""

from ..hand import LOOPS, Hand, Line, Strokes, Style


def _belly(h: Hand) -> Line:
    """Return the lower bow of a 3 and its end at the left."""
    low = h(0.94, 1.02)
    return [
        (h(0.35, 0.5), h(0.46, 0.58)), (h(0.46, 0.62), h(0.68, 0.8)), (h(0.22, 0.35), low),
        (h(-0.06, 0.08), low - h(0.0, 0.2)),
    ]  # fmt: skip


def _round(h: Hand) -> Strokes:
    """Draw two bows that meet in a cusp."""
    top = [
        (h(-0.02, 0.1), h(0.04, 0.24)), (h(0.18, 0.3), h(-0.03, 0.03)),
        (h(0.4, 0.55), h(0.13, 0.27)), (h(0.08, 0.3), h(0.42, 0.52)),
    ]  # fmt: skip
    return [h.stroke(top, _belly(h))]


def _flat(h: Hand) -> Strokes:
    """Begin like a z."""
    y = h(-0.05, 0.05)
    return [
        h.stroke(
            [(h(-0.05, 0.1), h(-0.03, 0.08)), (h(0.2, 0.3), y), (h(0.42, 0.6), y)],
            [(h(0.1, 0.3), h(0.34, 0.46))],
            _belly(h),
        )
    ]


def _loop(h: Hand) -> Strokes:
    """Draw a small loop between the bows."""
    x, y, size = h(0.1, 0.26), h(0.42, 0.52), h(0.03, 0.09)
    return [
        h.stroke(
            [
                (h(-0.02, 0.1), h(0.04, 0.22)), (h(0.2, 0.3), h(-0.03, 0.03)),
                (h(0.4, 0.54), h(0.12, 0.24)), (x + 0.06, y), (x - size, y + size * 0.6),
                (x, y - size), *_belly(h),
            ]
        )
    ]  # fmt: skip


def _smooth(h: Hand) -> Strokes:
    """Let the two bows run into one another, with hardly a dent."""
    return [
        h.stroke(
            [
                (h(-0.02, 0.12), h(0.0, 0.16)), (h(0.25, 0.35), h(-0.02, 0.04)),
                (h(0.42, 0.52), h(0.16, 0.26)), (h(0.26, 0.36), h(0.42, 0.5)), *_belly(h)[1:],
            ]
        )
    ]  # fmt: skip


STYLES = (
    Style("round", 2, _round),
    Style("flat top", 2, _flat),
    Style("loop", 1.5, _loop, width=LOOPS),
    Style("smooth", 1, _smooth),
)
