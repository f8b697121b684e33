"""The progress of a long piece of work, so that a kill at any moment costs little.

One file that only grows: what the work is, which files it is about, and the rows of each batch as
they are found. Every record has a checksum; what a kill left half-written at the end is dropped.
Without a path it is a temporary file, which only saves memory.
"""

import contextlib
import json
import os
import struct
import tempfile
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from ...core.base import files
from ...core.base.problems import DataProblem, OutputProblem
from ...core.reading.rows import BATCH, Rows
from .header import difference

KIND = b"inkhook journal "
MAGIC = KIND + b"2\n"
"""The first line: the number grows when the rest can't be read as before. 2: plain keys in the
header, and statuses by numbers of their own."""

HEADER, NAMES, LISTED, ROWS = b"H", b"L", b"E", b"R"

SYNC_SECONDS = 1.0
"""Needed only for power failures; what a kill leaves is whole without it."""

_NUMBER = struct.Struct("<I")
"""A batch's number, before its rows."""


class Journal:
    """The files of one piece of work in batches, and the rows found so far.

    Attributes
    ----------
    path : pathlib.Path or None
        None for a temporary file.
    batches, count : int
        The number of batches and of files; 0 until they are listed.
    header : dict
        What must be the same for the work to be resumed; JSON values.
    facts : dict
        What is known about the listing; JSON values.
    """

    def __init__(
        self,
        path: Path | None,
        header: Mapping[str, Any],
        *,
        resume: bool = False,
        output: Path | None = None,
    ) -> None:
        """Begin a new journal, or continue an existing one.

        An existing journal that ends before all files were listed is started over.

        Parameters
        ----------
        path : pathlib.Path or None
        header : mapping of str to object
            What must be the same for the work to be resumed: JSON values by their names.
        resume : bool
        output : pathlib.Path, optional
            The file that the user named, for messages.

        Raises
        ------
        DataProblem
            When the existing journal is of other work (the message says what differs), or the
            existing file isn't a journal of this version.
        OutputProblem
            When it can't be written, or another process is using it.
        """
        self.path = path
        self.header = dict(header)
        self.batches = self.count = 0
        self.facts: dict[str, Any] = {}
        self._names, self._rows = array("Q"), array("Q")
        self._synced = time.monotonic()
        self._file: IO[bytes]
        if path is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - `close` closes it
        else:
            with files.reporting(output or path):
                self._file = path.open("a+b", buffering=0)
            try:
                if not files.lock(self._file):
                    raise OutputProblem(
                        f"Another process is writing '{output or path}'; wait until it is done."
                    )
                _check_kind(self._file, path, any_version=not resume)
                if resume and (end := self._load()):
                    _compare(self.header, header)
                    self._file.truncate(end)
                    return
                self._file.truncate(0)
                self.header = dict(header)
            except BaseException:
                self._file.close()
                raise
        self._write(MAGIC)
        self._append(HEADER, json.dumps(header).encode())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a journal for reading only; raises DataProblem if its files aren't all listed."""
        journal = cls(None, {})
        journal.close()
        try:
            journal._file = path.open("rb")
        except OSError as error:
            raise DataProblem(f"Can't read '{path}': {error.strerror}.") from error
        try:
            _check_kind(journal._file, path)
            if not journal._load():
                raise DataProblem(f"'{path}' is cut short; make it again.")
        except DataProblem:
            journal.close()
            raise
        return journal

    def list_files(self, names: Iterable[str], facts: Callable[[], dict[str, Any]]) -> None:
        """Record which files there are.

        Parameters
        ----------
        names : iterable of str
        facts : callable
            Returns `facts`, once all names have been seen.
        """
        names = iter(names)
        while batch := [os.fsencode(name) for name in islice(names, BATCH)]:
            self._names.append(self._append(NAMES, b"\0".join(batch)))
            self.count += len(batch)
        self._all_listed(facts())
        self._append(LISTED, json.dumps(self.facts).encode())
        self.sync()

    def names(self, batch: int) -> list[str]:
        """Return the names of a batch's files."""
        return _split(self._read(self._names[batch]))

    def all_names(self) -> Iterator[list[str]]:
        """Give the names of all files, a batch at a time."""
        return map(self.names, range(self.batches))

    def places(self, batches: range) -> tuple[int, ...]:
        """Return the offsets of some batches' names, for `read_names` on another machine."""
        return tuple(self._names[batches.start : batches.stop])

    def rows(self, batch: int) -> Rows | None:
        """Return a batch's rows, or None if they haven't been found yet."""
        place = self._rows[batch]
        return Rows.from_bytes(self._read(place)[_NUMBER.size :]) if place else None

    def add(self, batch: int, rows: Rows) -> None:
        """Store a batch's rows; they replace any that were stored before."""
        self._rows[batch] = self._append(ROWS, _NUMBER.pack(batch) + rows.to_bytes())
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self.sync()

    @property
    def done(self) -> int:
        """How many batches have rows."""
        return len(self._rows) - self._rows.count(0)

    def sync(self) -> None:
        """Sync everything to disk."""
        if self.path is not None:
            with files.reporting(self.path):
                os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def close(self) -> None:
        """Close the file without deleting it."""
        self._file.close()

    def remove(self) -> None:
        """Delete the file: the work is done."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()
        self.close()

    def finish(self, path: Path) -> None:
        """Give the file its final name, now that every batch has rows."""
        if self.path is not None:
            self.sync()
            with files.reporting(path):
                self.path.replace(path)
        self.close()

    def _all_listed(self, facts: dict[str, Any]) -> None:
        self.facts, self.batches = facts, len(self._names)
        self._rows = array("Q", bytes(8 * self.batches))

    def _load(self) -> int:
        """Index the file; return where it ends, or 0 if its files weren't all listed."""
        listed, end = False, len(MAGIC)
        self._file.seek(len(MAGIC))
        for place, kind, payload in files.read_records(self._file):
            if kind == HEADER:
                self.header = json.loads(payload)
            elif kind == NAMES:
                self._names.append(place)
                self.count += payload.count(b"\0") + 1
            elif kind == LISTED:
                self._all_listed(json.loads(payload))
                listed = True
            elif kind == ROWS and listed:
                number = _NUMBER.unpack_from(payload)[0]
                if number < self.batches:
                    self._rows[number] = place
            end = files.end_of(place, payload)
        if not listed:
            self._names, self.count = array("Q"), 0
        return end if listed else 0

    def _append(self, kind: bytes, payload: bytes) -> int:
        place = self._file.seek(0, os.SEEK_END)
        self._write(files.pack_record(kind, payload))
        return place

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        with files.reporting(self.path or Path(tempfile.gettempdir())):
            while view:  # a nearly full disk takes only part of it
                view = view[self._file.write(view) :]

    def _read(self, place: int) -> bytes:
        self._file.seek(place)
        record = next(files.read_records(self._file), None)
        if record is None:
            raise OutputProblem(f"'{self.path}' was changed while in use.")
        return record[2]


def read_names(path: Path, places: Iterable[int]) -> list[list[str]]:
    """Return the names of the batches at offsets that `Journal.places` returned.

    Raises
    ------
    DataProblem
        When they can't be read there.
    """
    found = []
    try:
        with path.open("rb") as file:
            for place in places:
                file.seek(place)
                _, kind, payload = next(files.read_records(file), (place, b"", b""))
                if kind != NAMES:
                    raise DataProblem(f"'{path}' doesn't hold the expected names.")
                found.append(_split(payload))
    except OSError as error:
        raise DataProblem(f"Can't read '{path}': {error.strerror}.") from error
    return found


def _split(payload: bytes) -> list[str]:
    return [os.fsdecode(name) for name in payload.split(b"\0")] if payload else []


def _check_kind(file: IO[bytes], path: Path, *, any_version: bool = False) -> None:
    """Raise DataProblem for a file that isn't a journal of this version; an empty file is fine."""
    file.seek(0)
    start = file.read(len(MAGIC))
    if MAGIC.startswith(start) or (any_version and start.startswith(KIND)):
        return
    if start.startswith(KIND):
        raise DataProblem(
            f"'{path}' was written by another version of inkhook, and only that can continue it; "
            "use that version, or start over with --restart."
        )
    raise DataProblem(f"'{path}' isn't one of inkhook's journals or parts; move it elsewhere.")


def _compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise DataProblem if the work was begun with other settings."""
    found = difference(before, now)
    if found:
        what, then, here = found
        raise DataProblem(
            f"The unfinished work was begun with another {what} ({then}, now {here}); "
            "use the same one, or start over with --restart."
        )
