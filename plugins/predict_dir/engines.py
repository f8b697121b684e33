"""What reads the files: processes on this machine, or the workers of a Dask cluster.

Its progress is shown on a terminal: files or shards, files per second, time left.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from ...core.base import files
from ...core.base.live_line import Figure, LiveLine, duration
from ...core.base.problems import Problem
from ...core.base.text import redraws
from ...core.base.types import UInt8Array
from ...core.modelfile.artifact import Artifact, ModelFile
from ...core.reading.answers import Answers, Batch
from ...core.reading.page_numbers import Finder
from ...core.reading.pool import WorkerPool
from ...core.reading.predictor import Job
from .header import identity_of, versions
from .journal import Journal

if TYPE_CHECKING:
    from .cluster.dask_cluster import Cluster


class Progress:
    """A context manager around the work; it shows nothing unless stderr is a terminal."""

    def __init__(self, count: int, *, shown: bool) -> None:
        """Prepare to show progress towards `count` files."""
        self._count = count
        self._line = LiveLine() if shown and redraws(sys.stderr) else None
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._done = self._shards = self._count_shards = 0

    def advance(self, count: int, *, shards: int = 0, workers: int = 0) -> None:
        """Add to the files and shards that are done; on any thread."""
        with self._lock:
            self._done += count
            self._shards += shards
            if self._line:
                self._draw(self._line, workers)

    def show_shards(self, count: int, workers: int) -> None:
        """Show how many of `count` shards are done, and the workers, instead of files."""
        self._count_shards = count
        self.advance(0, workers=workers)

    def _draw(self, line: LiveLine, workers: int) -> None:
        head, figures, left = f"{self._done:,}/{self._count:,} files", [], ""
        if self._count_shards:
            head = f"{self._shards:,}/{self._count_shards:,} shards"
            figures.append(Figure(f"{workers} worker{'s' if workers != 1 else ''}"))
        if self._done:
            speed = self._done / max(time.monotonic() - self._start, 1e-9)
            figures.append(Figure(f"{speed:,.0f} a second", 1))
            left = f"{duration((self._count - self._done) / speed)} left"
        line.draw(head, self._done / max(self._count, 1), figures, left)

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        if self._line:
            self._draw(self._line, 0)
            self._line.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line:
            self._line.__exit__(kind, error, trace)


SAMPLES = 3
"""A worker that sees none of this many files doesn't have the folder."""


@dataclass(frozen=True, eq=False)
class Task:
    """What an engine has to do.

    Attributes
    ----------
    job : Job
    model : Artifact
        The model of the job's network.
    journal : Journal
        With its files listed.
    root : str
        The folder that names are relative to; empty for the current folder.
    folder : pathlib.Path or None
        The work folder, if there is an output to put it beside.
    change, find : callable or None
        As for WorkerPool.start.
    note : callable
        Takes lines for the user.
    """

    job: Job
    model: Artifact
    journal: Journal
    root: str
    folder: Path | None
    change: Callable[[UInt8Array], UInt8Array] | None
    find: Finder | None
    note: Callable[[str], None]


class BatchReader(Protocol):
    """Batches in order, as they are read."""

    @property
    def read(self) -> int:
        """How many files have been read so far, now and not in an earlier attempt."""

    def __iter__(self) -> Iterator[Batch]:
        """Yield all batches."""


class Engine(Protocol):
    """Reads files; a context manager around its processes."""

    def reading(self, task: Task, *, shown: bool) -> contextlib.AbstractContextManager[BatchReader]:
        """Return the batches, with a progress bar if it may be shown."""

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(self, *error: object) -> None:
        """End the processes."""


class Local:
    """Processes on this machine."""

    def __init__(self, workers: int, first: Any) -> None:
        """Take the largest number of processes, and the first of them."""
        self._workers = workers
        self._pool = WorkerPool(first)

    @contextlib.contextmanager
    def reading(self, task: Task, *, shown: bool) -> Iterator[BatchReader]:
        """See Engine."""
        count = task.journal.count
        self._pool.start(task.job, count, most=self._workers, change=task.change, find=task.find)
        with Progress(count, shown=shown) as progress:
            yield _Kept(task.journal, self._pool, task.root, progress.advance)

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.__exit__(*error)


class _Kept:
    """Answers whose rows are kept in the journal; what it has already isn't read again."""

    def __init__(
        self, journal: Journal, pool: WorkerPool, root: str, on_read: Callable[[int], None]
    ) -> None:
        self._journal = journal
        wanted = ((journal.names(i), journal.rows(i)) for i in range(journal.batches))
        self._answers = Answers(wanted, pool, partial(os.path.join, root), on_read)

    @property
    def read(self) -> int:
        return self._answers.read

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._answers:
            if batch.is_new and self._journal.path is not None:
                self._journal.add(batch.number, batch.rows)
            yield batch


class OnDask:
    """The workers of a Dask cluster."""

    def __init__(self, cluster: "Cluster") -> None:
        self._cluster = cluster

    @contextlib.contextmanager
    def reading(self, task: Task, *, shown: bool) -> Iterator[BatchReader]:
        """See Engine."""
        from .cluster import remote
        from .cluster.spread import Spread

        if task.change is not None or task.find is not None:
            raise Problem(
                f"Plugins with {'prepare_image' if task.change else 'find_numbers'} can't run on "
                "other machines; use --engine local or --shard."
            )
        if task.folder is None or task.journal.path is None:
            raise TypeError("a cluster needs a work folder and a journal")
        folder, base = task.folder.absolute(), os.path.abspath(task.root or os.curdir)
        with files.reporting(folder):
            folder.mkdir(exist_ok=True)
        card = task.model.card
        if card is None:
            raise TypeError("a cluster needs a model with a card")
        # not the original file: if it is foreign, only this process knows how it wants its inputs
        model = ModelFile(task.job.network).write(folder / remote.MODEL, card)
        names = task.journal.names(0)[:SAMPLES]
        paths = (os.path.join(base, name) for name in names)
        work = remote.ShardWork(
            identity=identity_of(task.journal.header, task.journal.facts["listing"]),
            journal=str(task.journal.path.absolute()),
            folder=str(folder),
            base=base,
            samples=tuple(path for path in paths if os.path.exists(path)),
            model=model.sha256,
            versions=versions(),
            temperature=task.job.temperature,
            reject_below=task.job.reject_below,
            limits=task.job.limits,
            images=task.job.images,
            thumbs=task.job.thumbs,
            pages=task.job.pages,
            cuts=task.job.cuts,
        )
        self._cluster.join(work, task.note)
        with Progress(task.journal.count, shown=shown) as progress:

            def on_done(count: int, shards: int) -> None:
                progress.advance(count, shards=shards, workers=self._cluster.workers)

            spread = Spread(task.journal, self._cluster, work, on_done)
            progress.show_shards(spread.shards, self._cluster.workers)
            yield spread

    def __enter__(self) -> Self:
        self._cluster.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._cluster.__exit__(*error)
