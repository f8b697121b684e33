"""Let a run's files take the place of an earlier run's: only those, and all of them."""

import contextlib
import os
from pathlib import Path, PurePosixPath

from ..base import signals
from .records import METRICS, MODEL, RECORD, read_record


def files_in(folder: Path) -> list[str]:
    """Return the files below a folder, relative to it and with /."""
    found = []
    for place, _, names in os.walk(folder):
        found += [(Path(place) / name).relative_to(folder).as_posix() for name in names]
    return found


def move_into(folder: Path, source: Path) -> None:
    """Move a run's files into a folder, in place of those that its record lists.

    Others stay: one of the same name as a new one gets another name. The record comes last, so that
    a move that was cut off can be finished.

    Raises
    ------
    OSError
        When a file can't be moved; it and those after it are then still in `source`.
    """
    with signals.held():
        new = _listed(source)
        old = _listed(folder) if "files" in read_record(folder) else _unlisted(folder, new)
        for name in old - new:
            (folder / name).unlink(missing_ok=True)
            _remove_empty((folder / name).parent, folder)
        for name in sorted(files_in(source), key=lambda name: (name == RECORD, name)):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if name not in old and place.exists():
                place.rename(_free(place))
            (source / name).replace(place)
            _remove_empty((source / name).parent, source.parent)


def _listed(folder: Path) -> set[str]:
    """Return the files that a run wrote, by its record, which is text from outside."""
    listed = read_record(folder).get("files")
    names = listed if isinstance(listed, list) else []
    return {name for name in names if isinstance(name, str) and _is_below(name)}


def _unlisted(folder: Path, new: set[str]) -> set[str]:
    """Return what a run of inkhook 0.1, which listed nothing, is taken to have written."""
    return new | {METRICS, MODEL} if read_record(folder) else set()


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return name != "" and not path.is_absolute() and ".." not in path.parts


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder that has become empty, and those around it, up to `top`."""
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _free(place: Path) -> Path:
    """Return a name beside a file that isn't taken."""
    count = 1
    while (other := place.with_name(f"{place.name}.{count}")).exists():
        count += 1
    return other
