"""What a model says of one image, as Python has it: a row of `reading.rows` by itself."""

from dataclasses import dataclass, field

import numpy as np

from ..base.types import DIGITS, FloatArray
from ..reading.rows import Rows, Status


@dataclass(frozen=True, repr=False)
class Answer:
    """A model's answer for one image.

    Attributes
    ----------
    digit : int or None
        0 to 9; None if there is no answer.
    confidence : float or None
        The digit's probability, 0 to 1; None if there is no answer.
    sure : bool
        Whether the confidence reaches the threshold: `model.card.reject_below`, or 0.5 where that
        is 0.
    status : str
        `ok`, `unsure`, `blank`, `several` (digits), or why the file can't be read: `empty`,
        `corrupt`, `truncated`, `not_image`, `too_large`, `unreadable`.
    path : str
        The file, as it was given; empty for an image that didn't come from a path.
    remark : str
        A sentence that says why there is no answer, or how the file was read; usually empty.
    probabilities : float32 (10,)
        All NaN if there is no answer.
    """

    digit: int | None
    confidence: float | None
    sure: bool
    status: str
    path: str = ""
    remark: str = ""
    probabilities: FloatArray = field(compare=False, default_factory=lambda: no_answers(1)[0])

    def __repr__(self) -> str:
        shown = {name: value for name, value in vars(self).items() if name != "probabilities"}
        words = (f"{name}={value!r}" for name, value in shown.items() if value != "")
        return f"Answer({', '.join(words)})"


def answer_at(rows: Rows, place: int, path: str = "") -> Answer:
    """Return one of the rows as an answer."""
    status = Status(rows.status[place])
    remark = rows.remarks.get(place, "")
    if not rows.answered[place]:
        return Answer(None, None, False, status.word, path, remark)
    probabilities = rows.probabilities[place]
    digit, confidence = int(probabilities.argmax()), float(probabilities.max())
    sure = status == Status.OK
    return Answer(digit, confidence, sure, status.word, path, remark, probabilities)


def no_answers(count: int) -> FloatArray:
    """Return the probabilities of images without an answer: float32 (N, 10), all NaN."""
    return np.full((count, len(DIGITS)), np.nan, np.float32)
