"""The final answer for a drawing: as lines of output, as plugins get it, and digit by digit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..base.text import spoken, to_json
from ..base.types import SIDE, FloatArray, Predictions, UInt8Array
from ..images.preprocess import prepare
from ..numbers.number import Numbers
from .digits import cut_out
from .reading import Reading


@dataclass(eq=False)
class DrawnDigit:
    """One digit of an answer, and the user's label for it.

    Attributes
    ----------
    name : str
        Its id: "drawing-1" for a single digit, else "drawing-1#2" and so on.
    drawing : uint8 (H, W)
        Its ink alone: 0 is paper, 255 is ink.
    digit : int
        How it was read.
    image : float32 (28, 28)
        The same in the form of MNIST's images.
    probabilities : float32 (10,)
    label : int or None
        The digit it was, if the user has said so.
    path : pathlib.Path or None
        The labelled sample's file.
    """

    name: str
    drawing: UInt8Array
    digit: int
    image: FloatArray
    probabilities: FloatArray
    label: int | None = None
    path: Path | None = None


@dataclass(eq=False)
class DrawingAnswer:
    """An answer: one digit, or one or more numbers.

    Attributes
    ----------
    name : str
        Its id, such as "drawing-1".
    canvas : uint8 (H, W)
        A copy of the drawing.
    reading : Reading or Numbers
    digits : tuple of DrawnDigit
        All its digits, in reading order.
    chosen : int
        The place of the digit that the next label is for; their number if all have been passed.
    """

    name: str
    canvas: UInt8Array
    reading: Reading | Numbers
    digits: tuple[DrawnDigit, ...] = field(init=False)
    chosen: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.reading, Reading):
            found = self.reading
            self.digits = (
                DrawnDigit(self.name, self.canvas, found.digit, found.image, found.probabilities),
            )
            return
        self.reading = replace(self.reading, path=self.name)
        read = [digit for number in self.reading.numbers for digit in number.digits]
        drawings = cut_out(self.canvas, [digit.box for digit in read])
        self.digits = tuple(
            DrawnDigit(
                f"{self.name}#{place}", drawing, digit.digit, _prepared(drawing),
                digit.probabilities,
            )
            for place, (digit, drawing) in enumerate(zip(read, drawings, strict=True), 1)
        )  # fmt: skip

    def __str__(self) -> str:
        """Return the answer as it is printed: a line for each number."""
        if isinstance(self.reading, Reading):
            read = self.reading
            return spoken(str(read.digit), read.confidence, read.sure)
        return "\n".join(
            spoken(number.text, number.confidence, number.sure) for number in self.reading.numbers
        )

    @property
    def text(self) -> str:
        """What was read, in one line: "7", "2026", "12 34"."""
        if isinstance(self.reading, Reading):
            return str(self.reading.digit)
        return " ".join(number.text for number in self.reading.numbers)

    def choose(self, steps: int) -> DrawnDigit | None:
        """Choose a digit to the right or, for negative steps, to the left; None if it is alone."""
        if len(self.digits) < 2:
            return None
        self.chosen = min(max(self.chosen + steps, 0), len(self.digits) - 1)
        return self.digits[self.chosen]

    def as_json(self, facts: Mapping[str, object]) -> str:
        """Return the answer as a line of JSON, with facts on the model."""
        if isinstance(self.reading, Reading):
            line: dict[str, object] = {
                "digit": self.reading.digit,
                "confidence": round(self.reading.confidence, 6),
                "sure": self.reading.sure,
                "probabilities": [round(float(p), 6) for p in self.reading.probabilities],
            }
        else:
            read = self.reading.as_dict()
            line = {name: read[name] for name in ("status", "numbers")}
        return to_json({"id": self.name, **line, **facts})

    def predictions(self, digits: Sequence[DrawnDigit]) -> Predictions:
        """Return some of its digits as single answers, with the truth where all have a label."""
        labels = [digit.label for digit in digits if digit.label is not None]
        return Predictions(
            source="canvas",
            ids=tuple(digit.name for digit in digits),
            images=np.stack([digit.image for digit in digits]),
            probabilities=np.stack([digit.probabilities for digit in digits]),
            truth=np.array(labels, np.uint8) if len(labels) == len(digits) else None,
        )


def _prepared(drawing: UInt8Array) -> FloatArray:
    image = prepare(drawing)
    return np.zeros((SIDE, SIDE), np.float32) if image is None else image
