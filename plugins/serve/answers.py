"""What was read, as the API says it: JSON values, and errors with the right status."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from ...core.base.types import Correction, UInt8Array
from ...core.jobs.answer import answer_at
from ...core.numbers.number import Numbers
from ...core.reading.rows import Rows, Status
from .problems import Refused

HTTP = {Status.NOT_IMAGE: 415, Status.TOO_LARGE: 413}
"""For a picture that can't be read; others are 400."""

JPEG = 85
"""The quality of a page that is shown, of 100."""


def of_digit(
    rows: Rows, place: int, name: str, facts: Mapping[str, Any]
) -> tuple[Status, dict[str, Any]]:
    """Return the answer for a picture of one digit."""
    found = answer_at(rows, place, name)
    answer: dict[str, Any] = {
        "path": name,
        "status": found.status,
        "digit": found.digit,
        "confidence": None if found.confidence is None else round(found.confidence, 4),
        "sure": found.sure,
        "remark": found.remark,
    }
    if found.digit is not None:
        answer["probabilities"] = [round(float(share), 4) for share in found.probabilities]
    return Status(rows.status[place]), {**answer, **facts}


def of_numbers(
    found: Numbers, facts: Mapping[str, Any], keep: Callable[[UInt8Array], str] | None = None
) -> tuple[Status, dict[str, Any]]:
    """Return the answer for a picture of numbers, as `inkhook read --json` has it.

    With `keep`, also what is shown to a person who corrects it: the page on which the boxes are
    places, as the URL of a JPEG, and each digit's name that `keep` gives its cut, uint8 (28, 28).
    """
    answer = {**facts, **found.as_dict()}
    if keep is None:
        return Status.of(found.status), answer
    for number, said in zip(found.numbers, answer["numbers"], strict=True):
        for digit, each in zip(number.digits, said["digits"], strict=True):
            if digit.image is not None and digit.image.any():
                each["sample"] = keep(digit.image)
    if found.page is not None:
        import cv2

        data = cv2.imencode(".jpg", found.page, [cv2.IMWRITE_JPEG_QUALITY, JPEG])[1].tobytes()
        answer["picture"] = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return Status.of(found.status), answer


def refusal(status: Status, found: Mapping[str, Any]) -> Refused:
    """Return the error for a picture that can't be read."""
    return Refused(HTTP.get(status, 400), found["remark"], facts={"status": status.word})


def correction_of(content: Mapping[str, Any]) -> Correction:
    """Return what a request says is right; raises Refused."""
    values = {name: content.get(name, "") for name in ("path", "read", "truth")}
    if not all(isinstance(value, str) and len(value) <= 1000 for value in values.values()):
        raise Refused(400, "'path', 'read' and 'truth' must be strings.")
    try:
        return Correction("upload", **values)
    except ValueError as error:
        raise Refused(400, f"{error}.") from error
