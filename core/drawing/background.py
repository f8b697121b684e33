"""A thread for work that may take long, so that the pen never waits for it.

Work is submitted by the main thread and done in order; its callbacks run on the main thread again,
when that collects them. `Background` is for a window. `Inline` is the same without a thread, for a
replay that gives the same answers every time. See docs/decisions/010-paint-plugin-thread.md.
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

Work = Callable[[], Any]
Then = Callable[[Any], None]

MOST_WAITING = 200
"""Pieces of work in the queue; if a plugin is slower than the hand, memory would keep growing."""


class Runner(Protocol):
    """What both kinds of runner can do."""

    def do(self, work: Work, then: Then) -> bool:
        """Do `work` and pass its result to `then`; return False if the queue is full."""

    def do_newest(self, work: Work, then: Then) -> None:
        """Do `work` when nothing else waits, unless newer work of this kind has come by then."""

    def collect(self) -> bool:
        """Call `then` for finished work, and return whether there was any; raises its errors."""

    def finish(self, seconds: float) -> int:
        """Wait up to `seconds` for all work; return how many pieces are left undone."""


class Inline:
    """Does all work immediately."""

    def do(self, work: Work, then: Then) -> bool:
        """Do the work now."""
        then(work())
        return True

    def do_newest(self, work: Work, then: Then) -> None:
        """Do the work now."""
        then(work())

    def collect(self) -> bool:
        """Nothing is ever waiting."""
        return False

    def finish(self, seconds: float) -> int:
        """Nothing is ever waiting."""
        return 0


class Background:
    """Does work on one thread, in order."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Work, Then] | None] = queue.Queue(MOST_WAITING)
        self._newest: tuple[Work, Then] | None = None
        self._done: queue.SimpleQueue[tuple[Then, Any, BaseException | None]] = queue.SimpleQueue()
        self._since = 0.0
        self._undone = 0
        self._busy = False
        self._lock = threading.Lock()
        # a daemon, so that a plugin that never returns doesn't keep the program alive
        threading.Thread(target=self._serve, name="inkhook-background", daemon=True).start()

    def do(self, work: Work, then: Then) -> bool:
        """Put work in the queue; return False if it is full."""
        with self._lock:
            self._undone += 1
        try:
            self._waiting.put_nowait((work, then))
        except queue.Full:
            with self._lock:
                self._undone -= 1
            return False
        return True

    def do_newest(self, work: Work, then: Then) -> None:
        """Replace work of this kind that hasn't begun yet."""
        with self._lock:
            self._newest = work, then
        if self._waiting.empty():
            self._waiting.put(None)  # to wake the thread

    def collect(self) -> bool:
        """Call `then` on this thread for the work that has been done."""
        found = False
        while not self._done.empty():
            found = True
            then, result, error = self._done.get()
            if error is not None:
                raise error
            then(result)
        return found

    def busy_seconds(self) -> float:
        """Return how long the current piece of work has taken so far; 0 while there is none."""
        since = self._since
        return time.monotonic() - since if since else 0.0

    def finish(self, seconds: float) -> int:
        """Wait for all work to end, collecting as it goes.

        Also for the newest: a thread that leaves OpenCV while Python ends would abort the process.
        """
        until = time.monotonic() + seconds
        while (self._undone or self._is_busy()) and time.monotonic() < until:
            self.collect()
            time.sleep(0.005)
        self.collect()
        return self._undone

    def _is_busy(self) -> bool:
        with self._lock:
            return self._busy or self._newest is not None

    def _serve(self) -> None:
        while True:
            item = self._waiting.get()
            self._busy = True
            if item is not None:
                self._run(*item)
                with self._lock:
                    self._undone -= 1
            if self._waiting.empty():
                with self._lock:
                    newest, self._newest = self._newest, None
                    self._busy = newest is not None
                if newest is not None:
                    self._run(*newest)
                    self._busy = False

    def _run(self, work: Work, then: Then) -> None:
        self._since = time.monotonic()
        try:
            self._done.put((then, work(), None))
        except BaseException as error:  # raised in the main thread
            self._done.put((then, None, error))
        self._since = 0.0
