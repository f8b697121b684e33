"""How people draw what stands around a number and is no part of it: `$ 45`, `(555)`, `21°`, `50 %`.

Shapes are data: each is some strokes through points, x to the right and y downwards, of which a
digit is 1 high and stands at y = 1. See docs/decisions/067-around-numbers.md.
"""

import numpy as np

from .signs import Place, Points

Rng = np.random.Generator

Shape = tuple[tuple[float, float], ...]


def _at(shape: Shape, x: float, y: float, size: float = 1.0) -> Shape:
    """Return a shape in another place and size."""
    return tuple((x + size * across, y + size * down) for across, down in shape)


_S = ((0.5, 0.18), (0.32, 0.02), (0.05, 0.12), (0.08, 0.4), (0.45, 0.55), (0.52, 0.85),
      (0.25, 1.0), (0.0, 0.84))  # fmt: skip
_C = ((0.62, 0.16), (0.4, 0.0), (0.14, 0.2), (0.1, 0.5), (0.16, 0.85), (0.42, 1.0), (0.64, 0.86))
_L = ((0.6, 0.2), (0.45, 0.0), (0.26, 0.1), (0.26, 0.5), (0.24, 0.8), (0.02, 0.98), (0.3, 0.92),
      (0.64, 0.98))  # fmt: skip
_RING = ((0.12, 0.0), (0.01, 0.1), (0.06, 0.25), (0.2, 0.24), (0.24, 0.08), (0.12, 0.0))
_OPENS = ((0.24, -0.1), (0.06, 0.15), (0.0, 0.5), (0.06, 0.9), (0.24, 1.15))
_BENT = ((0.32, -0.05), (0.1, 0.2), (0.02, 0.5), (0.1, 0.85), (0.32, 1.08))
_CLOSES = tuple((0.24 - x, y) for x, y in _OPENS)
_BENT_BACK = tuple((0.32 - x, y) for x, y in _BENT)

SHAPES: dict[str, tuple[tuple[Shape, ...], ...]] = {
    "$": (
        (_S, ((0.28, -0.15), (0.26, 0.5), (0.24, 1.15))),
        (_S, ((0.22, -0.12), (0.2, 1.12)), ((0.38, -0.12), (0.36, 1.12))),
        (_S, ((0.3, -0.2), (0.29, 0.05)), ((0.26, 0.97), (0.25, 1.2))),
    ),
    "€": (
        (_C, ((-0.06, 0.4), (0.46, 0.38)), ((-0.08, 0.6), (0.42, 0.6))),
        (_C, ((-0.06, 0.5), (0.46, 0.48))),
    ),
    "£": ((_L, ((0.06, 0.52), (0.5, 0.5))),),
    "₹": (
        (
            ((0.0, 0.0), (0.6, 0.0)),
            ((0.0, 0.22), (0.6, 0.2)),
            ((0.15, 0.0), (0.42, 0.05), (0.45, 0.3), (0.05, 0.44), (0.25, 0.7), (0.5, 1.05)),
        ),
    ),
    "%": ((_RING, ((0.7, -0.02), (0.35, 0.5), (0.0, 1.02)), _at(_RING, 0.5, 0.72)),),
    "°": ((_RING,),),
    "(": ((_OPENS,), (_BENT,)),
    ")": ((_CLOSES,), (_BENT_BACK,)),
    "+": ((((0.0, 0.55), (0.55, 0.53)), ((0.28, 0.25), (0.26, 0.82))),),
    "'": ((((0.08, -0.08), (0.0, 0.2)),), (((0.0, -0.08), (0.02, 0.18)),)),
    "№": (
        (
            ((0.0, 1.0), (0.04, 0.0)),
            ((0.04, 0.0), (0.45, 1.0)),
            ((0.45, 1.0), (0.5, 0.0)),
            _at(_RING, 0.65, 0.1, 1.2),
            ((0.62, 0.6), (0.95, 0.6)),
        ),
    ),
}
"""By sign: the ways to draw it."""

JITTER = 0.035
"""How far a hand's points are off, by a digit's height: a standard deviation."""


def strokes_of(sign: str, at: Place, rng: Rng) -> list[Points]:
    """Return the strokes of a sign, one of SHAPES, each as points in pixels of a strip."""
    ways = SHAPES[sign]
    wide, high = np.exp(rng.normal(0, (0.2, 0.1)))
    lean = at.lean + rng.normal(0, 0.08)
    down = rng.normal(0, 0.05)
    strokes = []
    for shape in ways[rng.integers(len(ways))]:
        points = np.array(shape) + rng.normal(0, JITTER, (len(shape), 2))
        y = points[:, 1:] * high + down + (1 - high) / 2
        strokes.append(_rounded(at.size * np.hstack([points[:, :1] * wide + lean * (1 - y), y])))
    corner = np.array([min(stroke[:, 0].min() for stroke in strokes), at.size])
    moved = [stroke - corner + (at.x, at.base) for stroke in strokes]
    return [[(float(x), float(y)) for x, y in stroke] for stroke in moved]


def _rounded(points: np.ndarray) -> np.ndarray:
    """Round a line's corners off, twice (Chaikin 1974); its ends stay. Both are float64 (N, 2)."""
    for _ in range(2):
        before, after = points[:-1], points[1:]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], axis=1)
        points = np.vstack([points[:1], cut.reshape(-1, 2), points[-1:]])
    return points
