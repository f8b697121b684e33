"""Digits as a hand draws them: points on a square of side 1."""

import itertools

import numpy as np

Points = list[tuple[float, float]]


def _arc(x: float, y: float, radius: float, start: float, end: float, count: int = 14) -> Points:
    turns = np.linspace(start, end, count)
    return [(x + radius * float(np.cos(t)), y + radius * float(np.sin(t))) for t in turns]


def _line(*corners: tuple[float, float], count: int = 7) -> Points:
    points: Points = [corners[0]]
    for (x, y), (to_x, to_y) in itertools.pairwise(corners):
        steps = [i / count for i in range(1, count + 1)]
        points += [(x + t * (to_x - x), y + t * (to_y - y)) for t in steps]
    return points


THREE = _arc(0.48, 0.36, 0.14, -2.5, 1.5) + _arc(0.48, 0.64, 0.16, -1.4, 2.5)
SEVEN = _line((0.3, 0.24), (0.68, 0.25), (0.45, 0.8))
ONE = _line((0.52, 0.2), (0.48, 0.8))
TWO = _arc(0.48, 0.37, 0.17, -2.9, 0.7) + _line((0.58, 0.5), (0.32, 0.8), (0.72, 0.79))
ZERO = [(0.5 + 0.72 * (x - 0.5), y) for x, y in _arc(0.5, 0.5, 0.3, -1.6, 4.8, 28)]
SIX = _line((0.62, 0.2), (0.42, 0.4), (0.35, 0.62), count=8) + _arc(0.5, 0.64, 0.15, 3.3, -2.9, 20)


def on(points: Points, side: float, left: float = 0, top: float = 0) -> Points:
    """Return a digit on a square at (left, top), in whole pixels."""
    return [(round(left + x * side), round(top + y * side)) for x, y in points]
