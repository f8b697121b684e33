"""Brings a digit's ink to the size and the place that MNIST's digits have; finds no ink."""

import numpy as np

from ..base.types import SIDE, UInt8Array
from .ink import Ink


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
