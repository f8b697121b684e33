"""The page's files, which are there at once, and the API behind them, which takes a moment to load.

Light on purpose: nothing here imports what reads.
"""

import asyncio
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import no_method

PAGE = Path(__file__).with_name("page")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Entrance:
    """Answers for the page's files, and hands all else on.

    Attributes
    ----------
    api : ASGI application or None
        None until it is loaded; requests wait for it.
    """

    def __init__(self) -> None:
        self.api: ASGIApp | None = None
        self._loaded = asyncio.Event()
        self._files = {f"/{path.name}": _response(path) for path in PAGE.iterdir()}
        self._files["/"] = self._files["/index.html"]

    def open(self, api: ASGIApp) -> None:
        """Let requests go on to the API."""
        self.api = api
        self._loaded.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises Refused."""
        file = self._files.get(scope["path"])
        if file is None:
            await self._loaded.wait()
            if self.api is not None:
                await self.api(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await file(scope, receive, send)
        else:
            raise no_method(("GET", "HEAD"))


def _response(path: Path) -> Response:
    return Response(path.read_bytes(), 200, {"cache-control": "no-cache"}, TYPES[path.suffix])
