"""Connections that cost nothing: limits of their number, and of how long they may keep it waiting.

uvicorn waits for a request for as long as it takes. Here, a connection on which none arrives is
closed; and where there are too many, the one that has been idle the longest makes room for the new.
"""

import asyncio
from typing import Any, cast

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 1000
"""Connections at the same time."""

HEAD_SECONDS = 10.0
"""How long a request's head may take, and its body to begin."""

KEEP_SECONDS = 30
"""How long a connection is kept for the next request."""

LARGEST_HEAD = 16 * 2**10
"""In bytes: a request's line and headers."""


class Limits(Config):
    """uvicorn's settings, with the connections that are idle, the longest so first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle: dict[Connection, None] = {}


class Connection(H11Protocol):
    """A connection whose requests have to arrive in time."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, and close another where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            oldest = next(iter(self._idle), self)
            oldest.abort()
            if oldest is self:
                return
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle what has arrived."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:  # a request's head is whole
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, which may have come already."""
        before = self.cycle
        super().on_response_complete()
        if self.cycle is before and not self.transport.is_closing():
            self._wait(KEEP_SECONDS)

    def shutdown(self) -> None:
        """Close the connection at once, as the program ends."""
        self.abort()

    def abort(self) -> None:
        """Close the connection, whatever hasn't been sent yet."""
        self._stop_waiting()
        self.transport.abort()

    @property
    def _idle(self) -> "dict[Connection, None]":
        return cast(Limits, self.config).idle

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._idle[self] = None
        self._waiting = self.loop.call_later(seconds, self.abort)

    def _stop_waiting(self) -> None:
        self._idle.pop(self, None)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
