"""The answers for a batch of files: one row for each, whatever the file was.

Rows are arrays, so that a million of them cost little. They can be converted to bytes, to be kept
in a journal or sent to another machine. `table` writes them as tables.
"""

import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np

from ..base.types import DIGITS, SIDE, FloatArray, UInt8Array
from ..images.preprocess import scale
from ..numbers.number import Numbers
from . import packed_numbers

T = TypeVar("T")


class Status(IntEnum):
    """What can happen to a file.

    The numbers are stored in journals and sent between machines: a number never changes and is
    never reused. The order is that in which the user sees the counts.
    """

    OK = 0
    UNSURE = 1
    BLANK = 2
    SEVERAL = 10
    NO_NUMBER = 11
    EMPTY = 3
    CORRUPT = 4
    TRUNCATED = 5
    NOT_IMAGE = 6
    TOO_LARGE = 7
    UNREADABLE = 8
    DECODER_CRASH = 9

    @property
    def word(self) -> str:
        """The status as in tables, such as "too_large"."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Status":
        """Return the status for a word; raises KeyError."""
        return cls[word.upper()]

    @property
    def answered(self) -> bool:
        """Whether there is a digit or a number."""
        return self in (Status.OK, Status.UNSURE)

    @property
    def failed(self) -> bool:
        """Whether the file couldn't be read."""
        return not self.answered and self not in _WITHOUT


_WITHOUT = (Status.BLANK, Status.SEVERAL, Status.NO_NUMBER)
"""What can be read, but has no answer."""

WORDS = {int(status): status.word for status in Status}
"""The word for each number."""

_ANSWERED, _FAILED, _KNOWN = np.zeros((3, 256), bool)
for _status in Status:
    _KNOWN[_status] = True
    _ANSWERED[_status], _FAILED[_status] = _status.answered, _status.failed

BATCH = 256
"""How many files' rows are stored, passed to plugins and written at a time."""

ARRAYS = ("status", "probabilities", "pixels", "peaks", "thumbs")
"""The attributes of Rows with an entry for each file, in the order of their bytes."""

THUMB = 64
"""Height and width in pixels of a thumbnail."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What was found in N files, in order.

    Attributes
    ----------
    status : uint8 (N,)
        Numbers of Status.
    probabilities : float32 (N, 10)
        All zero if there is no answer.
    remarks : mapping of int to str
        A sentence about a file, by its number: why there is no answer, or how it was read.
    pixels : uint8 (N, 28, 28) or None
        What the model saw, if wanted, in the form that `preprocess.scale` takes: a quarter of the
        bytes to send and keep.
    peaks : uint8 (N,) or None
        The value of full ink in each of them.
    thumbs : uint8 (N, 64, 64) or None
        Thumbnails of the pictures, if wanted.
    numbers : mapping of int to Numbers
        Where numbers are read: those of each file that could be read, without its path and remark;
        `numbers_of` gives these, too.
    """

    status: UInt8Array
    probabilities: FloatArray
    remarks: Mapping[int, str] = field(default_factory=dict)
    pixels: UInt8Array | None = None
    peaks: UInt8Array | None = None
    thumbs: UInt8Array | None = None
    numbers: Mapping[int, Numbers] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def answered(self) -> np.ndarray:
        """Bool (N,): which files have an answer."""
        return np.asarray(_ANSWERED[self.status])

    @property
    def failed(self) -> np.ndarray:
        """Bool (N,): which files couldn't be read."""
        return np.asarray(_FAILED[self.status])

    @property
    def images(self) -> FloatArray:
        """float32 (N, 28, 28): what the model saw; raises ValueError if it wasn't kept."""
        if self.pixels is None or self.peaks is None:
            raise ValueError("these rows were made without images")
        return scale(self.pixels, self.peaks)

    @property
    def digits(self) -> UInt8Array:
        """uint8 (N,): the most likely digits; meaningless if there is no answer."""
        best: UInt8Array = self.probabilities.argmax(axis=1).astype(np.uint8)
        return best

    def numbers_of(self, place: int, path: str) -> Numbers:
        """Return what was read in one file, which has a path."""
        found = self.numbers.get(place) or Numbers(Status(self.status[place]).word)
        return replace(found, path=path, remark=self.remarks.get(place, ""))

    def to_bytes(self, *, packed: bool = True) -> bytes:
        """Return the rows as bytes, compressed or not."""
        facts: dict[str, Any] = {
            "count": len(self),
            "remarks": {str(place): remark for place, remark in self.remarks.items()},
            "pixels": self.pixels is not None,
            "thumbs": self.thumbs is not None,
            "packed": packed,
        }
        arrays = (getattr(self, name) for name in ARRAYS)
        body = [np.ascontiguousarray(array).data for array in arrays if array is not None]
        if self.numbers:
            facts["numbers"], more = packed_numbers.pack(self.numbers)
            body += more
        head = json.dumps(facts).encode()
        parts = [zlib.compress(b"".join(body), 1)] if packed else body
        return b"".join([struct.pack("<I", len(head)), head, *parts])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Rows":
        """Read what `to_bytes` returned; raises ValueError for anything else."""
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
                (np.uint8, (count, SIDE, SIDE) if facts["pixels"] else (0,)),
                (np.uint8, (count,) if facts["pixels"] else (0,)),
                (np.uint8, (count, THUMB, THUMB) if facts["thumbs"] else (0,)),
            ]
            arrays, start = [], 0
            for dtype, shape in shapes:
                size = math.prod(shape) * np.dtype(dtype).itemsize
                arrays.append(np.frombuffer(body[start : start + size], dtype).reshape(shape))
                start += size
            numbers = packed_numbers.unpack(facts.get("numbers", []), body[start:])
            if not _KNOWN[arrays[0]].all():
                raise ValueError("a status isn't known")
            if facts["pixels"] and not arrays[3].all():
                raise ValueError("an image's full ink is 0")
        except (struct.error, zlib.error, KeyError, TypeError) as error:
            raise ValueError("these bytes aren't rows") from error
        return cls(
            arrays[0],
            arrays[1],
            {int(place): str(remark) for place, remark in remarks.items()},
            arrays[2] if facts["pixels"] else None,
            arrays[3] if facts["pixels"] else None,
            arrays[4] if facts["thumbs"] else None,
            numbers,
        )

    def take(self, places: Sequence[int]) -> "Rows":
        """Return the rows at the given places, in that order."""
        at = np.asarray(places, np.intp)
        chosen = {
            name: getattr(self, name)[at] for name in ARRAYS if getattr(self, name) is not None
        }
        return replace(
            self,
            remarks=_take_known(self.remarks, places),
            numbers=_take_known(self.numbers, places),
            **chosen,
        )

    def put(self, places: Sequence[int], rows: "Rows") -> "Rows":
        """Return these rows with `rows` put into the given places."""
        at = np.asarray(places, np.intp)
        changed = {
            name: _put(getattr(self, name), at, getattr(rows, name))
            for name in ARRAYS
            if getattr(self, name) is not None
        }
        return replace(
            self,
            remarks=_put_known(self.remarks, places, rows.remarks),
            numbers=_put_known(self.numbers, places, rows.numbers),
            **changed,
        )


def _take_known(known: Mapping[int, T], places: Sequence[int]) -> dict[int, T]:
    return {i: known[place] for i, place in enumerate(places) if place in known}


def _put_known(into: Mapping[int, T], at: Sequence[int], values: Mapping[int, T]) -> dict[int, T]:
    left = set(into).difference(at)
    known = {place: into[place] for place in left} | {at[i]: value for i, value in values.items()}
    return dict(sorted(known.items()))


def _put(into: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    copy = into.copy()
    copy[at] = values
    return copy


def join(parts: Sequence[Rows]) -> Rows:
    """Concatenate rows; either all of them hold images or none does."""
    first, *others = parts
    if not others:
        return first
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ARRAYS
        if getattr(first, name) is not None
    }
    remarks: dict[int, str] = {}
    numbers: dict[int, Numbers] = {}
    start = 0
    for part in parts:
        remarks |= {start + place: text for place, text in part.remarks.items()}
        numbers |= {start + place: found for place, found in part.numbers.items()}
        start += len(part)
    return replace(first, remarks=remarks, numbers=numbers, **joined)


def empty(count: int, *, images: bool = False, thumbs: bool = False) -> Rows:
    """Return empty rows, to be filled with `put`."""
    return Rows(
        np.zeros(count, np.uint8),
        np.zeros((count, len(DIGITS)), np.float32),
        pixels=np.zeros((count, SIDE, SIDE), np.uint8) if images else None,
        peaks=np.ones(count, np.uint8) if images else None,
        thumbs=np.zeros((count, THUMB, THUMB), np.uint8) if thumbs else None,
    )
