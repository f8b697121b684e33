"""Styles of the digit 2."""

from ..hand import Hand, Line, Strokes, Style


def _hook(h: Hand) -> Line:
    """Return the upper arch of a 2."""
    return [
        (h(0.0, 0.08), h(0.12, 0.32)), (h(0.15, 0.28), h(-0.02, 0.04)),
        (h(0.42, 0.58), h(0.12, 0.3)), (h(0.28, 0.42), h(0.5, 0.64)),
    ]  # fmt: skip


def _flat(h: Hand) -> Strokes:
    """Draw a flat base after a corner."""
    end = h.bell(0.98, 0.03)
    return [
        h.stroke(
            [*_hook(h), (h(-0.08, 0.1), h(0.93, 1.02))],
            [(h(0.25, 0.35), end), (h(0.5, 0.92), end + h.bell(-0.01, 0.03))],
        )
    ]


def _wavy(h: Hand) -> Strokes:
    """Draw a base that waves after a corner."""
    return [
        h.stroke(
            [*_hook(h), (h(-0.02, 0.1), h(0.93, 1.02))],
            [(h(0.16, 0.24), h(0.82, 0.93)), (h(0.36, 0.46), h(0.95, 1.06)),
             (h(0.6, 0.8), h(0.82, 0.98))],
        )
    ]  # fmt: skip


def _loop(h: Hand) -> Strokes:
    """Draw a loop at the lower left."""
    return [
        h.stroke(
            [
                *_hook(h), (h(0.08, 0.18), h(0.88, 0.97)), (h(-0.05, 0.03), h(0.9, 1.0)),
                (h(-0.03, 0.08), h(0.74, 0.86)), (h(0.2, 0.32), h(0.86, 0.95)),
                (h(0.55, 0.85), h(0.9, 1.04)),
            ]
        )
    ]  # fmt: skip


def _angular(h: Hand) -> Strokes:
    """Written like a z."""
    x, y = h(0.42, 0.58), h(-0.02, 0.1)
    return [
        h.stroke(
            [(h(0.0, 0.12), h(0.02, 0.2)), (h(0.2, 0.3), y - h(0.0, 0.07)), (x, y)],
            [(x * 0.55 + h(-0.02, 0.08), 0.5), (h(-0.05, 0.08), h(0.95, 1.02))],
            [(h(0.5, 0.75), h(0.93, 1.04))],
        )
    ]


STYLES = (
    Style("flat base", 2, _flat),
    Style("wavy base", 1.5, _wavy),
    Style("loop", 1.5, _loop),
    Style("angular", 1.5, _angular),
)
