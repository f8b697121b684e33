"""The canvas of each open page: what the browser says was drawn, and what is read there.

A page sends events, as recordings hold them, and the points of the stroke that is being drawn. It
numbers its events, so that one whose answer was lost isn't done twice, and says how many strokes
there should be: where the server knows of others, because it was restarted say, the page sends all.
Not for HTTP (`routes`) nor for what an event means (`core.drawing.painter`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ...core.base.problems import OutputProblem
from ...core.drawing.answer import DrawingAnswer
from ...core.drawing.canvas import Canvas
from ...core.drawing.painter import Painter
from ...core.drawing.reading import Found
from ...core.drawing.recording import (
    CANVAS_SIDES,
    MOST_POINTS,
    Event,
    RecordingWriter,
    event_of,
)
from ...core.events.session import CommandSession
from ...core.numbers.number import Numbers
from ...core.reading.rows import Status
from .drawn import facts_of, last_of
from .engine import Engine
from .page_runner import PageRunner
from .plugin_thread import PluginThread
from .problems import Refused

MOST_PAGES = 100
"""Pages whose canvases are kept; the one that hasn't been used for the longest is forgotten."""

MOST_EVENTS = 2000
"""In one request."""

LARGEST_CANVAS = 4_000_000
"""In pixels."""


class Lost(Exception):  # noqa: N818 - it is expected, after a restart
    """A page's drawing isn't the one that is known here."""

    def __str__(self) -> str:
        return "This drawing isn't known here; send all of it as 'restore'."


class Page:
    """One open page, with its canvas and its undo.

    Attributes
    ----------
    painter : Painter
    turn : asyncio.Lock
        Held by the request that is being done.
    """

    def __init__(self, painter: Painter, engine: Engine, runner: PageRunner) -> None:
        self.painter = painter
        self._engine = engine
        self._reader = engine.drawings
        self._glance: Found | None = None
        self.turn = asyncio.Lock()
        self._runner = runner
        self._next = 0
        self._drawing = 0
        self._saved = 0
        self._looked = False

    async def update(self, content: dict[str, Any]) -> dict[str, Any]:
        """Do what a request says, and return what is read now; raises Refused or Lost."""
        await self._engine.run(partial(self._apply, content))
        if content.get("wait") is True:
            await self._runner.settled()
        chosen = _whole({"chosen": 0} | content, "chosen", 0, MOST_POINTS)
        return await self._engine.run(partial(self._facts, chosen))

    def _apply(self, content: dict[str, Any]) -> None:
        """Do what a request says, on a thread of the engine's."""
        painter = self.painter
        side = max(painter.canvas.width, painter.canvas.height)
        events = events_of(content.get("events", []), side)
        restored = events_of(content.get("restore", []), side)
        pen = content.get("pen") or {}
        pens = events_of([{**pen, "do": "stroke"}], side) if isinstance(pen, dict) and pen else []
        first = _whole(content, "first", 0, 2**53)
        if "restore" in content:
            self._restore(restored)
            self._next = max(self._next, first)
        if first > self._next:
            raise Lost
        if content.get("drop") and self._drawing:
            self._drop()
        for event in events[self._next - first :]:
            self._do(event)
            self._next += 1
        if pens:
            self._draw(pens[0], _whole(pen, "from", 0, MOST_POINTS), rest_only=True)
        if content.get("strokes") not in (None, len(painter.canvas.drawn)):
            raise Lost
        if events or pens or "restore" in content or not self._looked:
            self._looked = True
            self._look()

    def _look(self) -> None:
        """Read the canvas; while the pen is down, only as far as that takes no time."""
        self._glance = None
        if self._drawing and not self._reader.has_plugins:
            found = self._reader.glance(self.painter.canvas.image)
            # a number is shown until its next digit is whole
            known = isinstance(self.painter.reading, Numbers) or isinstance(found, Status)
            self._glance = self.painter.reading if known and self.painter.reading else found
        else:
            self.painter.look()

    def _restore(self, events: Sequence[Event]) -> None:
        """Draw what is on the page, without telling anybody."""
        self.painter.canvas.clear()
        _draw_all(self.painter.canvas, events)
        self._drawing = 0

    def _do(self, event: Event) -> None:
        painter = self.painter
        if event.action == "stroke":
            self._draw(event, self._drawing, rest_only=False)
            painter.release()
        elif event.action == "label":
            before = self._kept()
            painter.label(event.digit, event.at, event.place)
            self._saved += self._kept() - before
        elif event.action == "answer":
            painter.answer(event.at)
        elif event.action == "clear":
            painter.clear(event.at)
        else:
            painter.undo(event.at)
        self._drawing = 0

    def _draw(self, event: Event, known: int, *, rest_only: bool) -> None:
        """Draw on with the points after the `known` ones, which are drawn already."""
        if event.stroke is None or known != self._drawing:
            raise Lost
        painter = self.painter
        moves = list(zip(_points(event), event.stroke.times.tolist(), strict=True))
        moves = moves if rest_only else moves[known:]
        for (x, y), time in moves:
            if self._drawing:
                painter.move(x, y, event.at + time)
            else:
                painter.canvas.brush = event.brush
                painter.press(x, y, event.at + time)
            self._drawing += 1

    def _kept(self) -> int:
        """Return how many samples were saved of the last answer."""
        last = self.painter.last
        return 0 if last is None else sum(digit.path is not None for digit in last.digits)

    def _drop(self) -> None:
        """Take back the unfinished stroke: a second finger came, say."""
        self.painter.canvas.end()
        self.painter.canvas.undo()
        self._drawing = 0

    def _facts(self, chosen: int) -> dict[str, Any]:
        """Return what the page shows, with what the model sees of one digit."""
        painter = self.painter
        painter.collect()
        facts = facts_of(self._glance or painter.reading, painter.canvas.image, chosen)
        facts |= {
            "message": painter.status,
            "trouble": painter.trouble,
            "saved": self._saved,
            "pending": self._runner.pending,
            "title": self._engine.title,
        }
        if painter.last is not None:
            facts["last"] = last_of(painter.last, chosen)
        return facts


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
        size = _size(content)
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
        width, height = _size(content)
        strokes = content.get("strokes")
        if not isinstance(strokes, list):
            raise Refused(400, "'strokes' must be a list of strokes, each with its 'points'.")
        canvas = Canvas(width, height)
        plain = [
            {"at": 0, "do": "stroke", "brush": canvas.brush, "times": _zeros(stroke), **stroke}
            for stroke in strokes
            if isinstance(stroke, dict)
        ]
        _draw_all(canvas, events_of(plain, max(width, height)))
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


def events_of(content: object, side: int) -> list[Event]:
    """Return a request's events; raises Refused."""
    if not isinstance(content, list) or len(content) > MOST_EVENTS:
        raise Refused(400, f"'events' must be a list of at most {MOST_EVENTS:,} events.")
    events = []
    for number, event in enumerate(content, 1):
        if not isinstance(event, dict):
            raise Refused(400, f"Event {number} isn't an object.")
        try:
            events.append(event_of(event, side))
        except (ValueError, OverflowError) as error:
            raise Refused(400, f"Event {number} {error}.") from error
    return events


def _draw_all(canvas: Canvas, events: Sequence[Event]) -> None:
    """Draw strokes without telling anybody."""
    for event in events:
        if event.stroke is not None:
            canvas.brush = event.brush
            (x, y), *rest = _points(event)
            canvas.begin(x, y, 0)
            for x, y in rest:
                canvas.extend(x, y, 0)
            canvas.end()


def _points(event: Event) -> list[tuple[float, float]]:
    points = [] if event.stroke is None else event.stroke.points.tolist()
    return [(x, y) for x, y in points]


def _zeros(stroke: dict[str, Any]) -> list[int]:
    points = stroke.get("points")
    return [0] * len(points) if isinstance(points, list) else []


def _size(content: dict[str, Any]) -> tuple[int, int]:
    least, most = CANVAS_SIDES
    width, height = (_whole(content, name, least, most) for name in ("width", "height"))
    if width * height > LARGEST_CANVAS:
        raise Refused(400, f"The canvas may have {LARGEST_CANVAS:,} pixels.")
    return width, height


def _whole(content: dict[str, Any], name: str, least: int, most: int) -> int:
    value = content.get(name)
    if type(value) is not int or not least <= value <= most:
        raise Refused(400, f"'{name}' must be a whole number from {least:,} to {most:,}.")
    return value
