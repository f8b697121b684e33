"""The page of `inkhook serve` in a real browser: drawn on, dropped on, reviewed, at three sizes.

Debian's Chromium is driven by Playwright; where there is none, these tests are skipped.
"""

import base64
import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pages
import pytest
from helpers import command
from learnings import Learning
from pen_digits import ONE, SEVEN, SIX, THREE, TWO, ZERO, Points
from served import Served, serving

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.drawing.canvas import Canvas
from inkhook.core.drawing.recording import read_recording
from inkhook.core.drawing.samples import save_sample
from inkhook.core.jobs import learner
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.learn_process import Outcome
from inkhook.core.modelfile.artifact import read_artifact

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

WIDE, TABLET, PHONE = (1440, 900), (768, 1024), (375, 667)
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """What the browser's camera shows: a sheet with 7210."""
    row = pages.page_of([pages.row_of(list(digits.test.images[:4]), 70)])
    page = np.full((480, 640), 235, np.uint8)
    top, left = (480 - row.shape[0]) // 2, (640 - row.shape[1]) // 2
    page[top : top + row.shape[0], left : left + row.shape[1]] = row
    path = tmp_path_factory.mktemp("camera") / "sheet.mjpeg"
    frame = cv2.imencode(".jpg", cv2.cvtColor(page, cv2.COLOR_GRAY2BGR))[1].tobytes()
    path.write_bytes(frame * 3)
    return path


@pytest.fixture(scope="module")
def chromium(camera: Path) -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium")
    # else each movement of the mouse waits for the next sixtieth of a second
    flags = ["--disable-frame-rate-limit"]
    flags += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={camera}")
    if os.name == "posix" and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """Open a page; what it says in its console is an error.

    Unless the server was killed, also in the middle of an answer, or another window was first.
    """
    said: list[str] = []
    with contextlib.ExitStack() as stack:

        def opened(
            served: Served, size: tuple[int, int] = WIDE, view: str = "draw", scheme: str = "dark"
        ) -> Any:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=scheme,
                has_touch=size != WIDE,
                is_mobile=size != WIDE,
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.on("console", lambda line: said.append(line.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(f"{served.url}/#{view}")
            page.locator("#model").filter(has_text="%").wait_for(state="attached")
            return page

        yield opened
    expected = re.compile(r"ERR_(CONNECTION|EMPTY|CONTENT_LENGTH)_|\b409\b")
    assert not [line for line in said if not expected.search(line)]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@pytest.fixture(scope="module")
def served(forked_readers: None, samples: Path) -> Iterator[Served]:
    with serving(model="pretrained", samples=samples) as served:
        yield served


def places(page: Any, points: Points, share: float, left: float, top: float) -> Points:
    """Return where a digit's points are in the window; all measures in canvas heights."""
    box = page.locator("canvas").first.bounding_box()
    height = box["height"]
    return [
        (box["x"] + x * height, box["y"] + y * height)
        for x, y in _shifted(points, share, left, top)
    ]


def _shifted(points: Points, share: float, left: float, top: float) -> Points:
    return [(left + share * x, top + share * y) for x, y in points]


def draw(
    page: Any, points: Points, share: float = 0.9, left: float = 0.05, top: float = 0.05
) -> None:
    (x, y), *rest = places(page, points, share, left, top)
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y)
    page.mouse.up()


def touch(page: Any, points: Points) -> None:
    session = page.context.new_cdp_session(page)
    way = [{"x": x, "y": y} for x, y in places(page, points, 0.9, 0.05, 0.05)]
    kinds = ["touchStart", *["touchMove"] * (len(way) - 1)]
    for kind, point in zip(kinds, way, strict=True):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def press(page: Any, points: Points, forces: list[float]) -> None:
    """Draw with a pen that is pressed by as much as `forces` say, from 0 to 1."""
    session = page.context.new_cdp_session(page)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1)]
    button = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
    way = places(page, points, 1, 0, 0)
    for kind, (x, y), force in zip(kinds, way, forces, strict=True):
        what = {"type": kind, "x": x, "y": y, "force": force, **button}
        session.send("Input.dispatchMouseEvent", what)
    what = {"type": "mouseReleased", "x": x, "y": y, "force": 0, **button, "buttons": 0}
    session.send("Input.dispatchMouseEvent", what)


def ink_on(page: Any) -> UInt8Array:
    shown = page.evaluate("document.getElementById('canvas').toDataURL()")
    data = np.frombuffer(base64.b64decode(shown.split(",")[1]), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)[:, :, 3]


def expect_text(page: Any, place: str, text: str) -> None:
    sync_api.expect(page.locator(place)).to_have_text(text, timeout=20_000)


def saved(samples: Path, digit: int) -> int:
    return len(list((samples / str(digit)).glob("*.png")))


def learn_from(count: int) -> str:
    return f"learn from {count} new sample{'s' if count > 1 else ''}"


def test_a_3_with_the_mouse(served: Served, open_page: Open, samples: Path) -> None:
    page = open_page(served)
    page.mouse.move(300, 300)
    sync_api.expect(page.locator("#hint")).to_be_visible()
    draw(page, THREE)
    expect_text(page, "#answer", "3")
    sync_api.expect(page.locator("#sure")).to_contain_text("% sure")
    page.keyboard.press("u")
    expect_text(page, "#answer", "")
    draw(page, THREE)
    expect_text(page, "#answer", "3")
    page.keyboard.press("c")
    page.keyboard.press("Control+z")  # brings it back
    expect_text(page, "#answer", "3")
    page.keyboard.press("Enter")
    expect_text(page, "#sure", "what was it?")
    before = len(list(samples.glob("*/*.png")))
    page.keyboard.press("3")
    expect_text(page, "#samples", learn_from(before + 1))
    assert saved(samples, 3) == 1
    page.keyboard.press("h")
    page.keyboard.press("Escape")
    page.locator("#canvas").click(button="right", position={"x": 30, "y": 30})
    sync_api.expect(page.locator("#status")).to_contain_text("nothing to read")


def test_a_7_by_touch(served: Served, open_page: Open, samples: Path) -> None:
    page = open_page(served, PHONE)
    touch(page, SEVEN)
    expect_text(page, "#answer", "7")
    assert page.evaluate("scrollY") == 0
    before = len(list(samples.glob("*/*.png")))
    page.locator("#bars button").nth(1).tap()  # it was a 1
    expect_text(page, "#samples", learn_from(before + 1))
    assert saved(samples, 1) == 1
    page.locator("#bars button").nth(7).tap()  # no, a 7
    sync_api.expect(page.locator("#sure")).to_contain_text("it was right")
    assert (saved(samples, 1), saved(samples, 7)) == (0, 1)


def test_2026_and_a_digit_put_right(served: Served, open_page: Open, samples: Path) -> None:
    page = open_page(served)
    for place, points in enumerate((TWO, ZERO, TWO, SIX)):
        draw(page, points, 0.4, 0.03 + 0.32 * place, 0.3)
    expect_text(page, "#answer", "2026")
    assert page.locator("#boxes .box").count() == 4
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    before = len(list(samples.glob("*/*.png")))
    page.keyboard.press("5")  # the third one
    expect_text(page, "#answer", "2056")
    expect_text(page, "#samples", learn_from(before + 1))
    assert saved(samples, 5) == 1
    page.locator("#answer button").first.click()
    page.keyboard.press("2")
    expect_text(page, "#samples", learn_from(before + 2))
    assert saved(samples, 2) == 1


def test_a_corrected_picture_of_a_digit_is_a_sample(
    served: Served, open_page: Open, samples: Path, digits: Dataset
) -> None:
    page = open_page(served, view="pictures")
    page.locator("#mode input").nth(1).check()
    data = cv2.imencode(".png", 255 - digits.test.images[0])[1].tobytes()
    page.locator("#choose").set_input_files([{"name": "a.png", "mimeType": "", "buffer": data}])
    page.locator(".card .number button").press("9")
    expect_text(page, "#count", "saved as a 9")
    assert saved(samples, 9) == 1


def test_it_learns_from_what_was_drawn(
    served: Served, open_page: Open, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    better = replace(read_artifact(SHIPPED), path=Path("mine.h5"))
    Learning.outcome = Outcome(better, "Better: 90 → 100 % of 30 samples; mine reads now")
    save_sample(np.zeros((40, 40), np.uint8), 8, samples)
    page = open_page(served)
    page.locator("#samples").click()
    expect_text(page, "#samples", "learning …")
    expect_text(page, "#status", Learning.outcome.sentence)
    sync_api.expect(page.locator("#model")).to_contain_text("mine.h5")
    sync_api.expect(page.locator("#samples")).to_be_hidden()
    page.locator("#back").click()
    expect_text(page, "#status", "pretrained reads again.")
    sync_api.expect(page.locator("#model")).to_contain_text("pretrained")


def test_a_pens_pressure_is_its_width(
    forked_readers: None, open_page: Open, tmp_path: Path
) -> None:
    path = tmp_path / "drawn.jsonl"
    with serving(model="pretrained", record=path) as served:
        page = open_page(served)
        press(
            page,
            [(0.1 + place / 50, 0.2) for place in range(30)],
            [place / 30 for place in range(1, 31)],
        )
        press(page, [(0.2, 0.4), (0.5, 0.6), (0.3, 0.8)], [0.9, 0.1, 0.6])
        press(page, [(0.7, 0.5), (0.7, 0.5)], [0.1, 1])
        draw(page, ONE, 0.5, 0.8, 0.4)
        ink = ink_on(page)
        page.keyboard.press("Enter")
        sync_api.expect(page.locator("#status")).not_to_be_empty(timeout=20_000)
    (width, _), events = read_recording(path)
    line, _, dot, by_mouse, _ = ([width for *_, width in event.moves()] for event in events)
    assert set(by_mouse) == {None}
    brush = events[0].brush
    assert line[0] == pytest.approx(brush * (0.4 + 1.2 / 30), abs=0.01)
    assert line[-1] == pytest.approx(brush * 1.6, abs=0.01), "as before it was lifted"
    assert dot == pytest.approx([brush * 0.52, brush * 1.6], abs=0.01)
    # the page shows the strokes in its own pixels, whose middle is half a pixel on
    scale = ink.shape[1] / width
    canvas = Canvas(ink.shape[1], ink.shape[0])
    for event in events[:3]:
        canvas.brush = event.brush * scale
        moves = [
            (x * scale - 0.5, y * scale - 0.5, time, thick and thick * scale)
            for x, y, time, thick in event.moves()
        ]
        canvas.begin(*moves[0])
        for move in moves[1:]:
            canvas.extend(*move)
        canvas.end()
    left = round(0.75 * ink.shape[0])  # of what the mouse drew
    off = np.abs(canvas.image.astype(int) - ink)[:, :left]
    assert off.max() < 90, "edges are as soft, and in the same places"
    assert off[off > 0].mean() < 20


# Draws waves of 100 points, and counts what is drawn and which points are looked at for each.
WAVES = """count => {
    const canvas = document.getElementById("canvas");
    const { left, top, width, height } = canvas.getBoundingClientRect();
    let work = 0;
    const counted = (owner, name, much) => {
        const own = owner[name];
        owner[name] = function (...given) { work += much(this); return own.apply(this, given); };
        return () => { owner[name] = own; };
    };
    const undo = [
        ...["arc", "quadraticCurveTo", "lineTo", "drawImage", "fill", "stroke"].map(
            name => [CanvasRenderingContext2D.prototype, name, () => 1]),
        ...["map", "slice", "forEach", Symbol.iterator].map(
            name => [Array.prototype, name, all => all.length]),
    ].map(each => counted(...each));
    const found = [];
    for (let at = 0, before; at < 100 * count; at++) {
        if (at % 100 === 0) before = work;
        const turn = at / 100 * 2 * Math.PI;
        canvas.dispatchEvent(new PointerEvent("pointermove", {
            pointerId: window.pointer.pointerId, pointerType: window.pointer.pointerType,
            clientX: left + width * (0.1 + 0.8 * at / (100 * count)),
            clientY: top + height * (0.5 + 0.3 * Math.sin(turn)),
            pressure: 0.5 + 0.3 * Math.cos(turn),
        }));
        if (at % 100 === 99) found.push(work - before);
    }
    undo.forEach(each => each());
    return found;
}"""


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["mouse", "pen"])
def test_a_long_stroke_costs_the_same_at_its_end(
    served: Served, open_page: Open, kind: str
) -> None:
    page = open_page(served)
    page.evaluate("addEventListener('pointerdown', event => { window.pointer = event; }, true)")
    ((x, y),) = places(page, [(0.1, 0.5)], 1, 0, 0)
    what = {"x": x, "y": y, "button": "left", "clickCount": 1, "pointerType": kind, "force": 0.5}
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchMouseEvent", {"type": "mousePressed", "buttons": 1, **what})
    _, *work = page.evaluate(WAVES, 12)
    session.send("Input.dispatchMouseEvent", {"type": "mouseReleased", "buttons": 0, **what})
    assert max(work) < 1.1 * min(work)
    shown = ink_on(page)
    page.keyboard.press("c")
    page.keyboard.press("u")  # which draws it anew, in one go
    off = np.abs(ink_on(page).astype(int) - shown)
    assert off.max() < 90, "no seams"
    assert np.mean(off > 20) < 0.001


@pytest.mark.soak
def test_two_pages_have_their_own_canvases(served: Served, open_page: Open) -> None:
    one, other = open_page(served), open_page(served)
    draw(one, ONE)
    draw(other, SEVEN)
    expect_text(one, "#answer", "1")
    expect_text(other, "#answer", "7")
    other.keyboard.press("u")
    expect_text(other, "#answer", "")
    expect_text(one, "#answer", "1")


def test_six_files_of_which_one_is_broken(
    served: Served, open_page: Open, digits: Dataset, samples: Path
) -> None:
    files = {}
    for place in range(4):
        row = pages.page_of([pages.row_of(list(digits.test.images[place : place + 3]), 40)])
        files[f"row{place}.png"] = cv2.imencode(".png", row)[1].tobytes()
    files["broken.png"] = b"nothing"
    files["white.png"] = cv2.imencode(".png", np.full((60, 60), 255, np.uint8))[1].tobytes()
    page = open_page(served)
    held = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, bytes] of files)
                transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            return transfer;
        }""",
        [[name, list(data)] for name, data in files.items()],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": held})
    expect_text(page, "#count", "6 pictures")
    assert page.locator(".card").count() == 6
    card = page.locator(".card", has_text="row0.png")
    sync_api.expect(card.locator(".number")).to_contain_text("721")
    assert card.locator(".box").count() == 3
    broken = page.locator(".card", has_text="broken.png")
    assert "It isn't a PNG" in str(broken.text_content())
    assert "Nothing is written there." in str(
        page.locator(".card", has_text="white").text_content()
    )
    card.locator(".number button").nth(2).click()
    card.locator(".pad button", has_text="4").click()
    sync_api.expect(card.locator(".number")).to_contain_text("724")
    expect_text(page, "#count", "saved as a 4")
    assert saved(samples, 4) == 1
    with page.expect_download() as download:
        page.locator("#csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == 6
    by_name = {row["path"]: row for row in rows}
    assert by_name["row0.png"]["number"] == "721"
    assert by_name["row0.png"]["truth"] == "724"
    assert by_name["broken.png"]["status"] == "not_image"
    with page.expect_download() as download:
        page.locator("#json").click()
    assert len(json.loads(Path(download.value.path()).read_text())) == 6


def test_a_photograph(served: Served, open_page: Open) -> None:
    page = open_page(served, TABLET, "pictures")
    page.locator("#live").tap()
    page.locator("#shoot").wait_for()
    page.wait_for_function("document.getElementById('video').videoWidth > 0")
    page.locator("#shoot").tap()
    sync_api.expect(page.locator(".card .number")).to_contain_text("7210", timeout=20_000)
    page.locator("#stop").tap()
    sync_api.expect(page.locator("#camera")).to_be_hidden()


@pytest.mark.soak
def test_drawing_goes_on_when_the_server_is_back(forked_readers: None, open_page: Open) -> None:
    with serving(model="pretrained") as served:
        page = open_page(served)
        draw(page, ONE)
        expect_text(page, "#answer", "1")
    with serving(model="pretrained", port=served.port):
        draw(page, SEVEN, 0.5, 0.8, 0.2)  # beside it
        expect_text(page, "#answer", "17")
        sync_api.expect(page.locator("#offline")).to_be_hidden()


@pytest.fixture
def table(tmp_path: Path, digits: Dataset) -> Path:
    """Twenty rows of which every fourth is wrong."""
    labels = digits.test.labels[:20]
    lines = ["path,status,digit,confidence"]
    for place, label in enumerate(labels):
        data = cv2.imencode(".png", 255 - digits.test.images[place])[1].tobytes()
        (tmp_path / f"{place}.png").write_bytes(data)
        lines.append(f"{place}.png,ok,{(label + (place % 4 == 0)) % 10},{0.5 + place / 100}")
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(lines))
    return path


def test_20_rows_with_the_keyboard_and_a_kill(
    table: Path, digits: Dataset, open_page: Open
) -> None:
    def start(port: int) -> Any:
        words = [*command(), "serve", "--review", str(table), "--port", str(port), "--json"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["port"]

    process, port = start(0)
    page = open_page(Served("127.0.0.1", port, None), view="review")  # type: ignore[arg-type]
    sync_api.expect(page.locator("#shown")).to_be_visible()
    for place in range(20):
        expect_text(page, "#row-name", f"{place}.png")
        if place == 10:
            process.send_signal(signal.SIGKILL)
            process.wait()
        page.keyboard.press(str(digits.test.labels[place]) if place % 4 == 0 else "Enter")
        if place == 12:
            sync_api.expect(page.locator("#offline")).to_be_visible(timeout=20_000)
            process, _ = start(port)
    sync_api.expect(page.locator("#progress")).to_contain_text("All 20 are looked at")
    speed = re.search(r"(\d+) a minute", str(page.locator("#progress").text_content()))
    assert speed is not None
    assert int(speed[1]) >= 30
    page.keyboard.press("Control+z")
    with page.expect_response(lambda found: '"none"' in (found.request.post_data or "")):
        page.keyboard.press("x")
    sync_api.expect(page.locator("#rows .line small").first).to_have_text("✓")
    page.close()
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
    with table.with_name("answers.reviewed.csv").open() as file:
        truths = [row["truth"] for row in csv.DictReader(file)]
    assert truths == [*map(str, digits.test.labels[:19]), "none"]


def test_an_answer_that_is_cut_off_is_asked_for_again(
    forked_readers: None, table: Path, digits: Dataset, open_page: Open
) -> None:
    with serving(model="pretrained", table=table) as served:
        page = open_page(served, view="review")
        sync_api.expect(page.locator("#shown")).to_be_visible()
        cut: list[str] = []

        def cut_off(route: Any) -> None:
            if route.request.method == "POST" and not cut:
                cut.append(route.request.url)  # as from a server that is killed while it answers
                route.fulfill(status=200, content_type="application/json", body='{"done": 1, "ch')
            else:
                route.continue_()

        page.route("**/api/review", cut_off)
        for place in range(2):
            expect_text(page, "#row-name", f"{place}.png")
            page.keyboard.press(str(digits.test.labels[place]))
        expect_text(page, "#progress", "2 of 20")
        for _ in range(100):
            if served.get("/api/review?count=1").json["done"] == 2:
                break
            page.wait_for_timeout(100)
        assert served.get("/api/review?count=1").json["done"] == 2
        assert len(cut) == 1
        sync_api.expect(page.locator("#offline")).to_be_hidden()


# Whether a row is shown, and of the others only those around it.
SHOWS = """name => {
    const lines = [...document.querySelectorAll(".line")];
    return lines.length < 50 && lines.some(line => line.textContent.includes(name));
}"""


def wait_until(page: Any, condition: str, value: str) -> None:
    """Wait for a page that may hang; where it does, anything else would wait for ever."""
    try:
        page.wait_for_function(condition, arg=value, timeout=10_000)
    except sync_api.TimeoutError:
        pytest.fail(f"The page hangs, or doesn't show {value}.")


def test_a_thousand_rows_are_fetched_as_they_are_scrolled_to(
    forked_readers: None, tmp_path: Path, open_page: Open
) -> None:
    path = tmp_path / "answers.csv"
    rows = [f"{place}.png,ok,7,0.9" for place in range(1000)]
    path.write_text("\n".join(["path,status,digit,confidence", *rows]))
    (tmp_path / "0.png").touch()  # a table none of whose pictures is there is refused
    with serving(model="pretrained", table=path) as served:
        page = open_page(served, view="review")
        expect_text(page, "#row-name", "0.png")
        for place in (700, 999):  # neither is fetched yet
            page.evaluate("top => { document.getElementById('list').scrollTop = top; }", 44 * place)
            wait_until(page, SHOWS, f"{place}.png")
        page.keyboard.press("ArrowRight")
        expect_text(page, "#row-name", "1.png")


@pytest.mark.soak
def test_the_canvas_stays_where_it_is(served: Served, open_page: Open) -> None:
    for size in (WIDE, TABLET, PHONE):
        page = open_page(served, size)
        before = page.locator("#canvas").bounding_box()
        draw(page, ONE, 0.4, 0.1, 0.2)
        expect_text(page, "#answer", "1")
        assert page.locator("#canvas").bounding_box() == before
        draw(page, SEVEN, 0.4, 0.5, 0.2)
        expect_text(page, "#answer", "17")
        assert page.locator("#canvas").bounding_box() == before


@pytest.mark.soak
def test_who_was_second_can_read_it(forked_readers: None, table: Path, open_page: Open) -> None:
    changes = re.compile("review.count=0&")
    with serving(model="pretrained", table=table) as served:
        page = open_page(served, view="review")
        page.route(changes, lambda route: route.fulfill(json={"changes": []}))  # it hears of none
        expect_text(page, "#row-name", "0.png")
        assert served.post("/api/review", {"row": 0, "truth": "3", "was": ""}).status == 200
        page.keyboard.press("5")
        expect_text(page, "#row-name", "1.png")
        said = "This row was answered in another window."
        expect_text(page, "#progress", said)
        sync_api.expect(page.locator("#rows .line b").first).to_have_text("3")
        page.unroute(changes)
        for _ in range(2):  # by the second one, the first has been taken in
            page.wait_for_event("response", lambda response: changes.search(response.url))
        expect_text(page, "#progress", said)
        page.keyboard.press("ArrowRight")
        expect_text(page, "#progress", "1 of 20")


@pytest.mark.soak
def test_another_window_hears_of_it(forked_readers: None, table: Path, open_page: Open) -> None:
    with serving(model="pretrained", table=table) as served:
        one, other = open_page(served, view="review"), open_page(served, PHONE, "review")
        expect_text(other, "#row-name", "0.png")
        one.keyboard.press("3")
        sync_api.expect(other.locator("#progress")).to_contain_text("1 of 20", timeout=20_000)


def test_everything_is_reached_by_keyboard_and_shows_it(
    forked_readers: None, table: Path, open_page: Open
) -> None:
    with serving(model="pretrained", table=table) as served:
        page = open_page(served)
        for view in ("draw", "pictures", "review"):
            page.goto(f"{served.url}/#{view}")
            sync_api.expect(page.locator(f"#{view}")).to_be_visible()
            expected = page.evaluate(
                """() => [...document.querySelectorAll("a, button, input, canvas[tabindex], #list")]
                    .filter(each => each.checkVisibility() && each.tabIndex >= 0
                        && !(each.type === "radio" && !each.checked)).length"""
            )
            page.evaluate("document.activeElement?.blur()")
            reached = set()
            for _ in range(expected + 2):
                page.keyboard.press("Tab")
                found = page.evaluate(
                    """() => {
                        const own = document.activeElement;
                        if (own === document.body) return null;
                        const shown = own.matches("label input") ? own.parentElement : own;
                        const style = getComputedStyle(own.type === "file" ? shown : own);
                        const all = [...document.querySelectorAll("*")];
                        return [all.indexOf(own), style.outlineStyle, style.outlineWidth];
                    }"""
                )
                if found:
                    assert found[1] != "none", page.evaluate("document.activeElement.outerHTML")
                    reached.add(found[0])
            assert len(reached) >= expected


def test_axe_finds_nothing_serious(forked_readers: None, table: Path, open_page: Open) -> None:
    with serving(model="pretrained", table=table) as served:
        page = open_page(served)
        for place, points in enumerate((ONE, SEVEN)):
            draw(page, points, 0.5, 0.1 + 0.4 * place, 0.2)
        expect_text(page, "#answer", "17")
        for size, scheme in ((WIDE, "dark"), (TABLET, "light"), (PHONE, "dark"), (PHONE, "light")):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(color_scheme=scheme)
            for view in ("draw", "pictures", "review"):
                page.goto(f"{served.url}/#{view}")
                sync_api.expect(page.locator(f"#{view}")).to_be_visible()
                assert not serious_faults(page)
                assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def serious_faults(page: Any) -> list[tuple[str, str]]:
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        (each["id"], each["nodes"][0]["html"])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
