"""The answers for a batch of files: one row for each, whatever the file was.

Rows are arrays, so that a million of them cost little, and have a form as bytes, so that they can
be kept in a journal or sent from machine to machine. How they are written as a table is `table`'s
part.
"""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .types import DIGITS, SIDE, FloatArray, UInt8Array

STATUSES = (
    "ok",
    "unsure",
    "blank",
    "empty",
    "corrupt",
    "truncated",
    "not_image",
    "too_large",
    "unreadable",
    "decoder_crash",
)
"""What can become of a file; a row's status is a place in this tuple."""

ANSWERED = 2
"""So many statuses come with an answer: ok and unsure."""

READ = 3
"""So many statuses are of files that could be read."""

THUMB = 64
"""Height and width in pixels of a thumbnail."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What was found in N files, in their order.

    Attributes
    ----------
    status : uint8 (N,)
        Places in STATUSES.
    probabilities : float32 (N, 10)
        All zero where there is no answer.
    remarks : mapping of int to str
        What else is to be said of a file, as a sentence: why there is no answer, or how it was
        read.
    images : float32 (N, 28, 28) or None
        What the model saw, where that is wanted.
    thumbs : uint8 (N, 64, 64) or None
        The pictures made small, where that is wanted.
    """

    status: UInt8Array
    probabilities: FloatArray
    remarks: Mapping[int, str] = field(default_factory=dict)
    images: FloatArray | None = None
    thumbs: UInt8Array | None = None

    def __len__(self) -> int:
        return len(self.status)

    @property
    def answered(self) -> np.ndarray:
        """Bool (N,): which files got an answer."""
        return np.asarray(self.status < ANSWERED)

    @property
    def failed(self) -> np.ndarray:
        """Bool (N,): which files couldn't be read."""
        return np.asarray(self.status >= READ)

    @property
    def digits(self) -> UInt8Array:
        """uint8 (N,): the likeliest digits; without a meaning where there is no answer."""
        best: UInt8Array = self.probabilities.argmax(axis=1).astype(np.uint8)
        return best

    def to_bytes(self, *, packed: bool = True) -> bytes:
        """Return the rows as bytes, compressed or not."""
        facts = {
            "count": len(self),
            "remarks": {str(place): remark for place, remark in self.remarks.items()},
            "images": self.images is not None,
            "thumbs": self.thumbs is not None,
            "packed": packed,
        }
        arrays = (self.status, self.probabilities, self.images, self.thumbs)
        head = json.dumps(facts).encode()
        body = b"".join(array.tobytes() for array in arrays if array is not None)
        return struct.pack("<I", len(head)) + head + (zlib.compress(body, 1) if packed else body)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Rows":
        """Read what `to_bytes` returned; raises ValueError where it is something else."""
        try:
            (length,) = struct.unpack_from("<I", data)
            facts = json.loads(data[4 : 4 + length])
            body = memoryview(data)[4 + length :]
            if facts["packed"]:
                body = memoryview(zlib.decompress(body))
            count, remarks = int(facts["count"]), facts["remarks"]
            shapes: list[tuple[type[np.generic], tuple[int, ...]]] = [
                (np.uint8, (count,)),
                (np.float32, (count, len(DIGITS))),
                (np.float32, (count, SIDE, SIDE) if facts["images"] else (0,)),
                (np.uint8, (count, THUMB, THUMB) if facts["thumbs"] else (0,)),
            ]
            arrays, start = [], 0
            for dtype, shape in shapes:
                size = int(np.prod(shape)) * np.dtype(dtype).itemsize
                arrays.append(np.frombuffer(body[start : start + size], dtype).reshape(shape))
                start += size
        except (struct.error, zlib.error, KeyError, TypeError) as error:
            raise ValueError("these bytes are no rows") from error
        return cls(
            arrays[0],
            arrays[1],
            {int(place): str(remark) for place, remark in remarks.items()},
            arrays[2] if facts["images"] else None,
            arrays[3] if facts["thumbs"] else None,
        )

    def take(self, places: Sequence[int]) -> "Rows":
        """Return the rows at some places, in that order."""
        at = np.asarray(places, np.intp)
        chosen = {
            name: getattr(self, name)[at]
            for name in ("status", "probabilities", "images", "thumbs")
            if getattr(self, name) is not None
        }
        remarks = {
            i: self.remarks[place] for i, place in enumerate(places) if place in self.remarks
        }
        return replace(self, remarks=remarks, **chosen)

    def put(self, places: Sequence[int], rows: "Rows") -> "Rows":
        """Return these rows with others in some places."""
        at = np.asarray(places, np.intp)
        remarks = {place: text for place, text in self.remarks.items() if place not in set(places)}
        remarks |= {places[i]: text for i, text in rows.remarks.items()}
        changed = {
            name: _put(getattr(self, name), at, getattr(rows, name))
            for name in ("status", "probabilities", "images", "thumbs")
            if getattr(self, name) is not None
        }
        return replace(self, remarks=dict(sorted(remarks.items())), **changed)


def _put(into: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    copy = into.copy()
    copy[at] = values
    return copy


def empty(count: int, *, images: bool = False, thumbs: bool = False) -> Rows:
    """Return rows that say nothing yet, to be put into."""
    return Rows(
        np.zeros(count, np.uint8),
        np.zeros((count, len(DIGITS)), np.float32),
        images=np.zeros((count, SIDE, SIDE), np.float32) if images else None,
        thumbs=np.zeros((count, THUMB, THUMB), np.uint8) if thumbs else None,
    )
