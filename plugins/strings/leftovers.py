"""What is on a strip and says nothing: letters, crosses, ruled lines, the feet of another row."""

import cv2
import numpy as np

from ...core.base.types import SIDE, UInt8Array
from ...core.network.network import STRIP_HEIGHT
from .pen import line_with

LETTERS = tuple("ABCDEFGHKLMNPQRTUVWXYZabcdefgkmnpqrtuvwxyz$%#&=*")
"""None of them looks like a digit."""

FONTS = (0, 2, 3, 4, 6, 7)
"""OpenCV's Hershey fonts: sans serif, with serifs and as if by hand."""

BETWEEN = 0.35
"""The share of the strips with a ruled line that have one above the writing and one below."""

Rng = np.random.Generator


def mark(rng: Rng, letter: str | None = None) -> UInt8Array | None:
    """Draw a letter, a cross or a scribble: uint8 (28, 28); one time in five None, for an arc.

    If a letter is given, that one is drawn.
    """
    image = np.zeros((SIDE, SIDE), np.uint8)
    kind = 0.0 if letter else rng.random()
    if kind < 0.45:
        text, font = letter or str(rng.choice(list(LETTERS))), int(rng.choice(FONTS))
        cv2.putText(image, text, (4, 22), font, 0.75, 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    elif kind < 0.65:  # two strokes that cross: + and x
        turn, thick = rng.choice([0.0, np.pi / 4]) + rng.normal(0, 0.2), int(rng.integers(1, 4))
        for angle in (turn, turn + np.pi / 2 + rng.normal(0, 0.2)):
            reach = rng.uniform(5, 9) * np.array([np.cos(angle), np.sin(angle)])
            middle = 14 + rng.normal(0, 1, 2)
            _line(image, np.stack([middle - reach, middle + reach]), 255, thick)
    elif kind < 0.8:
        points = np.cumsum(rng.normal(0, 5, (int(rng.integers(4, 9)), 2)), axis=0) + 14
        _line(image, points, 255, 2)
    else:
        return None
    return image


def draw_side(strip: UInt8Array, rng: Rng, x: float) -> None:
    """Draw an upright line at a column, the side of a box; in place."""
    points = np.array([(x, -1), (x + rng.normal(0, 0.5), STRIP_HEIGHT)])
    line = line_with(rng.uniform(0.5, 1.3), points, (STRIP_HEIGHT, strip.shape[1]))
    np.maximum(strip, line, out=strip)


def draw_ruled(strip: UInt8Array, rng: Rng, base: float, size: float, tilt: float) -> None:
    """Draw a ruled line below, through or above the writing, or two around it; in place.

    Parameters
    ----------
    strip : uint8 (32, W)
    rng : numpy.random.Generator
    base, size : float
        The row at which the digits stand, and their height.
    tilt : float
        Of the line of writing: how far it falls, by its run.
    """
    kind = rng.random()
    if kind < BETWEEN:
        places = [base + rng.normal(2, 2), base - size - rng.normal(2, 2)]
    elif kind < 1 - 0.2 * (1 - BETWEEN):
        places = [base + rng.normal(2, 2.5)]
    else:
        places = [rng.uniform(0, STRIP_HEIGHT)]
    for y in places:
        _rule(strip, rng, y, tilt)


def _rule(strip: UInt8Array, rng: Rng, y: float, tilt: float) -> None:
    """Draw a line, whole or in parts; in place."""
    width = strip.shape[1]
    ends = np.sort(rng.uniform(-0.1, 1.1, 2)) if rng.random() < 0.4 else (-0.1, 1.1)
    rise = tilt * width * 0.5 + rng.normal(0, 0.8)
    points = np.array([(ends[0] * width, y), (ends[1] * width, y + rise)])
    layer = np.zeros_like(strip)
    _line(layer, points, int(rng.uniform(60, 256)), int(rng.integers(1, 3)))
    if rng.random() < 0.5:  # broken where it was taken out
        layer[:, rng.random(width) < 0.6] = 0
    np.maximum(strip, layer, out=strip)


def draw_other_row(
    strip: UInt8Array, rng: Rng, digits: UInt8Array, by_class: list[np.ndarray]
) -> None:
    """Draw the feet or the heads of another row's digits at the strip's edges; in place.

    Parameters
    ----------
    strip : uint8 (32, W)
    rng : numpy.random.Generator
    digits : uint8 (N, 28, 28)
    by_class : list of int (M,)
        The places of each digit's images.
    """
    height, width = int(rng.integers(1, 5)), strip.shape[1]
    own = by_class[int(rng.integers(10))]
    for x in range(int(rng.integers(0, 20)), max(width - SIDE, 1), int(rng.integers(14, 40))):
        image = digits[own[rng.integers(len(own))]]
        if rng.random() < 0.5:
            part, target = image[22 - height : 22], strip[:height, x : x + SIDE]
        else:
            part, target = image[5 : 5 + height], strip[-height:, x : x + SIDE]
        np.maximum(target, part[:, : target.shape[1]], out=target)


def _line(image: UInt8Array, points: np.ndarray, grey: int, thick: int) -> None:
    """Draw a line through points, float64 (N, 2), in pixels."""
    cv2.polylines(
        image, [np.rint(points * 16).astype(np.int32)], False, grey, thick, cv2.LINE_AA, 4
    )
