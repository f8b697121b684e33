"""The page's button that learns: what was drawn becomes a better model while drawing goes on.

`core.jobs.learner` does it; here it is asked for, watched, and told to the pages.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ...core.jobs.find_model import title_of
from ...core.jobs.learner import Learner
from .engine import Engine
from .limits import Room
from .problems import Address, Refused, answer

PAUSE = 0.5
"""Seconds between two looks whether learning has ended."""


class LearningApi:
    """Answers requests about learning, which all pages share."""

    def __init__(
        self, engine: Engine, room: Room, note: Callable[[str], None], samples: Path | None = None
    ) -> None:
        """Begin without learning anything.

        Parameters
        ----------
        engine : Engine
            Loaded.
        room : Room
        note : callable
            Takes a line for who has started the server.
        samples : pathlib.Path, optional
            Where labelled drawings are, in place of `artifacts/drawings`.
        """
        self._engine, self._room, self._note = engine, room, note
        self._learner = Learner(engine.model, engine.use, samples)
        self._turn = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self._said = ""

    def routes(self) -> list[Address]:
        """Return the addresses."""
        return [
            Address("/api/learning", self.show, methods=["GET"]),
            Address("/api/learning", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Tell how many samples are new, and which model reads."""
        async with self._turn:  # not while a model takes over: half of it would be the old state
            return answer(await self._engine.run(self._facts))

    async def act(self, request: Request) -> Response:
        """Start to learn, or go back to the model before."""
        acts = {"learn": self._learner.start, "back": self._learner.back}
        async with self._room.body(request, 2**10) as body:
            try:
                act = acts[json.loads(body)["do"]]
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise Refused(400, "The body must be JSON with 'do': 'learn' or 'back'.") from error
        async with self._turn:
            self._tell(await asyncio.to_thread(act))
        if self._learner.busy and self._watch is None:
            self._watch = asyncio.create_task(self._wait())
        return await self.show(request)

    async def _wait(self) -> None:
        """Wait until learning has ended; a better model reads from then on."""
        while self._learner.busy:
            await asyncio.sleep(PAUSE)
            async with self._turn:
                outcome = await asyncio.to_thread(self._learner.collect)
            if outcome is not None:
                self._tell(outcome.sentence)
        self._watch = None

    def close(self) -> None:
        """End learning that hasn't ended."""
        self._learner.finish()

    def _tell(self, sentence: str) -> None:
        self._said = sentence
        self._note(sentence)

    def _facts(self) -> dict[str, Any]:
        other = self._learner.other
        return {
            "new": self._learner.new,
            "learning": self._learner.busy,
            "said": self._said,
            "title": self._engine.title,
            "other": other and title_of(other),
        }
