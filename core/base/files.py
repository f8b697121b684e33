"""Write files so that a kill, a full disk or a crash leaves the old file or the new, whole."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
