"""Plugins that hear of a drawing, told in the background so that the pen never waits for them."""

from collections.abc import Callable
from typing import Any

from ..events.session import CommandSession
from .background import Runner

SLOW = 1.0
"""Seconds after which a busy plugin is named."""


class Listeners:
    """Tells plugins in a worker, and names those that fail or are slow."""

    def __init__(
        self,
        session: CommandSession,
        worker: Runner,
        complain: Callable[[str], None],
        show: Callable[[str], None],
    ) -> None:
        """Take what is told, and what takes sentences for the user.

        Parameters
        ----------
        session : CommandSession
        worker : Runner
        complain : callable
            For what nobody has said yet.
        show : callable
            For a plugin's failure, which the session has already written on stderr.
        """
        self._session = session
        self._worker = worker
        self._complain = complain
        self._show = show
        self._named: set[str] = set()

    def tell(self, hook: str, **arguments: Any) -> None:
        """Tell all plugins of an event."""
        session = self._session
        if not session.has(hook):
            return

        def work() -> list[str]:
            before = len(session.hooks.faults)
            session.tell(hook, **arguments)
            return [str(fault) for fault in session.hooks.faults[before:]]

        def then(faults: list[str]) -> None:
            for fault in faults:
                self._show(fault)

        if not self._worker.do(work, then):
            self._complain(f"Plugin '{session.hooks.calling}' is too slow and misses events.")

    def notice_slow(self, busy_seconds: float) -> None:
        """Name the plugin that has been at work for so long, once."""
        name = self._session.hooks.calling
        if busy_seconds > SLOW and name and name not in self._named:
            self._named.add(name)
            self._complain(f"Plugin '{name}' is slow; drawing goes on without waiting for it.")

    def finish(self, seconds: float) -> None:
        """Wait up to `seconds` for them."""
        left = self._worker.finish(seconds)
        if left:
            name = self._session.hooks.calling
            plugin = f"Plugin '{name}'" if name else "A plugin"
            self._complain(f"{plugin} is still at work; {left} of its events are given up.")
