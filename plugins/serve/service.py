"""The parts put together: from a bound port to the end of the server."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from ...core.events.session import CommandSession
from .entrance import Entrance
from .guard import Access, Guard
from .loading import Loading
from .plugin_thread import PATIENCE, PluginThread
from .server import LocalServer

if TYPE_CHECKING:
    from .drawings import Drawings
    from .engine import Engine
    from .learning import LearningApi
    from .review import Review


@dataclass(frozen=True)
class Wishes:
    """What the user wants of the service.

    Attributes
    ----------
    model : str or None
        As for `find_model`.
    table, images : pathlib.Path or None
        What to review, and the folder of its pictures.
    samples, record : pathlib.Path or None
        Where labelled drawings and recordings go.
    strict, debug : bool
        Whether a plugin's failure ends it, and whether tracebacks are shown.
    """

    model: str | None = None
    table: Path | None = None
    images: Path | None = None
    samples: Path | None = None
    record: Path | None = None
    strict: bool = False
    debug: bool = False


class Service:
    """One server, from its parts to its end."""

    def __init__(self, session: CommandSession, access: Access, wishes: Wishes) -> None:
        """Take the command's session, entered, who gets in, and what is wanted."""
        self._session, self._access, self._wishes = session, access, wishes
        self._errors: list[Exception] = []
        self._server: LocalServer | None = None
        self._plugins = PluginThread(session, self._fail)
        self._loading = Loading()
        self._engine: Engine | None = None
        self._review: Review | None = None
        self._drawings: Drawings | None = None
        self._learning: LearningApi | None = None

    def run(self, bound: socket.socket, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until a signal comes.

        Parameters
        ----------
        bound : socket.socket
        ready : callable
            Called with facts about the model when all requests can be answered; the page itself is
            there before.

        Raises
        ------
        Problem
            When the model or the table can't be used, or, with `--strict`, when a plugin fails.
        """
        asyncio.run(self._run(bound, ready))
        if self._errors:
            raise self._errors[0]

    async def _run(self, bound: socket.socket, ready: Callable[[dict[str, Any]], None]) -> None:
        entrance = Entrance()
        guard = Guard(entrance, self._access, self._session.note, self._wishes.debug)
        self._server = LocalServer(guard)
        self._server.end_with_signals()
        opening = asyncio.create_task(self._open(entrance, ready))
        await self._server.serve(sockets=[bound])
        opening.cancel()

    async def _open(self, entrance: Entrance, ready: Callable[[dict[str, Any]], None]) -> None:
        """Let requests in once there is something to answer them."""
        try:
            entrance.open(await asyncio.wrap_future(self._loading.start(self._load)))
            if self._engine:
                ready(self._engine.facts)
                self._engine.numbers()  # so that the first picture doesn't wait for it
        except Exception as error:
            self._fail(error)

    def _load(self) -> ASGIApp:
        """Load what reads; raises Problem."""
        from ...core.base.threads import use_one_opencv_thread
        from .drawings import Drawings
        from .engine import Engine
        from .learning import LearningApi
        from .limits import Room
        from .review import Review
        from .review_routes import ReviewApi
        from .routes import Api, application
        from .uploads import Uploads

        use_one_opencv_thread()
        wishes, session, room = self._wishes, self._session, Room()
        reviews = None
        if wishes.table:
            self._review = Review(wishes.table, wishes.images)
        self._engine = Engine(session, self._plugins, self._loading, strict=wishes.strict)
        self._engine.load(wishes.model)
        self._drawings = Drawings(
            session, self._engine, self._plugins, samples=wishes.samples, record=wishes.record
        )
        self._learning = LearningApi(self._engine, room, session.note, wishes.samples)
        if self._review:
            reviews = ReviewApi(self._review, self._engine, self._plugins, room)
        uploads = Uploads(self._engine, wishes.samples)
        api = Api(
            self._engine, self._drawings, self._plugins, room, self._learning, uploads, reviews
        )
        return application(api)

    def stop(self) -> None:
        """End the server at once; safe on any thread."""
        if self._server is not None:
            self._server.stop()

    def _fail(self, error: Exception) -> None:
        """End the command with an error; safe on any thread."""
        self._errors.append(error)
        self.stop()

    @property
    def loading(self) -> bool:
        """Whether a thread is still loading something that nobody needs any more."""
        return self._loading.unfinished

    def close(self) -> None:
        """Finish what was begun, in order; what is being loaded is given up."""
        self._loading.give_up()
        if self._learning is not None:
            self._learning.close()
        if self._drawings is not None:
            self._drawings.close()
        left = self._plugins.finish()
        if left:
            name = self._session.hooks.calling
            plugin = f"Plugin '{name}'" if name else "A plugin"
            self._session.note(
                f"{plugin} is still at work after {PATIENCE:g} s; {left} events are given up."
            )
        if self._engine is not None:
            self._engine.close()
        if self._review is not None:
            self._review.close()
        if self._errors:  # there is something to say first, so the end is an ordinary one
            self._loading.join()
