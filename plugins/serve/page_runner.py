"""What a page's work is done in: threads for reading, the plugins' for what they hear."""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from .engine import Engine
from .plugin_thread import PluginThread
from .problems import Refused


class PageRunner:
    """Has a page's plugins called on that thread; a `core.drawing.background.Runner`.

    What they return is passed on when the page's next request collects it.
    """

    def __init__(self, plugins: PluginThread, engine: Engine) -> None:
        self._plugins, self._engine = plugins, engine
        self._done: queue.SimpleQueue[tuple[Callable[[Any], None], Future[Any]]]
        self._done = queue.SimpleQueue()
        self._newest: tuple[Callable[[Any], None], Future[Any]] | None = None

    def do(self, work: Callable[[], Any], then: Callable[[Any], None]) -> bool:
        """Do `work` in turn; return False if too much waits."""
        try:
            future = self._plugins.submit(work)
        except Refused:
            return False
        future.add_done_callback(lambda done: self._done.put((then, done)))
        return True

    def do_newest(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do `work`, reading a drawing; `settled` waits for it."""
        self._newest = then, self._engine.submit_drawing(work)

    async def settled(self) -> None:
        """Wait for what `do_newest` was given, and pass it on."""
        if self._newest is not None:
            (then, future), self._newest = self._newest, None
            then(await asyncio.wrap_future(future))

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
        """Nothing is given up: the thread is all pages'."""
        return 0
