"""The most common file, a grey 8-bit PNG with nothing else in it, takes a shortcut here.

Pillow takes six times as long to open a small one as to decode it; OpenCV decodes those. Neither is
as fast as NumPy where all rows are filtered in one way, as OpenCV and many scanners write them.
OpenCV can't be trusted with damaged or unusual files, so the file must have passed
`imageheader.check_header`, and whatever could make a difference is checked first. Any other file
goes through Pillow. See docs/decisions/018-pillow-decodes-images.md.
"""

import struct
import zlib

import numpy as np

from ..base.types import UInt8Array

MOST_BYTES = 16_384
"""Of a picture that OpenCV decodes; for larger ones Pillow isn't much slower."""

SMALL = 4096
"""Pixels that are added up before it is known where the ink is."""

_HEADER = struct.pack(">I", 13) + b"IHDR"
_PLAIN = bytes((8, 0, 0, 0, 0))
"""Eight bits, grey; the one compression and filter method there is; not interlaced."""

_NONE, _SUB, _UP, _LAST_FILTER = 0, 1, 2, 4
"""What each row's first byte says is to be added to it: nothing, the pixel to the left, above, …"""


def decode(data: bytes, most_pixels: int) -> UInt8Array | None:
    """Decode a plain PNG.

    Parameters
    ----------
    data : bytes
        A PNG that `imageheader.check_header` has accepted: its chunks are whole.
    most_pixels : int
        A larger picture isn't decoded here.

    Returns
    -------
    uint8 (H, W) or None
        None if it isn't a plain PNG, or isn't perfectly in order.
    """
    if data[8:16] != _HEADER or data[24:29] != _PLAIN:
        return None
    width, height = struct.unpack_from(">II", data, 16)
    packed = _packed(data) if 0 < width * height <= most_pixels else None
    lines = None if packed is None else _unpacked(packed, width + 1, height)
    if lines is None:
        return None
    filters = lines[:, 0]
    if filters[0] <= _UP and (filters == filters[0]).all():
        return _unfiltered(lines[:, 1:], int(filters[0]))
    if lines.size > MOST_BYTES or filters.max() > _LAST_FILTER:
        return None
    import cv2

    pixels: UInt8Array | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return pixels


def _packed(data: bytes) -> bytes | None:
    """Return the compressed pixels; None if there is any other chunk between header and end."""
    place, parts = 33, []
    while data[place + 4 : place + 8] == b"IDAT":
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        parts.append(data[place + 8 : end - 4])
        place = end
    if data[place + 4 : place + 8] != b"IEND":
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _unpacked(packed: bytes, length: int, height: int) -> UInt8Array | None:
    """Return the rows, each with its filter first: uint8 (H, 1 + W).

    None if they aren't all there is, or if a large picture's are filtered each in its own way.
    """
    expander, count = zlib.decompressobj(), length * height
    try:
        lines = b""
        if count > MOST_BYTES:  # the first rows tell how an encoder goes about it
            lines = expander.decompress(packed, 2 * length)
            if lines[:1] != lines[length : length + 1]:
                return None
            packed = expander.unconsumed_tail
        lines += expander.decompress(packed, count - len(lines) + 1)
    except zlib.error:
        return None
    if not expander.eof or expander.unused_data or len(lines) != count:
        return None
    return np.frombuffer(lines, np.uint8).reshape(height, length)


def _unfiltered(rows: UInt8Array, kind: int) -> UInt8Array:
    """Return the pixels of rows that are all filtered in one way; sums wrap around at 256."""
    import cv2

    if kind == _NONE:
        return np.ascontiguousarray(rows)
    if kind == _UP:
        return rows.cumsum(axis=0, dtype=np.uint8)
    if rows.size <= SMALL:
        return rows.cumsum(axis=1, dtype=np.uint8)
    pixels = np.empty(rows.shape, np.uint8)
    first = rows[:, :1]
    pixels[:] = first
    x, y, width, height = cv2.boundingRect(rows[:, 1:]) if rows.shape[1] > 1 else (0, 0, 0, 0)
    if width:  # around it, each row has one value: most of a drawing
        across, down = slice(x + 1, x + 1 + width), slice(y, y + height)
        part = rows[down, across].cumsum(axis=1, dtype=np.uint8)
        part += first[down]
        pixels[down, across] = part
        pixels[down, across.stop :] = part[:, -1:]
    return pixels
