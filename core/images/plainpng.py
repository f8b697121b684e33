"""A shortcut for the most common file: a small grey 8-bit PNG with nothing else in it.

Pillow takes six times as long to open such a file as to decode it. Here OpenCV decodes it instead.
OpenCV can't be trusted with damaged or unusual files, so the file must have passed
`imageheader.check_header`, and whatever could make a difference is checked first. Any other file
goes through Pillow.
"""

import struct
import zlib

import numpy as np

from ..base.types import UInt8Array

MOST_BYTES = 16_384
"""Of the picture; for larger ones Pillow isn't much slower."""

_HEADER = struct.pack(">I", 13) + b"IHDR"
_PLAIN = bytes((8, 0, 0, 0, 0))
"""Eight bits, grey; the one compression and filter method there is; not interlaced."""

_LAST_FILTER = 4


def decode_plain(data: bytes) -> UInt8Array | None:
    """Decode a plain PNG.

    Parameters
    ----------
    data : bytes
        A PNG that `imageheader.check_header` has accepted: its chunks are whole.

    Returns
    -------
    uint8 (H, W) or None
        None if it isn't a plain PNG, or isn't perfectly in order.
    """
    if data[8:16] != _HEADER or data[24:29] != _PLAIN or data[37:41] != b"IDAT":
        return None
    width, height, size = *struct.unpack_from(">II", data, 16), *struct.unpack_from(">I", data, 33)
    if data[49 + size : 53 + size] != b"IEND" or not 0 < (width + 1) * height <= MOST_BYTES:
        return None
    expander, count = zlib.decompressobj(), (width + 1) * height
    try:
        lines = expander.decompress(data[41 : 41 + size], count + 1)
    except zlib.error:
        return None
    in_order = expander.eof and not expander.unused_data and len(lines) == count
    if not in_order or max(lines[:: width + 1]) > _LAST_FILTER:
        return None
    import cv2

    pixels: UInt8Array | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return pixels
