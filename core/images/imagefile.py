"""From a file's bytes to one grey image, upright, or to the reason why there is none.

The only road from a file to pixels, safe on several threads at once. What the pixels show is no
concern of this module: paper and ink, cropping and size are `preprocess`'s.

Pillow decodes, except for the plainest of PNGs; see `plainpng`. OpenCV's libraries write about
damaged files on the process's stderr, and it drops some kinds of transparency.
"""

import contextlib
import ctypes
import functools
import io
import logging
import os
import stat
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.problems import ImageRefused
from ..base.types import UInt8Array, read_only
from . import imageheader, plainpng

if TYPE_CHECKING:
    from types import ModuleType

LONG_SIDE, KEPT_SIDE = 2400, 600
"""A JPEG whose longer side has LONG_SIDE pixels or more is decoded at a half, a quarter or an
eighth, while KEPT_SIDE are left: `preprocess` needs no more, and a photo takes a third of the time.
"""

ENOUGH_PIXELS = 1_000_000
"""To tell what brightness the ink has."""

_ORIENTATION = 0x0112
"""EXIF's tag: 1 is upright, 2 to 8 are the other ways to hold a camera or a mirror."""


@dataclass(frozen=True)
class Limits:
    """How large a file may be; both are checked before anything is decoded."""

    most_bytes: int = 32 * 2**20
    most_pixels: int = 50_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class GreyImage:
    """An image as it was read.

    Attributes
    ----------
    pixels : uint8 (H, W)
        0 is black. Read-only. A large JPEG's are fewer than the file's.
    notice : str
        What the user should know of how it was read, as a sentence; mostly empty.
    """

    pixels: UInt8Array
    notice: str = ""


def read_image(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> GreyImage:
    """Read an image file.

    Parameters
    ----------
    path : str or path-like
    limits : Limits, optional

    Raises
    ------
    ImageRefused
        As `decode_image`; and `unreadable` for what can't be opened or is no regular file. A pipe
        without a writer doesn't hold up the work.
    """
    # O_NONBLOCK is for the pipe; Windows has no such flag, and needs O_BINARY
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
        try:
            facts = os.fstat(number)
            if not stat.S_ISREG(facts.st_mode):
                raise ImageRefused("unreadable", "It is no regular file.")
            _check_length(facts.st_size, limits)
            data = os.read(number, facts.st_size)
        finally:
            os.close(number)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageRefused("unreadable", f"It can't be read: {reason}.") from error
    return decode_image(data, limits)


def decode_image(data: bytes, limits: Limits = DEFAULT_LIMITS) -> GreyImage:
    """Decode an image file's bytes: the first picture in it, grey and upright.

    Transparent pictures are laid on paper that their ink stands out from.

    Parameters
    ----------
    data : bytes
        The whole file: PNG, JPEG, GIF, BMP, TIFF, WebP, PBM, PGM or PPM.
    limits : Limits, optional

    Raises
    ------
    ImageRefused
        `empty`, `not_image`, `too_large`, `truncated` or `corrupt`.
    """
    _check_length(len(data), limits)
    kind = imageheader.check_header(data, limits.most_pixels)
    if kind == "PNG" and limits.most_pixels >= plainpng.MOST_BYTES:
        plain = plainpng.decode_plain(data)
        if plain is not None:
            return GreyImage(read_only(plain))
    pillow = _pillow()
    try:
        with pillow.open(io.BytesIO(data), formats=[kind]) as image:
            width, height = image.size
            if width * height > limits.most_pixels:
                raise imageheader.too_large(width, height, limits.most_pixels)
            # a phone's JPEG may hold a preview besides; that isn't worth a notice
            several = kind != "JPEG" and getattr(image, "is_animated", False)
            if kind == "JPEG":
                _reduce(image)
            elif kind == "TIFF":
                _check_strips(image, len(data))
            pixels = from_pillow(image)
    except ImageRefused:
        raise
    except (pillow.DecompressionBombError, MemoryError) as error:
        raise ImageRefused("too_large", "It is too large to decode.") from error
    except Exception as error:  # of any type: Pillow's readers trust what they read
        if any(words in str(error).lower() for words in ("truncated", "not enough image data")):
            raise imageheader.cut_short() from error
        raise ImageRefused("corrupt", "It is damaged: it can't be decoded.") from error
    notice = "It holds several pictures; the first was read." if several else ""
    return GreyImage(read_only(pixels), notice)


def from_pillow(image: Any) -> UInt8Array:
    """Return an image that Pillow has opened or made: grey and upright, as `decode` gives it.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    uint8 (H, W)

    Raises
    ------
    ImageRefused
        `corrupt`, where some of its pixels are no numbers.
    OSError
        When its file can't be read to the end.
    """
    image.load()
    return _upright(_grey(image), _orientation(image))


def _check_length(count: int, limits: Limits) -> None:
    if not count:
        raise ImageRefused("empty", "It is empty.")
    if count > limits.most_bytes:
        raise ImageRefused(
            "too_large",
            f"It is too large: {count:,} bytes, where at most {limits.most_bytes:,} are read.",
        )


@functools.cache
def _pillow() -> "ModuleType":
    """Return PIL.Image with its readers imported and silenced; what is wrong is raised anyway."""
    from PIL import Image, TiffImagePlugin, WebPImagePlugin, _imaging  # noqa: F401 - they register

    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    # libtiff writes on stderr by itself, unless its handler is taken away, for which Pillow has
    # no function; where the library can't be reached, a damaged TIFF's message is only unsightly
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)
    Image.preinit()
    return Image


def _reduce(image: Any) -> None:
    """Let a JPEG be decoded as grey, and a large one at a fraction of its size."""
    longest = max(image.size)
    factor = 1
    while longest >= LONG_SIDE and factor < 8 and longest // (factor * 2) >= KEPT_SIDE:
        factor *= 2
    image.draft("L", tuple(max(side // factor, 1) for side in image.size))


def _check_strips(image: Any, length: int) -> None:
    """Refuse a TIFF whose strips or tiles lie beyond the file's end."""
    for offsets, counts in ((273, 279), (324, 325)):
        pairs = zip(image.tag_v2.get(offsets, ()), image.tag_v2.get(counts, ()), strict=False)
        if any(offset + count > length for offset, count in pairs):
            raise imageheader.cut_short()


def _grey(image: Any) -> UInt8Array:
    """Return a decoded image of any mode as uint8 (H, W)."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_numbers(np.asarray(image))
    if image.has_transparency_data:
        full = image.convert("RGBA")
        return _on_paper(np.asarray(full.convert("L")), np.asarray(full.getchannel("A")))
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = image.point(lambda value: 255 - value)  # Pillow takes every one for Adobe's
    if image.mode not in ("L", "1", "P", "RGB"):
        image = image.convert("RGB")
    grey: UInt8Array = np.asarray(image if image.mode == "L" else image.convert("L"))
    return grey


def _from_numbers(numbers: np.ndarray) -> UInt8Array:
    """Bring 16-bit, 32-bit and floating-point pixels to 0..255."""
    if not np.isfinite(numbers).all():
        raise ImageRefused("corrupt", "It is damaged: some of its pixels are no numbers.")
    low, high = float(numbers.min()), float(numbers.max())
    top = 1.0 if numbers.dtype.kind == "f" else 65_535.0
    if low < 0 or high > top:
        numbers, top = np.subtract(numbers, low, dtype=np.float64), (high - low) or 1.0
    grey: UInt8Array = np.rint(np.multiply(numbers, 255 / top, dtype=np.float64)).astype(np.uint8)
    return grey


def _on_paper(colour: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """Lay a transparent image on paper.

    Where most of it is opaque and has light and dark, it brings paper of its own, and what lies
    around gets that paper's brightness. Else what is opaque is the ink, and the paper is white
    for dark ink and black for light ink.
    """
    if alpha.min() == alpha.max():  # says nothing; also where a program left all of it at 0
        return colour
    opaque = alpha > alpha.max() // 2
    values = colour[opaque]
    values = values[:: max(1, len(values) // ENOUGH_PIXELS)]
    if opaque.mean() > 0.5 and values.std() > 32:
        paper = int(np.median(values))
    else:
        paper = 255 if values.mean() < 128 else 0
    ink = colour.astype(np.uint16) * alpha  # 255 × 255 and a rounding half still fit
    mixed = ink + (255 - alpha).astype(np.uint16) * np.uint16(paper)
    return ((mixed + 127) // 255).astype(np.uint8)


def _orientation(image: Any) -> int:
    """Return EXIF's orientation, 1 to 8; 1 where there is none or it makes no sense."""
    if not image.info or image.format == "TIFF":  # Pillow turns a TIFF by itself
        return 1
    try:
        value = image.getexif().get(_ORIENTATION)
    except Exception:  # of any type; a broken comment is no reason to refuse a picture
        return 1
    return value if isinstance(value, int) else 1


def _upright(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Undo an orientation; one that EXIF doesn't know is left as it is."""
    if orientation in (3, 4, 6, 7):
        pixels = pixels[::-1]
    if orientation in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if orientation in (5, 6, 7, 8):
        pixels = pixels.T
    return np.ascontiguousarray(pixels)
