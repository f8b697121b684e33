"""From pixels to what a model sees: the one way that every image takes, drawn, scanned or MNIST's.

Grey image → `ink` → `ruled_lines` → the digit's box with its longest side at 20 pixels → its centre
of mass at (14, 14) of 28×28 → 0 to 1: the form of MNIST's images. Nothing here reads files.

The settings are stored in each artifact, so that a model's inputs are always prepared as they were
in its training.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from ..base.problems import ModelRejected
from ..base.types import SIDE, FloatArray, UInt8Array
from .ink import SCAN, Ink, find_ink
from .layout import Layout, lay_out, may_be_several
from .look import FINE, part, shrink
from .ruled_lines import remove_lines
from .seen import only, see


@dataclass(frozen=True)
class PreprocessSettings:
    """How images are prepared.

    Attributes
    ----------
    version : int
        Grows whenever an image of up to 96 pixels a side, all that training sees, gives a different
        output. Larger ones are looked at more closely from time to time, to the same end.
    box : int
        The digit's longest side in pixels; MNIST's own is 20 (LeCun et al. 1998).
    thinnest : float
        In pixels; a stroke that would come out thinner is thickened. MNIST's thin strokes have 2.2.
    """

    version: int = 3
    box: int = 20
    thinnest: float = 2.2

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PreprocessSettings":
        """Read a model's settings; raises ModelRejected if they aren't known here."""
        if dict(values) != cls().as_dict():
            raise ModelRejected(
                "preprocess",
                "Its images were prepared in a way that isn't known here.",
            )
        return cls()


SETTINGS = PreprocessSettings()

FULL = 255
"""The value of full ink in MNIST's own images."""

Prepared = tuple[UInt8Array, int]
"""A digit as uint8 (28, 28), and the value that full ink has in it: what `scale` takes."""


def prepare(image: UInt8Array) -> FloatArray | None:
    """Prepare one image of a digit.

    Parameters
    ----------
    image : uint8 (H, W)
        Grey, dark on light or light on dark, of any size, with the digit anywhere on it.

    Returns
    -------
    float32 (28, 28) or None
        0 is paper, 1 is ink. None if the image is blank: nothing but paper, or nothing but ink.

    Raises
    ------
    ValueError
        When it isn't a grey image.

    Notes
    -----
    Deterministic, and safe to call from several threads.
    """
    pixels = to_pixels(image)
    return None if pixels is None else scale(*pixels)


class Found(NamedTuple):
    """What is on an image.

    Attributes
    ----------
    digit : tuple or None
        As `to_pixels` returns it.
    layout : Layout
        Whether there are surely several digits.
    parts : tuple
        Where the network has to say whether the layout's parts are several digits or one in pieces:
        each as `to_pixels` returns it. `layout.are_digits` is the rule.
    """

    digit: Prepared | None
    layout: Layout = Layout()
    parts: tuple[Prepared, ...] = ()


def to_pixels(image: UInt8Array) -> Prepared | None:
    """Prepare an image as `prepare` does, but return bytes.

    Returns
    -------
    (uint8 (28, 28), int) or None
        The pixels, and the value of full ink in them; `scale` takes both.
    """
    if image.ndim != 2 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"expected uint8 (H, W), not {image.dtype} {image.shape}")
    # one row is enough to rule out most images that aren't clean
    if image.shape == (SIDE, SIDE) and not image[0].any() and clean(image[np.newaxis])[0]:
        return image, FULL
    digit = see(image).digit
    return None if digit is None else _normalised(digit)


def find_digit(image: UInt8Array) -> Found:
    """Prepare an image as `to_pixels` does, and tell whether it shows several digits.

    Parameters
    ----------
    image : uint8 (H, W)
        As for `prepare`.
    """
    if max(image.shape) <= SCAN:  # such images were cut out by a machine, one digit each
        return Found(to_pixels(image))
    seen = see(image)
    digit = None if seen.digit is None else _normalised(seen.digit)
    if seen.mask is None or not may_be_several(seen.mask):
        return Found(digit)
    fine = find_ink(shrink(part(image, seen.mask), FINE, seen.block), seen.paper)
    if fine is None:
        return Found(digit)
    layout = lay_out(remove_lines(fine.mask))
    parts = tuple(_normalised(only(fine, each)) for each in layout.parts)
    return Found(digit, layout, parts)


def to_model_input(images: UInt8Array) -> FloatArray:
    """Prepare a set of images.

    Parameters
    ----------
    images : uint8 (N, H, W)

    Returns
    -------
    float32 (N, 28, 28)
        As `prepare` gives them; a blank image is all zero.
    """
    return scale(*all_to_pixels(images))


def all_to_pixels(images: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    """Prepare a set of images as `to_model_input` does, but return bytes.

    Returns
    -------
    uint8 (N, 28, 28), uint8 (N,)
        The pixels, and the value of full ink in each image; `scale` takes both.
    """
    peaks = np.full(len(images), FULL, np.uint8)
    if images.shape[1:] == (SIDE, SIDE):
        others = np.flatnonzero(~clean(images))
        pixels = images.copy() if len(others) else images
    else:
        pixels = np.zeros((len(images), SIDE, SIDE), np.uint8)
        others = np.arange(len(images))
    for i in others:
        pixels[i], peaks[i] = to_pixels(images[i]) or (0, FULL)
    return pixels, peaks


def scale(pixels: UInt8Array, peaks: UInt8Array | int = FULL) -> FloatArray:
    """Scale bytes to float32 from 0 to 1, by a peak of 255 or by each image's own."""
    factors = np.divide(1, peaks, dtype=np.float64).astype(np.float32)
    return np.multiply(pixels, factors[..., np.newaxis, np.newaxis], dtype=np.float32)


def clean(images: UInt8Array) -> np.ndarray:
    """Tell which images are in MNIST's form already: bool (N,).

    Parameters
    ----------
    images : uint8 (N, 28, 28)

    Notes
    -----
    That is: nothing at the frame, a longest side of 20 pixels, the centre of mass within a pixel of
    the middle, and nearly full ink.
    """
    sums_y, sums_x = images.sum(axis=2, dtype=np.float32), images.sum(axis=1, dtype=np.float32)
    total = np.maximum(sums_y.sum(axis=1), 1)
    places = np.arange(SIDE, dtype=np.float32)
    centred = np.ones(len(images), bool)
    longest = np.zeros(len(images), np.int64)
    for sums in (sums_y, sums_x):
        centred &= np.abs(sums @ places / total - SIDE // 2) < 1
        filled = sums > 0
        first, last = filled.argmax(axis=1), SIDE - filled[:, ::-1].argmax(axis=1)
        longest = np.maximum(longest, last - first)
    outside = sums_y[:, [0, -1]].any(axis=1) | sums_x[:, [0, -1]].any(axis=1)
    peak = images.reshape(len(images), SIDE * SIDE).max(axis=1, initial=0)
    return np.asarray(centred & ~outside & (longest == SETTINGS.box) & (peak > 200))


def _normalised(ink: Ink) -> Prepared:
    return normalise(ink, SETTINGS.box, SETTINGS.thinnest)


def normalise(ink: Ink, box: int, thinnest: float) -> tuple[UInt8Array, int]:
    """Bring the digit to MNIST's size and place, and say what its full ink is.

    Parameters
    ----------
    ink : Ink
        Of the digit alone.
    box : int
        Pixels that the longest side is to have.
    thinnest : float
        Pixels; a stroke that would come out thinner is thickened.

    Returns
    -------
    uint8 (28, 28), int
        The pixels, and the value of full ink in them.
    """
    import cv2

    top = cv2.minMaxLoc(ink.density)[1]
    seen = cv2.threshold(ink.density, max(0.12 * top, 3), 1, cv2.THRESH_BINARY)[1]
    x, y, width, height = cv2.boundingRect(seen)
    window = slice(y, y + height), slice(x, x + width)
    digit = _thicken(ink.density[window], ink.mask[window], box, thinnest)
    height, width = digit.shape
    factor = box / max(height, width)
    if factor != 1:
        size = max(1, round(width * factor)), max(1, round(height * factor))
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        digit = cv2.resize(digit, size, interpolation=method)
    return _place(digit)


def _thicken(digit: UInt8Array, mask: UInt8Array, box: int, thinnest: float) -> UInt8Array:
    """Return the digit with a stroke thick enough to stay visible when reduced."""
    import cv2

    factor = box / max(digit.shape)
    if factor > 0.8:
        return digit
    distance = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, 0), cv2.DIST_L2, 3)
    # across a stroke of width w, the distance to its edge is w / 4 on average
    width = 4 * float(distance.sum()) / max(cv2.countNonZero(distance), 1)
    radius = round((thinnest / factor - width) / 2)
    if radius < 1:
        return digit
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return np.asarray(cv2.dilate(cv2.copyMakeBorder(digit, *(radius,) * 4, 0), brush))


def _place(digit: UInt8Array) -> tuple[UInt8Array, int]:
    """Put the digit on 28×28 with its centre of mass at (14, 14), by whole pixels."""
    import cv2

    height, width = digit.shape
    moments = cv2.moments(digit)
    y, x = moments["m01"] / moments["m00"], moments["m10"] / moments["m00"]
    top = min(max(round(SIDE / 2 - y), 0), SIDE - height)
    left = min(max(round(SIDE / 2 - x), 0), SIDE - width)
    placed = np.zeros((SIDE, SIDE), np.uint8)
    placed[top : top + height, left : left + width] = digit
    return placed, int(digit.max())
