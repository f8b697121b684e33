"""From the points of a stroke to ink; not for a canvas with undo, nor for windows.

A stroke is a smooth line with round ends. Each point that the mouse reports bends the line between
the midpoints to its neighbours, so that a quick circle of twelve points is still round. A pixel's
coverage is computed from its distance to the line, and where lines meet the larger value stays. So
an edge is as soft after a hundred mouse events as after one, unlike with blending. Where a pen is
pressed harder, the line's width bends from point to point as the line does. See
docs/decisions/013-stroke-rendering.md.
"""

import math
from collections.abc import Sequence

import numpy as np

from ..base.types import FloatArray, Stroke, UInt8Array

Point = tuple[float, float]
Points = list[Point]


def draw_stroke(image: UInt8Array, stroke: Stroke, thickness: float) -> None:
    """Draw a whole stroke, exactly as it came out point by point.

    `thickness` is that of the brush, in pixels; a stroke's own widths go before it.
    """
    points = [(float(x), float(y)) for x, y in stroke.points]
    widths = [thickness] * len(points) if stroke.widths is None else stroke.widths.tolist()
    draw_line(image, points[0], points[0], widths[0])
    for end in range(2, len(points) + 1):
        recent = slice(max(end - 3, 0), end)
        draw_bend(image, points[recent], widths[recent])
    draw_tail(image, points[-2:], widths[-2:])


def draw_bend(image: UInt8Array, points: Points, widths: Sequence[float]) -> None:
    """Draw from the midpoint before the last point but one to the midpoint after it.

    A quadratic Bézier curve with that point as its control point, of its place and of its width.
    The ink is therefore half an event behind the pen. At the second point of a stroke there is no
    bend yet.
    """
    last, to_width = _middle(points[-2], points[-1]), _between(widths[-2], widths[-1], 0.5)
    if len(points) == 2:
        draw_line(image, points[0], last, widths[0], to_width)
        return
    (from_x, from_y), (x, y), (to_x, to_y) = _middle(points[0], points[1]), points[1], last
    width, from_width = widths[1], _between(widths[0], widths[1], 0.5)
    # how far the curve is from a straight line; cut into n pieces, it is n² times as close
    bend = math.hypot(from_x - 2 * x + to_x, from_y - 2 * y + to_y) / 4
    bend += abs(from_width - 2 * width + to_width) / 8  # as far as its edges
    pieces = max(1, math.ceil(math.sqrt(bend / 0.2)))
    before, before_width = (from_x, from_y), from_width
    for piece in range(1, pieces + 1):
        share = piece / pieces
        first, middle, third = (1 - share) ** 2, 2 * share * (1 - share), share**2
        after = (
            first * from_x + middle * x + third * to_x,
            first * from_y + middle * y + third * to_y,
        )
        after_width = _between(
            _between(from_width, width, share), _between(width, to_width, share), share
        )
        draw_line(image, before, after, before_width, after_width)
        before, before_width = after, after_width


def draw_tail(image: UInt8Array, points: Points, widths: Sequence[float]) -> None:
    """Draw the last half segment, up to where the pen is lifted."""
    width = _between(widths[0], widths[-1], 0.5)
    draw_line(image, _middle(points[0], points[-1]), points[-1], width, widths[-1])


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _between(a: float, b: float, share: float) -> float:
    """Return a width between two; of two that are the same, exactly that."""
    return a + (b - a) * share


def draw_line(
    image: UInt8Array, start: Point, end: Point, thickness: float, to_thickness: float | None = None
) -> None:
    """Draw a line with round ends into an image.

    Parameters
    ----------
    image : uint8 (H, W)
        Changed in place, wherever the line covers a pixel more than what is there.
    start, end : (x, y)
        In pixels, possibly outside the image; equal ends make a dot.
    thickness : float
        Pixels.
    to_thickness : float, optional
        At the end, if it differs; between, the thickness changes evenly.
    """
    (x, y), (to_x, to_y) = start, end
    length = math.hypot(to_x - x, to_y - y)
    widening = 0.0 if to_thickness is None else (to_thickness - thickness) / 2
    if widening and abs(widening) > 0.999999 * length:  # one end's disc hides the other's
        if widening > 0:
            x, y, thickness = to_x, to_y, thickness + 2 * widening
        to_x, to_y, length, widening = x, y, 0.0, 0.0
    # in pieces, because the box around a long diagonal line is mostly empty
    pieces = max(1, int(length / max(3 * thickness, 40)))
    step_x, step_y, wider = (to_x - x) / pieces, (to_y - y) / pieces, widening / pieces
    for i in range(pieces):
        radius = thickness / 2 + i * wider
        _draw_piece(image, x + i * step_x, y + i * step_y, step_x, step_y, radius, wider)


def _draw_piece(
    image: UInt8Array,
    x: float,
    y: float,
    along_x: float,
    along_y: float,
    radius: float,
    wider: float,
) -> None:
    """Draw discs all along a line, the first of `radius`, the last of `wider` more than that."""
    reach = max(radius, radius + wider) + 1
    left, right = sorted((x, x + along_x))
    top, bottom = sorted((y, y + along_y))
    height, width = image.shape
    first_x, last_x = max(0, int(left - reach)), min(width, int(right + reach) + 2)
    first_y, last_y = max(0, int(top - reach)), min(height, int(bottom + reach) + 2)
    if first_x >= last_x or first_y >= last_y:
        return
    across, down = np.float32(along_x), np.float32(along_y)
    away_x: FloatArray = np.arange(first_x, last_x, dtype=np.float32) - np.float32(x)
    away_y: FloatArray = (np.arange(first_y, last_y, dtype=np.float32) - np.float32(y))[
        :, np.newaxis
    ]
    edge: FloatArray = np.array(radius + 0.5, np.float32)
    squared = along_x**2 + along_y**2
    if squared:
        share = away_x * np.float32(along_x / squared) + away_y * np.float32(along_y / squared)
        if wider:
            # the disc whose edge is nearest isn't the one beside a pixel, but one towards the
            # thick end, as the edges aren't parallel
            lean = wider / math.sqrt(squared - wider**2) / squared
            share += np.abs(away_x * down - away_y * across) * np.float32(lean)
        _limit(share)
        if wider:
            edge = np.add(edge, share * np.float32(wider), dtype=np.float32)
        away_x = np.subtract(away_x, share * across, dtype=np.float32)
        away_y = np.subtract(away_y, share * down, dtype=np.float32)
    cover = np.subtract(edge, np.sqrt(away_x**2 + away_y**2), dtype=np.float32)
    _limit(cover)
    cover *= 255
    window = image[first_y:last_y, first_x:last_x]
    np.maximum(window, cover.astype(np.uint8), out=window)


def _limit(values: FloatArray) -> None:
    """Limit values to 0 to 1, in place; `np.clip` takes twice as long for so few."""
    np.maximum(values, 0, out=values)
    np.minimum(values, 1, out=values)
