"""The forms in which people store images and labels in arrays, and what they mean.

Unambiguous arrays become uint8 images (N, H, W), 0 for black and 255 for white, with one label per
image; everything else is refused, with what is unclear. Not for where the arrays come from.
"""

from typing import NamedTuple

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, SIDE, UInt8Array

FULL = 255


class Range(NamedTuple):
    """The smallest and the largest value in some images."""

    low: float
    high: float


def images_size(shape: tuple[int, ...], what: str) -> tuple[int, int, int]:
    """Return the number of images in an array, their height and their width.

    Parameters
    ----------
    shape : tuple of int
        (N, H, W), (N, H, W, 1), (N, 1, H, W), or (N, 784) for 28×28.
    what : str
        What to call the array in a sentence.

    Raises
    ------
    DataProblem
        When it is none of these.
    """
    if len(shape) == 4 and 1 in (shape[1], shape[3]):
        shape = (shape[0], *shape[2:]) if shape[1] == 1 else shape[:3]
    if len(shape) == 2 and shape[1] == SIDE * SIDE:
        shape = shape[0], SIDE, SIDE
    if len(shape) != 3:
        raise DataProblem(
            f"{what} is of shape {shape}; grey images are (N, H, W), (N, H, W, 1) or (N, 784)."
        )
    return shape[0], shape[1], shape[2]


def range_of(pixels: np.ndarray) -> Range:
    """Return the smallest and the largest pixel; (0, 0) if there are none."""
    return Range(float(pixels.min()), float(pixels.max())) if pixels.size else Range(0, 0)


def factor(found: Range, what: str) -> int:
    """Return the factor that scales pixels to 0..255: 1 or 255.

    Parameters
    ----------
    found : Range
        Of all images of a set: nothing above 1 means 0 to 1, in numbers of any type.
    what : str
        What to call the array in a sentence.

    Raises
    ------
    DataProblem
        When numbers lie outside of 0 to 255, or one is none.
    """
    if not (found.low >= 0 and found.high <= FULL):  # true for NaN, too
        raise DataProblem(
            f"{what} has pixels from {found.low:g} to {found.high:g}; save them from 0 to 255, or "
            "from 0 to 1."
        )
    return FULL if found.high <= 1 else 1


def as_bytes(pixels: np.ndarray, times: int) -> UInt8Array:
    """Return pixels times a factor as uint8."""
    if pixels.dtype == np.uint8 and times == 1:
        return pixels
    scaled: UInt8Array = np.rint(np.multiply(pixels, times, dtype=np.float32)).astype(np.uint8)
    return scaled


def as_labels(array: np.ndarray, what: str) -> UInt8Array:
    """Return labels as uint8 (N,), 0 to 9.

    Parameters
    ----------
    array : array
        (N,) or (N, 1), of integers or of floats that are whole; or one-hot (N, 10).
    what : str
        What to call the array in a sentence.

    Raises
    ------
    DataProblem
        When they are in another form, or one isn't a digit.
    """
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind in "buif" and array.ndim == 2 and array.shape[1] == len(DIGITS):
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise DataProblem(
                f"{what} has ten columns but isn't one-hot, with a single 1 in each row."
            )
        array = array.argmax(axis=1)
    whole = array.dtype.kind in "ui" or (array.dtype.kind == "f" and (array % 1 == 0).all())
    if array.ndim != 1 or not whole:
        raise DataProblem(
            f"{what} has labels of {array.dtype} {array.shape}, not one integer per image."
        )
    if array.size and not (array.min() >= 0 and array.max() < len(DIGITS)):
        wrong = array.min() if array.min() < 0 else array.max()
        raise DataProblem(f"{what} has the label {wrong:g}; digits are 0 to 9.")
    return array.astype(np.uint8)
