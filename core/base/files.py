"""Files that outlast a kill, a full disk or a crash: replaced whole, locked, or written in records.

A record has a kind, its length and a checksum, which reveals one that a kill left half-written or a
disk damaged; what the kinds mean is up to who writes them. A lock is the system's, so that it ends
with its process.
"""

import contextlib
import os
import re
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .problems import OutputProblem

_TEMPORARY = re.compile(r"\.inkhook-(\d{1,9})-.*")
"""The name of an unfinished file, with the number of the process that is writing it."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the block succeeds.

    The temporary file is in the same folder and has the same suffix. It is synced to disk before it
    is renamed, and removed if the block raises.

    Raises
    ------
    OutputProblem
        When the file can't be written; an existing file is then unchanged.
    """
    import tempfile  # it takes long to import, for many a command that writes nothing

    with reporting(path):
        handle, name = tempfile.mkstemp(
            prefix=f".inkhook-{os.getpid()}-", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            _sync(temporary)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync(path.parent)


def write_file(path: Path, data: bytes | str) -> None:
    """Write a whole file, or leave the one that was there; raises OutputProblem."""
    with replacing(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def clear_strays(folder: Path) -> None:
    """Remove the unfinished files of processes that have ended, and nothing else."""
    for path in folder.glob(".inkhook-*"):
        match = _TEMPORARY.fullmatch(path.name)
        if match and path.is_file() and not _is_alive(int(match[1])):
            with contextlib.suppress(OSError):  # another run may have been faster
                path.unlink()


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # there is no harmless way to ask
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Turn an operating-system error about writing `path` into an OutputProblem."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputProblem(f"Can't write '{path}': {reason}.") from error


def is_writable(folder: Path) -> bool:
    """Tell whether a folder can be written to, or made."""
    parents = (folder, *folder.parents)
    there = next((parent for parent in parents if os.path.lexists(parent)), folder)
    return os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)


def check_folder(path: Path) -> None:
    """Raise OutputProblem where a folder can't be written to, or made."""
    if not is_writable(path):
        raise OutputProblem(f"Can't write '{path}': it isn't a folder that you may write to.")


def check_place(path: Path) -> None:
    """Raise OutputProblem where a file can't be written because of its folder."""
    if path.parent.is_file():
        raise OutputProblem(f"Can't write '{path}': '{path.parent}' isn't a folder.")
    if not path.parent.is_dir():
        raise OutputProblem(
            f"Can't write '{path}': there is no folder '{path.parent}'; make it first."
        )
    if not is_writable(path.parent):
        raise OutputProblem(f"Can't write '{path}': you may not write to '{path.parent}'.")


def _sync(path: Path) -> None:
    if os.name == "nt":  # Windows syncs neither folders nor files that are open for reading
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_FRAME = struct.Struct("<cII")
"""A record's kind, its length, and the checksum of the kind with what follows."""


def pack_record(kind: bytes, payload: bytes) -> bytes:
    """Return a record; the kind is one byte."""
    return _FRAME.pack(kind, len(payload), zlib.crc32(kind + payload)) + payload


def read_records(file: IO[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the offset, kind and payload of each record, up to the first broken one."""
    while True:
        place = file.tell()
        frame = file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            return
        kind, length, checksum = _FRAME.unpack(frame)
        payload = file.read(length)
        if len(payload) < length or zlib.crc32(kind + payload) != checksum:
            return
        yield place, kind, payload


def end_of(place: int, payload: bytes) -> int:
    """Return the offset at which the record at `place` ends."""
    return place + _FRAME.size + len(payload)


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
