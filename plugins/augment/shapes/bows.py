"""Styles of the digits of bows: 2, 3 and 5."""

from ..hand import LOOPS, Hand, Line, Strokes, Style


def _two_hook(h: Hand) -> Line:
    """Return the upper arch of a 2."""
    return [
        (h(0.0, 0.08), h(0.12, 0.32)), (h(0.15, 0.28), h(-0.02, 0.04)),
        (h(0.42, 0.58), h(0.12, 0.3)), (h(0.28, 0.42), h(0.5, 0.64)),
    ]  # fmt: skip


def _two_flat(h: Hand) -> Strokes:
    """Draw a flat base after a corner."""
    end = h.bell(0.98, 0.03)
    return [
        h.stroke(
            [*_two_hook(h), (h(-0.08, 0.1), h(0.93, 1.02))],
            [(h(0.25, 0.35), end), (h(0.5, 0.92), end + h.bell(-0.01, 0.03))],
        )
    ]


def _two_wavy(h: Hand) -> Strokes:
    """Draw a base that waves after a corner."""
    return [
        h.stroke(
            [*_two_hook(h), (h(-0.02, 0.1), h(0.93, 1.02))],
            [(h(0.16, 0.24), h(0.82, 0.93)), (h(0.36, 0.46), h(0.95, 1.06)),
             (h(0.6, 0.8), h(0.82, 0.98))],
        )
    ]  # fmt: skip


def _two_loop(h: Hand) -> Strokes:
    """Draw a loop at the lower left."""
    return [
        h.stroke(
            [
                *_two_hook(h), (h(0.08, 0.18), h(0.88, 0.97)), (h(-0.05, 0.03), h(0.9, 1.0)),
                (h(-0.03, 0.08), h(0.74, 0.86)), (h(0.2, 0.32), h(0.86, 0.95)),
                (h(0.55, 0.85), h(0.9, 1.04)),
            ]
        )
    ]  # fmt: skip


def _two_angular(h: Hand) -> Strokes:
    """Written like a z."""
    x, y = h(0.42, 0.58), h(-0.02, 0.1)
    return [
        h.stroke(
            [(h(0.0, 0.12), h(0.02, 0.2)), (h(0.2, 0.3), y - h(0.0, 0.07)), (x, y)],
            [(x * 0.55 + h(-0.02, 0.08), 0.5), (h(-0.05, 0.08), h(0.95, 1.02))],
            [(h(0.5, 0.75), h(0.93, 1.04))],
        )
    ]


def _two_cursive(h: Hand) -> Strokes:
    """Begin with a curl, and end with a large loop."""
    return [
        h.stroke(
            [
                (h(0.1, 0.26), h(0.24, 0.4)), (h(-0.06, 0.08), h(0.12, 0.28)),
                (h(0.18, 0.32), h(-0.02, 0.04)), (h(0.42, 0.58), h(0.12, 0.3)),
                (h(0.25, 0.4), h(0.5, 0.66)), (h(0.0, 0.12), h(0.86, 0.96)),
                (h(-0.16, -0.02), h(0.86, 0.98)), (h(-0.06, 0.08), h(0.68, 0.8)),
                (h(0.22, 0.36), h(0.82, 0.94)), (h(0.6, 0.95), h(0.84, 1.06)),
            ]
        )
    ]  # fmt: skip


TWO = (
    Style("flat base", 2, _two_flat),
    Style("wavy base", 1.5, _two_wavy),
    Style("loop", 1.5, _two_loop),
    Style("angular", 1.5, _two_angular),
    Style("cursive", 1.5, _two_cursive),
)


def _three_belly(h: Hand) -> Line:
    """Return the lower bow of a 3 and its end at the left."""
    low = h(0.94, 1.02)
    return [
        (h(0.35, 0.5), h(0.46, 0.58)), (h(0.46, 0.62), h(0.68, 0.8)), (h(0.22, 0.35), low),
        (h(-0.06, 0.08), low - h(0.0, 0.2)),
    ]  # fmt: skip


def _three_round(h: Hand) -> Strokes:
    """Draw two bows that meet in a cusp."""
    top = [
        (h(-0.02, 0.1), h(0.04, 0.24)), (h(0.18, 0.3), h(-0.03, 0.03)),
        (h(0.4, 0.55), h(0.13, 0.27)), (h(0.08, 0.3), h(0.42, 0.52)),
    ]  # fmt: skip
    return [h.stroke(top, _three_belly(h))]


def _three_flat(h: Hand) -> Strokes:
    """Begin like a z."""
    y = h(-0.05, 0.05)
    return [
        h.stroke(
            [(h(-0.05, 0.1), h(-0.03, 0.08)), (h(0.2, 0.3), y), (h(0.42, 0.6), y)],
            [(h(0.1, 0.3), h(0.34, 0.46))],
            _three_belly(h),
        )
    ]


def _three_loop(h: Hand) -> Strokes:
    """Draw a small loop between the bows."""
    x, y, size = h(0.1, 0.26), h(0.42, 0.52), h(0.03, 0.09)
    return [
        h.stroke(
            [
                (h(-0.02, 0.1), h(0.04, 0.22)), (h(0.2, 0.3), h(-0.03, 0.03)),
                (h(0.4, 0.54), h(0.12, 0.24)), (x + 0.06, y), (x - size, y + size * 0.6),
                (x, y - size), *_three_belly(h),
            ]
        )
    ]  # fmt: skip


def _three_smooth(h: Hand) -> Strokes:
    """Let the two bows run into one another, with hardly a dent."""
    return [
        h.stroke(
            [
                (h(-0.02, 0.12), h(0.0, 0.16)), (h(0.25, 0.35), h(-0.02, 0.04)),
                (h(0.42, 0.52), h(0.16, 0.26)), (h(0.26, 0.36), h(0.42, 0.5)), *_three_belly(h)[1:],
            ]
        )
    ]  # fmt: skip


THREE = (
    Style("round", 2, _three_round),
    Style("flat top", 2, _three_flat),
    Style("loop", 1.5, _three_loop, width=LOOPS),
    Style("smooth", 1, _three_smooth),
)


def _five_bowl(h: Hand) -> Line:
    low = h(0.94, 1.02)
    return [
        (h(0.22, 0.32), h(0.32, 0.42)), (h(0.42, 0.6), h(0.58, 0.74)), (h(0.2, 0.34), low),
        (h(-0.1, 0.08), low - h(0.0, 0.16)),
    ]  # fmt: skip


def _five_one_stroke(h: Hand) -> Strokes:
    """Begin at the bar's right end."""
    x = h(0.02, 0.18)
    return [
        h.stroke(
            [(h(0.45, 0.9), h(-0.06, 0.08)), (x, h(-0.02, 0.05))],
            [(x - h(-0.02, 0.08), h(0.36, 0.48))],
            _five_bowl(h),
        )
    ]


def _five_bar(h: Hand) -> Strokes:
    """Draw the bar last; it may leave a gap, start late or stick out to the left."""
    x, y = h(0.02, 0.18), h(0.0, 0.12)
    start = x + h(-0.12, 0.2)
    bar = y + h(-0.14, 0.04)
    return [
        h.stroke([(x, y), (x - h(-0.02, 0.08), h(0.36, 0.48))], _five_bowl(h)),
        h.stroke([(start, bar), (start + h(0.25, 0.8), bar + h.bell(-0.03, 0.05))]),
    ]


def _five_s(h: Hand) -> Strokes:
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


def _five_apart(h: Hand) -> Strokes:
    """Draw the bar last, well clear of the rest: higher, or farther to the right."""
    x, y = h(-0.02, 0.12), h(0.08, 0.2)
    away = h(0.06, 0.2)
    start = x + away + h(0.0, 0.14)
    bar = y - away * h(0.4, 1.0)
    return [
        h.stroke([(x, y), (x - h(-0.02, 0.06), h(0.38, 0.5))], _five_bowl(h)),
        h.stroke([(start, bar), (start + h(0.2, 0.55), bar + h.bell(-0.04, 0.06))]),
    ]


def _five_snake(h: Hand) -> Strokes:
    """Draw a broad S whose ends curl back."""
    right = h(0.5, 0.75)
    return [
        h.stroke(
            [
                (right, h(0.06, 0.2)), (right * 0.55, h(-0.03, 0.03)),
                (h(-0.04, 0.06), h(0.1, 0.24)),
                (right * 0.35, h(0.34, 0.44)), (right * 0.8, h(0.44, 0.54)),
                (right + h(-0.06, 0.1), h(0.66, 0.8)), (right * 0.5, h(0.95, 1.02)),
                (h(-0.14, 0.06), h(0.72, 0.94)),
            ]
        )
    ]  # fmt: skip


def _five_closed(h: Hand) -> Strokes:
    """Close the bow, as a 6 does; the bar begins at the top of the back, or is clear of it."""
    size, right, x = h(0.36, 0.56), h(0.4, 0.62), h(0.06, 0.3)
    top = 1 - size
    away = h(-0.1, 0.1).clip(0)
    bar = h.bell(0, 0.03) - away
    return [
        h.stroke(
            [(x, h(0.0, 0.06)), (x * 0.4 + h(-0.05, 0.03), top * h(0.8, 1.0))],
            [
                (h(-0.06, 0.04), 1 - size * 0.5), (right * 0.35, h(0.97, 1.02)),
                (right, 1 - size * h(0.45, 0.6)), (right * h(0.4, 0.6), top + h(-0.03, 0.05)),
                (h(-0.04, 0.1), top + size * h(0.05, 0.35)),
            ],
        ),
        h.stroke([(x + away * h(0.0, 2.0), bar), (x + h(0.35, 0.85), bar + h.bell(-0.03, 0.05))]),
    ]  # fmt: skip


FIVE = (
    Style("one stroke", 1.5, _five_one_stroke),
    Style("bar apart", 2.5, _five_bar),
    Style("s", 1.5, _five_s),
    Style("bar far apart", 1, _five_apart),
    Style("snake", 0.8, _five_snake),
    Style("closed", 0.8, _five_closed, width=LOOPS),
)
