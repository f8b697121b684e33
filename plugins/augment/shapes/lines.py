"""Styles of the digits of straight lines with a corner: 4 and 7."""

from ....core.base.types import FloatArray
from ..hand import LOOPS, Hand, Line, Point, Strokes, Style, Value


def _four_stem(h: Hand, x: Value, top: Value) -> FloatArray:
    return h.stroke([(x + h(-0.02, 0.08), top), (x, 0.6), (x - h(-0.02, 0.16), h(0.92, 1.12))])


def _four_open(h: Hand) -> Strokes:
    """Two strokes: down and to the right, then the stem."""
    bar = h(0.48, 0.78)
    corner = h(-0.02, 0.1)
    angle: Line = [(h(0.06, 0.3), h(-0.05, 0.1)), (corner + h(0.0, 0.06), bar * 0.6), (corner, bar)]
    stem = _four_stem(h, h(0.28, 0.55), h(-0.1, 0.45))
    return [
        h.stroke(angle, [(0.3, bar + h(-0.05, 0.03)), (h(0.5, 0.85), bar + h.bell(0, 0.05))]),
        stem,
    ]


def _four_cup(h: Hand) -> Strokes:
    """As open, but round at the lower left, like a u or a y."""
    bar = h(0.48, 0.66)
    x = h(0.36, 0.52)
    cup: Line = [(h(-0.02, 0.1), h(-0.03, 0.12)), (h(-0.04, 0.04), bar * 0.65),
                 (h(0.12, 0.22), bar),
           (x, bar - h(0.0, 0.2))]  # fmt: skip
    return [h.stroke(cup), _four_stem(h, x, h(-0.08, 0.2))]


def _four_closed(h: Hand) -> Strokes:
    """Draw a slanted line, a bar and a stem, which meet in a point at the top, or nearly."""
    bar, x = h(0.45, 0.76), h(0.32, 0.55)
    left = h(-0.06, 0.05)
    roof: Line = [(x + h(-0.06, 0.04), h(-0.04, 0.08)), ((x + left) / 2 + h(-0.06, 0.06), bar / 2),
            (left, bar)]  # fmt: skip
    return [
        h.stroke(roof, [(h(0.5, 0.8), bar + h.bell(0, 0.04))]),
        _four_stem(h, x, h(-0.04, 0.14)),
    ]


def _four_one_stroke(h: Hand) -> Strokes:
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


def _four_lightning(h: Hand) -> Strokes:
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


def _four_looped(h: Hand) -> Strokes:
    """Draw a closed one that is round at its left, with a bar that runs on over the stem."""
    bar, x = h(0.42, 0.68), h(0.3, 0.5)
    left = h(-0.04, 0.04)
    loop: Line = [
        (x + h(-0.02, 0.06), h(-0.03, 0.08)), ((x + left) / 2 + h(-0.08, 0.02), bar * 0.45),
        (left, bar * h(0.78, 0.95)), (left + h(0.06, 0.14), bar), (x, bar - h(0.0, 0.12)),
        (x + h(0.05, 0.35), bar - h(-0.02, 0.16)),
    ]  # fmt: skip
    return [h.stroke(loop), _four_stem(h, x, h(-0.05, 0.12))]


def _four_crossed(h: Hand) -> Strokes:
    """Draw it open, with a short stem that crosses the bar and is hardly taller than it."""
    bar, x = h(0.45, 0.78), h(0.24, 0.58)
    left, slant = h(-0.02, 0.12), h(0.0, 0.32)
    angle: Line = [(left + slant, 0.0), (left + slant * 0.45 - h(-0.02, 0.06), bar * 0.55),
                   (left, bar)]  # fmt: skip
    return [
        h.stroke(angle, [(x + h(0.03, 0.4), bar + h.bell(0, 0.05))]),
        _four_stem(h, x + h(0.0, 0.08), bar - h(0.02, 0.3)),
    ]


def _four_short(h: Hand) -> Strokes:
    """Draw it open, with a stem that only begins at the bar, or just above it."""
    bar = h(0.46, 0.66)
    left, slant = h(-0.02, 0.1), h(0.0, 0.3)
    x = h(0.3, 0.55)
    angle: Line = [(left + slant, 0.0), (left + slant * 0.4, bar * 0.6), (left, bar)]
    stem = h.stroke([(x + h(-0.02, 0.06), bar - h(-0.02, 0.16)), (x - h(-0.02, 0.14), 1.0)])
    return [h.stroke(angle, [(x + h(0.0, 0.3), bar + h.bell(0, 0.04))]), stem]


def _four_like_h(h: Hand) -> Strokes:
    """Draw a long line down, and a bar from its middle that turns down at its end, as in an h."""
    bar, slant, x = h(0.48, 0.72), h(0.0, 0.2), h(0.32, 0.6)
    low = bar + h(0.0, 0.3)
    line: Line = [(slant, h(-0.05, 0.1)), (slant * 0.5, bar * 0.5), (0.0, low)]
    arch: Line = [(slant * 0.2, bar), (x * 0.6, bar - h(-0.02, 0.12)), (x, bar + h(0.02, 0.14)),
                  (x + h(-0.06, 0.08), h(0.9, 1.08))]  # fmt: skip
    return [h.stroke(line), h.stroke(arch)]


FOUR = (
    Style("open", 2.5, _four_open),
    Style("cup", 1.5, _four_cup),
    Style("closed", 2, _four_closed, width=LOOPS),
    Style("one stroke", 1.5, _four_one_stroke),
    Style("lightning", 1.2, _four_lightning),
    Style("short stem", 0.8, _four_short),
    Style("looped", 1.6, _four_looped, width=LOOPS),
    Style("crossed", 2, _four_crossed),
    Style("crossed, broad", 1.2, _four_crossed, width=(3, 5)),
    Style("like an h", 1, _four_like_h, lean=(-12, 15)),
)


def _seven_lines(h: Hand, foot: FloatArray, bow: FloatArray, tick: bool) -> FloatArray:
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


def _seven_bar(h: Hand, foot: FloatArray, bow: FloatArray) -> FloatArray:
    """Draw a bar across the stem: short or long, level or slanted."""
    y, shift = h(0.38, 0.64), h.bell(0, 0.04)
    x = -foot * (y * y * 0.6 + y * 0.4) + bow + shift
    half, rise = h(0.1, 0.34), h(-0.06, 0.12)
    return h.stroke([(x - half, y + rise), (x + half, y - rise)])


def _seven_plain(h: Hand) -> Strokes:
    """Draw a bar and a stem."""
    return [_seven_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=False)]


def _seven_crossed(h: Hand) -> Strokes:
    """Draw a plain one with a bar across its stem."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [_seven_lines(h, foot, bow, tick=False), _seven_bar(h, foot, bow)]


def _seven_tick(h: Hand) -> Strokes:
    """Hang a tick from the top's left end."""
    return [_seven_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=True)]


def _seven_tick_crossed(h: Hand) -> Strokes:
    """Draw a tick at the left and a bar across."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [_seven_lines(h, foot, bow, tick=True), _seven_bar(h, foot, bow)]


def _seven_curved(h: Hand) -> Strokes:
    """Bend the stem to the left as it falls, as in a sickle."""
    return [_seven_lines(h, h(0.25, 0.5), -h(0.04, 0.14), tick=False)]


def _seven_round(h: Hand) -> Strokes:
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


def _seven_wave_crossed(h: Hand) -> Strokes:
    """Draw a wave for a top, and a bar across."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    left, wave = -h(0.42, 0.72), h(0.06, 0.17)
    top: Line = [
        (left, h(0.04, 0.2)),
        (left * 0.72, h(-0.04, 0.02)),
        (left * 0.36, wave),
        (0.0, 0.0),
    ]
    return [h.stroke(top, [(bow - foot * 0.45, 0.5), (-foot, 1.0)]), _seven_bar(h, foot, bow)]


def _seven_y_crossed(h: Hand) -> Strokes:
    """Begin with a cup, like a y, and draw a bar across."""
    foot, bow = h(0.05, 0.45), h.bell(0, 0.02)
    left, low = -h(0.35, 0.6), h(0.12, 0.28)
    cup: Line = [(left, h(-0.04, 0.08)), (left * 0.75, low), (left * 0.35, low * h(0.7, 1.1)),
                 (0.0, 0.0)]  # fmt: skip
    return [h.stroke(cup, [(bow - foot * 0.45, 0.5), (-foot, 1.0)]), _seven_bar(h, foot, bow)]


SEVEN = (
    Style("plain", 2, _seven_plain),
    Style("crossed", 3, _seven_crossed),
    Style("tick", 1, _seven_tick),
    Style("tick and crossed", 1.5, _seven_tick_crossed),
    Style("curved", 1.5, _seven_curved),
    Style("round", 1, _seven_round),
    Style("wave and crossed", 1.2, _seven_wave_crossed),
    Style("y and crossed", 0.8, _seven_y_crossed),
)
