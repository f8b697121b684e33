"""Send a journal's files to a cluster in shards and collect their rows, in order.

The counterpart of `answers`, with the same batches to the last bit. The number of shards in flight
is bounded by the number of workers. A shard that kills its workers waits until all others are done;
then it is halved, with nothing else in flight that could be to blame, until one file is left. See
docs/decisions/029-many-machines.md.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ....core.base.problems import DataProblem
from ....core.reading.answers import Batch
from ....core.reading.rows import BATCH, Rows, Status, empty
from ....core.reading.worker_process import CRASHED
from ..journal import Journal
from . import shards
from .dask_cluster import Cluster
from .remote import ShardWork
from .shards import Piece, Shard

SPARE = 8
"""Shards in flight, in addition to two for each worker thread."""

PAUSES = (0.1, 0.3, 1, 3, 10)
"""In seconds; network disks show a new file to other machines a little later."""


class Spread:
    """Has a journal's files read on a cluster, and stores the rows in it.

    Attributes
    ----------
    read : int
        How many files have been read so far, not counting earlier attempts.
    shards : int
        The number of shards in the listing.
    """

    def __init__(
        self,
        journal: Journal,
        cluster: Cluster,
        work: ShardWork,
        on_done: Callable[[int, int], None],
    ) -> None:
        """Prepare the work.

        Parameters
        ----------
        journal : Journal
            With its files listed.
        cluster : Cluster
            After `join`.
        work : ShardWork
        on_done : callable
            Called with the number of files and of shards just done.
        """
        self.read = 0
        self._journal, self._cluster, self._work, self._on_done = journal, cluster, work, on_done
        self._folder = Path(work.folder)
        size = shards.shard_size(journal.batches)
        self.shards = -(-journal.count // size)
        self._left = shards.cut(journal.count, size)
        self._killers: list[Shard] = []
        self._suspects: list[Shard] = []
        self._alone = False
        self._open: dict[int, tuple[Rows | None, np.ndarray]] = {}
        self._new = bytearray(journal.batches)
        self._sent = 0

    def __iter__(self) -> Iterator[Batch]:
        """Yield all batches in order."""
        journal = self._journal
        for number in range(journal.batches):
            self._send()
            self._hear(wait=False)
            while number >= self._sent or number in self._open:
                self._hear(wait=True)
                self._send()
            rows = journal.rows(number)
            if rows is None:
                raise DataProblem(f"'{journal.path}' was changed while in use.")
            yield Batch(number, journal.names(number), rows, bool(self._new[number]))

    def _send(self) -> None:
        """Submit as many shards as may be in flight."""
        while self._cluster.waiting < 2 * self._cluster.threads + SPARE:
            shard = next(self._left, None)
            if shard is None:
                break
            missing = self._missing(shard)
            self._on_done(shard.stop - shard.start - len(missing), not missing)
            if missing:
                self._submit(Shard(missing[0], missing[-1] + 1))
        else:
            return
        if not self._cluster.waiting:  # all others are done
            if not self._suspects and self._killers:
                shard = self._killers.pop()
                self._suspects = [*shard.halves()] if shard.stop - shard.start > 1 else [shard]
            if self._suspects:
                self._alone = True
                self._submit(self._suspects.pop())

    def _missing(self, shard: Shard) -> list[int]:
        """Open a shard's batches, and return which of its files still have to be read."""
        found: list[int] = []
        for batch in shard.batches:
            rows = self._journal.rows(batch)
            missing = rows.failed if rows else np.ones(len(shard.places(batch)), bool)
            if missing.any():
                self._open[batch] = rows, missing
                self._new[batch] = True
                found += (batch * BATCH + np.flatnonzero(missing)).tolist()
            self._sent = batch + 1
        return found

    def _submit(self, shard: Shard) -> None:
        self._cluster.submit(self._work, shard, self._journal.places(shard.batches))

    def _hear(self, *, wait: bool) -> None:
        """Process what has come back."""
        outcome = self._cluster.next(wait=wait)
        if outcome is None:
            return
        shard, size = outcome.shard, outcome.shard.stop - outcome.shard.start
        if not outcome.killed:
            self._collect(shard)
        elif not self._alone:
            self._killers.append(shard)
        elif size > 1:
            self._suspects += shard.halves()
        else:
            self._put(self._crash(shard))
        ended = not outcome.killed if not self._alone else not self._suspects
        self._on_done(0, ended)

    def _crash(self, shard: Shard) -> Piece:
        """Return the row of a file that kills every worker."""
        (batch,) = shard.batches
        rows = empty(1, images=self._work.images, thumbs=self._work.thumbs)
        rows.status[0] = Status.DECODER_CRASH
        return Piece(batch, shard.places(batch).start, replace(rows, remarks={0: CRASHED}))

    def _collect(self, shard: Shard) -> None:
        """Copy the rows of a finished shard into the journal."""
        pieces = shards.read_shard(self._folder, self._work.identity, shard)
        for pause in PAUSES:
            if pieces is not None:
                break
            time.sleep(pause)
            pieces = shards.read_shard(self._folder, self._work.identity, shard)
        if pieces is None:
            raise DataProblem(
                f"A worker wrote its rows, but they aren't in '{self._folder}'; -o must be on a "
                "disk that all machines share."
            )
        for piece in pieces:
            self._put(piece)
        shards.remove(self._folder, shard)

    def _put(self, piece: Piece) -> None:
        """Put rows into their batch, and store the batch once nothing is missing."""
        batch, first, rows = piece
        if batch not in self._open:
            return
        before, missing = self._open[batch]
        here = np.flatnonzero(missing[first : first + len(rows)])
        if len(here) == len(missing):
            whole = rows
        else:
            images, thumbs = self._work.images, self._work.thumbs
            whole = before or empty(len(missing), images=images, thumbs=thumbs)
            whole = whole.put((first + here).tolist(), rows.take(here.tolist()))
        missing[first + here] = False
        self.read += len(here)
        self._on_done(len(here), 0)
        if missing.any():
            self._open[batch] = whole, missing
        else:
            del self._open[batch]
            self._journal.add(batch, whole)
