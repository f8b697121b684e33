"""The hand: chance, and from control points to the points of a stroke.

`Hand` draws the random numbers that make one digit differ from the next, and bends smooth curves
through control points; a `Style` is one way of writing a digit. Which points they are is in
`shapes`; how strokes become ink is in `pen`.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...core.base.types import FloatArray

Value: TypeAlias = "float | npt.NDArray[Any]"
Point: TypeAlias = tuple[Value, Value]
Line: TypeAlias = Sequence[Point]
Strokes: TypeAlias = list[FloatArray]

LOOPS = (1.3, 3.4)
"""Pens that leave a small loop open."""

_SPAN = 6  # points drawn from one control point to the next


class Hand:
    """The writer of one batch of digits; calling it draws one number for each of them.

    Attributes
    ----------
    count : int
        How many digits.
    rng : numpy.random.Generator
    """

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.rng = rng
        self.count = count
        self._wobble = self(0.005, 0.028)[:, None, None]
        self._haste = self(-0.6, 1.0).clip(0)[:, None, None]

    def __call__(self, low: Value, high: Value) -> FloatArray:
        """Return float32 (count,), evenly spread from low to high."""
        return np.float32(low) + self.rng.random(self.count, np.float32) * np.float32(
            np.subtract(high, low)
        )

    def bell(self, mean: Value, spread: float) -> FloatArray:
        """Return float32 (count,), normally distributed but never beyond 2.5 spreads."""
        numbers = self.rng.standard_normal(self.count, np.float32)
        return np.float32(mean) + np.float32(spread) * numbers.clip(-2.5, 2.5)

    def turn(self, x: Value, y: Value, rx: Value, ry: Value, start: Value, sweep: Value) -> Line:
        """Return seven points or more along an ellipse's arc.

        Parameters
        ----------
        x, y, rx, ry : float or float32 (count,)
            Its middle and its radii.
        start, sweep : float or float32 (count,)
            Degrees clockwise, from 12 o'clock; a sweep below 0 goes counterclockwise.
        """
        count = 7 + int(np.max(np.abs(sweep)) > 300) * 2
        # an oval by hand is an egg, or has corners
        egg, egg_at = self(0, 0.09), self(0, 2 * math.pi)
        box, box_at = self(-0.03, 0.08), self(0, 2 * math.pi)
        points: list[Point] = []
        for share in np.linspace(0, 1, count):
            angle = np.radians(np.float32(start) + np.float32(share) * np.float32(sweep))
            bulge = 1 + egg * np.cos(angle + egg_at) + box * np.cos(3 * angle + box_at)
            points.append((x + rx * bulge * np.sin(angle), y - ry * bulge * np.cos(angle)))
        return points

    def stroke(self, *lines: Line) -> FloatArray:
        """Draw one stroke; returns its points, float32 (count, P, 2).

        Parameters
        ----------
        *lines : list of (x, y)
            Control points of smooth curves; where one ends and the next begins is a corner.
        """
        points = np.empty((self.count, sum(map(len, lines)), 2), np.float32)
        for place, (x, y) in enumerate(point for line in lines for point in line):
            points[:, place, 0], points[:, place, 1] = x, y
        points += self._wobble * self.rng.standard_normal(points.shape, np.float32).clip(-2, 2)
        curve = _spline(tuple(map(len, lines))) @ points
        # haste rounds the corners off
        rounded: FloatArray = curve + self._haste * (_average(curve.shape[1]) @ curve - curve)
        return rounded


@dataclass(frozen=True)
class Style:
    """One way of writing a digit.

    Attributes
    ----------
    name : str
    weight : float
        How often it is drawn, beside the digit's other styles.
    shape : callable
        Takes a `Hand`, returns the strokes, each float32 (n, P, 2).
    lean : tuple of float
        Limits of the slant in degrees, where another would make another digit of it.
    width : tuple of float
        Limits of the pen's width in pixels.
    """

    name: str
    weight: float
    shape: Callable[[Hand], Strokes]
    lean: tuple[float, float] = (-25, 35)
    width: tuple[float, float] = (1.3, 4.5)


@functools.cache
def _spline(counts: tuple[int, ...]) -> FloatArray:
    """Return the matrix from control points to a stroke's points: Catmull–Rom curves.

    Parameters
    ----------
    counts : tuple of int
        The control points of each curve; all but the first begin where the one before ends.
    """
    rows = []
    for place in range(len(counts)):
        begin = sum(counts[:place]) - (place > 0)
        knots = list(range(begin, sum(counts[: place + 1])))
        for span in range(len(knots) - 1):
            for step in range(_SPAN):
                rows.append(_weights(knots, span, step / _SPAN, sum(counts)))
    rows.append(np.eye(sum(counts))[-1])
    return np.array(rows, np.float32)


def _weights(knots: list[int], span: int, t: float, total: int) -> npt.NDArray[Any]:
    """Return what each control point weighs at the share t of a span."""
    points = np.eye(total)[knots]
    before = points[span - 1] if span else 2 * points[0] - points[1]
    last = span + 2 == len(knots)
    after = 2 * points[-1] - points[-2] if last else points[span + 2]
    here, there = points[span], points[span + 1]
    row: npt.NDArray[Any] = 0.5 * (
        2 * here
        + (there - before) * t
        + (2 * before - 5 * here + 4 * there - after) * t**2
        + (3 * here - before - 3 * there + after) * t**3
    )
    return row


@functools.cache
def _average(count: int) -> FloatArray:
    """Return the matrix that averages each point of a stroke with up to three on either side."""
    places = np.arange(count)
    reach = np.minimum(np.minimum(places, places[::-1]), 3)[:, None]
    near = np.abs(places[:, None] - places) <= reach
    average: FloatArray = (near / near.sum(axis=1, keepdims=True)).astype(np.float32)
    return average
