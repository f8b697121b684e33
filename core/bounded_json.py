"""Read JSON that comes from outside, with bounds on everything it could be large in."""

import json
from typing import Any

from .problems import ModelRejected

MOST_CHARACTERS = 1_000_000
DEEPEST = 40
LONGEST_INTEGER = 20
"""Digits; a 64-bit number has at most that many."""


def parse(text: str, what: str) -> Any:
    """Parse JSON, or say what is wrong with `what`.

    Raises
    ------
    ModelRejected
        `json_size`, `json_depth`, `json_number` or `json_syntax`.
    """
    if len(text) > MOST_CHARACTERS:
        raise ModelRejected("json_size", f"{what} has {len(text):,} characters.")
    if _depth(text) > DEEPEST:
        raise ModelRejected("json_depth", f"{what} is nested more than {DEEPEST} levels deep.")

    def integer(digits: str) -> int:
        if len(digits) > LONGEST_INTEGER:
            raise ModelRejected("json_number", f"{what} has an integer of {len(digits)} digits.")
        return int(digits)

    def constant(name: str) -> None:
        raise ModelRejected("json_number", f"{what} has the number {name}.")

    try:
        return json.loads(text, parse_int=integer, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise ModelRejected("json_syntax", f"{what} isn't JSON.") from error


def _depth(text: str) -> int:
    """Return how deep brackets nest; those inside strings count too, to be on the safe side."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
