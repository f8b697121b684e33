"""Styles of the digit 7."""

from ....core.base.types import FloatArray
from ..hand import Hand, Line, Point, Strokes, Style


def _lines(h: Hand, foot: FloatArray, bow: FloatArray, tick: bool) -> FloatArray:
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


def _bar(h: Hand, foot: FloatArray, bow: FloatArray) -> FloatArray:
    """Draw a bar across the stem: short or long, level or slanted."""
    y, shift = h(0.38, 0.64), h.bell(0, 0.04)
    x = -foot * (y * y * 0.6 + y * 0.4) + bow + shift
    half, rise = h(0.1, 0.34), h(-0.06, 0.12)
    return h.stroke([(x - half, y + rise), (x + half, y - rise)])


def _plain(h: Hand) -> Strokes:
    """Draw a bar and a stem."""
    return [_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=False)]


def _crossed(h: Hand) -> Strokes:
    """Draw a plain one with a bar across its stem."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [_lines(h, foot, bow, tick=False), _bar(h, foot, bow)]


def _tick(h: Hand) -> Strokes:
    """Hang a tick from the top's left end."""
    return [_lines(h, h(0.05, 0.5), h.bell(0, 0.03), tick=True)]


def _tick_crossed(h: Hand) -> Strokes:
    """Draw a tick at the left and a bar across."""
    foot, bow = h(0.0, 0.5), h.bell(0, 0.03)
    return [_lines(h, foot, bow, tick=True), _bar(h, foot, bow)]


def _curved(h: Hand) -> Strokes:
    """Bend the stem to the left as it falls, as in a sickle."""
    return [_lines(h, h(0.25, 0.5), -h(0.04, 0.14), tick=False)]


def _round(h: Hand) -> Strokes:
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


STYLES = (
    Style("plain", 2, _plain),
    Style("crossed", 3, _crossed),
    Style("tick", 1, _tick),
    Style("tick and crossed", 1.5, _tick_crossed),
    Style("curved", 1.5, _curved),
    Style("round", 1, _round),
)
