"""Shards: runs of a listing's files that are done separately, each with a file for its rows.

A shard is named by its files' numbers in the listing, so that one that fails can be halved. Its
file is written whole or not at all, and says which work it belongs to; so it doesn't matter who did
it, how often, or whether anyone was still waiting for it. The files are in a folder beside the
journal until their rows are in it.
"""

import contextlib
import json
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ....core.base import files
from ....core.base.problems import DataProblem
from ....core.reading.rows import BATCH, Rows
from ..journal import Journal

SHARDS = 128
"""A listing is cut into about this many, so that nobody waits long for the last one."""

MOST_BATCHES = 16
"""The size of the largest shard; more files make more shards."""

HEADER, ROWS = b"S", b"R"

_PLACE = struct.Struct("<QI")
"""A batch's number and the place of the first row in it, before the rows."""

_NAME = re.compile(r"(\d{12,19})-(\d{12,19})\.rows")


class Shard(NamedTuple):
    """The files from `start` up to but not including `stop`, by their numbers in the listing."""

    start: int
    stop: int

    @property
    def batches(self) -> range:
        """The batches that its files belong to."""
        return range(self.start // BATCH, -(-self.stop // BATCH))

    def places(self, batch: int) -> range:
        """Return the places in a batch that belong to the shard."""
        first = batch * BATCH
        return range(max(self.start - first, 0), min(self.stop - first, BATCH))

    def halves(self) -> "tuple[Shard, Shard]":
        """Return two shards that replace this one, which must have at least two files."""
        middle = (self.start + self.stop) // 2
        return Shard(self.start, middle), Shard(middle, self.stop)


class Piece(NamedTuple):
    """Rows for a part of a batch, starting at place `first`."""

    batch: int
    first: int
    rows: Rows


def shard_size(batches: int) -> int:
    """Return how many files a shard has if the listing has `batches` batches."""
    return min(max(batches // SHARDS, 1), MOST_BATCHES) * BATCH


def cut(count: int, size: int) -> Iterator[Shard]:
    """Cut a listing of `count` files into shards."""
    for start in range(0, count, size):
        yield Shard(start, min(start + size, count))


def write_shard(folder: Path, identity: str, shard: Shard, pieces: list[Piece]) -> None:
    """Write a shard's rows; raises OutputProblem."""
    parts = [files.pack_record(HEADER, json.dumps([identity, *shard]).encode())]
    for batch, first, rows in pieces:
        parts.append(files.pack_record(ROWS, _PLACE.pack(batch, first) + rows.to_bytes()))
    files.write_file(_path(folder, shard), b"".join(parts))


def read_shard(folder: Path, identity: str, shard: Shard) -> list[Piece] | None:
    """Return a shard's rows, or None if its file isn't there.

    Raises
    ------
    DataProblem
        When the file is of other work, or isn't whole.
    """
    path, pieces, header = _path(folder, shard), [], None
    try:
        with path.open("rb") as file:
            for _, kind, payload in files.read_records(file):
                if kind == HEADER:
                    header = json.loads(payload)
                elif kind == ROWS:
                    batch, first = _PLACE.unpack_from(payload)
                    pieces.append(Piece(batch, first, Rows.from_bytes(payload[_PLACE.size :])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, struct.error) as error:
        raise DataProblem(f"Can't read '{path}': {error}.") from error
    if header != [identity, *shard]:
        raise DataProblem(f"'{path}' belongs to other work.")
    expected = [(batch, shard.places(batch)) for batch in shard.batches]
    if [(p.batch, range(p.first, p.first + len(p.rows))) for p in pieces] != expected:
        raise DataProblem(f"'{path}' is incomplete.")
    return pieces


def gather(journal: Journal, folder: Path, identity: str) -> None:
    """Copy rows that shards left in a folder into the journal, unless they are there already."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if not match:
                continue
            shard = Shard(int(match[1]), int(match[2]))
            with contextlib.suppress(DataProblem):  # then it is done again
                for batch, first, rows in read_shard(folder, identity, shard) or ():
                    whole = first == 0 and len(rows) == len(journal.names(batch))
                    if whole and journal.rows(batch) is None:
                        journal.add(batch, rows)
            remove(folder, shard)


def remove(folder: Path, shard: Shard) -> None:
    """Delete a shard's file."""
    with contextlib.suppress(OSError):
        _path(folder, shard).unlink()


def _path(folder: Path, shard: Shard) -> Path:
    return folder / f"{shard.start:012}-{shard.stop:012}.rows"
