"""Who gets in, and how much a stranger can ask of `inkhook serve`."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import pytest
from served import Served, serving

from inkhook.plugins.serve import connections, guard, limits
from inkhook.plugins.serve.guard import Access, is_loopback
from inkhook.plugins.serve.limits import Room
from inkhook.plugins.serve.problems import Refused

TOKEN = "a-token-of-twenty-signs"  # noqa: S105
ALL = "0.0.0.0"  # noqa: S104


@pytest.fixture(scope="module")
def locked(forked_readers: None) -> Iterator[Served]:
    with serving(model="pretrained", token=TOKEN, names=("hub.example",), root="/user/ada") as it:
        yield it


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:99", "[::1]:8765", "LOCALHOST:1"])
def test_names_of_this_machine(served: Served, host: str) -> None:
    assert served.get("/api/health", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[", "10.0.0.1"],
)
def test_other_names_are_rebinding(served: Served, host: str) -> None:
    for path in ("/", "/main.js", "/api/health"):
        answer = served.get(path, host=host)
        assert answer.status == 403
        assert "--allow-host" in answer.error


def test_the_names_of_all_addresses() -> None:
    everywhere = Access(ALL, ("hub.example",), TOKEN)
    assert everywhere.knows_host("192.168.1.7:8765")
    assert everywhere.knows_host("hub.example")
    assert everywhere.knows_host(socket.gethostname())
    assert not everywhere.knows_host("evil.example")
    one = Access("192.168.1.7", token=TOKEN)
    assert one.knows_host("192.168.1.7:8765")
    assert not one.knows_host("192.168.1.8")
    assert is_loopback("127.0.0.5")
    assert not is_loopback(ALL)
    assert not is_loopback("hub.example")


def test_pages_of_other_sites_may_not_post(served: Served) -> None:
    content: dict[str, Any] = {"width": 280, "height": 280, "strokes": []}
    assert served.post("/api/strokes", content).status == 200
    assert served.post("/api/strokes", content, origin=served.url).status == 200
    foreign = ("https://evil.example", "null", f"http://127.0.0.1:{served.port + 1}", "file://", "")
    for origin in foreign:
        answer = served.post("/api/strokes", content, origin=origin)
        assert (answer.status, answer.error) == (
            403,
            "Pages of other sites may not use this server.",
        )


def test_a_proxys_page_may_post(locked: Served) -> None:
    content: dict[str, Any] = {"width": 280, "height": 280, "strokes": []}
    own = {"authorization": f"Bearer {TOKEN}"}
    for path in ("/api/strokes", "/user/ada/api/strokes"):
        answer = locked.post(path, content, origin="https://hub.example", host="hub.example", **own)
        assert answer.status == 200
    assert locked.get("/user/ada/", **own).body == locked.get("/", **own).body


def test_every_answer_is_closed_to_other_pages(served: Served) -> None:
    for answer in (served.get("/"), served.get("/api/model"), served.get("/none")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert served.ask("OPTIONS", "/api/read", origin="https://evil.example").status == 405


def test_a_token_in_the_address_becomes_a_cookie(locked: Served) -> None:
    assert locked.get("/").status == 401
    answer = locked.get(f"/?token={TOKEN}")
    assert (answer.status, answer.headers["location"]) == (303, "./")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    given = cookie.split(";")[0]
    assert locked.get("/", cookie=given).status == 200
    assert locked.get("/api/model", cookie=f"other=1; {given}").status == 200
    assert locked.get(f"/api/model?token={TOKEN}").status == 200
    assert locked.get("/api/model", authorization=f"Bearer {TOKEN}").status == 200
    assert "address" in locked.get("/api/model", authorization="Bearer ü").error


def test_guessing_has_to_wait(forked_readers: None) -> None:
    with serving(model="pretrained", token=TOKEN) as served:
        for _ in range(guard.WRONG_TOKENS):
            assert served.get("/api/model?token=guess").status == 401
        assert served.get("/api/model?token=guess").status == 429
        assert served.get(f"/api/model?token={TOKEN}").status == 200


# How much a stranger can ask


def connect(served: Served, data: bytes = b"") -> socket.socket:
    made = socket.create_connection((served.host, served.port), timeout=10)
    made.sendall(data)
    return made


def test_huge_headers(served: Served) -> None:
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000
    with contextlib.suppress(ConnectionError), connect(served, head) as made:
        assert made.recv(100).startswith(b"HTTP/1.1 400")
    assert served.get("/api/health").status == 200


def test_a_head_that_never_ends_and_a_body_that_stalls(
    forked_readers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(limits, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(guard, "DRAIN_SECONDS", 0.1)
    with serving(model="pretrained") as served:
        post = b"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"
        with connect(served, b"GET / HT") as slow, connect(served, post) as half:
            for _ in range(3):
                slow.sendall(b"T")  # a byte now and then doesn't help
                time.sleep(0.05)
            assert slow.recv(100) == b""
            answer = half.recv(10_000)
            assert answer.startswith(b"HTTP/1.1 408")
        assert served.get("/api/health").status == 200


def test_idle_connections_make_room(forked_readers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 20)
    with serving(model="pretrained") as served, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connect(served)) for _ in range(60)]
        assert served.get("/api/health").status == 200
        idle[0].settimeout(5)
        with contextlib.suppress(ConnectionError):
            assert idle[0].recv(1) == b""


def test_a_full_queue_is_said_at_once() -> None:
    room = Room(most_pictures=3)
    with room.reading(2):
        with pytest.raises(Refused, match="try again") as refused, room.reading(2):
            pass
        assert refused.value.status == 503
        assert refused.value.headers["retry-after"]
        with room.reading(1):
            assert room.pictures == 3
    with room.reading(100):  # more than there is room for, but nothing else waits
        pass
    assert room.pictures == 0


def test_bodies_share_their_room() -> None:
    class Request:
        headers: Mapping[str, str] = MappingProxyType({})

        async def stream(self) -> Any:
            for _ in range(10):
                yield bytes(100)
                await asyncio.sleep(0)

    async def send(room: Room) -> int:
        async with room.body(Request()) as body:  # type: ignore[arg-type]
            return len(body)

    async def both() -> list[Any]:
        room = Room(most_bytes=1500)
        found = [*await asyncio.gather(send(room), send(room), return_exceptions=True)]
        assert room.bytes == 0
        assert await send(room) == 1000
        return found

    found = asyncio.run(both())
    assert sorted(str(each) for each in found)[0] == "1000"
    assert [each.status for each in found if isinstance(each, Refused)] == [503]


def test_many_uploads_at_once(forked_readers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PICTURES", 4)
    with serving(model="pretrained") as served, ThreadPoolExecutor(20) as executor:
        answers = list(executor.map(lambda _: served.post("/api/read", b"x" * 1000), range(100)))
        assert {answer.status for answer in answers} <= {415, 503}
        assert served.post("/api/read", b"x").status == 415


@pytest.mark.soak
def test_ten_thousand_idle_connections(served: Served) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            for _ in range(100):
                with contextlib.suppress(OSError):
                    stack.enter_context(connect(served))
            assert served.get("/api/health").status == 200


@pytest.mark.soak
def test_500_uploads_of_a_megabyte_at_once(served: Served) -> None:
    size = 2**20
    head = b"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
    answers = []
    with contextlib.ExitStack() as stack:
        halves = [stack.enter_context(connect(served, head)) for _ in range(500)]

        def begin(made: socket.socket) -> None:
            with contextlib.suppress(OSError):  # it was refused already
                made.sendall(bytes(size // 2))

        def end(made: socket.socket) -> bytes:
            with contextlib.suppress(OSError):
                made.sendall(bytes(size // 2))
                return made.recv(12)
            return b""

        with ThreadPoolExecutor(20) as executor:
            list(executor.map(begin, halves))
            assert served.get("/api/health").status == 200
            answers = list(executor.map(end, halves))
    assert set(answers) <= {b"HTTP/1.1 415", b"HTTP/1.1 408", b"HTTP/1.1 503", b""}
    assert b"HTTP/1.1 415" in answers
    assert served.post("/api/read", b"x").status == 415


@pytest.mark.soak
def test_readers_that_never_read(served: Served) -> None:
    ask = b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connect(served, ask * 20))
        for _ in range(20):
            assert served.get("/api/health").status == 200
