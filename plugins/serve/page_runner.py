"""What a page's work is done in: threads for reading, the plugins' for what they hear.

The pen waits for neither. A number takes longer to read than a digit, so it is read while drawing
goes on: one reading of each page at a time, and then the newest that was asked for.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from .engine import Engine
from .plugin_thread import PluginThread
from .problems import Refused

Work = Callable[[], Any]
Then = Callable[[Any], None]


class PageRunner:
    """Does the work of one page; a `core.drawing.background.Runner`.

    What is found is passed on when one of the page's requests collects it.
    """

    def __init__(self, plugins: PluginThread, engine: Engine) -> None:
        self._plugins, self._engine = plugins, engine
        self._done: queue.SimpleQueue[tuple[Then, Future[Any]]] = queue.SimpleQueue()
        self._next: tuple[Work, Then] | None = None
        self._idle: Future[None] | None = None  # there while something is read
        self._lock = threading.Lock()

    def do(self, work: Work, then: Then) -> bool:
        """Have plugins called in turn; return False if too much waits."""
        try:
            future = self._plugins.submit(work)
        except Refused:
            return False
        future.add_done_callback(lambda done: self._done.put((then, done)))
        return True

    def do_newest(self, work: Work, then: Then) -> None:
        """Read a drawing, unless a newer one has come by the time it is its turn."""
        with self._lock:
            self._next = work, then
            if self._idle is not None:
                return
            self._idle = Future()
        self._begin()

    @property
    def pending(self) -> bool:
        """Whether a drawing is being read."""
        return self._idle is not None

    async def settled(self) -> None:
        """Wait until nothing more is being read."""
        while (idle := self._idle) is not None:
            await asyncio.wrap_future(idle)

    def collect(self) -> bool:
        """Pass on what has been done since; errors are the command's."""
        found = False
        while not self._done.empty():
            then, future = self._done.get()
            error = future.exception()
            if error is None:
                then(future.result())
                found = True
            elif isinstance(error, Exception):
                self._plugins.on_error(error)
        return found

    def finish(self, seconds: float) -> int:
        """Nothing is given up: the threads are all pages'."""
        return 0

    def _begin(self) -> None:
        """Read the newest drawing, or let go those who wait where there is none."""
        with self._lock:
            newest, self._next = self._next, None
            idle = self._idle
            if newest is None:
                self._idle = None
        if newest is None:
            if idle is not None:
                idle.set_result(None)
            return
        work, then = newest
        try:
            future = self._engine.submit_drawing(work)
        except (Refused, RuntimeError):  # too much waits, or this is the end
            self._begin()
            return
        future.add_done_callback(partial(self._ended, then))

    def _ended(self, then: Then, future: "Future[Any]") -> None:
        if not future.cancelled():
            self._done.put((then, future))
        self._begin()
