"""The parts put together: from a bound port to the end of the server."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from ...core.drawing.background import use_one_thread
from ...core.events.session import CommandSession
from .drawings import Drawings
from .engine import Engine
from .guard import Access, Guard
from .limits import Room
from .plugin_thread import PATIENCE, PluginThread
from .review import Review
from .review_routes import ReviewApi
from .routes import Api, application
from .server import LocalServer, run


class Service:
    """One server, from its parts to its end.

    Attributes
    ----------
    engine : Engine
    """

    def __init__(
        self, session: CommandSession, access: Access, *, strict: bool, debug: bool
    ) -> None:
        """Take the command's session, entered, and who gets in."""
        self._session, self._access, self._debug = session, access, debug
        self._errors: list[Exception] = []
        self._server: LocalServer | None = None
        self._plugins = PluginThread(session, self._fail)
        self.engine = Engine(session, self._plugins, strict=strict)
        self._review: Review | None = None
        self._drawings: Drawings | None = None
        self._room = Room()

    def review(self, table: Path, images: Path | None) -> None:
        """Offer a table for review; raises DataProblem."""
        self._review = Review(table, images)

    def draw(self, samples: Path | None, record: Path | None) -> None:
        """Set where what is drawn is kept."""
        self._drawings = Drawings(
            self._session, self.engine, self._plugins, samples=samples, record=record
        )

    def run(self, bound: socket.socket, model: str | None, ready: Callable[[], None]) -> None:
        """Serve until a signal comes.

        Parameters
        ----------
        bound : socket.socket
        model : str or None
            As for `find_model`.
        ready : callable
            Called when all requests can be answered; the page itself is there before.

        Raises
        ------
        Problem
            When the model can't be used, or, with `--strict`, when a plugin fails.
        """
        use_one_thread()
        asyncio.run(self._run(bound, model, ready))
        if self._errors:
            raise self._errors[0]

    async def _run(
        self, bound: socket.socket, model: str | None, ready: Callable[[], None]
    ) -> None:
        review = self._review and ReviewApi(self._review, self.engine, self._plugins, self._room)
        api = Api(self.engine, self._drawings, self._plugins, self._room, review)
        guard = Guard(application(api), self._access, self._session.note, self._debug)
        self._server = LocalServer(guard)
        loop = asyncio.get_running_loop()
        work = asyncio.create_task(run(self._server, bound))
        try:
            await loop.run_in_executor(None, self.engine.load, model)
            self.engine.ready.set()
            if not self._server.should_exit:
                ready()
        except Exception as error:
            self._fail(error)
        await work

    def _fail(self, error: Exception) -> None:
        """End the command with an error; safe on any thread."""
        self._errors.append(error)
        if self._server is not None:
            self._server.stop()

    def close(self) -> None:
        """Finish what was begun, in order."""
        if self._drawings is not None:
            self._drawings.close()
        left = self._plugins.finish()
        if left:
            name = self._session.hooks.calling
            plugin = f"Plugin '{name}'" if name else "A plugin"
            self._session.note(
                f"{plugin} is still at work after {PATIENCE:g} s; {left} of its events are given up."
            )
        self.engine.close()
        if self._review is not None:
            self._review.close()
