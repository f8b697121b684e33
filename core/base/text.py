"""Outside text made safe for a terminal; values and times as text."""

import json
import re
from datetime import UTC, datetime
from typing import Any

_NOT_UTF8 = re.compile("[\\udc80-\\udcff]")


def printable(text: str) -> str:
    """Return text with control characters escaped, except for line ends."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def quote(value: object, most: int = 60) -> str:
    """Return a value from a file in quotes, on one line, cut to `most` characters."""
    text = value if isinstance(value, str) else type(value).__name__
    return "'" + "".join(c if c.isprintable() else "?" for c in text[:most]) + "'"


def escape(name: str) -> str:
    r"""Return a name as valid UTF-8: other bytes become \xNN, and backslashes are doubled."""
    if "\\" not in name and name.isascii():
        return name
    name = name.replace("\\", "\\\\")
    return _NOT_UTF8.sub(lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", name)


def unescape(text: str) -> str:
    """Return the name that `escape` was given."""
    return re.sub(
        r"\\(?:\\|x([0-9a-f]{2}))",
        lambda match: chr(0xDC00 + int(match[1], 16)) if match[1] else "\\",
        text,
    )


def visible(name: str) -> str:
    """Return a name for display: on one line, without control characters."""
    return printable(escape(name)).replace("\n", "\\n")


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON, even if a plugin left a NumPy number, a path or the like in the value."""
    return json.dumps(value, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
