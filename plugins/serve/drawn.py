"""What is read in a drawing, as JSON values for its page."""

import base64
from typing import Any

import numpy as np

from ...core.base.types import FloatArray, UInt8Array
from ...core.drawing.answer import DrawingAnswer
from ...core.drawing.digits import cut_out
from ...core.drawing.reading import Found, Reading
from ...core.images.preprocess import prepare
from ...core.numbers.number import Digit, Number, Numbers
from ...core.reading.rows import Status


def facts_of(found: Found | None, canvas: UInt8Array, chosen: int = 0) -> dict[str, Any]:
    """Return what is read on a canvas.

    Parameters
    ----------
    found : Reading, Numbers, Status or None
        None stands for an empty canvas.
    canvas : uint8 (H, W)
    chosen : int
        The place of the digit of which what the model sees is returned, too.
    """
    if isinstance(found, Reading):
        return _of_digit(found)
    if isinstance(found, Numbers):
        return _of_numbers(found, canvas, chosen)
    status = "empty" if found is None else Status(found).word
    return {"status": status, "text": "", "digits": []}


def last_of(answer: DrawingAnswer, chosen: int) -> dict[str, Any]:
    """Return the answer that can still be corrected, with what a person said its digits were."""
    facts = facts_of(answer.reading, answer.canvas, -1)
    for place, (digit, drawn) in enumerate(zip(facts["digits"], answer.digits, strict=True)):
        digit["label"] = drawn.label
        if place == min(chosen, len(answer.digits) - 1):
            digit["seen"] = _seen(drawn.image)
    return facts | {"id": answer.name}


def _of_digit(found: Reading) -> dict[str, Any]:
    confidence = round(found.confidence, 4)
    digit = {
        "digit": found.digit,
        "confidence": confidence,
        "probabilities": _rounded(found.probabilities),
        "seen": _seen(found.image),
    }
    return {
        "status": "ok" if found.sure else "unsure",
        "text": str(found.digit),
        "confidence": confidence,
        "sure": found.sure,
        "second": found.second,
        "digits": [digit],
    }


def _of_numbers(found: Numbers, canvas: UInt8Array, chosen: int) -> dict[str, Any]:
    pairs = [(number, digit) for number in found.numbers for digit in number.digits]
    digits = [_in_number(number, digit) for number, digit in pairs]
    if chosen >= 0:
        place = min(chosen, len(digits) - 1)
        alone = prepare(cut_out(canvas, [digit.box for _, digit in pairs])[place])
        if alone is not None:
            digits[place]["seen"] = _seen(alone)
    return {
        "status": found.status,
        "text": " ".join(number.text for number in found.numbers),
        "confidence": round(min(float(number.confidence) for number in found.numbers), 4),
        "sure": all(number.sure for number in found.numbers),
        "digits": digits,
    }


def _in_number(number: Number, digit: Digit) -> dict[str, Any]:
    return {
        "digit": int(digit.digit),
        "confidence": round(float(digit.confidence), 4),
        "sure": bool(number.sure),
        "box": [int(side) for side in digit.box],
        "probabilities": _rounded(digit.probabilities),
    }


def _rounded(probabilities: FloatArray) -> list[float]:
    return [round(float(share), 4) for share in probabilities]


def _seen(image: FloatArray) -> str:
    """Return what the model sees, float32 (28, 28), as 784 bytes in base64."""
    return base64.b64encode((image * 255).astype(np.uint8).tobytes()).decode()
