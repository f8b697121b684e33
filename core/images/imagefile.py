"""From a file's bytes to one grey image, upright, or to the reason why there is none.

The only road from a file to pixels, safe on several threads at once. What the pixels show is for
others: `page` cuts the sheet of paper out and makes grey of colour, paper and ink, cropping and
size are `preprocess`'s.

Pillow decodes, except for the plainest of PNGs; see `plain_png`. OpenCV's libraries write about
damaged files on the process's stderr, and it drops some kinds of transparency.
See docs/decisions/018-pillow-decodes-images.md.
"""

import contextlib
import ctypes
import functools
import importlib
import io
import logging
import os
import stat
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.problems import ImageRefused
from ..base.types import UInt8Array, read_only
from . import imageheader, pdf, plain_png
from .look import LOOK
from .page import to_page
from .pixels import from_pillow
from .seen import is_large_enough

if TYPE_CHECKING:
    from types import ModuleType

LONG_SIDE, KEPT_SIDE, FULL_SIDE = 2400, 600, 3000
"""A JPEG whose longer side has LONG_SIDE pixels or more is decoded at a half, a quarter or an
eighth of its size, as long as KEPT_SIDE pixels remain: mostly, `preprocess` needs no more, and a
photo takes a third of the time. Where nothing or little is seen on that, it is decoded once more,
with FULL_SIDE pixels at least.
"""

FINE_SIDE = 2000
"""The same where there may be many numbers on a page."""


_OPTIONAL = {"AVIF": ("AvifImagePlugin", "avif"), "JPEG2000": ("Jpeg2KImagePlugin", "jpg_2000")}
"""Formats that Pillow may have been built without: the reader's module and the feature's name."""


@dataclass(frozen=True)
class Limits:
    """How large a file may be; both limits are checked before anything is decoded."""

    most_bytes: int = 32 * 2**20
    most_pixels: int = 50_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class GreyImage:
    """An image as it was read.

    Attributes
    ----------
    pixels : uint8 (H, W)
        0 is black. Read-only. Where the picture shows a sheet on a table, the sheet alone. A large
        JPEG's are fewer than the file's.
    notice : str
        What the user should know of how it was read, as a sentence; mostly empty.
    """

    pixels: UInt8Array
    notice: str = ""


def read_image(
    path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS, *, fine: bool = False
) -> GreyImage:
    """Read an image file.

    Parameters
    ----------
    path : str or path-like
    limits : Limits, optional
    fine : bool
        As for `decode_image`.

    Raises
    ------
    ImageRefused
        As for `decode_image` and `read_bytes`.
    """
    return decode_image(read_bytes(path, limits), limits, fine=fine)


def read_bytes(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    ImageRefused
        `empty` or `too_large`; `unreadable` if the path can't be opened or isn't a regular file. A
        pipe without a writer doesn't block.
    """
    # O_NONBLOCK is for the pipe; Windows has no such flag, and needs O_BINARY
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
        try:
            facts = os.fstat(number)
            if not stat.S_ISREG(facts.st_mode):
                raise ImageRefused("unreadable", "It isn't a regular file.")
            _check_length(facts.st_size, limits)
            return os.read(number, facts.st_size)
        finally:
            os.close(number)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageRefused("unreadable", f"It can't be read: {reason}.") from error


def decode_image(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    number: int | None = None,
    *,
    fine: bool = False,
) -> GreyImage:
    """Decode an image file's bytes: the first picture in it, grey and upright.

    A transparent picture is laid on paper that contrasts with its ink.

    Parameters
    ----------
    data : bytes
        The whole file: one of `imageheader.KINDS`.
    limits : Limits, optional
    number : int, optional
        The page of a PDF, counted from 1; by default the first, with a notice of others.
    fine : bool
        Whether a large picture keeps its resolution, because there may be much on it.

    Raises
    ------
    ImageRefused
        `empty`, `not_image`, `too_large`, `truncated` or `corrupt`.
    """
    _check_length(len(data), limits)
    kind = imageheader.check_header(data, limits.most_pixels)
    if kind == "PNG":
        plain = plain_png.decode(data, limits.most_pixels)
        if plain is not None:
            return GreyImage(read_only(to_page(plain, many=fine)))
    if kind == "PDF":
        picture = pdf.draw_page(data, number or 1, limits.most_pixels)
        several = number is None and pdf.count_pages(data) > 1
        page = to_page(from_pillow(picture), many=fine)
    else:
        page, several = _decode_with_pillow(data, kind, limits, fine)
    notice = "It holds several pictures; only the first was read." if several else ""
    return GreyImage(read_only(page), notice)


def _decode_with_pillow(
    data: bytes, kind: str, limits: Limits, fine: bool
) -> tuple[UInt8Array, bool]:
    """Return the first picture, and whether there are others."""
    pillow = _pillow()
    _load_reader(kind)
    try:
        with pillow.open(io.BytesIO(data), formats=[kind]) as image:
            width, height = image.size
            if width * height > limits.most_pixels:
                raise imageheader.too_large(width, height, limits.most_pixels)
            # a phone's photo may hold a preview besides; that isn't worth a notice
            several = kind not in ("JPEG", "HEIF") and getattr(image, "is_animated", False)
            if kind == "TIFF":
                _check_strips(image, len(data))
            reduced = kind == "JPEG" and _reduce(image, FINE_SIDE if fine else KEPT_SIDE)
            page = to_page(from_pillow(image), many=fine)
        if reduced and not fine and not is_large_enough(page):
            with pillow.open(io.BytesIO(data), formats=[kind]) as image:
                _reduce(image, FULL_SIDE)
                page = to_page(from_pillow(image))
        return page, several
    except ImageRefused:
        raise
    except (pillow.DecompressionBombError, MemoryError) as error:
        raise ImageRefused("too_large", "It is too large to decode.") from error
    except Exception as error:  # of any type: Pillow's readers trust what they read
        if any(words in str(error).lower() for words in ("truncated", "not enough image data")):
            raise imageheader.cut_short() from error
        raise ImageRefused("corrupt", "It is damaged: it can't be decoded.") from error


def _check_length(count: int, limits: Limits) -> None:
    if not count:
        raise ImageRefused("empty", "It is empty.")
    if count > limits.most_bytes:
        raise ImageRefused(
            "too_large",
            f"It is too large: {count:,} bytes; the limit is {limits.most_bytes:,}.",
        )


@functools.cache
def _pillow() -> "ModuleType":
    """Return PIL.Image with its readers imported and silenced; they raise what matters."""
    from PIL import Image, TiffImagePlugin, WebPImagePlugin, _imaging  # noqa: F401 - they register

    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    # libtiff writes to stderr unless its handler is removed, which Pillow has no function for; if
    # the library can't be reached, a damaged TIFF's message is only unsightly
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)
    Image.preinit()
    return Image


@functools.cache
def _load_reader(kind: str) -> None:
    """Register a kind that Pillow doesn't read by default; raises ImageRefused."""
    try:
        if kind == "HEIF":
            import pillow_heif

            pillow_heif.register_heif_opener()
        elif kind in _OPTIONAL:
            from PIL import features

            importlib.import_module(f"PIL.{_OPTIONAL[kind][0]}")
            if not features.check(_OPTIONAL[kind][1]):
                raise ImportError(kind)
    except ImportError as error:
        mend = (
            "It is a HEIC photo; to read it, pip install 'inkhook[heic]'."
            if kind == "HEIF"
            else f"It is {kind}, which this build of Pillow can't read; convert it to PNG."
        )
        raise ImageRefused("not_image", mend) from error


def _reduce(image: Any, kept: int) -> bool:
    """Let a large JPEG be decoded at a fraction of its size, and a small one as grey.

    Returns whether at a fraction; at least `kept` pixels remain of the longer side.
    """
    longest = max(image.size)
    factor = 1
    while longest >= LONG_SIDE and factor < 8 and longest // (factor * 2) >= kept:
        factor *= 2
    mode = "L" if longest <= LOOK else None
    image.draft(mode, tuple(max(side // factor, 1) for side in image.size))
    return factor > 1


def _check_strips(image: Any, length: int) -> None:
    """Refuse a TIFF whose strips or tiles lie beyond the file's end."""
    for offsets, counts in ((273, 279), (324, 325)):
        pairs = zip(image.tag_v2.get(offsets, ()), image.tag_v2.get(counts, ()), strict=False)
        if any(offset + count > length for offset, count in pairs):
            raise imageheader.cut_short()
