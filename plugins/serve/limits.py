"""How much the server takes on: bytes of bodies in memory, and pictures that wait to be read.

What is beyond is refused with 503 at once, so that the others are answered in time.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

from starlette.requests import ClientDisconnect, Request

from .problems import Refused, busy

LARGEST = 32 * 2**20
"""In bytes: the body of one request."""

MOST_BYTES = 8 * LARGEST
"""Of all bodies together, as far as they have arrived."""

MOST_PICTURES = 64
"""That are being read or wait for it."""

STALL_SECONDS, BODY_SECONDS = 10.0, 60.0
"""How long a sender may pause, and how long a body may take."""


class Room:
    """What is left of the server's memory and time.

    Attributes
    ----------
    bytes : int
        How much of bodies is held.
    pictures : int
        How many are being read or wait for it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_pictures: int = MOST_PICTURES) -> None:
        self.bytes = self.pictures = 0
        self._most_bytes, self._most_pictures = most_bytes, most_pictures

    @contextlib.asynccontextmanager
    async def body(self, request: Request, largest: int = LARGEST) -> AsyncIterator[bytes]:
        """Receive a body and make room for it while the block runs; raises Refused."""
        held = 0
        parts: list[bytes] = []
        _check_length(request, largest)
        try:
            stream, until = request.stream(), time.monotonic() + BODY_SECONDS
            while True:
                left = max(min(STALL_SECONDS, until - time.monotonic()), 0)
                try:
                    async with asyncio.timeout(left):
                        part = await anext(stream)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise Refused(408, "The rest of the request didn't arrive in time.") from None
                except ClientDisconnect:
                    raise Refused(400, "The request broke off.") from None
                held += len(part)
                self.bytes += len(part)
                parts.append(part)
                if held > largest:
                    raise _too_large(largest)
                if self.bytes > self._most_bytes:
                    raise busy("The server has as many uploads as it takes; try again.")
            body = b"".join(parts)
            parts.clear()
            yield body
        finally:
            self.bytes -= held

    @contextlib.contextmanager
    def reading(self, count: int = 1) -> Iterator[None]:
        """Take a place in the queue for some pictures; raises Refused where it is full."""
        # a single request is always taken when nothing else waits, however many pictures it holds
        if self.pictures and self.pictures + count > self._most_pictures:
            raise busy("The server has as many pictures to read as it takes; try again.")
        self.pictures += count
        try:
            yield
        finally:
            self.pictures -= count


def _check_length(request: Request, largest: int) -> None:
    """Refuse a body that says itself that it is too large, before it is sent."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > largest:
        raise _too_large(largest)


def _too_large(largest: int) -> Refused:
    size = f"{largest // 2**20} MB" if largest >= 2**20 else f"{largest // 2**10} KB"
    return Refused(413, f"The request is larger than {size}.")
