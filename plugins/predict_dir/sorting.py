"""Sort files into folders by their answers: 0 to 9 for digits, and one for each status."""

import filecmp
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...core.base import files
from ...core.base.problems import OutputProblem
from ...core.reading.entries import split_entry
from ...core.reading.rows import Rows, Status

LONGEST_NAME = 200


class Sorter:
    """Copies or links files, without ever overwriting one.

    Attributes
    ----------
    left_out : int
        How many pages and lines of tables there were: they aren't files that could be copied.
    """

    def __init__(
        self, folder: Path, way: str, path_of: Callable[[str], str], *, by_digit: bool = True
    ) -> None:
        """Prepare to sort into `folder`.

        Parameters
        ----------
        folder : pathlib.Path
            Made if it isn't there.
        way : {"copy", "link", "symlink"}
        path_of : callable
            From a file's name to its path.
        by_digit : bool
            Whether those that are `ok` go into a folder for each digit.
        """
        self.left_out = 0
        self._by_digit = by_digit
        self._folder, self._path_of = folder, path_of
        ways: dict[str, Callable[[str, Path], None]]
        ways = {"copy": _copy, "link": os.link, "symlink": _symlink}
        self._put = ways[way]

    def add(self, names: Sequence[str], rows: Rows) -> None:
        """Sort a batch of files; raises OutputProblem if that fails for a readable one."""
        digits = rows.digits.tolist()
        for i, name in enumerate(names):
            if split_entry(name):
                self.left_out += 1
                continue
            status = Status(rows.status[i])
            label = str(digits[i]) if status == Status.OK and self._by_digit else status.word
            self._one(name, self._folder / label, may_fail=not status.answered)

    def _one(self, name: str, folder: Path, *, may_fail: bool) -> None:
        source = self._path_of(name)
        try:
            with files.reporting(folder):
                folder.mkdir(parents=True, exist_ok=True)
                for target in _targets(folder, name):
                    try:
                        self._put(source, target)
                        break
                    except FileExistsError:
                        if _is_same(source, target):  # an earlier attempt put it there
                            break
        except OutputProblem:
            if not may_fail:
                raise


def _targets(folder: Path, name: str) -> Iterator[Path]:
    """Yield names for a file until one is free; they keep what tells the file from others."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    stem, suffix = os.path.splitext("_".join(parts)[-LONGEST_NAME:])
    yield folder / f"{stem}{suffix}"
    for count in itertools.count(2):
        yield folder / f"{stem}-{count}{suffix}"


def _copy(source: str, target: Path) -> None:
    """Copy a file whole or not at all, and never over another."""
    with tempfile.TemporaryDirectory(prefix=".inkhook-", dir=target.parent) as folder:
        copy = os.path.join(folder, "copy")
        shutil.copy2(source, copy)
        os.link(copy, target)


def _symlink(source: str, target: Path) -> None:
    target.symlink_to(os.path.abspath(source))


def _is_same(source: str, target: Path) -> bool:
    try:
        return os.path.samefile(source, target) or filecmp.cmp(source, target, shallow=False)
    except OSError:
        return False
