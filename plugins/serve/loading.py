"""Threads that load what reads; they may be given up, so that the end never waits for them."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any, TypeVar

from .problems import busy

Value = TypeVar("Value")


class Loading:
    """What is being loaded, each on a thread of its own."""

    def __init__(self) -> None:
        self._begun: list[tuple[threading.Thread, Future[Any]]] = []

    def start(self, work: Callable[[], Value]) -> "Future[Value]":
        """Begin to load something; several may wait for it, and none of them can cancel it."""
        future: Future[Value] = Future()
        future.set_running_or_notify_cancel()

        def load() -> None:
            try:
                value = work()
            except Exception as error:
                _settle(future.set_exception, error)
            else:
                _settle(future.set_result, value)

        thread = threading.Thread(target=load, name="inkhook-loading", daemon=True)
        self._begun.append((thread, future))
        thread.start()
        return future

    def give_up(self) -> None:
        """Let go those who wait; what is being loaded comes too late for them."""
        for _, future in self._begun:
            _settle(future.set_exception, busy("The server is about to end."))

    @property
    def unfinished(self) -> bool:
        """Whether anything is still being loaded, also if it was given up."""
        return any(thread.is_alive() for thread, _ in self._begun)

    def join(self) -> None:
        """Wait until nothing is being loaded."""
        for thread, _ in self._begun:
            thread.join()


def _settle(settle: Callable[[Any], None], value: Any) -> None:
    """Settle a future, unless it has been settled before."""
    with contextlib.suppress(InvalidStateError):
        settle(value)
