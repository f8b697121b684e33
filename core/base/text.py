"""Outside text made safe for a terminal; values and times as text."""

import json
from datetime import UTC, datetime
from typing import Any


def printable(text: str) -> str:
    """Return text with control characters escaped, except for line ends."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def quote(value: object, most: int = 60) -> str:
    """Return a value from a file in quotes, on one line, cut to `most` characters."""
    text = value if isinstance(value, str) else type(value).__name__
    return "'" + "".join(c if c.isprintable() else "?" for c in text[:most]) + "'"


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON, even if a plugin left a NumPy number, a path or the like in the value."""
    return json.dumps(value, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
