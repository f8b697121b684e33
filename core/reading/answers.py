"""Send files to the pool and collect their rows in batches, in order.

However many files there are, only a few batches are in flight at a time. Not for what is done with
the batches.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, groupby, islice

import numpy as np

from ..base.processor import cores
from ..base.types import Predictions, Source, UInt8Array, read_only
from ..events.protocol import Session
from ..numbers.number import Numbers
from .page_numbers import Finder
from .pool import FILES_A_WORKER, WorkerPool
from .predictor import BLOCK, SMALL_BLOCK, Job
from .rows import BATCH, Rows, Status, join

PORTION_SECONDS = 0.05
"""How much work a worker gets at a time: small portions keep all workers busy to the end, large
ones save messages."""

KnownBatch = tuple[list[str], Rows | None]
"""A batch's names, and its rows from an earlier attempt, of which only files that couldn't be read
are read again."""


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
        Whether any of the rows are new, and not from an earlier attempt.
    """

    number: int
    names: list[str]
    rows: Rows
    is_new: bool

    def remarkable(self) -> Iterator[tuple[str, Status, str]]:
        """Yield the name, status and remark of every file that wasn't simply read."""
        for place, number in enumerate(self.rows.status.tolist()):
            remark = self.rows.remarks.get(place, "")
            if remark or number not in (Status.OK, Status.UNSURE):
                yield self.names[place], Status(number), remark

    def numbers(self, truth: Sequence[str | None] = ()) -> list[Numbers]:
        """Return what was read in each file, where numbers are read.

        Parameters
        ----------
        truth : sequence of (str or None)
            What is written in each file; empty if none is known.
        """
        found = [self.rows.numbers_of(place, name) for place, name in enumerate(self.names)]
        if not truth:
            return found
        return [replace(one, truth=known) for one, known in zip(found, truth, strict=True)]

    def predictions(self, truth: Sequence[int | None]) -> Iterator[Predictions]:
        """Yield the answers for plugins, in order; those with and without a truth separately.

        Parameters
        ----------
        truth : sequence of (int or None)
            The label of each file; empty if none are known.
        """
        answered = np.flatnonzero(self.rows.answered).tolist()
        known = (lambda place: truth[place] is not None) if truth else (lambda _: False)
        for is_known, group in groupby(answered, known):
            places = list(group)
            whole = len(places) == len(self.names)
            rows = self.rows if whole else self.rows.take(places)
            names = self.names if whole else [self.names[place] for place in places]
            labels = np.array([truth[p] for p in places], np.uint8) if is_known else None
            make = partial(getattr, rows, "images")
            probabilities = rows.probabilities
            yield Predictions.with_images_later("folder", tuple(names), make, probabilities, labels)


@dataclass
class _Pending:
    number: int
    names: list[str]
    known: Rows | None
    portions: list[tuple[list[int], "Future[tuple[Rows, float]]"]]


class Answers:
    """Has files read, one batch after another.

    Attributes
    ----------
    read : int
        How many files have been read so far, not counting earlier attempts.
    """

    def __init__(
        self,
        wanted: Iterable[KnownBatch],
        pool: WorkerPool,
        path_of: Callable[[str], str],
        on_read: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Prepare the work.

        Parameters
        ----------
        wanted : iterable of Wanted
            Batches of BATCH files; the last may have fewer.
        pool : WorkerPool
            Started.
        path_of : callable
            From a file's name to its path.
        on_read : callable, optional
            Called with the number of files just done, on any thread.
        """
        self.read = 0
        self._wanted, self._pool, self._path_of = wanted, pool, path_of
        self._on_read = on_read
        self._portion = BLOCK // 2  # nothing is known about the files yet

    def __iter__(self) -> Iterator[Batch]:
        """Yield all batches in order."""
        ahead = 2 * self._pool.size + 1
        waiting: deque[_Pending] = deque()
        for number, (names, known) in enumerate(self._wanted):
            waiting.append(self._begin(number, names, known))
            if len(waiting) == ahead:
                yield self._finish(waiting.popleft())
        while waiting:
            yield self._finish(waiting.popleft())

    def _begin(self, number: int, names: list[str], known: Rows | None) -> _Pending:
        missing = list(range(len(names)))
        if known is not None:
            missing = np.flatnonzero(known.failed).tolist()
            self._on_read(len(names) - len(missing))
        portions: list[tuple[list[int], Future[tuple[Rows, float]]]] = []
        while missing:
            if number == 0 and len(portions) == 2 * self._pool.size + 1:
                self._measure(portions)
            places, missing = missing[: self._portion], missing[self._portion :]
            paths = [self._path_of(names[place]) for place in places]
            future = self._pool.submit(paths, places)
            future.add_done_callback(partial(self._count, len(places)))
            portions.append((places, future))
        return _Pending(number, names, known, portions)

    def _measure(self, portions: list[tuple[list[int], Future[tuple[Rows, float]]]]) -> None:
        """Learn how long files take from one of the first portions, while others are being read.

        The very first one of each worker also takes the time to start it. Portions only grow by
        this: smaller ones would leave more of the classifier's blocks empty.
        """
        least, (places, future) = self._portion, portions[self._pool.size]
        self._adapt(future.result()[1] / len(places))
        self._portion = max(self._portion, least)

    def _finish(self, pending: _Pending) -> Batch:
        """Wait for a batch."""
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
        return Batch(pending.number, pending.names, rows, bool(pending.portions))

    def _count(self, count: int, _: object) -> None:
        self._on_read(count)

    def _adapt(self, seconds: float) -> None:
        """Adapt the size of the next portions to the files; large portions are whole blocks."""
        size = int(PORTION_SECONDS / max(seconds, 1e-6))
        block = SMALL_BLOCK if size >= SMALL_BLOCK else BLOCK
        self._portion = min(size // block * block, BATCH) if size >= block else max(size, 1)


def change_by(
    session: Session, source: Source = "folder"
) -> Callable[[UInt8Array], UInt8Array] | None:
    """Return a function that applies the plugins' `prepare_image`; None if none has it."""
    if not session.has("prepare_image"):
        return None
    return lambda image: session.chain("prepare_image", image, same_shape=False, source=source)


def find_by(session: Session) -> Finder | None:
    """Return a function that asks the plugins to `find_numbers`; None if none has it."""
    if not session.has("find_numbers"):
        return None
    return lambda image: session.ask("find_numbers", image=read_only(image))


def read_all(
    job: Job,
    names: Iterable[str],
    path_of: Callable[[str], str],
    *,
    change: Callable[[UInt8Array], UInt8Array] | None = None,
    find: Finder | None = None,
) -> Generator[Batch, None, None]:
    """Read files in separate processes, one per core, which end with the iterator.

    Parameters
    ----------
    job : Job
    names : iterable of str
    path_of : callable
        From a file's name to its path.
    change, find : callable, optional
        As for `WorkerPool.start`.

    Yields
    ------
    Batch
        In the names' order.
    """
    with WorkerPool() as pool:
        rest = iter(names)
        head = list(islice(rest, FILES_A_WORKER * cores()))
        pool.start(job, len(head), change=change, find=find)
        yield from Answers(_batches(chain(head, rest)), pool, path_of)


def _batches(names: Iterator[str]) -> Iterator[KnownBatch]:
    while batch := list(islice(names, BATCH)):
        yield batch, None
