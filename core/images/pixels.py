"""From what Pillow decoded, in any mode, to upright pixels: grey, or RGB for colour.

Transparent pictures are laid on paper that contrasts with their ink. What the pixels show is no
concern of this module.
"""

from typing import Any

import numpy as np

from ..base.problems import ImageRefused
from ..base.types import UInt8Array

ENOUGH_PIXELS = 1_000_000
"""Enough to find the brightness of the ink."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""The shares of red, green and blue in brightness (ITU-R BT.601)."""

_ORIENTATION = 0x0112
"""EXIF's tag: 1 is upright, 2 to 8 are the other rotations and mirror images."""


def from_pillow(image: Any) -> UInt8Array:
    """Return the pixels of an image that Pillow has opened or made.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    uint8 (H, W) or (H, W, 3)
        Upright; RGB where the red, green and blue of any pixel differ.

    Raises
    ------
    ImageRefused
        `corrupt`, if some of its pixels aren't numbers.
    OSError
        When its file can't be read to the end.
    """
    image.load()
    return _upright(_decoded(image), _orientation(image))


def _decoded(image: Any) -> UInt8Array:
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_numbers(np.asarray(image))
    if image.has_transparency_data:
        full = np.asarray(image.convert("RGBA"))
        return _on_paper(_without_colour(full[..., :3]), full[..., 3])
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = image.point(lambda value: 255 - value)  # Pillow takes every CMYK JPEG for Adobe's
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L"))
    return _without_colour(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))


def _without_colour(rgb: UInt8Array) -> UInt8Array:
    """Return RGB as it is, or as grey where all three are the same."""
    first = rgb[..., 0]
    for other in (rgb[..., 1], rgb[..., 2]):
        # most coloured pictures show it in a few rows
        if not np.array_equal(first[::16], other[::16]) or not np.array_equal(first, other):
            return rgb
    return np.ascontiguousarray(first)


def _from_numbers(numbers: np.ndarray) -> UInt8Array:
    """Scale 16-bit, 32-bit and floating-point pixels to 0..255."""
    if not np.isfinite(numbers).all():
        raise ImageRefused("corrupt", "It is damaged: some of its pixels aren't numbers.")
    low, high = float(numbers.min()), float(numbers.max())
    top = 1.0 if numbers.dtype.kind == "f" else 65_535.0
    if low < 0 or high > top:
        numbers, top = np.subtract(numbers, low, dtype=np.float64), (high - low) or 1.0
    grey: UInt8Array = np.rint(np.multiply(numbers, 255 / top, dtype=np.float64)).astype(np.uint8)
    return grey


def _on_paper(pixels: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """Lay a transparent image, grey or RGB, on paper.

    If most of it is opaque, with both light and dark, it contains its own paper, and what lies
    around gets that paper's colour. Else what is opaque is the ink, and the paper is white for dark
    ink and black for light ink.
    """
    if alpha.min() == alpha.max():  # says nothing, not even if a program left all of it at 0
        return pixels
    opaque = alpha > alpha.max() // 2
    values = pixels[opaque]
    values = values[:: max(1, len(values) // ENOUGH_PIXELS)]
    brightness = values if values.ndim == 1 else values @ LUMA
    if opaque.mean() > 0.5 and brightness.std() > 32:
        paper = np.median(values, axis=0).astype(np.uint16)
    else:
        paper = np.uint16(255 if brightness.mean() < 128 else 0)
    opacity = (
        alpha.astype(np.uint16) if pixels.ndim == 2 else alpha.astype(np.uint16)[..., np.newaxis]
    )
    ink = pixels * opacity  # 255 × 255 plus a half for rounding still fits
    return np.asarray((ink + (255 - opacity) * paper + 127) // 255, np.uint8)


def _orientation(image: Any) -> int:
    """Return EXIF's orientation, 1 to 8; 1 if it is missing or makes no sense."""
    if not image.info or image.format == "TIFF":  # Pillow rotates a TIFF by itself
        return 1
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # of any type: broken metadata is no reason to refuse a picture
        return 1
    return value if isinstance(value, int) else 1


def _upright(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Undo an orientation; ignore one that EXIF doesn't define."""
    if orientation in (3, 4, 6, 7):
        pixels = pixels[::-1]
    if orientation in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    return np.ascontiguousarray(pixels)
