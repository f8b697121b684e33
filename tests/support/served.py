"""A server of `inkhook serve` in this process, and a client that says what it wants."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inkhook.core.events.session import CommandSession
from inkhook.plugins.serve.guard import Access
from inkhook.plugins.serve.server import listen
from inkhook.plugins.serve.service import Service, Wishes
from inkhook.testing import new_session


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"])


@dataclass
class Served:
    """A server that runs."""

    host: str
    port: int
    session: CommandSession

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; underscores in headers' names stand for hyphens."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(method, path, body, names)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, content: Any, **headers: str) -> Answer:
        """Send bytes as they are, and anything else as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.ask("POST", path, body, **headers)


@contextlib.contextmanager
def serving(
    *plugins: object,
    token: str = "",
    names: tuple[str, ...] = (),
    root: str = "",
    host: str = "127.0.0.1",
    port: int = 0,
    **wishes: Any,
) -> Iterator[Served]:
    """Run a server on a thread; an error that ends it is raised when the block ends."""
    session = new_session(*plugins, strict=bool(wishes.get("strict")))
    bound = listen(host, port, exactly=True)
    port = bound.getsockname()[1]
    service = Service(session, Access(host, names, token, port, root), Wishes(**wishes))
    ready = threading.Event()
    errors: list[BaseException] = []

    def note(_: object) -> None:
        ready.set()

    def work() -> None:
        try:
            with bound, session, contextlib.closing(service):
                service.run(bound, note)
        except BaseException as error:
            errors.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(60)
    try:
        yield Served("127.0.0.1", port, session)
    finally:
        service.stop()
        thread.join(30)
    assert not thread.is_alive()
    if errors:
        raise errors[0]
