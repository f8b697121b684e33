"""The canvas of one open page: what its requests say was drawn, and what is read there.

A page sends events, as recordings hold them, and the points of the stroke that is being drawn. It
numbers its events, so that one whose answer was lost isn't done twice, and says how many strokes
there should be: where the server knows of others, because it was restarted say, the page sends all.
Not for what an event means (`core.drawing.painter`).
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from ...core.drawing.painter import Painter
from ...core.drawing.reading import Found
from ...core.drawing.recording import MOST_POINTS, Event
from ...core.numbers.number import Numbers
from ...core.reading.rows import Status
from .drawing_request import draw_all, events_of, whole
from .drawn import facts_of, last_of
from .engine import Engine
from .page_runner import PageRunner


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
        chosen = whole({"chosen": 0} | content, "chosen", 0, MOST_POINTS)
        if content.get("wait") is not True:
            return await self._engine.run(partial(self._answer, content, chosen))
        await self._engine.run(partial(self._apply, content))
        await self._runner.settled()
        return await self._engine.run(partial(self._facts, chosen))

    def _answer(self, content: dict[str, Any], chosen: int) -> dict[str, Any]:
        self._apply(content)
        return self._facts(chosen)

    def _apply(self, content: dict[str, Any]) -> None:
        """Do what a request says, on a thread of the engine's."""
        painter = self.painter
        side = max(painter.canvas.width, painter.canvas.height)
        events = events_of(content.get("events", []), side)
        restored = events_of(content.get("restore", []), side)
        pen = content.get("pen") or {}
        pens = events_of([{**pen, "do": "stroke"}], side) if isinstance(pen, dict) and pen else []
        first = whole(content, "first", 0, 2**53)
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
            self._draw(pens[0], whole(pen, "from", 0, MOST_POINTS), rest_only=True)
        if content.get("strokes") not in (None, len(painter.canvas.drawn)):
            raise Lost
        if events or pens or "restore" in content or not self._looked:
            self._looked = True
            self._look()

    def _look(self) -> None:
        """Read the canvas; while the pen is down, only as far as that takes no time."""
        self._glance, known = None, self.painter.reading
        if not self._drawing or self._reader.has_plugins:
            self.painter.look()
        elif not isinstance(known, Numbers):  # which is shown until its next digit is whole
            found = self._reader.glance(self.painter.canvas.image)
            self._glance = known if known and isinstance(found, Status) else found

    def _restore(self, events: Sequence[Event]) -> None:
        """Draw what is on the page, without telling anybody."""
        self.painter.canvas.clear()
        draw_all(self.painter.canvas, events)
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
        for move in event.moves()[0 if rest_only else known :]:
            if self._drawing:
                painter.move(*move)
            else:
                painter.canvas.brush = event.brush
                painter.press(*move)
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
