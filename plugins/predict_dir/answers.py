"""A journal's files go to the crew and come back as rows, in order.

Batches that the journal has rows for aren't done again, except for files that couldn't be read.
However large the work, only a few batches are on their way at a time.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...core.reading.pool import WorkerPool
from ...core.reading.predictor import BLOCK
from ...core.reading.rows import Rows, join
from .journal import BATCH, Journal

PORTION_SECONDS = 0.05
"""How much work a worker is given at a time: small portions keep all of them busy to the end,
large ones spare messages."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The answers for some files.

    Attributes
    ----------
    number : int
        Counted from 0.
    names : list of str
        The files, relative to the listing's root.
    rows : Rows
    is_new : bool
        Whether any of them were found now, and not in an earlier attempt.
    """

    number: int
    names: list[str]
    rows: Rows
    is_new: bool


@dataclass
class _Pending:
    number: int
    names: list[str]
    known: Rows | None
    portions: list[tuple[list[int], "Future[tuple[Rows, float]]"]]


class Answers:
    """Has the files of a journal read, and keeps the rows in it.

    Attributes
    ----------
    read : int
        How many files have been read so far, now and not in an earlier attempt.
    """

    def __init__(
        self,
        journal: Journal,
        crew: WorkerPool,
        path_of: Callable[[str], str],
        on_read: Callable[[int], None],
    ) -> None:
        """Prepare the work.

        Parameters
        ----------
        journal : Journal
            Its files are listed.
        crew : WorkerPool
            Hired.
        path_of : callable
            From a file's name to its path.
        on_read : callable
            Is told how many more files are done, on any thread.
        """
        self.read = 0
        self._journal, self._crew, self._path_of = journal, crew, path_of
        self._on_read = on_read
        self._portion = BLOCK // 2  # nothing is known of the files yet

    def __iter__(self) -> Iterator[Batch]:
        """Give all batches in order."""
        ahead = 2 * self._crew.size + 1
        waiting: deque[_Pending] = deque()
        for number in range(self._journal.batches):
            waiting.append(self._begin(number))
            if len(waiting) == ahead:
                yield self._finish(waiting.popleft())
        while waiting:
            yield self._finish(waiting.popleft())

    def _begin(self, number: int) -> _Pending:
        names = self._journal.names(number)
        known = self._journal.rows(number)
        missing = list(range(len(names)))
        if known is not None:
            missing = np.flatnonzero(known.failed).tolist()
            self._on_read(len(names) - len(missing))
        portions = []
        for start in range(0, len(missing), self._portion):
            places = missing[start : start + self._portion]
            paths = [self._path_of(names[place]) for place in places]
            future = self._crew.submit(paths, places)
            future.add_done_callback(partial(self._count, len(places)))
            portions.append((places, future))
        return _Pending(number, names, known, portions)

    def _finish(self, pending: _Pending) -> Batch:
        """Wait for a batch, and keep its rows."""
        parts = []
        for places, future in pending.portions:
            found, seconds = future.result()
            parts.append(found)
            self.read += len(places)
            self._adapt(seconds / len(places))
        if pending.known is None:
            rows = join(parts)
        else:
            rows = pending.known
            for (places, _), found in zip(pending.portions, parts, strict=True):
                rows = rows.put(places, found)
        if pending.portions and self._journal.path is not None:
            self._journal.add(pending.number, rows)
        return Batch(pending.number, pending.names, rows, bool(pending.portions))

    def _count(self, count: int, _: object) -> None:
        self._on_read(count)

    def _adapt(self, seconds: float) -> None:
        """Make the next portions as large as suits the files: by blocks, where they are many."""
        size = int(PORTION_SECONDS / max(seconds, 1e-6))
        self._portion = min(size // BLOCK * BLOCK, BATCH) if size >= BLOCK else max(size, 1)
