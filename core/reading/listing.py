"""Which files there are to read, in an order that is always the same.

Inside a folder, first the files and then the folders, each in the order of their names. What lies
in a file isn't looked at here. Memory doesn't grow with the number of files, not even of those
in one folder.
"""

import contextlib
import glob
import heapq
import os
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from ..base.problems import DataProblem
from ..base.text import quote

STDIN = "-"

MOST_SORTED = 20_000
"""So many names are sorted in memory; more go through a temporary file."""


class Listing:
    """The files that some inputs stand for.

    Attributes
    ----------
    root : str
        The folder that the names are relative to; empty where they stand for themselves.
    skipped : Counter of str
        What was left out, by what it is; grows while `names` is gone through.
    unlisted : list of str
        Folders that couldn't be listed, each with its reason; likewise.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        recursive: bool = False,
        nulls: bool = False,
        left_out: Iterable[str] = (),
    ) -> None:
        """Look whether the inputs are there.

        Parameters
        ----------
        inputs : sequence of str
            Folders, files, patterns such as "scans/*.png", or "-" for a list of paths on stdin.
        recursive : bool
            Whether folders in folders are gone through.
        nulls : bool
            Whether the paths on stdin are separated by null characters, not by line ends.
        left_out : iterable of str
            Paths that are never listed, such as the file that is being written.

        Raises
        ------
        DataProblem
            When there is no such file or folder.
        """
        self._inputs = [found for text in inputs for found in _expand(text)]
        self._recursive = recursive
        self._nulls = nulls
        self._left_out = {os.path.realpath(path) for path in left_out}
        alone = len(self._inputs) == 1 and os.path.isdir(self._inputs[0])
        self.root = self._inputs[0] if alone else ""
        self.skipped: Counter[str] = Counter()
        self.unlisted: list[str] = []

    def names(self) -> Iterator[str]:
        """Give each file's path relative to the root, with /.

        Raises
        ------
        DataProblem
            When a folder that was named can't be listed.
        """
        for path in self._inputs:
            if path == STDIN:
                yield from _lines(sys.stdin.buffer, b"\0" if self._nulls else b"\n")
            elif os.path.isdir(path):
                prefix = "" if self.root else f"{slashed(path).rstrip('/')}/"
                yield from self._walk(path, prefix)
            elif not os.path.exists(path):
                self.skipped["broken links"] += 1
            elif not stat.S_ISREG(os.stat(path).st_mode):
                self.skipped["pipes, sockets and devices"] += 1
            else:
                yield slashed(path)

    def _walk(self, top: str, prefix: str) -> Iterator[str]:
        # a stack of its own: folders may lie deeper in each other than Python's functions
        waiting = [iter([(top, os.path.realpath(top), prefix)])]
        while waiting:
            place = next(waiting[-1], None)
            if place is None:
                waiting.pop()
                continue
            folder, real, within = place
            files, folders = _Sorted(), _Sorted()
            try:
                self._look(folder, real, files, folders)
            except OSError as error:
                if not within.removeprefix(prefix):
                    raise DataProblem(f"Can't list '{folder}': {error.strerror}.") from error
                self.unlisted.append(f"'{within.rstrip('/')}': {error.strerror}")
            for name in files:
                yield within + name
            waiting.append(_below(folder, real, within, folders))

    def _look(self, folder: str, real: str, files: "_Sorted", folders: "_Sorted") -> None:
        """Go through one folder."""
        hidden = {os.path.basename(p) for p in self._left_out if os.path.dirname(p) == real}
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in hidden:
                    continue
                if entry.name.startswith("."):
                    self.skipped["hidden"] += 1
                elif entry.is_file(follow_symlinks=False):
                    files.add(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    if self._recursive:
                        folders.add(entry.name)
                    else:
                        self.skipped["folders (see --recursive)"] += 1
                elif entry.is_symlink():
                    self._follow(entry, files)
                else:
                    self.skipped["pipes, sockets and devices"] += 1

    def _follow(self, entry: "os.DirEntry[str]", files: "_Sorted") -> None:
        try:
            mode = entry.stat().st_mode
        except OSError:  # it leads nowhere, or round and round
            self.skipped["broken links"] += 1
            return
        if stat.S_ISREG(mode):
            files.add(entry.name)
        else:
            kind = "links to folders" if stat.S_ISDIR(mode) else "pipes, sockets and devices"
            self.skipped[kind] += 1


def left_out(skipped: Mapping[str, int]) -> str:
    """Return what a listing has skipped, and how many of it."""
    return ", ".join(f"{what} ({count:,})" for what, count in sorted(skipped.items()))


def slashed(path: str) -> str:
    """Return a path with / between its parts."""
    return path.replace(os.sep, "/")


def _below(
    folder: str, real: str, within: str, names: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    for name in names:
        yield os.path.join(folder, name), os.path.join(real, name), f"{within}{name}/"


def _expand(text: str) -> list[str]:
    """Return the paths that an argument stands for."""
    if text == STDIN or os.path.lexists(text):
        return [text]
    if glob.has_magic(text):
        found = sorted(glob.glob(text, recursive=True))
        if found:
            return found
        raise DataProblem(f"Nothing is called {quote(text, 200)}.")
    raise DataProblem(f"There is no file or folder {quote(text, 200)}.")


def _lines(stream: IO[bytes], end: bytes) -> Iterator[str]:
    """Give the paths on a stream, whatever bytes they are of."""
    rest = b""
    while block := stream.read(65_536):
        *lines, rest = (rest + block).split(end)
        yield from (slashed(os.fsdecode(line)) for line in lines if line)
    if rest:
        yield slashed(os.fsdecode(rest))


class _Sorted:
    """Names in order, of any number."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._parts: list[IO[bytes]] = []

    def add(self, name: str) -> None:
        self._names.append(name)
        if len(self._names) == MOST_SORTED:
            part = tempfile.TemporaryFile()  # noqa: SIM115 - read later, and gone when closed
            # a name has no slash, but it may have a line end
            for name_ in sorted(self._names):
                part.write(os.fsencode(name_).replace(b"\n", b"/") + b"\n")
            self._parts.append(part)
            self._names.clear()

    def __iter__(self) -> Iterator[str]:
        with contextlib.ExitStack() as stack:
            parts = [stack.enter_context(part) for part in self._parts]
            yield from heapq.merge(*map(_names, parts), sorted(self._names))


def _names(part: IO[bytes]) -> Iterator[str]:
    part.seek(0)
    for line in part:
        yield os.fsdecode(line[:-1].replace(b"/", b"\n"))
