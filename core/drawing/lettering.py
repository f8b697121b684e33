"""Text and rounded shapes on an image, antialiased and cached.

Text is drawn in OpenCV's built-in typeface (Rubik) at four times the size and then reduced, because
its spacing is rounded to whole pixels, which shows in small text.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from ..base.types import UInt8Array

Colour = tuple[int, int, int]
"""Blue, green, red, as OpenCV has them."""

REGULAR, BOLD = 400, 600
_FINE = 4


@lru_cache(maxsize=1)
def _typeface() -> Any:
    import cv2

    return cv2.FontFace("sans")


@lru_cache(maxsize=1024)
def mask_of(text: str, size: int, weight: int = REGULAR) -> tuple[UInt8Array, int]:
    """Draw a line of text.

    Parameters
    ----------
    text : str
    size : int
        In pixels; capitals and digits are 0.7 of this high.
    weight : int
        REGULAR or BOLD.

    Returns
    -------
    uint8 (H, W)
        How much of each pixel the text covers; as wide as the text.
    int
        The row of the baseline.
    """
    import cv2

    if not text:
        return np.zeros((1, 1), np.uint8), 0
    fine = _FINE if size < 60 else 2
    box = cv2.getTextSize((0, 0), text, (0, 0), _typeface(), size * fine, weight)
    width, above, below = int(box[2]) // fine + 2, int(size * 1.1), int(size * 0.35)
    large = np.zeros(((above + below) * fine, width * fine), np.uint8)
    # the wrapping range is so wide that nothing is ever wrapped
    cv2.putText(
        large,
        text,
        (fine, above * fine),
        (255,),
        _typeface(),
        size * fine,
        weight,
        0,
        (0, 1 << 20),
    )
    small = cv2.resize(large, (width, above + below), interpolation=cv2.INTER_AREA)
    return np.asarray(small), above


@lru_cache(maxsize=1024)
def _stamp(text: str, size: int, weight: int, colour: Colour, ground: Colour) -> UInt8Array:
    """Return a line of text in its colours: uint8 (H, W, 3)."""
    mask, _ = mask_of(text, size, weight)
    image: UInt8Array = np.empty((*mask.shape, 3), np.uint8)
    image[:] = ground
    blend(image, mask, 0, 0, colour)
    return image


def width_of(text: str, size: int, weight: int = REGULAR) -> int:
    """Return the width of a line of text in pixels."""
    return int(mask_of(text, size, weight)[0].shape[1])


def draw_text(
    image: UInt8Array,
    text: str,
    x: int,
    y: int,
    size: int,
    colour: Colour,
    *,
    weight: int = REGULAR,
    align: float = 0.0,
    ground: Colour | None = None,
) -> int:
    """Draw a line of text on an image.

    Parameters
    ----------
    image : uint8 (H, W, 3)
    text : str
    x, y : int
        Where the baseline begins; its middle with `align` 0.5, its end with 1.
    size : int
        Pixels.
    colour : (int, int, int)
        Blue, green, red.
    weight : int
    align : float
    ground : (int, int, int), optional
        The colour of the background, if it is uniform; this is many times as fast.

    Returns
    -------
    int
        The x after the text.
    """
    mask, baseline = mask_of(text, size, weight)
    left, top = x - round(align * mask.shape[1]), y - baseline
    if ground is None:
        blend(image, mask, left, top, colour)
    else:
        stamp = _stamp(text, size, weight, colour, ground)
        inside, part = _overlap(image, mask.shape, left, top)
        image[inside] = stamp[part]
    return int(left + mask.shape[1])


def shorten(text: str, size: int, width: int) -> str:
    """Shorten a text that is wider than `width` pixels, in the middle, where paths say least."""
    if width_of(text, size) <= width:
        return text
    keep = len(text)
    while keep > 2 and width_of(short := _shortened(text, keep), size) > width:
        keep = min(keep - 1, int(keep * width / width_of(short, size)))
    return _shortened(text, keep)


def _shortened(text: str, keep: int) -> str:
    head = keep * 2 // 3
    return f"{text[:head].rstrip()} … {text[len(text) - (keep - head) :].lstrip()}"


def blend(image: UInt8Array, mask: UInt8Array, x: int, y: int, colour: Colour) -> None:
    """Blend a colour into an image through a mask, uint8 (H, W), clipped at the edges."""
    inside, part = _overlap(image, mask.shape, x, y)
    cover = mask[part][..., np.newaxis].astype(np.int32)
    window = image[inside]
    mixed = window + (np.array(colour, np.int32) - window) * cover // 255
    window[:] = mixed.astype(np.uint8)


def _overlap(
    image: UInt8Array, shape: tuple[int, ...], x: int, y: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return where a piece of this shape at (x, y) overlaps the image, in both their indices."""
    height, width = image.shape[:2]
    top, bottom = max(y, 0), max(min(y + shape[0], height), 0)
    left, right = max(x, 0), max(min(x + shape[1], width), 0)
    return (
        (slice(top, bottom), slice(left, right)),
        (slice(top - y, bottom - y), slice(left - x, right - x)),
    )


@lru_cache(maxsize=512)
def rounded(width: int, height: int, radius: int) -> UInt8Array:
    """Return the mask of a rectangle with round corners: uint8 (height, width)."""
    radius = min(radius, width // 2, height // 2)
    y = np.abs(np.arange(height, dtype=np.float32) - (height - 1) / 2)[:, np.newaxis]
    x = np.abs(np.arange(width, dtype=np.float32) - (width - 1) / 2)
    away = np.hypot(
        np.maximum(x - (width / 2 - radius), 0),
        np.maximum(y - (height / 2 - radius), 0),
    )
    return np.asarray((np.clip(radius + 0.5 - away, 0, 1) * 255).astype(np.uint8))


def fill(
    image: UInt8Array,
    x: int,
    y: int,
    width: int,
    height: int,
    colour: Colour,
    radius: int = 0,
) -> None:
    """Fill a rectangle with round corners."""
    if width > 0 and height > 0:
        blend(image, rounded(width, height, radius), x, y, colour)
