"""Parse JSON from outside, with a limit on everything that could be large."""

import json
import math
import re
from typing import Any

from .problems import ModelRejected

MOST_CHARACTERS = 1_000_000
DEEPEST = 40
LONGEST_INTEGER = 20
"""In digits: the most that a 64-bit integer has."""

_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


def parse_json(text: str, what: str) -> Any:
    """Parse JSON; `what` names the text in error messages, as in "Its card".

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

    def number(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise ModelRejected("json_number", f"{what} has a number beyond 64 bits.")
        return value

    try:
        return json.loads(text, parse_int=integer, parse_float=number, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise ModelRejected("json_syntax", f"{what} isn't JSON.") from error


def _depth(text: str) -> int:
    """Return the depth to which brackets nest outside strings, in one pass."""
    depth = deepest = 0
    in_string = False
    for mark in _TOKEN.findall(text):
        if mark == '"':
            in_string = not in_string
        elif in_string or mark[0] == "\\":
            continue
        else:
            depth += 1 if mark in "[{" else -1
            deepest = max(deepest, depth)
    return deepest
