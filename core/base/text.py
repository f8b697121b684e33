"""Text: from outside, made fit for a terminal; and values and the time, made into text."""

import json
from datetime import UTC, datetime
from typing import Any


def printable(text: str) -> str:
    """Return text with control characters written out, except for line ends."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def quote(value: object, most: int = 60) -> str:
    """Return a value from a file in quotes, on one line and not too long."""
    text = value if isinstance(value, str) else type(value).__name__
    return "'" + "".join(c if c.isprintable() else "?" for c in text[:most]) + "'"


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON also where a plugin has left a NumPy number, a path or the like."""
    return json.dumps(value, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
