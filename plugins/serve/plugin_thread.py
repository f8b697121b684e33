"""The one thread on which plugins are called, in order; requests wait for it or don't.

The pen never waits for a plugin: what is told is queued. Only what plugins prepare is waited for.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from ...core.events.session import CommandSession
from .problems import Refused, busy

MOST_WAITING = 1000
"""Events in the queue; if plugins are slower than the people, memory would keep growing."""

PATIENCE = 5.0
"""Seconds that plugins get at the end to finish their work."""

Value = TypeVar("Value")
Work = tuple[Callable[[], Any], "Future[Any]"]


class PluginThread:
    """Calls the plugins of a session.

    Attributes
    ----------
    on_error : callable
        Takes an error that ends the command: with `--strict`, that of a plugin.
    """

    def __init__(self, session: CommandSession, on_error: Callable[[Exception], None]) -> None:
        self.on_error = on_error
        self._session = session
        self._waiting: queue.Queue[Work] = queue.Queue(MOST_WAITING)
        self._missed = False
        # a daemon, so that a plugin that never returns doesn't keep the program alive
        self._thread = threading.Thread(target=self._serve, name="inkhook-plugins", daemon=True)
        self._thread.start()

    def has(self, hook: str) -> bool:
        """Tell whether any plugin implements a hook."""
        return self._session.has(hook)

    def tell(self, hook: str, **arguments: Any) -> None:
        """Have an event told to the plugins, without waiting; safe on any thread."""
        if not self._session.has(hook):
            return
        future: Future[None] = Future()
        future.add_done_callback(self._check)
        try:
            self._waiting.put_nowait((lambda: self._session.tell(hook, **arguments), future))
        except queue.Full:
            if not self._missed:
                self._missed = True
                slow = self._session.hooks.calling
                self._session.note(f"Plugin '{slow}' is too slow and misses events.")

    async def do(self, work: Callable[[], object]) -> None:
        """Wait for events that are told in turn; what goes wrong is the command's."""
        try:
            await self.run(work)
        except Refused:
            raise
        except Exception as error:
            self.on_error(error)

    def submit(self, work: Callable[[], Value]) -> "Future[Value]":
        """Have something done in turn with the events; raises Refused if too much waits."""
        future: Future[Value] = Future()
        try:
            self._waiting.put_nowait((work, future))
        except queue.Full:
            raise busy("The plugins are too slow for so much; try again.") from None
        return future

    async def run(self, work: Callable[[], Value]) -> Value:
        """Wait for something that is done in turn with the events."""
        return await asyncio.wrap_future(self.submit(work))

    def finish(self, seconds: float = PATIENCE) -> int:
        """Wait for the queue to become empty; return how many events are left undone."""
        until = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)
        return self._waiting.unfinished_tasks

    def _check(self, future: "Future[Any]") -> None:
        error = future.exception()
        if isinstance(error, Exception):
            self.on_error(error)

    def _serve(self) -> None:
        while True:
            work, future = self._waiting.get()
            try:
                if future.set_running_or_notify_cancel():
                    future.set_result(work())
            except BaseException as error:  # raised where it is waited for
                future.set_exception(error)
            finally:
                self._waiting.task_done()
