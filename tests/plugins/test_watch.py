"""`inkhook watch`: videos, streams and what goes wrong with them; which answers are steady."""

import contextlib
import http.server
import json
import os
import re
import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import small_videos as videos
from helpers import Run, WritePlugin

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.drawing.colours import GROUND, SURE
from inkhook.core.numbers.number import Number, Numbers
from inkhook.plugins.command_watch import sources, watcher
from inkhook.plugins.command_watch.frames import read_frame
from inkhook.plugins.command_watch.sources import Feed, Source
from inkhook.plugins.command_watch.steady import Steady
from inkhook.plugins.command_watch.view import BAR, View, draw


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """A folder with a video of 7210 that moves, goes, and comes again after another number."""
    folder = tmp_path_factory.mktemp("videos")
    images = digits.test.images
    note = list(images[:4])
    videos.write(folder / "one.avi", videos.moving(note, 12))
    videos.write(folder / "short.avi", videos.moving(note, 4))
    other = [images[place] for place in (2, 3, 0)]
    videos.write(
        folder / "two.avi",
        videos.moving(note, 8), videos.moving(other, 8), videos.table(12), videos.moving(other, 8),
    )  # fmt: skip
    return folder


@pytest.fixture
def video(made: Path, in_tmp: Path) -> Callable[[str], str]:
    """Puts a video into the current folder, and returns its name."""

    def put(name: str) -> str:
        shutil.copy(made / name, in_tmp)
        return name

    return put


def test_an_answer_is_printed_once_it_is_steady(run: Run, video: Callable[[str], str]) -> None:
    done = run("watch", video("one.avi"), "--headless")
    assert done.exit_code == 0, done.stderr
    assert re.fullmatch(r"7210 \(\d+ %(, not sure)?\)\n", done.stdout)
    assert re.fullmatch(r"Model: .*\n", done.stderr)


def test_each_paper_is_read_and_the_same_again_after_it_was_gone(
    run: Run, video: Callable[[str], str]
) -> None:
    done = run("watch", video("two.avi"), "--headless", "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["numbers"][0]["text"] for answer in answers] == ["7210", "107", "107"]
    assert [answer["path"] for answer in answers] == ["two.avi"] * 3
    assert answers[0]["at"] == pytest.approx(0.5, abs=0.31), "by the video's own time"
    assert answers[2]["at"] == pytest.approx(3.3, abs=0.31)
    assert answers[0]["model"] == "pretrained"


def test_nothing_steady_is_nothing_printed(run: Run, video: Callable[[str], str]) -> None:
    done = run("watch", video("short.avi"), "--headless")
    assert done.exit_code == 1
    assert done.stdout == ""


def test_once_ends_after_the_first_answer_and_its_frame_is_kept(
    run: Run, video: Callable[[str], str]
) -> None:
    done = run("watch", video("two.avi"), "--headless", "--once", "--save", "kept", "--json")
    (answer,) = [json.loads(line) for line in done.stdout.splitlines()]
    (path,) = Path("kept").iterdir()
    assert answer["frame"] == str(path)
    assert path.name.endswith("-7210.png")
    frame = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    assert frame is not None
    assert frame.shape == (videos.HEIGHT, videos.WIDTH, 3)


def test_a_full_disk_loses_no_answer(
    run: Run, video: Callable[[str], str], small_disk: Path
) -> None:
    handle = os.open(small_disk / "full", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"0" * 4096)
    os.close(handle)
    done = run("watch", video("one.avi"), "--headless", "--save", small_disk)
    assert done.exit_code == 1
    assert done.stdout.startswith("7210")
    assert "No space left on device" in done.stderr


def test_plugins_hear_answers_and_change_pages(
    run: Run, video: Callable[[str], str], write_plugin: WritePlugin
) -> None:
    plugin = write_plugin(
        """
        sources = set()
        @hookimpl
        def prepare_image(image, source):
            sources.add(source)
            return image
        @hookimpl
        def on_number(session, numbers):
            session.say(f"{sources} {numbers.path} {[n.text for n in numbers.numbers]}")
        @hookimpl
        def on_prediction(session, predictions):
            inked = predictions.images.any(axis=(1, 2)).all()
            session.say(f"{predictions.source} {predictions.ids[0]} {predictions.digits} {inked}")
        """
    )
    done = run("watch", video("one.avi"), "--headless", "--plugins", plugin)
    assert done.stdout.splitlines()[1:] == [
        "{'camera'} one.avi ['7210']",
        "camera one.avi#1 [7 2 1 0] True",
    ]


def test_boxes_are_places_in_the_frame(digits: Dataset) -> None:
    frame = videos.frame_of(list(digits.test.images[:4]))
    whole = []

    def read(page: UInt8Array) -> Numbers:
        whole.append(page.shape)
        return Numbers("no_number")

    seen = read_frame(frame, 0.0, read)
    (height, width) = whole[0]
    assert width < 0.8 * videos.WIDTH, "the note alone"
    x, y = seen.corners((0, 0, width, height)).round().astype(int).T
    shape = np.zeros(frame.shape[:2], np.uint8)
    cv2.fillPoly(shape, [np.stack([x, y], axis=1)], 1)
    paper = (frame.min(axis=2) > 150).astype(np.uint8)
    assert (shape & paper).sum() > 0.9 * paper.sum()
    assert shape.sum() < 1.2 * paper.sum()
    small = read_frame(frame, 0.0, read, lambda page: page[::2, ::2].copy())
    assert small.corners((0, 0, width // 2, height // 2)) == pytest.approx(
        seen.corners((0, 0, width, height)), abs=3
    )


def test_the_answer_and_the_boxes_are_drawn(digits: Dataset) -> None:
    frame = videos.frame_of(list(digits.test.images[:4]))
    number = Number("7210", "7210", 0.99, True, (40, 60, 90, 30), 0, ())
    seen = read_frame(frame, 0.0, lambda _: Numbers("ok", (number,)))
    image = draw(View(frame, seen, "7210"))
    assert image.shape == (frame.shape[0] + BAR, *frame.shape[1:])
    assert (image[0, 0] == GROUND).all(), "by which it is seen whether the window is drawn"
    assert (image[BAR:] == SURE).all(axis=2).sum() > 200
    nothing = draw(View(frame))
    assert (nothing[BAR:] == frame).all()
    assert (nothing[:BAR] != image[:BAR]).any()
    trouble = draw(View(frame, trouble="The camera has sent nothing."), 0.5)
    assert trouble.shape[0] == frame.shape[0] // 2 + BAR


# Which answer is steady


def heard(*texts: str, apart: float = 0.1) -> list[tuple[float, str]]:
    """Return when which answer was given, for what was read in frames."""
    steady, said = Steady(), []
    for place, text in enumerate(texts):
        number = Number(text, text, 1.0, True, (0, 0, 1, 1), 0, ())
        if steady.hear(place * apart, Numbers("ok", (number,) if text else ())):
            said.append((round(place * apart, 3), text))
    return said


def test_half_a_second_of_the_same() -> None:
    assert heard(*["12"] * 5) == []
    assert heard(*["12"] * 20) == [(0.5, "12")]
    assert heard("", "", *["12"] * 5, "13", "14") == []
    assert heard(*["12", "13"] * 10) == []


def test_single_frames_may_differ() -> None:
    assert [text for _, text in heard("12", "12", "72", "12", "12", "12", "12", "")] == ["12"]
    assert heard(*["12"] * 6, *["", "72"] * 2, *["12"] * 6) == [(0.5, "12")]


def test_the_same_again_only_after_it_was_gone() -> None:
    assert [text for _, text in heard(*["12"] * 6, *[""] * 12, *["12"] * 6)] == ["12", "12"]
    assert [text for _, text in heard(*["12"] * 6, *["34"] * 6, *["12"] * 6)] == ["12", "34", "12"]


def test_slow_reading_needs_three_frames_and_says_it_once() -> None:
    assert heard(*["12"] * 9, apart=1.5) == [(3.0, "12")]
    assert heard("12", "12", "13", "13", apart=1.5) == []


# What goes wrong


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none.avi", "There is no video 'none.avi'."),
        ("text.avi", "'text.avi' isn't a video that OpenCV can read."),
        ("cut.avi", ""),
        (".", "'.' is neither a video file nor a camera."),
        ("97", "There is no camera '97'"),
        ("/dev/video97", "There is no camera '/dev/video97'"),
        ("/dev/zero", "Camera '/dev/zero' can't be read; does another program use it?"),
        ("http://127.0.0.1:9/", "The stream 'http://127.0.0.1:9/' can't be opened"),
    ],
)
def test_what_cant_be_opened_is_a_sentence(
    run: Run, made: Path, in_tmp: Path, name: str, sentence: str
) -> None:
    Path("text.avi").write_text("no video")
    Path("cut.avi").write_bytes((made / "one.avi").read_bytes()[:3000])
    done = run("watch", name, "--headless")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) <= 2, "the model, and the sentence"


def test_a_video_that_breaks_off_is_read_as_far_as_it_goes(
    run: Run, made: Path, in_tmp: Path
) -> None:
    whole = (made / "one.avi").read_bytes()
    middle = bytearray(whole[: len(whole) * 4 // 5])
    middle[len(middle) // 3 : len(middle) // 3 + 200] = os.urandom(200)
    Path("broken.avi").write_bytes(middle)
    done = run("watch", "broken.avi", "--headless")
    assert done.exit_code == 0
    assert done.stdout.startswith("7210")


def test_without_a_display_headless_is_named(
    run: Run, video: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    done = run("watch", video("one.avi"))
    assert done.exit_code == 2
    assert "'--headless' works without one." in done.stderr


class Streaming:
    """A server of one stream, Motion JPEG over HTTP, that stalls after its frames."""

    def __init__(self, frames: list[UInt8Array], pause: float) -> None:
        sent, ended = threading.Event(), threading.Event()
        self.sent, self._ended = sent, ended

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with contextlib.suppress(OSError):
                    for frame in frames:
                        data = cv2.imencode(".jpg", frame)[1].tobytes()
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}"
                        self.wfile.write(head.encode() + b"\r\n\r\n" + data + b"\r\n")
                        time.sleep(pause)
                    sent.set()
                    ended.wait(60)

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


Stream = Callable[..., Streaming]


@pytest.fixture
def stream() -> Iterator[Stream]:
    """Opens servers that are closed at the end."""
    opened = []

    def start(frames: list[UInt8Array], pause: float = 0.02) -> Streaming:
        opened.append(Streaming(frames, pause))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_live_frame_is_dropped_and_never_queued(stream: Stream) -> None:
    server = stream([np.full((48, 64, 3), 2 * number, np.uint8) for number in range(100)])
    feed = Feed(Source(server.address, "stream"))
    assert server.sent.wait(30)
    taken = []
    while (frame := feed.take(1.0)) is not None:
        taken.append(int(frame.image.mean()) // 2)
    feed.close()
    assert len(taken) < 50, "what came while nobody looked is gone"
    assert taken[-1] >= 90, "and the newest is there"


def test_a_file_drops_no_frame_where_every_one_is_asked_for(made: Path) -> None:
    feed = Feed(Source(str(made / "one.avi"), "file"), every=True)
    times = []
    while (frame := feed.take(5.0)) is not None:
        times.append(frame.at)
        time.sleep(0.01)
    assert times == pytest.approx(np.arange(12) / videos.RATE, abs=1e-3)
    assert feed.ended


def test_a_stream_that_stalls_is_a_sentence(
    run: Run, stream: Stream, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "STALLED", 0.4)
    monkeypatch.setattr(watcher, "PATIENCE", 1.5)
    monkeypatch.setattr(sources, "CLOSING", 0.1)
    blank = stream(list(videos.table(5)))
    done = run("watch", blank.address, "--headless")
    assert done.exit_code == 2
    assert "has sent nothing for" in done.stderr
