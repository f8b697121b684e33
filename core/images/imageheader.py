"""The kind of an image file, and whether the file is complete.

The kind is detected from the first bytes, never from the name. These are the checks that the
decoder in `imagefile` leaves out or makes too late.
"""

import struct
import zlib
from collections.abc import Callable

from ..base.problems import ImageRefused

KINDS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000", "HEIF", "PDF")
"""The supported kinds, by the decoder's names; PPM stands for PBM, PGM and PPM, plain and raw. The
last two need a library that may be missing."""

UNREAD = {
    "SVG": "It is an SVG drawing, which isn't made of pixels; export it as PNG.",
    "JXL": "It is a JPEG XL image; convert it to PNG.",
}
"""Kinds that are recognised but not read: what to tell the user."""

LONGEST_SIGNATURE = 1024
"""How many of the first bytes are searched; a PDF's or an SVG's signature may come later."""

MOST_CHUNKS = 65_536
"""In a PNG; chunks of the usual 8 KiB make 4,096 in a file of 32 MiB."""

MOST_SCANS = 250
"""In a JPEG; progressive ones have about ten. Every scan covers the whole picture, so a small file
with thousands of empty scans would take minutes."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"\xff\x0a", "JXL"),
    (b"\0\0\0\x0cJXL ", "JXL"),
)

_BRANDS = (
    ("AVIF", (b"avif", b"avis")),
    ("HEIF", (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")),
)
"""The brands of ISO base media files (ISO/IEC 23008-12, annex B)."""


def check_header(data: bytes, most_pixels: int) -> str:
    """Return the kind of an image file, after the checks for that kind.

    Parameters
    ----------
    data : bytes
        The whole file.
    most_pixels : int
        Used only for kinds whose decoder allocates the picture when it opens a file.

    Returns
    -------
    str
        One of KINDS.

    Raises
    ------
    ImageRefused
        `not_image`, `truncated`, `corrupt` or `too_large`.
    """
    kind = _kind(data)
    if kind is None:
        names = "PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF, JPEG 2000, PBM, PGM or PPM"
        raise ImageRefused("not_image", f"It isn't a {names} image.")
    if kind in UNREAD:
        raise ImageRefused("not_image", UNREAD[kind])
    if kind == "WEBP":
        _check_webp(data, most_pixels)
    elif kind in _CHECKS:
        _CHECKS[kind](data)
    return kind


def looks_like_image(path: str) -> bool:
    """Tell whether a file begins as an image does; False also where it can't be read."""
    try:
        with open(path, "rb") as file:
            return _kind(file.read(LONGEST_SIGNATURE)) is not None
    except OSError:
        return False


def too_large(width: int, height: int, most_pixels: int) -> ImageRefused:
    """Return the error for a picture with too many pixels."""
    return ImageRefused(
        "too_large",
        f"It is too large: {width}×{height} pixels; the limit is {most_pixels:,}.",
    )


def cut_short() -> ImageRefused:
    """Return the error for a file that ends too early."""
    return ImageRefused("truncated", "It is cut short.")


def _kind(data: bytes) -> str | None:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3].isspace():
        return "PPM"
    if data[4:8] == b"ftyp":
        size = min(int.from_bytes(data[:4], "big"), LONGEST_SIGNATURE)
        brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
        return next((kind for kind, known in _BRANDS if set(brands) & set(known)), None)
    start = data[:LONGEST_SIGNATURE]
    if b"%PDF-" in start and b"obj" in data:
        return "PDF"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "SVG" if text.startswith(b"<") and b"<svg" in text else None


def _check_png(data: bytes) -> None:
    """Walk the chunks up to IEND: each must be whole and undamaged."""
    view, place = memoryview(data), 8
    for _ in range(MOST_CHUNKS):
        size, name = int.from_bytes(view[place : place + 4], "big"), data[place + 4 : place + 8]
        end = place + 12 + size
        if end > len(data):
            raise cut_short()
        expected = int.from_bytes(view[end - 4 : end], "big")
        if zlib.crc32(view[place + 4 : end - 4]) != expected:
            raise ImageRefused("corrupt", f"It is damaged: the checksum of {name!r} is wrong.")
        if name == b"IEND":
            return
        place = end
    raise ImageRefused("corrupt", f"It is damaged: it has more than {MOST_CHUNKS:,} chunks.")


def _check_jpeg(data: bytes) -> None:
    if data.count(b"\xff\xda") > MOST_SCANS:  # inside a scan, 0xff is always followed by 0
        raise ImageRefused("corrupt", f"It is damaged: it has more than {MOST_SCANS} scans.")


def _check_tiff(data: bytes) -> None:
    """Check that the directory is there; writers often put it at the end."""
    order = "<" if data[:1] == b"I" else ">"
    try:
        (place,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, place)
    except struct.error as error:
        raise cut_short() from error
    if place + 2 + 12 * count > len(data):
        raise cut_short()


def _check_webp(data: bytes, most_pixels: int) -> None:
    """Check the file's length, and the canvas size that its first chunk states."""
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise cut_short()
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    if width * height > most_pixels:
        raise too_large(width, height, most_pixels)


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "PNG": _check_png,
    "JPEG": _check_jpeg,
    "TIFF": _check_tiff,
}
