"""Numbers as JSON values and arrays, for the bytes of `rows`, and back.

What comes back may be from a process that read untrusted files: everything is checked. See
docs/decisions/045-numbers-in-folders.md.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..base.types import DIGITS, SIDE
from ..numbers.number import Box, Digit, Number, Numbers

Stored = list[Any]
"""JSON values."""


def pack(found: Mapping[int, Numbers]) -> tuple[Stored, list[memoryview]]:
    """Return the numbers of files, by their places, as JSON values and bytes.

    The bytes are, for each file, its digits' probabilities, their images if they have any, and the
    page if it is kept.
    """
    stored: Stored = []
    arrays: list[np.ndarray] = []
    for place, numbers in found.items():
        digits = [digit for number in numbers.numbers for digit in number.digits]
        images = [digit.image for digit in digits if digit.image is not None]
        page = numbers.page
        arrays += [digit.probabilities.astype(np.float32) for digit in digits]
        arrays += images if len(images) == len(digits) else []
        arrays += [] if page is None else [page]
        stored.append(
            [
                int(place),
                str(numbers.status),
                [int(side) for side in numbers.size],
                len(images) == len(digits),
                None if page is None else list(page.shape),
                [_packed(number) for number in numbers.numbers],
            ]
        )
    return stored, [np.ascontiguousarray(array).data.cast("B") for array in arrays]


def _packed(number: Number) -> Stored:
    digits = [
        [int(digit.digit), float(digit.confidence), _ints(digit.box)] for digit in number.digits
    ]
    facts = [str(number.text), str(number.number), float(number.confidence), bool(number.sure)]
    return [*facts, _ints(number.box), int(number.row), digits]


def _ints(box: Sequence[Any]) -> list[int]:
    return [int(side) for side in box]


def unpack(stored: Stored, body: memoryview) -> dict[int, Numbers]:
    """Return what `pack` was given; raises ValueError, TypeError or KeyError for anything else."""
    found = {}
    start = 0

    def take(dtype: type[np.generic], *shape: int) -> np.ndarray:
        nonlocal start
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if min(shape) < 0 or start + size > len(body):
            raise ValueError("there are too few bytes")
        start += size
        return np.frombuffer(body[start - size : start], dtype).reshape(shape)

    for place, status, size, has_images, shape, numbers in stored:
        count = sum(len(number[-1]) for number in numbers)
        probabilities = take(np.float32, count, len(DIGITS))
        images = take(np.uint8, count, SIDE, SIDE) if has_images else itertools.repeat(None)
        page = None if shape is None else take(np.uint8, *_pair(shape))
        own = zip(probabilities, images, strict=False)
        read = tuple(_unpacked(number, own) for number in numbers)
        found[int(place)] = Numbers(str(status), read, size=_pair(size), page=page)
    return found


def _unpacked(stored: Stored, own: Iterator[Any]) -> Number:
    text, number, confidence, sure, box, row, digits = stored
    return Number(
        str(text),
        str(number),
        float(confidence),
        bool(sure),
        _box(box),
        int(row),
        tuple(
            Digit(int(digit), float(chance), _box(place), *next(own))
            for digit, chance, place in digits
        ),
    )


def _pair(stored: Stored) -> tuple[int, int]:
    one, other = map(int, stored)
    return one, other


def _box(stored: Stored) -> Box:
    x, y, width, height = map(int, stored)
    if min(width, height) < 0:
        raise ValueError("a box has no size")
    return x, y, width, height
