"""What a request is answered with when it isn't done: a status, and a sentence as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ...core.base.text import to_json


class Refused(Exception):  # noqa: N818 - it is the sender's, not the server's
    """A request that isn't done.

    Attributes
    ----------
    status : int
        HTTP's number for the reason.
    facts : dict
        What the answer says besides the sentence.
    headers : dict of str to str
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        *,
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.facts = dict(facts or {})
        self.headers = dict(headers or {})

    @property
    def response(self) -> Response:
        """The answer."""
        return answer({"error": str(self), **self.facts}, self.status, self.headers)


def busy(sentence: str) -> Refused:
    """Return the answer of a server that has as much to do as it takes on."""
    return Refused(503, sentence, headers={"retry-after": "1"})


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as JSON, which nobody may keep."""
    own = {"cache-control": "no-store", **(headers or {})}
    return Response(to_json(value), status, own, "application/json")


class Address(Route):
    """A route that refuses other methods as everything is refused here."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; raises Refused."""
        if self.methods and scope["method"] not in self.methods:
            raise no_method(self.methods)
        await self.app(scope, receive, send)


def no_method(allowed: Iterable[str]) -> Refused:
    """Return the answer to a method that an address doesn't take."""
    headers = {"allow": ", ".join(sorted(allowed))}
    return Refused(405, "This address doesn't take that method.", headers=headers)
