"""Files that a process has for itself, so that two don't write to one place.

A lock is the system's (`flock`), so it ends with its process, however that ends. Where there are no
such locks (on Windows, on some network disks) nobody is refused.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import IO

PATIENCE = 0.5
"""Seconds: longer than others only look at a lock."""


def lock(file: IO[bytes]) -> bool:
    """Take an open file for this process alone, until it is closed; tells whether that went well.

    True also where nobody can tell.
    """
    return _flock(file, shared=False) is not False


def is_locked(path: Path) -> bool | None:
    """Tell whether a process has a file for itself; None where nobody can tell."""
    try:
        with path.open("rb") as file:
            free = _flock(file, shared=True)
    except OSError:
        return False
    return None if free is None else not free


class Busy(Exception):  # noqa: N818 - it is caught where it is expected
    """Another process has the lock; the message is what that wrote into it."""


class Lock:
    """A file that exists while a process holds it; what it holds is its process's number."""

    def __init__(self, path: Path) -> None:
        """Take the lock; raises Busy or OSError."""
        self._path = path
        until = time.monotonic() + PATIENCE
        while True:
            self._file = path.open("a+b")
            if lock(self._file) and self._is_in_place():
                break
            self._file.close()
            if time.monotonic() > until:
                raise Busy(_text(path))
            time.sleep(PATIENCE / 50)
        self._file.truncate(0)
        self._file.write(str(os.getpid()).encode())
        self._file.flush()

    def release(self) -> None:
        """Let go of it, and take the file away."""
        if os.name == "nt":  # there an open file can't be removed
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._file.close()

    def _is_in_place(self) -> bool:
        """Tell whether the file is still there: who had it before may just have removed it."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except OSError:
            return False


def _text(path: Path) -> str:
    try:
        return path.read_bytes()[:20].decode("ascii", "replace")
    except OSError:
        return ""


def _flock(file: IO[bytes], *, shared: bool) -> bool | None:
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
