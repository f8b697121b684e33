"""A few processes that read files, each driven by one thread, which mostly waits.

Not for what happens when one of them dies (`worker_process`), nor for the order of the work and its
journal (`answers`).
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..base.processor import cores
from ..base.types import UInt8Array
from ..images.imagefile import DEFAULT_LIMITS, GreyImage, Limits
from .page_numbers import Finder
from .predictor import Job, Predictor
from .rows import Rows
from .worker_process import File, Worker

FILES_A_WORKER, PAGES_A_WORKER = 100, 20
"""With fewer files per worker, starting another process doesn't pay; of pages with numbers fewer
are enough."""


class WorkerPool:
    """A few workers, one of which starts at once; a context manager that ends them.

    Attributes
    ----------
    size : int
        How many portions are processed at the same time.
    """

    def __init__(self, first: Any = None) -> None:
        """Start the first worker, or take its process if `worker.start` has been called."""
        self.size = 1
        self._workers = [Worker(first)]
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._here: Predictor | None = None

    def start(
        self,
        job: Job,
        count: int,
        *,
        most: int | None = None,
        change: Callable[[UInt8Array], UInt8Array] | None = None,
        find: Finder | None = None,
        patience: float | None = None,
    ) -> None:
        """Start as many workers as the files are worth, and set what to do.

        Parameters
        ----------
        job : Job
        count : int
            At least the number of files.
        most : int, optional
            The largest number of workers; by default one per core.
        change : callable, optional
            Changes a grey image before it is prepared. It is called in this process, on several
            threads, and so is everything after it; the workers then only decode.
        find : callable, optional
            Finds the numbers of a page in a way of its own; called in this process likewise.
        patience : float, optional
            Seconds that a portion may take; a file that takes longer counts as one that kills its
            worker.
        """
        worth = PAGES_A_WORKER if job.reads_numbers else FILES_A_WORKER
        self.size = max(1, min(most or cores(), -(-count // worth)))
        if change or find:
            self._here = Predictor(job, self._read, change, find)
        with self._lock:
            if not self._ended:
                self._workers += [Worker() for _ in range(self.size - len(self._workers))]
        for worker in self._workers:
            worker.begin(job, patience)
            self._idle.put(worker)
        self._executor = ThreadPoolExecutor(self.size)

    def submit(
        self, paths: Sequence[File], places: Sequence[int] | None
    ) -> "Future[tuple[Rows, float]]":
        """Have files read, as Predictor does; the result is their rows, and the seconds it took."""
        if self._executor is None:
            raise TypeError("a pool must be started first")
        return self._executor.submit(self._work, paths, places)

    def submit_read(self, path: File) -> "Future[GreyImage]":
        """Have a file decoded only; the result raises ImageRefused."""
        if self._executor is None:
            raise TypeError("a pool must be started first")
        return self._executor.submit(self._read, path, DEFAULT_LIMITS)

    def finish(self) -> None:
        """Wait for what was submitted, and end the workers; nothing may be submitted any more."""
        if self._executor:
            self._executor.shutdown()
        self.__exit__()

    def _work(self, paths: Sequence[File], places: Sequence[int] | None) -> tuple[Rows, float]:
        start = time.perf_counter()
        if self._here:
            found = self._here(paths, places)
        else:
            with self._worker() as worker:
                found = worker.predict(paths, places)
        return found, time.perf_counter() - start

    def _read(self, path: File, limits: Limits) -> GreyImage:
        with self._worker() as worker:
            return worker.read(path, limits)

    @contextlib.contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor:
            self._executor.shutdown(wait=False, cancel_futures=True)
        with self._lock:  # another thread may be in `start`
            self._ended = True
            for worker in self._workers:
                worker.close()
