"""What images of digits tell of a hand: its lean, its pen, how broad its digits are.

How high hands make each digit was measured: see docs/decisions/057-proportions.md;
how far each leans: docs/decisions/058-on-their-strips.md.
"""

import cv2
import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array

PENS = (1.0, 6.0)
"""The thinnest and the broadest pen, in pixels."""

HIGH = (0.8, 0.96, 0.92, 1.0, 1.12, 0.98, 1.02, 1.03, 1.04, 1.04)
"""How high each digit is by the usual height of the digits beside it, so that composed ones have
about the medians of real numbers of four kinds: 0.85 of a 0, which is smaller in all of them, and
1.1 of a 4. As neighbours are often 0s, too, less is drawn than is measured."""

BELOW = (-0.11, -0.02, -0.02, 0.02, 0.04, -0.01, 0.0, 0.01, 0.01, 0.03)
"""How far each reaches under the line on which the others stand, by that height."""

LEANS = (-0.01, -0.07, -0.24, -0.17, -0.24, -0.09, -0.16, -0.25, -0.11, -0.25)
"""How far each leans by its moments, run by rise, where a row stands upright (`strip.upright`):
medians of the same numbers."""

OWN = (0.08, 0.04)
"""How much a hand's heights differ from these, as a logarithm, and its places."""

INKED = 60
"""Of 255: what counts as ink of an image."""


def pens_of(images: UInt8Array) -> FloatArray:
    """Return the width of each image's pen, in pixels: float32 (N,).

    A stroke of width w and length l has the area w l, and two edges along it. Their change of
    brightness, across and down, adds up to 2 l (|cos a| + |sin a|): 4 / pi times 2 l on average.
    """
    lines = images.reshape(-1, SIDE)
    across = cv2.absdiff(lines[:, 1:], lines[:, :-1])
    down = np.zeros_like(lines)
    down[1:] = cv2.absdiff(lines[1:], lines[:-1])
    down[::SIDE] = 0  # from one image to the next
    edges = sum(
        each.reshape(len(images), -1).sum(axis=1, dtype=np.int64) for each in (across, down)
    )
    area = images.sum(axis=(1, 2), dtype=np.int64)
    return np.asarray(np.clip(8 / np.pi * area / np.maximum(edges, 1), *PENS), np.float32)


def lean_of(image: UInt8Array) -> float:
    """Return how far ink leans to the right, by its moments: columns by row, -0.6 to 0.6."""
    moments = cv2.moments(image)
    return float(np.clip(-moments["mu11"] / max(moments["mu02"], 1), -0.6, 0.6))


def breadth_of(image: UInt8Array) -> float:
    """Return how broad a digit is by its height, once it stands upright; 0 of a blank image."""
    lean = lean_of(image)
    matrix = np.array([[1, lean, -lean * SIDE / 2], [0, 1, 0]])
    standing = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    _, _, wide, high = cv2.boundingRect((standing > INKED).astype(np.uint8))
    return float(wide / max(high, 1))


def looks_of(images: UInt8Array) -> FloatArray:
    """Return means of squares, to tell which images are alike: float32 (N, 49)."""
    squares = images.reshape(len(images), 7, SIDE // 7, 7, SIDE // 7)
    return np.asarray(squares.mean(axis=(2, 4), dtype=np.float32)).reshape(len(images), -1)


def places_of_digits(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return how high one hand makes each digit, and how far it reaches under the line."""
    high = np.array(HIGH) * np.exp(rng.normal(0, OWN[0], 10))
    below = np.array(BELOW) + rng.normal(0, OWN[1], 10)
    return [(float(one), float(other)) for one, other in zip(high, below, strict=True)]
