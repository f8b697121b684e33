"""How people write signs: the strokes of points, commas, dashes, slashes and colons."""

from typing import NamedTuple

import numpy as np

SIGNS = ".-/:"

BEYOND = (0.44, 0.2)
"""How much higher slashes are than digits, by their height: mean and deviation, as measured among
pen strokes (`core.numbers.slashes`)."""

STEEP = (0.19, 0.12)
"""How much more slashes lean than the hand: mean and deviation of run by rise. Its digits lean by
`traits.LEANS` more, most of them to the left."""

Rng = np.random.Generator
Points = list[tuple[float, float]]


class Place(NamedTuple):
    """Where a sign stands; all in pixels of a strip.

    Attributes
    ----------
    x : float
        Where it begins.
    edge : float
        Where the digit before it ends.
    base : float
        The row at which digits stand.
    size : float
        Their height.
    lean : float
        Of the hand: run by rise.
    """

    x: float
    edge: float
    base: float
    size: float
    lean: float


def strokes_of(sign: str, at: Place, rng: Rng) -> list[Points]:
    """Return the strokes of a sign, one of SIGNS, each as points."""
    if sign == ".":
        return [_dot(at.x, at.base + rng.normal(-0.5, 1.2), at.size, rng)]
    if sign == "-":
        return _dash(at, rng)
    return [_slash(at, rng)] if sign == "/" else _colon(at, rng)


def _dot(x: float, y: float, size: float, rng: Rng) -> Points:
    """Draw a dot, the short stroke that people make of it, or a comma."""
    kind = rng.random()
    if kind < 0.35:
        return [(x, y), (x + rng.uniform(0, 1.5), y + rng.uniform(-0.5, 0.8))]
    if kind < 0.65:
        return [(x, y), (x + rng.normal(0, 0.8), y + rng.uniform(1, 5))]
    if kind < 0.85:
        return [(x, y), (x + rng.uniform(1, 3), y + rng.normal(0, 0.8))]
    down = rng.uniform(0.15, 0.45) * size
    end = x + rng.uniform(0, 2)
    return [(x, y), (end, y + down / 2), (end - rng.uniform(0, 0.6) * down, y + down)]


def _dash(at: Place, rng: Rng) -> list[Points]:
    """Draw a dash: short or long, rising or wavy, at its neighbours or not; or two, as in =."""
    x = at.x
    if rng.random() < 0.35:  # it begins at the digit, or goes on from it
        x = at.edge - rng.uniform(0, 3)
    y, long = at.base - at.size / 2 + rng.normal(0, 2.5), rng.uniform(3, 9)
    if rng.random() < 0.25:
        long *= rng.uniform(1.5, 6)
    rise, bow = rng.normal(0, 0.12) * long, rng.normal(0, 1.2)
    if rng.random() < 0.15:
        rise -= rng.uniform(0, 0.5) * long
    wave = bow * rng.choice([1, -1], p=[0.8, 0.2])
    dash = [(x, y), (x + 0.3 * long, y + 0.3 * rise + bow),
            (x + 0.7 * long, y + 0.7 * rise + wave), (x + long, y + rise)]  # fmt: skip
    if rng.random() >= 0.12:
        return [dash]
    right, down = rng.normal(0, 1.2), rng.uniform(0.2, 0.4) * at.size
    return [dash, [(x + right, y + down + rng.normal(0, 0.5)) for x, y in dash]]


def _slash(at: Place, rng: Rng) -> Points:
    """Draw a slash: longer than the digits, at both ends."""
    steep = abs(rng.normal(*STEEP))
    beyond = at.size * float(np.clip(rng.normal(*BEYOND), 0.02, 1))
    over = beyond * rng.uniform(0.25, 0.75)
    high = at.size + beyond
    run = high * (at.lean + steep)
    top, low = at.base - at.size - over, at.base + beyond - over
    x = at.x
    if rng.random() < 0.4:  # its foot is below the digit before it, or touches it
        x -= rng.uniform(0, 0.35) * max(run, 4)
    left = max(x + max(-run, 0), 0)
    bent = rng.normal(0.5, 0.05)
    return [(left + run, top), (left + run * bent, (top + low) / 2), (left, low)]


def _colon(at: Place, rng: Rng) -> list[Points]:
    """Draw two marks, one above the other: dots, or short strokes of one kind."""
    low = at.base - rng.uniform(0, 0.25) * at.size
    high = at.base - rng.uniform(0.45, 0.8) * at.size
    lean = (at.lean + rng.normal(0, 0.25)) * (low - high)
    x = at.x + max(-lean, 0) + rng.choice([0.0, rng.uniform(0, 4)])
    if rng.random() < 0.4:
        return [_dot(x, low, at.size, rng), _dot(x + lean, high, at.size, rng)]
    turn, long = rng.choice([0.0, np.pi / 2], p=[0.65, 0.35]), rng.uniform(0.08, 0.3) * at.size
    return [_mark(x, low, turn, long, rng), _mark(x + lean, high, turn, long, rng)]


def _mark(x: float, y: float, turn: float, long: float, rng: Rng) -> Points:
    """Draw a short stroke, about `turn` from the level, in radians."""
    turn, long = turn + rng.normal(0, 0.4), long * np.exp(rng.normal(0, 0.25))
    run, rise = long * np.cos(turn), long * np.sin(turn)
    left = x + max(-run, 0)
    return [(left, y - rise / 2), (left + run, y + rise / 2)]
