"""The shapes of 5 to 9: what `styles` lists and `pen` writes.

Each public function is one style: it takes a `Hand` and returns the strokes of as many digits as
that hand writes, each float32 (n, P, 2). The unit is the digit's height: y goes from 0, the top,
to 1; x from 0 to about 0.6, or to both sides of a stem or a middle. Angles are clock angles:
0° is up, 90° right, 180° down, 270° left.
"""

from ...core.base.types import FloatArray
from .pen import Hand, Line, Point, Value

Strokes = list[FloatArray]


# --- 5 ------------------------------------------------------------------------------------------


def _bowl(h: Hand) -> Line:
    low = h(0.94, 1.02)
    return [
        (h(0.22, 0.32), h(0.32, 0.42)), (h(0.42, 0.6), h(0.58, 0.74)), (h(0.2, 0.34), low),
        (h(-0.1, 0.08), low - h(0.0, 0.16)),
    ]  # fmt: skip


def five_one_stroke(h: Hand) -> Strokes:
    """Begin at the bar's right end."""
    x = h(0.02, 0.18)
    return [
        h.stroke(
            [(h(0.45, 0.9), h(-0.06, 0.08)), (x, h(-0.02, 0.05))],
            [(x - h(-0.02, 0.08), h(0.36, 0.48))],
            _bowl(h),
        )
    ]


def five_bar(h: Hand) -> Strokes:
    """Draw the bar last; it may leave a gap, start late or stick out to the left."""
    x, y = h(0.02, 0.18), h(0.0, 0.12)
    start = x + h(-0.12, 0.2)
    bar = y + h(-0.14, 0.04)
    return [
        h.stroke([(x, y), (x - h(-0.02, 0.08), h(0.36, 0.48))], _bowl(h)),
        h.stroke([(start, bar), (start + h(0.25, 0.8), bar + h.bell(-0.03, 0.05))]),
    ]


def five_s(h: Hand) -> Strokes:
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


# --- 6 ------------------------------------------------------------------------------------------


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


def six_curled(h: Hand) -> Strokes:
    """Draw a back that bends all the way."""
    return _six(h, h(0.35, 0.6), h(-0.02, 0.1), h(0.02, 0.12), h(0.35, 0.58), h(-0.06, 0.06))


def six_straight(h: Hand) -> Strokes:
    """Draw a straight, slanted back."""
    return _six(h, h(0.1, 0.45), 0.0, h(-0.06, 0.02), h(0.3, 0.55), h(-0.06, 0.06))


def six_upright(h: Hand) -> Strokes:
    """Like a b."""
    return _six(h, h(-0.1, 0.12), 0.0, h(-0.04, 0.04), h(0.36, 0.55), h(-0.08, 0.05))


def six_open(h: Hand) -> Strokes:
    """Draw a loop that doesn't reach the back."""
    return _six(h, h(0.15, 0.5), 0.0, h(-0.04, 0.08), h(0.35, 0.55), h(0.08, 0.22))


# --- 7 ------------------------------------------------------------------------------------------


def seven_lines(h: Hand, foot: FloatArray, bow: FloatArray, tick: bool) -> FloatArray:
    """Draw the top bar, with a down-tick at its left if asked, and the stem."""
    left, slope = -h(0.38, 0.75), h(-0.06, 0.1)
    wave = h.bell(0, 0.04)
    bar: list[Point] = [
        (left, slope),
        (left * 0.65, slope * 0.6 - wave),
        (left * 0.3, wave),
        (0.0, 0.0),
    ]
    stem: Line = [((0.0 - foot) * 0.45 + bow, 0.5), (-foot, 1.0)]
    if not tick:
        return h.stroke(bar, stem)
    return h.stroke([(left + h(-0.08, 0.05), slope + h(0.08, 0.34)), bar[0]], bar[1:], stem)


def seven_bar(h: Hand, foot: FloatArray, bow: FloatArray) -> FloatArray:
    """Draw a bar across the stem: short or long, level or slanted."""
    y, shift = h(0.38, 0.64), h.bell(0, 0.04)
    x = -foot * (y * y * 0.6 + y * 0.4) + bow + shift
    half, rise = h(0.1, 0.34), h(-0.06, 0.12)
    return h.stroke([(x - half, y + rise), (x + half, y - rise)])


def seven_plain(h: Hand) -> Strokes:
    """Draw a bar and a stem."""
    return [seven_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=False)]


def seven_crossed(h: Hand) -> Strokes:
    """Draw a plain one with a bar across its stem."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [seven_lines(h, foot, bow, tick=False), seven_bar(h, foot, bow)]


def seven_tick(h: Hand) -> Strokes:
    """Hang a tick from the top's left end."""
    return [seven_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=True)]


def seven_tick_crossed(h: Hand) -> Strokes:
    """Draw a tick at the left and a bar across."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [seven_lines(h, foot, bow, tick=True), seven_bar(h, foot, bow)]


def seven_curved(h: Hand) -> Strokes:
    """Bend the stem to the left as it falls, as in a sickle."""
    return [seven_lines(h, h(0.25, 0.5), -h(0.04, 0.14), tick=False)]


def seven_round(h: Hand) -> Strokes:
    """No corner: the bar swings into the stem."""
    x = h(0.4, 0.6)
    return [
        h.stroke(
            [
                (0.0, h(0.06, 0.24)), (x * 0.4, h(-0.02, 0.06)), (x, h(0.02, 0.16)),
                (x * 0.7, 0.5), (x * 0.6 - h(0.0, 0.3), 1.0),
            ]
        )
    ]  # fmt: skip


# --- 8 ------------------------------------------------------------------------------------------


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


def eight_s(h: Hand) -> Strokes:
    """Let the ends meet at the top, or nearly."""
    x, y = h(0.1, 0.26), h(0.04, 0.18)
    start = [(x, y), (h(-0.04, 0.06), h(-0.03, 0.03))]
    return _eight(
        h, start, [(h(0.18, 0.28), h(0.14, 0.28)), (x + h(-0.1, 0.05), y + h(-0.1, 0.04))]
    )


def eight_open(h: Hand) -> Strokes:
    """Let the ends cross or miss one another at the top."""
    return _eight(h, [(h(0.12, 0.4), h(-0.02, 0.14)), (h(-0.02, 0.1), h(-0.02, 0.06))],
                  [(h(0.16, 0.36), h(0.14, 0.32)), (h(0.1, 0.5), h(-0.12, 0.1))])  # fmt: skip


def eight_ribbon(h: Hand) -> Strokes:
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


def eight_hourglass(h: Hand) -> Strokes:
    """Draw a bar at the top, a diagonal, a round or flat base, and a diagonal back up."""
    right, low = h(0.16, 0.34), h(0.14, 0.3)
    return [
        h.stroke(
            [(right, h(-0.03, 0.08)), (0.0, h(-0.04, 0.03)), (-h(0.16, 0.32), h(0.0, 0.1))],
            [(0.0, h(0.4, 0.5)), (low, 0.8), (0.0, h(0.96, 1.03)), (-low, h(0.8, 0.94)),
             (0.0, h(0.45, 0.55)), (right + h(-0.08, 0.06), h(-0.04, 0.12))],
        )
    ]  # fmt: skip


def eight_rings(h: Hand) -> Strokes:
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


# --- 9 ------------------------------------------------------------------------------------------


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


def nine_straight(h: Hand) -> Strokes:
    """Draw a straight stem."""
    foot = -h(-0.04, 0.3)
    return _nine(h, h(-0.04, 0.1), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def nine_hooked(h: Hand) -> Strokes:
    """Like a g: the tail hooks to the left, short or far."""
    tail = h(0.3, 0.62)
    stem: Line = [(h(-0.02, 0.05), 0.55), (-h(0.0, 0.12), 0.86), (-tail * 0.55, h(0.96, 1.03)),
                  (-tail, h(0.7, 0.98))]  # fmt: skip
    return _nine(h, h(-0.04, 0.2), stem, h(0.3, 0.54))


def nine_open(h: Hand) -> Strokes:
    """Begin the loop well left of the stem."""
    foot = -h(-0.04, 0.25)
    return _nine(h, h(0.08, 0.18), [(foot * 0.4, 0.55), (foot, 1.0)], h(0.36, 0.58))


def nine_q(h: Hand) -> Strokes:
    """End the stem in a flick to the right."""
    foot = -h(-0.02, 0.12)
    stem: Line = [(foot * 0.4, 0.55), (foot, 0.97), (foot + h(0.08, 0.2), h(0.9, 1.02))]
    return _nine(h, h(-0.04, 0.1), stem, h(0.36, 0.56))


def nine_turned(h: Hand) -> Strokes:
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


def nine_two_strokes(h: Hand) -> Strokes:
    """Draw a ring, and a stem at its right that needn't touch it."""
    size, rx = h(0.2, 0.3), h(0.18, 0.28)
    x, foot = rx + h(-0.05, 0.07), h(-0.05, 0.25)
    return [
        h.stroke(h.turn(0, size, rx, size, h(0, 90), -h(320, 380))),
        h.stroke([(x, h(-0.06, 0.15)), (x - foot * 0.3, 0.5), (x - foot, 1.0)]),
    ]
