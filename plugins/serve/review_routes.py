"""The addresses of a review: its rows, its pictures, and what is right."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ...core.base.problems import ImageRefused
from ...core.base.text import visible
from ...core.base.types import Correction
from .engine import Engine
from .limits import Room
from .plugin_thread import PluginThread
from .problems import Address, Refused, answer
from .review import Review
from .review_pictures import encoded

MOST_ROWS = 1000
"""In one answer."""


@dataclass(frozen=True)
class ReviewApi:
    """Answers requests about one table."""

    review: Review
    engine: Engine
    plugins: PluginThread
    room: Room

    @property
    def name(self) -> str:
        """The table's name, for people."""
        return visible(self.review.path.name)

    def routes(self) -> list[Address]:
        """Return the addresses."""
        return [
            Address("/api/review", self.rows, methods=["GET"]),
            Address("/api/review", self.accept, methods=["POST"]),
            Address("/api/review/pictures/{row:int}", self.picture, methods=["GET"]),
        ]

    async def rows(self, request: Request) -> Response:
        """Return some rows, in the order in which they should be looked at."""
        review = self.review
        start, count, since = (
            _number(request, name, default)
            for name, default in (("start", 0), ("count", 200), ("since", review.revision))
        )
        places = review.order[start : start + min(count, MOST_ROWS)]
        left = (place for place, row in enumerate(review.order) if not review.truths[row])
        return answer(
            self._state(since)
            | {
                "name": self.name,
                "kept": visible(review.kept.name),
                "kind": review.kind,
                "count": len(review.rows),
                "first": next(left, 0),
                "start": start,
                "rows": [self._row(row) for row in places],
            }
        )

    async def accept(self, request: Request) -> Response:
        """Keep what is right for a row."""
        async with self.room.body(request, 2**16) as body:
            try:
                content = json.loads(body)
                row, truth, was = content["row"], content["truth"], content["was"]
            except (ValueError, TypeError, KeyError) as error:
                sentence = "The body must be JSON with 'row', 'truth' and 'was'."
                raise Refused(400, sentence) from error
        if type(row) is not int or not isinstance(truth, str) or not isinstance(was, str):
            raise Refused(400, "'row' must be a number, 'truth' and 'was' strings.")
        since = content.get("since")
        review = self.review
        await review.answer(row, truth, was)
        if truth and truth != was:
            found = review.rows[row]
            told = Correction("review", found.path, found.read, truth)
            self.plugins.tell("on_correction", correction=told)
        state = self._state(since if type(since) is int else review.revision)
        return answer(state | {"row": row, "truth": truth})

    async def picture(self, request: Request) -> Response:
        """Return a row's picture, grey and upright, as it was read; of one number, where that is.

        With `?sentence=1`, why there is none is no error: browsers list those in their console.
        """
        row = request.path_params["row"]
        path = self.review.picture(row)
        with self.room.reading():
            try:
                image = await self.engine.read_picture(path)
            except ImageRefused as refused:
                facts = {"status": refused.status}
                if request.query_params.get("sentence") == "1":
                    return answer({"error": str(refused), **facts})
                raise Refused(404, str(refused), facts=facts) from refused
        data, kind = encoded(image.pixels, self.review.rows[row].box)
        return Response(data, 200, {"cache-control": "private, max-age=60"}, kind)

    def _state(self, since: int) -> dict[str, Any]:
        review = self.review
        changes = [[row, truth] for row, truth in review.changes(since).items()]
        return {"done": review.done, "revision": review.revision, "changes": changes}

    def _row(self, number: int) -> dict[str, Any]:
        row = self.review.rows[number]
        return {
            "row": number,
            "path": visible(row.path),
            "status": row.status,
            "read": row.read,
            "confidence": row.confidence,
            "label": row.label,
            "truth": self.review.truths[number],
        }


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or len(text) > 12:
        raise Refused(400, f"'{name}' must be a whole number.")
    return int(text)
