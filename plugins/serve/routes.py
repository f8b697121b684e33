"""The HTTP API: what each address answers.

Who gets in is `guard`'s, what is done is `engine`'s, `drawings`' and `review`'s. `openapi.json`
describes it; a test holds the two against each other.
"""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from ...core.base.installed import version
from ...core.reading.rows import Status
from . import answers
from .drawings import Drawings
from .engine import Engine
from .learning import LearningApi
from .limits import Room
from .plugin_thread import PluginThread
from .problems import Address, Refused, answer
from .review_routes import ReviewApi
from .uploads import Uploads

DESCRIPTION = Path(__file__).with_name("openapi.json")

MOST_FILES = 100
"""Pictures in one request."""

LARGEST_STROKES = 2 * 2**20
"""In bytes: a request with strokes."""

MODES = ("digit", "number")


@dataclass(frozen=True)
class Api:
    """What answers requests."""

    engine: Engine
    drawings: Drawings
    plugins: PluginThread
    room: Room
    learning: LearningApi
    uploads: Uploads
    review: ReviewApi | None = None

    def routes(self) -> list[Address]:
        """Return all addresses of the API."""
        own = [
            Address("/api/health", self.health, methods=["GET"]),
            Address("/api/model", self.model, methods=["GET"]),
            Address("/api/read", self.read, methods=["POST"]),
            Address("/api/strokes", self.strokes, methods=["POST"]),
            Address("/api/corrections", self.correct, methods=["POST"]),
            Address("/api/openapi.json", self.openapi, methods=["GET"]),
        ]
        return own + self.learning.routes() + (self.review.routes() if self.review else [])

    async def health(self, request: Request) -> Response:
        """Tell that the server answers."""
        return answer(
            {"status": "ok", "version": version("inkhook"), "waiting": self.room.pictures}
        )

    async def model(self, request: Request) -> Response:
        """Tell which model reads, and what else the page needs to know."""
        table = self.review.name if self.review else None
        return answer({**self.engine.facts, "title": self.engine.title, "review": table})

    async def openapi(self, request: Request) -> Response:
        """Describe the API."""
        return Response(DESCRIPTION.read_bytes(), media_type="application/json")

    async def read(self, request: Request) -> Response:
        """Read one picture, the request's body, or several, the files of a form."""
        mode = request.query_params.get("mode", "digit")
        if mode not in MODES:
            raise Refused(400, "'mode' must be 'digit' or 'number'.")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        async with self.room.body(request) as body:
            if kind == "multipart/form-data":
                files = await _files(request, body)
                with self.room.reading(len(files)):
                    return answer([found for _, found in await self._read(files, mode, request)])
            if not body:
                raise Refused(400, "There is no picture: send an image file's bytes as the body.")
            name = request.query_params.get("name", "")[:255]
            with self.room.reading():
                [(status, found)] = await self._read([(name, body)], mode, request)
        if status.failed:
            raise answers.refusal(status, found)
        return answer(found)

    async def _read(
        self, files: list[tuple[str, bytes]], mode: str, request: Request
    ) -> list[tuple[Status, dict[str, Any]]]:
        """Return the status and the facts of each picture."""
        names = [name for name, _ in files]
        facts = self.engine.facts
        shown = request.query_params.get("picture") == "1"
        if mode == "digit":
            rows = await self.engine.read_digits([data for _, data in files], names)
            digits = [
                answers.of_digit(rows, place, name, facts) for place, name in enumerate(names)
            ]
            for place, (_, said) in enumerate(digits):
                if shown and rows.answered[place]:
                    seen = np.rint(rows.take([place]).images[0] * 255).astype(np.uint8)
                    said["sample"] = self.uploads.keep(seen)
            return digits
        found = [await self.engine.read_numbers(data, name) for name, data in files]
        keep = self.uploads.keep if shown else None
        return [answers.of_numbers(numbers, facts, keep) for numbers in found]

    async def strokes(self, request: Request) -> Response:
        """Read what is drawn: on a page's canvas, or once."""
        async with self.room.body(request, LARGEST_STROKES) as body:
            content = _object(body)
            if "page" in content:
                found = await self.drawings.update(content)
            else:
                found = await self.drawings.read_once(content)
        return answer(found)

    async def correct(self, request: Request) -> Response:
        """Hear what is right on a picture that was read."""
        async with self.room.body(request, LARGEST_STROKES) as body:
            content = _object(body)
            correction = answers.correction_of(content)
        shows = content.get("shows", correction.truth)
        saved = await self.uploads.label(content.get("sample"), str(shows))
        self.plugins.tell("on_correction", correction=correction)
        return answer({"truth": correction.truth, "saved": saved})


def application(api: Api) -> Router:
    """Return what answers all requests but those for the page's files."""
    return Router(api.routes(), redirect_slashes=False, default=_nothing)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise Refused(404, "There is nothing at this address; 'api/openapi.json' lists all.")


def _object(body: bytes) -> dict[str, Any]:
    """Return a body as a JSON object; raises Refused."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body isn't JSON.") from error
    if not isinstance(content, dict):
        raise Refused(400, "The body isn't a JSON object.")
    return content


async def _files(request: Request, body: bytes) -> list[tuple[str, bytes]]:
    """Return the names and bytes of a form's files; raises Refused."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=MOST_FILES, max_fields=10)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        reason = getattr(error, "message", "it isn't whole").rstrip(".")
        raise Refused(400, f"The form can't be read: {reason}.") from error
    try:
        files = [
            ((value.filename or "")[:255], await value.read())
            for _, value in form.multi_items()
            if not isinstance(value, str)
        ]
    finally:
        await form.close()
    if not files:
        raise Refused(400, "The form has no files.")
    return files
