"""The standard streams, even if they are closed, full, or can't encode a character."""

import codecs
import contextlib
import io
import os
import sys
from typing import IO, Any, Self, TextIO, cast

from .text import printable


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
