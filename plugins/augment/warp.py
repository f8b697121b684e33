"""Bend, slant and stretch 28×28 digits as hands do, and keep them in the form that models see.

One map takes every pixel of the new image to its place on the old one: an affine part, then a
smooth random displacement (Simard, Steinkraus and Platt 2003). The affine part is chosen so that
the new digit has its longest side at 20 pixels and its centre of mass in the middle, as
preprocessing would bring it.
"""

from dataclasses import astuple, dataclass

import numpy as np

from ...core.base.types import SIDE, FloatArray, UInt8Array

CHUNK = 500
"""Images per step: their maps fit into the processor's cache, their mosaic into OpenCV's limit."""

BOX = 20
_GRID = 6
_INK = 30
_AXIS = np.arange(SIDE, dtype=np.float32)


@dataclass(frozen=True)
class Bends:
    """How much hands vary; each is the standard deviation of a normal distribution.

    Some hands are neat and some aren't: all of an image's spreads are multiplied by one number
    from 0 to 2, drawn evenly; but not `resize` and `shift`.

    Attributes
    ----------
    rotate : float
        Degrees.
    slant : float
        Shift to the side by unit of height.
    stretch : float
        Natural logarithm of width by height.
    resize, shift : float
        What sizes and places differ by after normalising: a share of the box, and pixels.
    elastic : float
        Pixels.
    thicken : float
        Pixels at each side of a stroke; thinner as often as thicker.
    """

    rotate: float = 6.0
    slant: float = 0.15
    stretch: float = 0.09
    resize: float = 0.025
    shift: float = 0.4
    elastic: float = 0.6
    thicken: float = 0.3

    def scaled(self, factor: float) -> "Bends":
        """Return the variation of a hand that varies `factor` times as much."""
        return Bends(*(value * factor for value in astuple(self)))


def bend(images: UInt8Array, bends: Bends, rng: np.random.Generator) -> UInt8Array:
    """Bend each image in its own way.

    Parameters
    ----------
    images : uint8 (N, 28, 28)
        0 is paper, 255 is ink.
    bends : Bends
    rng : numpy.random.Generator

    Returns
    -------
    uint8 (N, 28, 28)
    """
    import cv2

    bent = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        part = np.ascontiguousarray(images[start : start + CHUNK])
        count = len(part)
        hands = 2 * rng.random(count, np.float32)
        x, y = _map(part, bends, hands, rng)
        # One tall picture of all images. A digit's own margin is empty: what points beyond the
        # image is moved onto that margin, and never reaches the neighbour.
        np.clip(x, 0, SIDE - 1, out=x)
        np.clip(y, 0, SIDE - 1, out=y)
        y += (np.arange(count, dtype=np.float32) * SIDE)[:, None, None]
        tall = (count * SIDE, SIDE)
        picture = cv2.remap(part.reshape(tall), x.reshape(tall), y.reshape(tall), cv2.INTER_LINEAR)
        bent[start : start + CHUNK] = _thicken(picture, bends.thicken * hands, rng)
    return bent


def _thicken(picture: UInt8Array, spread: FloatArray, rng: np.random.Generator) -> UInt8Array:
    """Make each image's strokes thinner or thicker: uint8 (N * 28, 28) to (N, 28, 28)."""
    import cv2

    count = len(spread)
    pixels = np.clip(spread * rng.standard_normal(count, np.float32), -0.8, 1)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    images = picture.reshape(count, SIDE, SIDE)
    bent = np.empty_like(images)
    for some, change in ((pixels > 0, cv2.dilate), (pixels <= 0, cv2.erode)):
        old = images[some]
        if not len(old):
            continue
        other = change(old.reshape(-1, SIDE), brush).reshape(old.shape)
        # in 128ths, for bytes times these fit into the integers that are multiplied fastest
        share = np.rint(128 * np.abs(pixels[some])).astype(np.int16)[:, None, None]
        changed = (other.astype(np.int16) - old) * share >> 7
        changed += old
        bent[some] = changed
    # full ink stays full ink, as after preprocessing
    brightest = bent.reshape(count, -1).max(axis=1)
    faint = (brightest < 255) & (brightest > 0)
    bent[faint] = bent[faint] * (255 / brightest[faint].astype(np.float32))[:, None, None]
    return bent


def _map(
    images: UInt8Array, bends: Bends, hands: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return x and y on the old image for every pixel of the new one: float32 (N, 28, 28)."""
    count = len(images)
    forward = _linear(bends, hands, rng)
    middle, edge = _middle_and_outline(images)
    sides = np.ptp(np.einsum("nij,njk->nik", forward, edge), axis=2).max(axis=1)
    size = BOX * (1 + bends.resize * rng.standard_normal(count)) / np.maximum(sides + 1, 1)
    back = np.linalg.inv(forward * size[:, None, None]).astype(np.float32)
    place = SIDE / 2 + bends.shift * rng.standard_normal((count, 2))
    start = middle - np.einsum("nij,nj->ni", back, place.astype(np.float32))
    x, y = (_field(bends.elastic * hands, start[:, i], back[:, i], rng) for i in range(2))
    return x, y


def _linear(bends: Bends, hands: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the linear parts, old to new: float (N, 2, 2), acting on (x, y)."""
    count = len(hands)
    angle = np.radians(bends.rotate) * hands * rng.standard_normal(count)
    slant = bends.slant * hands * rng.standard_normal(count)
    stretch = np.exp(bends.stretch * hands * rng.standard_normal(count) / 2)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack([cos, -sin, sin, cos], axis=1).reshape(count, 2, 2)
    formed = np.zeros((count, 2, 2))
    formed[:, 0, 0], formed[:, 0, 1], formed[:, 1, 1] = stretch, -slant, 1 / stretch
    return np.asarray(turned @ formed, np.float32)


def _middle_and_outline(images: UInt8Array) -> tuple[FloatArray, FloatArray]:
    """Return the centre of mass, (N, 2), and the ends of each row's ink from it, (N, 2, 56)."""
    count = len(images)
    # each row's mass, and its mass times x, in one product
    rows = images.reshape(-1, SIDE).astype(np.float32) @ np.stack([_AXIS * 0 + 1, _AXIS], axis=1)
    mass, moment = rows.reshape(count, SIDE, 2).transpose(2, 0, 1)
    total = np.maximum(mass.sum(axis=1), 1)
    middle = np.stack([moment.sum(axis=1) / total, mass @ _AXIS / total], axis=1)
    # a row's ink as 32 bits, whose highest and lowest tell where it begins and ends
    bits = np.packbits(images > _INK, axis=2).view(">u4")[..., 0].astype(np.int64)
    filled = bits > 0
    left, right = 32 - np.frexp(bits)[1], 32 - np.frexp(bits & -bits)[1]
    heights = np.broadcast_to(_AXIS, left.shape)
    # an empty row's ends are put on the middle, where they are never the outermost
    x = np.concatenate([left, right], axis=1) - middle[:, :1]
    y = np.concatenate([heights, heights], axis=1) - middle[:, 1:]
    edge = np.stack([x, y], axis=1) * np.concatenate([filled, filled], axis=1)[:, None, :]
    return middle, edge.astype(np.float32)


def _field(
    spread: FloatArray, start: FloatArray, steps: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return `start` + `steps` · (x, y) with smooth random displacements: float32 (N, 28, 28)."""
    count = len(spread)
    points = rng.standard_normal((count, _GRID, _GRID), np.float32) * spread[:, None, None]
    across = points.reshape(-1, _GRID) @ _SPLINE.T
    # of each row: its displacements' weights, and where it starts and how it goes on
    rows = np.empty((count, SIDE, _GRID + 2), np.float32)
    rows[:, :, :_GRID] = across.reshape(count, _GRID, SIDE).transpose(0, 2, 1)
    rows[:, :, _GRID] = start[:, None] + steps[:, 1:] * _AXIS
    rows[:, :, _GRID + 1] = steps[:, :1]
    along = np.concatenate([_SPLINE, np.ones((SIDE, 1), np.float32), _AXIS[:, None]], axis=1)
    return np.asarray((rows.reshape(-1, _GRID + 2) @ along.T).reshape(count, SIDE, SIDE))


def _spline() -> FloatArray:
    """Return the weights of a cubic B-spline over the image, scaled to keep a spread of 1."""
    places = np.linspace(0.5, _GRID - 1.5, SIDE)[:, None] - np.arange(_GRID)
    distance = np.abs(places)
    weights = np.where(
        distance < 1, 2 / 3 - distance**2 + distance**3 / 2, np.clip(2 - distance, 0, 1) ** 3 / 6
    )
    return np.asarray(weights / np.sqrt((weights**2).sum(axis=1, keepdims=True)), np.float32)


_SPLINE = _spline()
