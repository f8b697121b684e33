"""Records in a file, each with its kind, its length and a checksum.

The checksum reveals a record that a kill left half-written or a disk damaged. What the kinds mean
is up to the modules that write them: `journal` and `shards`.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

_FRAME = struct.Struct("<cII")
"""A record's kind, its length, and the checksum of the kind with what follows."""


def pack_record(kind: bytes, payload: bytes) -> bytes:
    """Return a record; the kind is one byte."""
    return _FRAME.pack(kind, len(payload), zlib.crc32(kind + payload)) + payload


def read_records(file: IO[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the offset, kind and payload of each record, up to the first broken one."""
    while True:
        place = file.tell()
        frame = file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            return
        kind, length, checksum = _FRAME.unpack(frame)
        payload = file.read(length)
        if len(payload) < length or zlib.crc32(kind + payload) != checksum:
            return
        yield place, kind, payload


def end_of(place: int, payload: bytes) -> int:
    """Return the offset at which the record at `place` ends."""
    return place + _FRAME.size + len(payload)
