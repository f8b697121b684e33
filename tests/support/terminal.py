"""A program in a terminal of any width, whose screen is read as a person would see it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import pyte

ROWS = 24
PLAIN = ("CI", "JPY_PARENT_PID", "MPLBACKEND", "NO_COLOR", "COLUMNS", "LINES")
"""Variables that say something of where the tests run, not of this terminal."""


class Terminal:
    """A terminal; stdout and stderr of the program go to it, and stdin comes from it.

    Attributes
    ----------
    raw : str
        All that was written, with its control codes.
    """

    def __init__(
        self, words: Sequence[str], columns: int, variables: Mapping[str, str] | None = None
    ) -> None:
        env = {name: value for name, value in os.environ.items() if name not in PLAIN}
        self._screen: Any = pyte.Screen(columns, ROWS)
        self._feed: Any = pyte.Stream(self._screen)
        self.raw = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO  # what is typed isn't shown
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        self._process = subprocess.Popen(
            words,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env | {"TERM": "xterm-256color"} | dict(variables or {}),
        )
        os.close(theirs)

    @property
    def lines(self) -> list[str]:
        """What is on the screen now, without empty lines."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def wait_for(self, text: str, seconds: float = 60) -> list[str]:
        """Read until a text is on the screen, and return its lines."""
        until = time.monotonic() + seconds
        while not any(text in line for line in self.lines):
            assert time.monotonic() < until, f"no {text!r} in {self.lines}"
            assert self._read(1) is not None, f"it ended without {text!r}: {self.lines}"
        return self.lines

    def send(self, text: str) -> None:
        """Type."""
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read(60) is not None:
            pass
        return self._process.wait(10)

    def _read(self, seconds: float) -> str | None:
        if not select.select([self._ours], [], [], seconds)[0]:
            return ""
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # how Linux says that the other end has closed
            return None
        text = data.decode("utf-8", "replace")
        self.raw += text
        self._feed.feed(text)
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._ours)
