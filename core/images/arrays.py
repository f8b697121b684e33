"""Images that a Python program has in memory: arrays and Pillow images become grey images.

Unambiguous input is converted; everything else is refused, with a hint. `imagefile`
reads files.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base.types import UInt8Array
from .page import to_page
from .pixels import from_pillow

CHANNELS = (1, 3, 4)
"""The length of an array's last axis for grey, for colours, and for colours with transparency."""


def as_list(images: object) -> "Sequence[Any] | np.ndarray":
    """Return a set of images as a sequence with an entry for each, which `as_grey` takes.

    Parameters
    ----------
    images : array or iterable
        An array (N, H, W), or (N, H, W, C) with 1, 3 or 4 channels; or any number of arrays and
        Pillow images.

    Raises
    ------
    TypeError
        When it isn't a set of images.
    ValueError
        When an array has the wrong axes.
    """
    if isinstance(images, str | bytes | os.PathLike):
        raise TypeError(
            "images must be arrays or Pillow images; use read_digit for a file and read_folder "
            "for a folder."
        )
    if _is_of_pillow(images):
        raise TypeError("pass a single image as a list: [image].")
    if not isinstance(images, list | tuple) and hasattr(images, "__array__"):
        array = np.asarray(images)
        if array.ndim == 4 and array.shape[3] in CHANNELS:
            return array
        if array.ndim != 3 or (len(array) > 0 and array.shape[2] in CHANNELS):
            raise ValueError(
                f"images must be of shape (N, H, W) or (N, H, W, 3), not {array.shape}; pass a "
                "single image as [image], and flat ones as images.reshape(-1, 28, 28)."
            )
        return array
    if isinstance(images, Iterable):
        return list(images)
    raise TypeError(f"images must be an array or a list of images, not {_name(images)}.")


def as_grey(image: object) -> UInt8Array:
    """Return one image as grey.

    Parameters
    ----------
    image : array or Pillow image
        An array is (H, W), or (H, W, C) with 1, 3 (red, green, blue) or 4 channels (with
        transparency); of uint8, of bool, or of floats from 0 to 1.

    Returns
    -------
    uint8 (H, W)

    Raises
    ------
    TypeError
        When it isn't an image, or its numbers are ambiguous, such as int64.
    ValueError
        When its shape or its numbers aren't an image's.
    """
    if _is_of_pillow(image):
        return to_page(from_pillow(image))
    if isinstance(image, str | bytes) or not hasattr(image, "__array__"):
        raise TypeError(f"an image must be an array or a Pillow image, not {_name(image)}.")
    array = np.asarray(image)
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in CHANNELS or not array.size:
        raise ValueError(
            f"an image must be of shape (H, W), (H, W, 3) or (H, W, 4), not {array.shape}."
        )
    pixels = _as_bytes(array)
    if channels == 1:
        return to_page(np.ascontiguousarray(pixels.reshape(pixels.shape[:2])))
    from PIL import Image

    return to_page(from_pillow(Image.fromarray(np.ascontiguousarray(pixels))))


def _as_bytes(array: np.ndarray) -> UInt8Array:
    """Return numbers as uint8, if their meaning is unambiguous."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype.kind != "f":
        raise TypeError(
            f"an image must be uint8, not {array.dtype}; if its range is 0 to 255, "
            "use image.astype('uint8')."
        )
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 1):  # true for NaN, too
        raise ValueError(
            f"an image of floats must range from 0 to 1, not from {low:g} to {high:g}; "
            "if its range is 0 to 255, use image.astype('uint8')."
        )
    pixels: UInt8Array = np.rint(array * 255).astype(np.uint8)
    return pixels


def _is_of_pillow(image: object) -> bool:
    """Tell whether this is a Pillow image, without importing Pillow."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(image, pillow.Image)


def _name(value: object) -> str:
    return type(value).__name__
