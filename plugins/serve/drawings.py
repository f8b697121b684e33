"""The open pages, each with a canvas of its own, and drawings that are read once.

Not for HTTP (`routes`) nor for what a page's requests do (`open_page`).
"""

import asyncio
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

from ...core.base.problems import OutputProblem
from ...core.drawing.answer import DrawingAnswer
from ...core.drawing.canvas import Canvas
from ...core.drawing.painter import Painter
from ...core.drawing.recording import (
    RecordingWriter,
)
from ...core.events.session import CommandSession
from .drawing_request import draw_all, events_of, size_of, zeros_for
from .drawn import facts_of
from .engine import Engine
from .open_page import Lost, Page
from .page_runner import PageRunner
from .plugin_thread import PluginThread
from .problems import Refused

MOST_PAGES = 100
"""Pages whose canvases are kept; the one that hasn't been used for the longest is forgotten."""


class Drawings:
    """The open pages, by the names that they have given themselves."""

    def __init__(
        self,
        session: CommandSession,
        engine: Engine,
        plugins: PluginThread,
        *,
        samples: Path | None = None,
        record: Path | None = None,
    ) -> None:
        """Begin without pages.

        Parameters
        ----------
        session : CommandSession
        engine : Engine
        plugins : PluginThread
        samples : pathlib.Path, optional
            Where labelled drawings are saved, in place of `artifacts/drawings`.
        record : pathlib.Path, optional
            Where the first page's strokes are recorded. The others' go to files beside it, with
            `-2` and so on before the suffix.
        """
        self._session, self._engine, self._plugins = session, engine, plugins
        self._samples, self._record = samples, record
        self._recorded = 0
        self._pages: OrderedDict[str, Page] = OrderedDict()

    async def update(self, content: dict[str, Any]) -> dict[str, Any]:
        """Do what a request of a page says, and return what is read now; raises Refused."""
        name = content["page"]
        if not isinstance(name, str) or not 0 < len(name) <= 64:
            raise Refused(400, "'page' must be a string of 1 to 64 characters.")
        size = size_of(content)
        page = self._pages.get(name)
        known = page and (page.painter.canvas.width, page.painter.canvas.height) == size
        if page is None or not known:
            page = self._open(name, size)
        self._pages.move_to_end(name)
        async with page.turn:
            try:
                return await page.update(content)
            except Lost as lost:
                return {"lost": True, "error": str(lost)}

    async def read_once(self, content: dict[str, Any]) -> dict[str, Any]:
        """Read some strokes that are kept nowhere; raises Refused."""
        width, height = size_of(content)
        strokes = content.get("strokes")
        if not isinstance(strokes, list):
            raise Refused(400, "'strokes' must be a list of strokes, each with its 'points'.")
        canvas = Canvas(width, height)
        plain = [
            {"at": 0, "do": "stroke", "brush": canvas.brush, "times": zeros_for(stroke), **stroke}
            for stroke in strokes
            if isinstance(stroke, dict)
        ]
        draw_all(canvas, events_of(plain, max(width, height)))
        if canvas.empty:
            return facts_of(None, canvas.image)
        read = partial(self._engine.drawings, canvas.image)
        found = await asyncio.wrap_future(self._engine.submit_drawing(read))
        return facts_of(found, canvas.image)

    def close(self) -> None:
        """Finish all pages."""
        for page in self._pages.values():
            page.painter.finish(0)

    def _open(self, name: str, size: tuple[int, int]) -> Page:
        """Give a page a canvas, and forget another one where there are too many."""
        old = self._pages.pop(name, None)
        if old is None and len(self._pages) >= MOST_PAGES:
            _, old = self._pages.popitem(last=False)
        if old is not None:
            old.painter.finish(0)
        runner = PageRunner(self._plugins, self._engine)
        painter = Painter(
            self._session,
            self._engine.drawings,
            Canvas(*size),
            runner,
            _keep_quiet,
            recorder=self._recorder(size),
            folder=self._samples,
        )
        self._pages[name] = Page(painter, self._engine, runner)
        return self._pages[name]

    def _recorder(self, size: tuple[int, int]) -> RecordingWriter | None:
        path = self._record
        if path is None:
            return None
        self._recorded += 1
        if self._recorded > 1:
            path = path.with_name(f"{path.stem}-{self._recorded}{path.suffix}")
        try:
            return RecordingWriter(path, *size)
        except OutputProblem as problem:
            self._session.note(str(problem))
            return None


def _keep_quiet(_: DrawingAnswer) -> None:
    """Take an answer, which the page itself shows."""
