"""What is read on a page: numbers, their digits, and where they stand."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base.types import FloatArray, UInt8Array, read_only

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels of the picture."""


@dataclass(frozen=True)
class Digit:
    """One digit of a number.

    Attributes
    ----------
    digit : int
        0 to 9.
    confidence : float
        0 to 1.
    box : tuple of int
        x, y, width and height in pixels of the picture.
    probabilities : float32 (10,)
        Of each digit; they sum to 1. Read-only.
    image : uint8 (28, 28) or None
        What is in the box, prepared as a single digit: 0 is paper, 255 is ink. Only there where a
        plugin hears of digits. Read-only.
    """

    digit: int
    confidence: float
    box: Box
    probabilities: FloatArray = field(compare=False, repr=False)
    image: UInt8Array | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "probabilities", read_only(self.probabilities))
        if self.image is not None:
            object.__setattr__(self, "image", read_only(self.image))


@dataclass(frozen=True)
class Number:
    """One number.

    Attributes
    ----------
    text : str
        As it is written, with its signs, such as "12/21/91"; a comma is a dot.
    number : str
        Its digits alone: "122191".
    confidence : float
        How likely it is that every sign of it is right, 0 to 1; where it was read several times,
        that every digit is.
    sure : bool
        Whether the confidence reaches the model's threshold.
    box : tuple of int
        x, y, width and height in pixels of the picture.
    row : int
        The line of writing in which it stands, from 0 at the top.
    digits : tuple of Digit
    """

    text: str
    number: str
    confidence: float
    sure: bool
    box: Box
    row: int
    digits: tuple[Digit, ...]


@dataclass(frozen=True)
class Numbers:
    """What is read in one picture.

    Attributes
    ----------
    status : str
        `ok`; `unsure` if one of the numbers is; `blank` if there is nothing but paper; `no_number`
        if there is something, but no number; or why the file can't be read, as for `read_digit`.
    numbers : tuple of Number
        In reading order: from the top, and in a row from the left.
    path : str
        The file, as it was given; empty for a picture that didn't come from a path.
    remark : str
        A sentence that says why there is no answer, or how the file was read; usually empty.
    size : tuple of int
        Width and height of the page that was read, in pixels: boxes are places on it. (0, 0) where
        the file can't be read.
    page : uint8 (H, W) or None
        That page, smaller where it is large, for drawing. Only there where something draws it.
        Read-only.
    truth : str or None
        What is written there, if it is known; with or without its signs.
    """

    status: str
    numbers: tuple[Number, ...] = ()
    path: str = ""
    remark: str = ""
    size: tuple[int, int] = (0, 0)
    page: UInt8Array | None = field(default=None, compare=False, repr=False)
    truth: str | None = None

    def __post_init__(self) -> None:
        if self.page is not None:
            object.__setattr__(self, "page", read_only(self.page))

    @property
    def digits(self) -> str:
        """The digits of all numbers, in reading order."""
        return "".join(number.number for number in self.numbers)

    @property
    def confidence(self) -> float | None:
        """The lowest of the numbers' confidences; None if there is no number."""
        return min((float(number.confidence) for number in self.numbers), default=None)

    @property
    def right(self) -> bool | None:
        """Whether all digits are right; None if that isn't known."""
        return None if self.truth is None else self.digits == digits_of(self.truth)

    @property
    def rows(self) -> tuple[tuple[Number, ...], ...]:
        """The numbers of each row of writing."""
        lines = dict.fromkeys(number.row for number in self.numbers)
        return tuple(
            tuple(number for number in self.numbers if number.row == line) for line in lines
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON values; confidences have four decimals."""
        return {
            "path": self.path,
            "status": self.status,
            "size": list(self.size),
            "numbers": [as_dict(number) for number in self.numbers],
            "remark": self.remark,
        }


def digits_of(text: str) -> str:
    """Return the digits of a text, without anything else."""
    return re.sub(r"[^0-9]", "", text)


def as_dict(number: Number) -> dict[str, Any]:
    """Return a number as JSON values; confidences have four decimals."""
    return {
        "text": number.text,
        "number": number.number,
        "confidence": round(float(number.confidence), 4),
        "sure": bool(number.sure),
        "row": number.row,
        "box": list(number.box),
        "digits": [
            {
                "digit": digit.digit,
                "confidence": round(float(digit.confidence), 4),
                "box": list(digit.box),
            }
            for digit in number.digits
        ],
    }


def probabilities_of(digits: "list[Digit] | tuple[Digit, ...]") -> FloatArray:
    """Return the probabilities of some digits, float32 (N, 10)."""
    return np.array([digit.probabilities for digit in digits], np.float32).reshape(-1, 10)
