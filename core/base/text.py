"""Text: outside text made safe, JSON read within bounds, and streams that take what is said.

The standard streams work even if they are closed, full, or can't encode a character.
"""

import codecs
import contextlib
import io
import json
import math
import os
import re
import sys
from datetime import UTC, datetime
from typing import IO, Any, Self, TextIO, cast

from .problems import ModelRejected

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


def spoken(text: str, confidence: float, sure: bool) -> str:
    """Return an answer as a line says it, such as "2026 (98 %)"; it is never rounded up."""
    doubt = "" if sure else ", not sure"
    return f"{text} ({int(confidence * 100 + 1e-9)} %{doubt})"


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON, even if a plugin left a NumPy number, a path or the like in the value."""
    return json.dumps(value, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


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


def repair_streams() -> None:
    """Make all three streams usable, whatever the program was started with.

    A closed stream becomes the null device. Otherwise the next file that is opened would get its
    number, and what a library writes to the stream would end up in that file. A character that the
    encoding lacks becomes a question mark. What can't be written to stderr, whose terminal may have
    gone, is dropped: the work is worth more than what is said about it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _Droppable.instead_of(sys.stderr)


class _Droppable(io.TextIOWrapper):
    """A stream that drops what can't be written."""

    @classmethod
    def instead_of(cls, stream: io.TextIOWrapper) -> Self:
        """Return such a stream in place of another, which can't be used any more."""
        encoding, errors, by_line = stream.encoding, stream.errors, stream.line_buffering
        return cls(stream.detach(), encoding, errors, line_buffering=by_line)

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            abandon(self)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            abandon(self)


def abandon(stream: TextIO) -> None:
    """Let nobody hear what is written to a stream from now on, because it can't be written."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: a test's stream has no number
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def binary(stream: TextIO) -> IO[bytes]:
    """Return where bytes go that are meant for a text stream; Jupyter's streams take text only."""
    buffer: IO[bytes] | None = getattr(stream, "buffer", None)
    return buffer or cast(IO[bytes], _Decoded(stream))


class _Decoded(io.RawIOBase):
    """Takes UTF-8 and writes it to a text stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(self._decoder.decode(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def redraws(stream: TextIO) -> bool:
    """Tell whether lines on a stream can be drawn over: whether it is a real terminal.

    A notebook (`!inkhook run`) and the log of a CI service may look like one, and keep every line.
    """
    variables = os.environ
    in_notebook = "JPY_PARENT_PID" in variables or "inline" in variables.get("MPLBACKEND", "")
    in_ci = variables.get("CI", "").lower() not in ("", "0", "false")
    return _obeys(stream) and not (in_notebook or in_ci)


def takes_colours(stream: IO[Any]) -> bool:
    """Tell whether text on a stream may be coloured: on a terminal, unless NO_COLOR is set."""
    return _obeys(stream) and not os.environ.get("NO_COLOR")


def _obeys(stream: IO[Any]) -> bool:
    """Tell whether a stream is a terminal that obeys control codes, which TERM=dumb doesn't."""
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def note(text: str) -> None:
    """Write a line about the work, on stderr."""
    with contextlib.suppress(OSError):  # nobody reads it: the work goes on
        # the line in one piece: another thread may be writing too
        print(printable(text) + "\n", end="", file=sys.stderr, flush=True)
