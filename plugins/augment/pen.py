"""The pen: from strokes to a digit's image as a model sees it.

`ink` leans, warps and scales the strokes, draws them with a round pen, and `normalise` places the
image as `core.images.preprocess` places a drawing. Everything works on many images of one style at
a time; only the drawing itself is a loop.

The strokes come from `hand` and `shapes`: every digit has a set of styles, as people write it
around the world. MNIST was written by American clerks and school children: its ones are bare
strokes, its sevens have no bar. The weights favour what it lacks, so they are no picture of how
often a style is written.
"""

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.base.types import SIDE, FloatArray, UInt8Array
from .hand import Hand, Style
from .shapes.bows import FIVE, THREE, TWO
from .shapes.lines import FOUR, SEVEN
from .shapes.loops import NINE, SIX
from .shapes.ones import ONE
from .shapes.rings import EIGHT, ZERO

BOX = 20
"""The longest side of a digit, in pixels."""

EDGE = 30
"""The box holds every pixel brighter than this: 12 % of 255."""

FINE = 4
"""Supersampling: with 16 shades of grey a stroke's edge looks like a scanned one."""


def ink(
    strokes: list[FloatArray],
    rng: np.random.Generator,
    lean: tuple[float, float] = (-25, 35),
    width: tuple[float, float] = (1.3, 4.5),
) -> UInt8Array:
    """Write digits with their own slant, proportions and pens.

    Parameters
    ----------
    strokes : list of float32 (n, P, 2)
        The points of each stroke, x and y (downwards); a digit is about 1 high.
    rng : numpy.random.Generator
    lean : tuple of float
        Limits of the slant in degrees; above 0 leans to the right.
    width : tuple of float
        Limits of the pen's width in pixels.

    Returns
    -------
    uint8 (n, 28, 28)
        0 is paper; placed as by `normalise`.
    """
    points = np.concatenate(strokes, axis=1)
    hand = Hand(rng, len(points))
    _bend(points, hand)
    slant = np.tan(np.radians(hand.bell(4, 12).clip(*lean)))
    points[..., 0] *= np.exp(hand.bell(0.06, 0.28))[:, None]
    points[..., 0] -= slant[:, None] * points[..., 1]
    tilt = np.radians(hand.bell(0, 4))[:, None]
    x, y = points[..., 0].copy(), points[..., 1].copy()
    points[..., 0] = np.cos(tilt) * x - np.sin(tilt) * y
    points[..., 1] = np.sin(tilt) * x + np.cos(tilt) * y
    thinnest, thickest = width
    pen = thinnest * (thickest / thinnest) ** hand.bell(0.4, 0.22).clip(0, 1)
    radius = np.maximum(np.rint((pen * FINE - 1) / 2), 1).astype(np.float32)
    low, high = points.min(axis=1), points.max(axis=1)
    # OpenCV's round pen covers an odd number of pixels: this makes the box BOX pixels exactly
    scale = (BOX * FINE - 1 - 2 * radius) / np.maximum((high - low).max(axis=1), 1e-6)
    corner = ((SIDE - BOX) // 2 * FINE + radius)[:, None, None]
    placed = (points - low[:, None]) * scale[:, None, None] + corner
    ends = np.cumsum([0] + [stroke.shape[1] for stroke in strokes])
    return normalise(trace(placed, radius, ends.tolist(), hand))


def _bend(points: FloatArray, hand: Hand) -> None:
    """Change a digit's proportions smoothly, and make the hand tremble; in place."""
    x = points[..., 0] - points[..., 0].mean(axis=1, keepdims=True)
    y = points[..., 1] - 0.5
    taper, bow, heavy, tip = (hand.bell(0, spread)[:, None] for spread in (0.2, 0.12, 0.3, 0.08))
    along = np.arange(points.shape[1], dtype=np.float32)
    phase = hand(0, 2 * math.pi)[:, None] + along * hand(0.2, 0.9)[:, None]
    tremor = np.square(hand(0, 0.12))[:, None]
    points[..., 0] = x * (1 + taper * y) + bow * y * y + tremor * np.sin(phase)
    points[..., 1] = y + heavy * (0.25 - y * y) + tip * x + tremor * np.cos(1.3 * phase)


def trace(points: FloatArray, radius: FloatArray, ends: list[int], hand: Hand) -> UInt8Array:
    """Draw strokes at four times the size, and average that down.

    Parameters
    ----------
    points : float32 (n, P, 2)
        Where the middles of the pen's dots lie, in fine pixels.
    radius : float32 (n,)
        A pen covers 2 · radius + 1 fine pixels.
    ends : list of int
        Where strokes begin and end among the points: 0, …, P.
    hand : Hand
        Says how hard the pens are pressed.

    Returns
    -------
    uint8 (n, 28, 28)
    """
    import cv2

    count = len(points)
    side = SIDE * FINE
    canvas = np.zeros((count, side, side), np.uint8)
    dots = np.rint(points * 16).astype(np.int32)
    # one pen in five answers to pressure: the line swells and thins
    soft = hand(0, 1) < 0.2
    swell = hand(0.15, 0.4)[:, None] * np.sin(
        hand(0, 2 * math.pi)[:, None] + np.linspace(0, 7, points.shape[1], dtype=np.float32)
    )
    thick = np.rint(2 * radius).astype(int)
    pressed = np.rint(2 * radius[:, None] * np.minimum(0.85 + swell, 1)).astype(int).clip(3)
    spans = list(itertools.pairwise(ends))
    for place, (image, at) in enumerate(zip(canvas, dots, strict=True)):
        if not soft[place]:
            lines = [at[first:last] for first, last in spans]
            cv2.polylines(image, lines, False, 255, int(thick[place]), cv2.LINE_8, 4)
            continue
        for first, last in spans:
            widths = pressed[place, first:last]
            changes = (np.flatnonzero(np.diff(widths)) + first + 1).tolist()
            for start, end in zip([first, *changes], [*changes, last - 1], strict=True):
                line = [at[start : end + 1]]
                cv2.polylines(image, line, False, 255, int(pressed[place, start]), cv2.LINE_8, 4)
    small = cv2.resize(
        canvas.reshape(count * side, side), (SIDE, count * SIDE), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.uint8).reshape(count, SIDE, SIDE)


def normalise(images: UInt8Array) -> UInt8Array:
    """Place digits as `core.images.preprocess` does.

    The longest side of the box around the ink is made 20 pixels where it isn't, the brightest
    pixel 255, and the centre of mass goes to (14, 14) by whole pixels.

    Parameters
    ----------
    images : uint8 (n, 28, 28)
        None of them blank.
    """
    import cv2

    images = _brightened(images)
    low, high = boxes(images)
    for place in np.flatnonzero((high - low).max(axis=1) != BOX):
        for _ in range(4):  # thinned edges may need a second go
            (top, left), (bottom, right) = low[place], high[place]
            crop = images[place, top:bottom, left:right].copy()
            scale = BOX / max(crop.shape)
            size = tuple(max(round(length * scale), 1) for length in crop.shape[::-1])
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            images[place] = 0
            images[place, : size[1], : size[0]] = cv2.resize(crop, size, interpolation=how)
            images[place] = _brightened(images[place : place + 1])[0]
            low[place], high[place] = (box[0] for box in boxes(images[place : place + 1]))
            if (high[place] - low[place]).max() == BOX:
                break
    steps = np.arange(SIDE)
    inside = (steps >= low[..., None]) & (steps < high[..., None])
    images *= inside[:, 0, :, None] & inside[:, 1, None, :]
    mass = images.sum(axis=(1, 2), dtype=np.float64)
    centre = np.stack(
        [images.sum(axis=axis, dtype=np.int64) @ steps / mass for axis in (2, 1)], axis=1
    )
    start = np.rint(SIDE // 2 - (centre - low)).astype(int).clip(0, SIDE - (high - low))
    source = steps - (start - low)[..., None]
    valid = (source >= 0) & (source < SIDE)
    source = source.clip(0, SIDE - 1)
    every = np.arange(len(images))[:, None, None]
    moved: UInt8Array = images[every, source[:, 0, :, None], source[:, 1, None, :]]
    moved *= valid[:, 0, :, None] & valid[:, 1, None, :]
    return moved


def _brightened(images: UInt8Array) -> UInt8Array:
    top = images.max(axis=(1, 2), keepdims=True).astype(np.float32)
    bright: UInt8Array = np.rint(images * (np.float32(255) / top)).astype(np.uint8)
    return bright


def boxes(images: UInt8Array) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the first row and column with ink, and those after the last; int (n, 2) each."""
    marked = images > EDGE
    low, high = [], []
    for axis in (2, 1):
        lines: npt.NDArray[Any] = np.any(marked, axis=axis)
        low.append(lines.argmax(axis=1))
        high.append(SIDE - lines[:, ::-1].argmax(axis=1))
    return np.stack(low, axis=1), np.stack(high, axis=1)


CHUNK = 1024
"""Images drawn at once: their canvases fit into a few megabytes."""

STYLES: tuple[tuple[Style, ...], ...] = (
    ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE,
)  # fmt: skip
"""The styles of each digit, 0 to 9."""


def draw_digits(labels: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Draw one digit for each label.

    Parameters
    ----------
    labels : uint8 (N,)
        0 to 9.
    rng : numpy.random.Generator
        All chance comes from here: the same state draws the same images.

    Returns
    -------
    uint8 (N, 28, 28)
        0 is paper, 255 is ink; placed as `core.preprocess` places a drawing.
    """
    images = np.zeros((len(labels), SIDE, SIDE), np.uint8)
    for digit, styles in enumerate(STYLES):
        places = np.flatnonzero(labels == digit)
        weights = np.array([style.weight for style in styles])
        chosen = rng.choice(len(styles), len(places), p=weights / weights.sum())
        for number, style in enumerate(styles):
            images[places[chosen == number]] = draw_style(style, int((chosen == number).sum()), rng)
    return images


def draw_style(style: Style, count: int, rng: np.random.Generator) -> UInt8Array:
    """Draw uint8 (count, 28, 28) of one style, such as `STYLES[7][1]`."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for start in range(0, count, CHUNK):
        part = images[start : start + CHUNK]
        part[:] = ink(style.shape(Hand(rng, len(part))), rng, style.lean, style.width)
    return images
