"""The shapes of 0 to 4: what `styles` lists and `pen` writes.

Each public function is one style: it takes a `Hand` and returns the strokes of as many digits as
that hand writes, each float32 (n, P, 2). The unit is the digit's height: y goes from 0, the top,
to 1; x from 0 to about 0.6, or to both sides of a stem or a middle. Angles are clock angles:
0° is up, 90° right, 180° down, 270° left.
"""

import numpy as np

from ...core.base.types import FloatArray
from .pen import Hand, Line, Value

Strokes = list[FloatArray]


# --- 0 ------------------------------------------------------------------------------------------


def _oval(h: Hand, gap: float = -40, most: float = 25, rx: float = 0.34) -> FloatArray:
    """One turn, mostly counterclockwise, that ends `gap` to `most` degrees before its start."""
    way = np.where(h(0, 1) < 0.85, np.float32(-1), np.float32(1))
    return h.stroke(
        h.turn(
            h.bell(0, 0.01), h.bell(0.5, 0.02), h.bell(rx, 0.04), h.bell(0.5, 0.03),
            h(-50, 60), way * (360 - h(gap, most)),
        )
    )  # fmt: skip


def zero_round(h: Hand) -> Strokes:
    """Draw a plain oval."""
    return [_oval(h)]


def zero_narrow(h: Hand) -> Strokes:
    """Draw a narrow oval."""
    return [_oval(h, rx=0.17)]


def zero_open(h: Hand) -> Strokes:
    """Draw an oval that isn't closed at its top."""
    return [_oval(h, 20, 48)]


def _slash(h: Hand) -> FloatArray:
    """Draw a line through the middle, from the lower left to the upper right."""
    length, angle = h(0.34, 0.85), np.radians(h(12, 46))
    x, y = h.bell(0, 0.03), h.bell(0.5, 0.04)
    dx, dy = length * np.sin(angle), length * np.cos(angle)
    return h.stroke([(x + dx, y - dy), (x - dx, y + dy)])


def zero_slashed(h: Hand) -> Strokes:
    """Draw an oval with a line through it."""
    return [_oval(h), _slash(h)]


def zero_narrow_slashed(h: Hand) -> Strokes:
    """Draw a narrow oval with a line through it."""
    return [_oval(h, rx=0.23), _slash(h)]


def zero_loop(h: Hand) -> Strokes:
    """Run on over the start, inside or out to the right."""
    start = h(-5, 50)
    turn = h.turn(0, 0.5, h.bell(0.3, 0.05), h.bell(0.48, 0.03), start, -h(345, 375))
    return [h.stroke([*turn, (h(-0.05, 0.3), h(0.05, 0.28)), (h(-0.1, 0.55), h(-0.05, 0.3))])]


def zero_dotted(h: Hand) -> Strokes:
    """Draw an oval with a dot in it."""
    x, y = h.bell(0, 0.04), h.bell(0.5, 0.05)
    return [_oval(h), h.stroke([(x, y), (x + h(-0.03, 0.03), y + h(0.0, 0.06))])]


# --- 1 ------------------------------------------------------------------------------------------


def _stem(h: Hand) -> Line:
    return [(0.0, 0.0), (h.bell(0, 0.02), 0.5), (h.bell(-0.01, 0.03), 1.0)]


def _flag(h: Hand, short: float, long: float) -> tuple[FloatArray, FloatArray]:
    """Where a flag begins: left of the top and below it."""
    length = h(short, long)
    angle = np.radians(h(24 - 6 * length, 64 - 24 * length))  # a long one keeps to the stem
    return -length * np.sin(angle), np.minimum(length * np.cos(angle), h(0.85, 1.05))


def _flagged(h: Hand, short: float, long: float) -> FloatArray:
    x, y = _flag(h, short, long)
    bow = h.bell(0.015, 0.025)
    return h.stroke([(x, y), (x * 0.45 - bow, y * 0.45 - bow), (0.0, 0.0)], _stem(h)[1:])


def _foot(h: Hand) -> FloatArray:
    y = h.bell(1, 0.02)
    return h.stroke(
        [(-h(0.12, 0.42), y), (h(-0.02, 0.04), y), (h(0.12, 0.42), y + h.bell(0, 0.03))]
    )


def one_plain(h: Hand) -> Strokes:
    """Draw a bare stroke, upright or slanted either way."""
    slant = np.where(h(0, 1) < 0.4, h(-0.5, 0.8), h(-0.1, 0.3))
    bend = h.bell(0, 0.04)
    return [h.stroke([(slant, 0.0), (slant / 2 + bend, 0.5), (0.0, 1.0)])]


def one_short_flag(h: Hand) -> Strokes:
    """Draw a flag of up to four tenths."""
    return [_flagged(h, 0.14, 0.42)]


def one_half_flag(h: Hand) -> Strokes:
    """Draw a flag that reaches half way down."""
    return [_flagged(h, 0.4, 0.75)]


def one_long_flag(h: Hand) -> Strokes:
    """Draw a flag down to the baseline: a Λ."""
    return [_flagged(h, 0.7, 1.2)]


def one_foot(h: Hand) -> Strokes:
    """Draw a stem on a line."""
    return [h.stroke(_stem(h)), _foot(h)]


def one_low_flag(h: Hand) -> Strokes:
    """Draw a flag that meets the stem below its top, nearly level."""
    y, reach = h(0.15, 0.32), h(0.16, 0.3)
    flag = h.stroke([(-reach, y + reach * h(0.1, 0.9)), (-reach / 2, y + h(0.0, 0.12)), (0.0, y)])
    return [flag, h.stroke(_stem(h))]


def one_flag_foot(h: Hand) -> Strokes:
    """Draw a flag above and a line below."""
    return [_flagged(h, 0.14, 0.6), _foot(h)]


def one_block(h: Hand) -> Strokes:
    """Go up and down side by side: a stem as thick as a bar, with square ends."""
    step, slant = h(0.05, 0.13), h.bell(0, 0.04)
    return [
        h.stroke([(place * step + slant, h.bell(0, 0.02)), (place * step, 1 + h.bell(0, 0.02))])
        for place in range(3)
    ]


def one_hooked(h: Hand) -> Strokes:
    """With a flag, and a stem that swings to the left at its end."""
    x, y = _flag(h, 0.2, 0.6)
    stem: Line = [(h(0.0, 0.06), 0.4), (h(-0.02, 0.04), 0.8), (-h(0.08, 0.42), h(0.94, 1.02))]
    bow = h(-0.02, 0.1)
    return [h.stroke([(x, y), (x * 0.5 - bow, y * 0.5 - bow), (0.0, 0.0)], stem)]


def one_upstroke(h: Hand) -> Strokes:
    """Go up the flag and back down with hardly a corner, so that the top is narrow."""
    x, y = _flag(h, 0.25, 0.8)
    foot = h.bell(0, 0.04)
    return [h.stroke([(x, y), (x * 0.3, y * 0.3), (0.0, 0.0), (0.03, 0.3), (foot, 1.0)])]


# --- 2 ------------------------------------------------------------------------------------------


def _hook(h: Hand) -> Line:
    """Return the upper arch of a 2."""
    return [
        (h(0.0, 0.08), h(0.12, 0.32)), (h(0.15, 0.28), h(-0.02, 0.04)),
        (h(0.42, 0.58), h(0.12, 0.3)), (h(0.28, 0.42), h(0.5, 0.64)),
    ]  # fmt: skip


def two_flat(h: Hand) -> Strokes:
    """Draw a flat base after a corner."""
    end = h.bell(0.98, 0.03)
    return [
        h.stroke(
            [*_hook(h), (h(-0.08, 0.1), h(0.93, 1.02))],
            [(h(0.25, 0.35), end), (h(0.5, 0.92), end + h.bell(-0.01, 0.03))],
        )
    ]


def two_wavy(h: Hand) -> Strokes:
    """Draw a base that waves after a corner."""
    return [
        h.stroke(
            [*_hook(h), (h(-0.02, 0.1), h(0.93, 1.02))],
            [(h(0.16, 0.24), h(0.82, 0.93)), (h(0.36, 0.46), h(0.95, 1.06)),
             (h(0.6, 0.8), h(0.82, 0.98))],
        )
    ]  # fmt: skip


def two_loop(h: Hand) -> Strokes:
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


def two_angular(h: Hand) -> Strokes:
    """Written like a z."""
    x, y = h(0.42, 0.58), h(-0.02, 0.1)
    return [
        h.stroke(
            [(h(0.0, 0.12), h(0.02, 0.2)), (h(0.2, 0.3), y - h(0.0, 0.07)), (x, y)],
            [(x * 0.55 + h(-0.02, 0.08), 0.5), (h(-0.05, 0.08), h(0.95, 1.02))],
            [(h(0.5, 0.75), h(0.93, 1.04))],
        )
    ]


# --- 3 ------------------------------------------------------------------------------------------


def _belly(h: Hand) -> Line:
    """Return the lower bow of a 3 and its end at the left."""
    low = h(0.94, 1.02)
    return [
        (h(0.35, 0.5), h(0.46, 0.58)), (h(0.46, 0.62), h(0.68, 0.8)), (h(0.22, 0.35), low),
        (h(-0.06, 0.08), low - h(0.0, 0.2)),
    ]  # fmt: skip


def three_round(h: Hand) -> Strokes:
    """Draw two bows that meet in a cusp."""
    top = [
        (h(-0.02, 0.1), h(0.04, 0.24)), (h(0.18, 0.3), h(-0.03, 0.03)),
        (h(0.4, 0.55), h(0.13, 0.27)), (h(0.08, 0.3), h(0.42, 0.52)),
    ]  # fmt: skip
    return [h.stroke(top, _belly(h))]


def three_flat(h: Hand) -> Strokes:
    """Begin like a z."""
    y = h(-0.05, 0.05)
    return [
        h.stroke(
            [(h(-0.05, 0.1), h(-0.03, 0.08)), (h(0.2, 0.3), y), (h(0.42, 0.6), y)],
            [(h(0.1, 0.3), h(0.34, 0.46))],
            _belly(h),
        )
    ]


def three_loop(h: Hand) -> Strokes:
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


def three_smooth(h: Hand) -> Strokes:
    """Let the two bows run into one another, with hardly a dent."""
    return [
        h.stroke(
            [
                (h(-0.02, 0.12), h(0.0, 0.16)), (h(0.25, 0.35), h(-0.02, 0.04)),
                (h(0.42, 0.52), h(0.16, 0.26)), (h(0.26, 0.36), h(0.42, 0.5)), *_belly(h)[1:],
            ]
        )
    ]  # fmt: skip


# --- 4 ------------------------------------------------------------------------------------------


def _right_stem(h: Hand, x: Value, top: Value) -> FloatArray:
    return h.stroke([(x + h(-0.02, 0.08), top), (x, 0.6), (x - h(-0.02, 0.16), h(0.92, 1.12))])


def four_open(h: Hand) -> Strokes:
    """Two strokes: down and to the right, then the stem."""
    bar = h(0.48, 0.78)
    corner = h(-0.02, 0.1)
    angle: Line = [(h(0.06, 0.3), h(-0.05, 0.1)), (corner + h(0.0, 0.06), bar * 0.6), (corner, bar)]
    stem = _right_stem(h, h(0.28, 0.55), h(-0.1, 0.45))
    return [
        h.stroke(angle, [(0.3, bar + h(-0.05, 0.03)), (h(0.5, 0.85), bar + h.bell(0, 0.05))]),
        stem,
    ]


def four_cup(h: Hand) -> Strokes:
    """As open, but round at the lower left, like a u or a y."""
    bar = h(0.48, 0.66)
    x = h(0.36, 0.52)
    cup: Line = [(h(-0.02, 0.1), h(-0.03, 0.12)), (h(-0.04, 0.04), bar * 0.65),
                 (h(0.12, 0.22), bar),
           (x, bar - h(0.0, 0.2))]  # fmt: skip
    return [h.stroke(cup), _right_stem(h, x, h(-0.08, 0.2))]


def four_closed(h: Hand) -> Strokes:
    """Draw a slanted line, a bar and a stem, which meet in a point at the top, or nearly."""
    bar, x = h(0.45, 0.76), h(0.32, 0.55)
    left = h(-0.06, 0.05)
    roof: Line = [(x + h(-0.06, 0.04), h(-0.04, 0.08)), ((x + left) / 2 + h(-0.06, 0.06), bar / 2),
            (left, bar)]  # fmt: skip
    return [
        h.stroke(roof, [(h(0.5, 0.8), bar + h.bell(0, 0.04))]),
        _right_stem(h, x, h(-0.04, 0.14)),
    ]


def four_one_stroke(h: Hand) -> Strokes:
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


def four_lightning(h: Hand) -> Strokes:
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


def four_looped(h: Hand) -> Strokes:
    """Draw a closed one that is round at its left, with a bar that runs on over the stem."""
    bar, x = h(0.42, 0.68), h(0.3, 0.5)
    left = h(-0.04, 0.04)
    loop: Line = [
        (x + h(-0.02, 0.06), h(-0.03, 0.08)), ((x + left) / 2 + h(-0.08, 0.02), bar * 0.45),
        (left, bar * h(0.78, 0.95)), (left + h(0.06, 0.14), bar), (x, bar - h(0.0, 0.12)),
        (x + h(0.05, 0.35), bar - h(-0.02, 0.16)),
    ]  # fmt: skip
    return [h.stroke(loop), _right_stem(h, x, h(-0.05, 0.12))]


def four_crossed(h: Hand) -> Strokes:
    """Draw it open, with a short stem that crosses the bar and is hardly taller than it."""
    bar, x = h(0.45, 0.78), h(0.24, 0.58)
    left, slant = h(-0.02, 0.12), h(0.0, 0.32)
    angle: Line = [(left + slant, 0.0), (left + slant * 0.45 - h(-0.02, 0.06), bar * 0.55),
                   (left, bar)]  # fmt: skip
    return [
        h.stroke(angle, [(x + h(0.03, 0.4), bar + h.bell(0, 0.05))]),
        _right_stem(h, x + h(0.0, 0.08), bar - h(0.02, 0.3)),
    ]
