"""Who gets in: checks of every request before anything else looks at it.

A page on another site can make a browser send requests here, and by rebinding a name of its own it
can even read the answers. So the Host header must be a name of this server, and a browser's Origin
must be the page itself. Where others can reach the server, a token is needed, as Jupyter does it.
See docs/serve.md. Not for limits of size: see `limits`.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...core.base.problems import Problem
from .problems import Refused, busy

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")

WRONG_TOKENS, WRONG_SECONDS = 20, 60.0
"""After so many wrong tokens in so many seconds, all that have none or a wrong one must wait."""

REQUEST_SECONDS = 120.0
"""No request takes longer; a body's own limit is in `limits`."""

DRAINED, DRAIN_SECONDS = 4 * 32 * 2**20, 3.0
"""How much of a refused body is received and dropped, in bytes and seconds."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' blob: data:; media-src blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
"""What every answer carries."""

ENCODED = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Access:
    """Who may use the server.

    Attributes
    ----------
    host : str
        The address it listens on.
    names : tuple of str
        Other names under which it is reached, through a proxy say.
    token : str
        Needed by everybody; empty for none.
    port : int
    root : str
        What a proxy puts before every path; empty or beginning with "/".
    """

    host: str
    names: tuple[str, ...] = ()
    token: str = ""
    port: int = 0
    root: str = ""

    @property
    def cookie(self) -> str:
        """The cookie's name: a browser sends cookies to all ports of a host."""
        return f"inkhook-{self.port}"

    def knows_host(self, header: str) -> bool:
        """Tell whether a Host header names this server."""
        name = _name_of(f"//{header}")
        if name in {each.lower() for each in (*self.names, self.host, *LOOPBACK)}:
            return True
        # who listens on all addresses is reached by any of them; none of them can be rebound
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104 - compared
        return everywhere and (_is_address(name) or name == socket.gethostname().lower())

    def knows_origin(self, origin: str, host: str) -> bool:
        """Tell whether a page's origin is this server; a proxy may have another name and port."""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        known = {name.lower() for name in self.names}
        return parts.netloc.lower() == host.lower() or _name_of(origin) in known


def _name_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


@dataclass
class Guard:
    """The outermost part of the application: checks, headers, and errors as JSON.

    Attributes
    ----------
    app : ASGI application
    access : Access
    report : callable
        Takes a line about an error in the server itself.
    debug : bool
        Whether its traceback is shown.
    """

    app: ASGIApp
    access: Access
    report: Callable[[str], None]
    debug: bool = False
    _wrong: deque[float] = field(default_factory=deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        started = received = False

        async def receive_and_note() -> Message:
            nonlocal received
            message = await receive()
            received = message["type"] == "http.disconnect" or not message.get("more_body")
            return message

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", ()), *ENCODED]}
            await send(message)

        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                app = self._check(scope)
                await app(scope, receive_and_note, send_with_headers)
        except TimeoutError:
            refused = busy("This took too long; try it again.")
        except Refused as reason:
            refused = reason
        except Problem as problem:
            self.report(str(problem))
            refused = Refused(503, str(problem))
        except Exception as error:
            if self.debug:
                traceback.print_exception(error)
            self.report(f"A request failed: {type(error).__name__}: {error}. This is a bug.")
            refused = Refused(500, "This is a bug in inkhook; its own output says more.")
        else:
            return
        if not started:
            if scope["method"] not in SAFE and not received:
                await _drain(receive)
                refused.headers["connection"] = "close"
            await refused.response(scope, receive, send_with_headers)

    def _check(self, scope: Scope) -> ASGIApp:
        """Return what answers the request; raises Refused."""
        access, headers = self.access, Headers(scope=scope)
        host = headers.get("host", "")
        if not access.knows_host(host):
            raise Refused(
                403,
                "This server isn't known by that name; start it with '--allow-host NAME' if it "
                "should be.",
            )
        origin = headers.get("origin")
        foreign = origin is not None and not access.knows_origin(origin, host)
        if foreign and scope["method"] not in SAFE:
            raise Refused(403, "Pages of other sites may not use this server.")
        if access.root and scope["path"].startswith(f"{access.root}/"):
            scope["path"] = scope["path"].removeprefix(access.root)
        if access.token:
            return self._check_token(scope, headers)
        return self.app

    def _check_token(self, scope: Scope, headers: Headers) -> ASGIApp:
        """Let in who has the token: in the address, whence it goes to a cookie, or a header."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        in_address = query.get("token", [""])[0]
        kind, _, in_header = headers.get("authorization", "").partition(" ")
        if kind.lower() not in ("bearer", "token"):
            in_header = ""
        given = [in_address, in_header, self._cookie(headers)]
        if any(self._is_right(token) for token in given if token):
            if self._is_right(in_address) and scope["method"] == "GET" and scope["path"] == "/":
                return self._with_cookie
            return self.app
        now = time.monotonic()
        while self._wrong and now - self._wrong[0] > WRONG_SECONDS:
            self._wrong.popleft()
        if len(self._wrong) >= WRONG_TOKENS:
            raise Refused(
                429,
                "There were too many wrong tokens; wait a minute.",
                headers={"retry-after": str(round(WRONG_SECONDS))},
            )
        if any(given):
            self._wrong.append(now)
        raise Refused(
            401,
            "This needs the token: open the whole address that 'inkhook serve' has printed.",
            headers={"www-authenticate": "Bearer"},
        )

    def _is_right(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.access.token.encode())

    def _cookie(self, headers: Headers) -> str:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self.access.cookie)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    async def _with_cookie(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the token in a cookie and take it out of the address, and so of the history."""
        response = RedirectResponse("./", 303, {"cache-control": "no-store"})
        access = self.access
        response.set_cookie(access.cookie, access.token, httponly=True, samesite="strict")
        await response(scope, receive, send)


async def _drain(receive: Receive) -> None:
    """Let the sender finish, within bounds: who is still sending doesn't hear the answer."""
    left = DRAINED
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
