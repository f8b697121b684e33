"""Send shards to the workers of a Dask cluster: a running one, or one on this machine.

Everything about Dask is here, and it is imported only for a cluster. A lost worker costs nothing
but time: Dask gives its shards to others, or waits for new workers if none is left. A shard that
loses one worker after another comes back as killed; `spread` deals with it.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from ....core.base.problems import Problem
from .. import header
from . import remote
from .remote import ShardWork
from .shards import Shard

CONNECT_SECONDS = 10
POLL_SECONDS = 1.0
RELEASE_SECONDS = 3
CERTIFICATE, ENCRYPTION = "distributed.comm.tls.client.cert", "distributed.comm.require-encryption"


class Outcome(NamedTuple):
    """A shard that came back: done, or having killed its workers."""

    shard: Shard
    killed: bool


class Cluster:
    """A connection to a scheduler; a context manager that closes it, and a local cluster with it.

    Attributes
    ----------
    workers, threads : int
        How many there were at the last look.
    """

    def __init__(self, scheduler: str | None, workers: int) -> None:
        """Begin to connect, in the background.

        Parameters
        ----------
        scheduler : str or None
            The address of a running scheduler, such as "tcp://host:8786"; None for a cluster inside
            this process, which nothing else can reach. Other processes still read the files.
        workers : int
            The number of workers of a local cluster.

        Raises
        ------
        Problem
            When Dask isn't installed.
        """
        self.workers = self.threads = 0
        self._address = scheduler
        self._note: Callable[[str], None] = print
        self._own: Any = None
        self._client: Any = None
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._shards: dict[Any, Shard] = {}
        self._identity, self._looked, self._waiting = "", 0.0, False
        try:
            import distributed  # noqa: F401
        except ImportError as error:
            raise Problem("Dask isn't installed: pip install 'inkhook[dask]'.") from error
        self._executor = ThreadPoolExecutor(1)
        self._starting: Future[None] = self._executor.submit(self._start, workers)

    def _start(self, workers: int) -> None:
        import dask
        import distributed

        warnings.filterwarnings("ignore", module="distributed")
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("distributed"):
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if self._address is None:
            try:
                self._own = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=False,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL + 1,
                )
            except (OSError, ValueError, RuntimeError) as error:
                raise Problem(f"Can't start Dask on this machine: {error}.") from error
        elif not self._address.startswith(("tcp://", "tls://")):
            raise Problem(f"'{self._address}' isn't an address such as tcp://host:8786.")
        elif self._address.startswith("tls:") and not dask.config.get(CERTIFICATE, None):
            raise Problem(
                f"For '{self._address}', Dask's configuration needs certificates; docs/clusters.md "
                "shows which."
            )
        elif self._address.startswith("tcp:") and dask.config.get(ENCRYPTION, None):
            raise Problem(
                "Dask's configuration requires encryption; use an address that begins with tls://."
            )
        try:
            place = self._own or self._address
            self._client = distributed.Client(place, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise Problem(
                f"Can't reach a Dask scheduler at '{self._address}' ({error}); "
                "start one with 'dask scheduler' and use the address that it prints."
            ) from error

    def join(self, work: ShardWork, note: Callable[[str], None]) -> None:
        """Wait for the scheduler and a worker, and check that all workers can do the work.

        Parameters
        ----------
        work : ShardWork
        note : callable
            Takes lines for the user, now and later.

        Raises
        ------
        Problem
            When one can't; the message names the worker and the reason.
        """
        self._starting.result()
        self._identity, self._note = work.identity, note
        self._poll()
        while not self.workers:
            time.sleep(POLL_SECONDS)
            self._poll()
        here = header.versions()
        scheduler = {"": self._asked(self._ask_scheduler)}
        there = self._asked(lambda: self._client.run(header.versions, on_error="return"))
        for name, found in {**scheduler, **there}.items():
            self._check(name, found, lambda found: remote.compare(found, here))
        looked = self._asked(lambda: self._client.run(remote.look, work, on_error="return"))
        for name, found in looked.items():
            self._check(name, found, lambda _: None)

    def _ask_scheduler(self) -> Any:
        """Return the scheduler's versions, or the error that kept it from answering."""
        try:
            return self._client.run_on_scheduler(header.versions)
        except OSError:
            raise
        except Exception as error:  # Dask turns what can't be imported there into anything
            return error

    def submit(self, work: ShardWork, shard: Shard, places: Sequence[int]) -> None:
        """Have a shard done; `next` returns the outcome."""
        future = self._asked(lambda: self._client.submit(_do, work, shard, places, pure=False))
        self._shards[future] = shard
        future.add_done_callback(self._ended.put)

    @property
    def waiting(self) -> int:
        """How many shards are in flight."""
        return len(self._shards)

    def next(self, *, wait: bool) -> Outcome | None:
        """Return a shard that has come back, or None if there is none yet.

        Parameters
        ----------
        wait : bool
            Whether to wait a moment for one.

        Raises
        ------
        Problem
            When the scheduler is lost, or a worker can't do the work.
        """
        if time.monotonic() - self._looked > POLL_SECONDS:
            self._poll()
        try:
            future = self._ended.get(timeout=POLL_SECONDS) if wait else self._ended.get_nowait()
        except queue.Empty:
            return None
        shard = self._shards.pop(future)
        if future.status == "finished":
            return Outcome(shard, killed=False)
        if future.status == "cancelled":
            raise self._lost()
        error = future.exception()
        if type(error).__name__ == "KilledWorker":
            return Outcome(shard, killed=True)
        if isinstance(error, Problem):
            raise error
        raise Problem(f"A worker can't do the work: {type(error).__name__}: {error}.")

    def _poll(self) -> None:
        """Look which workers there are."""
        if self._client.status != "running":
            raise self._lost()
        threads = self._asked(self._client.nthreads)
        self.workers, self.threads = len(threads), sum(threads.values())
        self._looked = time.monotonic()
        if not self.workers and not self._waiting:
            self._note("There are no workers; waiting for some to join.")
        self._waiting = not self.workers

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Return the scheduler's answer; raises Problem if the scheduler is lost."""
        try:
            return question()
        except (Exception, asyncio.CancelledError) as error:
            # Dask's connection errors are OSErrors; which others are raised then varies
            if isinstance(error, OSError) or self._client.status != "running":
                raise self._lost() from error
            raise

    def _check(self, worker: str, found: Any, check: Callable[[Any], None]) -> None:
        """Turn a worker's error into a sentence with the worker's name."""
        who = f"Worker {worker}" if worker else "The scheduler"
        try:
            if isinstance(found, Problem):
                raise found
            if isinstance(found, BaseException):
                raise Problem(
                    f"It can't run inkhook {header.versions()['inkhook']} ({found}); "
                    "install it there."
                )
            check(found)
        except Problem as problem:
            raise Problem(f"{who}: {problem}") from problem

    def _lost(self) -> Problem:
        return Problem(f"The Dask scheduler at '{self._address or 'this machine'}' was lost.")

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Problem):
            self._starting.result()
        self._executor.shutdown()
        if self._client:
            for future in self._shards:
                future.release()
            if self._client.status == "running":
                release = threading.Thread(target=self._release, daemon=True)
                release.start()
                release.join(RELEASE_SECONDS)
            with contextlib.suppress(Exception):  # whatever is wrong, there is nothing left to do
                self._client.close(timeout=1)
        if self._own:
            with contextlib.suppress(Exception):
                self._own.close(timeout=5)

    def _release(self) -> None:
        """Tell the workers to release what they keep ready; one of them may never answer."""
        with contextlib.suppress(Exception):
            self._client.run(remote.release, self._identity, on_error="ignore")


def _do(work: ShardWork, shard: Shard, places: Sequence[int]) -> None:
    """Do a shard on a worker; errors begin with the worker's name."""
    from distributed import get_worker

    try:
        remote.do_shard(work, shard, places)
    except Problem as problem:
        raise Problem(f"Worker {get_worker().address}: {problem}") from problem
