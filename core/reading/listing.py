"""Which files there are to read, always in the same order.

In each folder, first the files and then the subfolders, each sorted by name. The contents of files
aren't examined here, except to count the pages of a PDF, and the images of a table that is named;
see `entries`. Memory doesn't grow with the number of files, not even within one folder.
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

from ..base.problems import DataProblem, ImageRefused
from ..base.text import quote
from ..images.imagefile import DEFAULT_LIMITS
from . import entries
from .predictor import Job
from .worker_process import Worker

STDIN = "-"

MOST_SORTED = 20_000
"""How many names are sorted in memory; more go through temporary files."""


class Listing:
    """The files that some inputs stand for.

    Attributes
    ----------
    root : str
        The folder that names are relative to; empty if they are the paths as given.
    skipped : Counter of str
        How many entries of each kind were skipped; grows while `names` runs.
    unlisted : list of str
        Folders that couldn't be listed, each with the reason; likewise.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        recursive: bool = False,
        nulls: bool = False,
        left_out: Iterable[str] = (),
    ) -> None:
        """Check that the inputs exist.

        Parameters
        ----------
        inputs : sequence of str
            Folders, files, patterns such as "scans/*.png", or "-" for a list of paths on stdin.
        recursive : bool
            Whether to include subfolders.
        nulls : bool
            Whether the paths on stdin are separated by null characters rather than line ends.
        left_out : iterable of str
            Paths that are never listed, such as the file being written.

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
        """Yield each file's path relative to the root, with /.

        Raises
        ------
        DataProblem
            When a folder that was given can't be listed.
        """
        with contextlib.closing(_Pages()) as pages:
            for path in self._inputs:
                if path == STDIN:
                    for line in _lines(sys.stdin.buffer, b"\0" if self._nulls else b"\n"):
                        yield from pages.entries(line, line, named=True)
                elif os.path.isdir(path):
                    prefix = "" if self.root else f"{slashed(path).rstrip('/')}/"
                    for name in self._walk(path, prefix):
                        if name[-4:].lower() != entries.PAGES:  # nearly all, so in no time
                            yield name
                            continue
                        whole = os.path.join(path, name.removeprefix(prefix))
                        yield from pages.entries(name, whole, named=False)
                elif entries.split_entry(path) and not os.path.lexists(path):
                    yield slashed(path)
                elif not os.path.exists(path):
                    self.skipped["broken links"] += 1
                elif not stat.S_ISREG(os.stat(path).st_mode):
                    self.skipped["pipes, sockets and devices"] += 1
                else:
                    yield from pages.entries(slashed(path), path, named=True)

    @property
    def nothing(self) -> DataProblem:
        """The error to raise if `names` yielded nothing."""
        reasons = f"; skipped: {left_out(self.skipped)}" if self.skipped else ""
        return DataProblem(f"There are no files to read{reasons}.")

    def _walk(self, top: str, prefix: str) -> Iterator[str]:
        # an explicit stack: folders may be nested deeper than Python's recursion limit
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
        """Sort one folder's entries into files, subfolders and what is skipped."""
        hidden = {os.path.basename(p) for p in self._left_out if os.path.dirname(p) == real}
        with os.scandir(folder) as found:
            for entry in found:
                if entry.name in hidden:
                    continue
                if entry.name.startswith("."):
                    self.skipped["hidden"] += 1
                elif _hides_an_entry(entry.path):
                    self.skipped["files named like a page of another"] += 1
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
        except OSError:  # it leads nowhere, or in a circle
            self.skipped["broken links"] += 1
            return
        if stat.S_ISREG(mode):
            files.add(entry.name)
        else:
            kind = "links to folders" if stat.S_ISDIR(mode) else "pipes, sockets and devices"
            self.skipped[kind] += 1


class _Pages:
    """Counts the pages of PDFs in a separate process, which they may crash."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def entries(self, name: str, path: str, *, named: bool) -> Iterator[str]:
        """Yield the names of what a file holds: its own, or one for each of its images.

        Parameters
        ----------
        name, path : str
        named : bool
            Whether the user has named the file; only then a table is more than just a file.
        """
        count = None
        if name.lower().endswith(entries.PAGES):
            count = self._count(path)
        elif named:
            count = entries.count_entries(path)
        if count is None:
            yield name
        else:
            yield from (f"{name}#{number}" for number in range(1, count + 1))

    def _count(self, path: str) -> int | None:
        if self._worker is None:
            self._worker = Worker()
            self._worker.begin(Job(None, 1.0, 0.0, DEFAULT_LIMITS))
        try:
            return self._worker.count_pages(path)
        except ImageRefused:  # whoever reads the file says why
            return None

    def close(self) -> None:
        if self._worker:
            self._worker.close()


def _hides_an_entry(path: str) -> bool:
    """Tell whether a file has the name of an entry of the file beside it."""
    entry = entries.split_entry(path)
    return entry is not None and os.path.exists(entry[0])


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
    if os.path.isfile(entries.file_of(text)):
        return [text]
    if glob.has_magic(text):
        found = sorted(glob.glob(text, recursive=True))
        if found:
            return found
        raise DataProblem(f"Nothing matches {quote(text, 200)}.")
    raise DataProblem(f"There is no file or folder {quote(text, 200)}.")


def _lines(stream: IO[bytes], end: bytes) -> Iterator[str]:
    """Yield the paths on a stream, whatever bytes they contain."""
    rest = b""
    while block := stream.read(65_536):
        *lines, rest = (rest + block).split(end)
        yield from (slashed(os.fsdecode(line)) for line in lines if line)
    if rest:
        yield slashed(os.fsdecode(rest))


class _Sorted:
    """Any number of names, in order."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._parts: list[IO[bytes]] = []

    def add(self, name: str) -> None:
        self._names.append(name)
        if len(self._names) == MOST_SORTED:
            part = tempfile.TemporaryFile()  # noqa: SIM115 - read later, and gone when closed
            # a name can't contain a slash, but it can contain a line end
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
