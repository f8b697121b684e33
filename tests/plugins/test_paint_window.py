"""Painting in a real window: a display, a mouse and a keyboard, and what comes out."""

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import Run, WritePlugin, command
from pen_digits import SEVEN, THREE, on
from screen import Screen, missing

from inkhook.core.drawing.colours import FADED, GROUND, INK, SURE, SURFACE, TROUBLE, UNSURE
from inkhook.plugins.command_paint import CANVAS_SIDE
from inkhook.plugins.command_paint.panel import Panel
from inkhook.plugins.command_paint.style import BARS

TITLE = "inkhook paint"
PANEL = Panel(CANVAS_SIDE, CANVAS_SIDE)
LEFT, TOP = PANEL.left, PANEL.top


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    if missing():
        pytest.skip(f"needs {' and '.join(missing())}")
    screen = Screen(tmp_path_factory.mktemp("screen"))
    yield screen
    screen.close()


class Painting:
    """A process with a window, and its user."""

    def __init__(
        self, screen: Screen, model: Path, *words: str, first: tuple[int, int, int] = INK
    ) -> None:
        self.screen = screen
        self.process = subprocess.Popen(
            [*command(), "paint", "--model", str(model), *words],
            env=screen.env | {"PYTHONFAULTHANDLER": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.wait_for(first, count=20)  # INK is the help line: the first frame is there
        self.window = screen.find(TITLE)

    def draw(self, points: list[tuple[float, float]]) -> None:
        self.screen.draw(on(points, CANVAS_SIDE, LEFT, TOP))

    def canvas(self) -> np.ndarray:
        """What the screen shows of the canvas, as ink or not."""
        shot = self.screen.shot()[TOP : TOP + CANVAS_SIDE, LEFT : LEFT + CANVAS_SIDE]
        return np.asarray((shot == INK).all(axis=2))

    def count(self, colour: tuple[int, int, int]) -> int:
        return int((self.screen.shot() == colour).all(axis=2).sum())

    def wait_for(self, colour: tuple[int, int, int], count: int = 1) -> None:
        self.screen.wait(lambda: self.ended() or self.count(colour) >= count)
        assert not self.ended(), self.ends()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait_for_ink(self, *, there: bool) -> None:
        self.screen.wait(lambda: self.canvas().any() == there)

    def key(self, *names: str) -> None:
        self.window = self.screen.find(TITLE)  # without a window manager, a new one has no keyboard
        for name in names:
            self.screen.do("key", "--clearmodifiers", name)
            time.sleep(0.2)  # Qt remembers one key only until it is asked

    def ends(self) -> tuple[int, str, str]:
        """Wait for the end and return exit code, stdout and stderr; or fail with what it does."""
        try:
            out, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # Python prints what each thread does
            pytest.fail(f"It didn't end: {self.process.communicate(timeout=10)}")
        finally:
            self.process.kill()
        return self.process.returncode, out, err


def inked(ink: np.ndarray, points: list[tuple[float, float]]) -> bool:
    """Tell whether there is ink where it was drawn, or near by: Qt may skip a mouse event."""
    near = cv2.dilate(ink.astype(np.uint8), np.ones((15, 15), np.uint8))
    return all(near[int(y), int(x)] for x, y in points)


Paint = Callable[..., Painting]


@pytest.fixture
def paint(screen: Screen, model: Path, in_tmp: Path) -> Iterator[Paint]:
    """Open windows, each of which is gone when the test is over."""
    opened = []

    def start(*words: str, **options: Any) -> Painting:
        opened.append(Painting(screen, model, *words, **options))
        return opened[-1]

    yield start
    for painting in opened:
        painting.process.kill()
        painting.process.wait()


def test_a_three_and_a_seven(screen: Screen, paint: Paint, model: Path, in_tmp: Path) -> None:
    painting = paint("--record", "drawn.jsonl")
    assert not painting.canvas().any()
    painting.draw(THREE)
    screen.do("mousemove", LEFT + CANVAS_SIDE + 20, TOP)  # away from the ink
    screen.wait(lambda: inked(painting.canvas(), on(THREE, CANVAS_SIDE)))
    painting.wait_for(SURE, count=1000)

    ink = painting.canvas()
    assert ink.mean() < 0.15
    assert cv2.connectedComponents(ink.astype(np.uint8))[0] == 2, "one piece, without gaps"
    shot = screen.shot()
    right = shot[TOP : TOP + CANVAS_SIDE, LEFT + CANVAS_SIDE + 10 : PANEL.shape[1]]
    assert (right == INK).all(axis=2).sum() > 2000, "the large answer"
    rows = np.flatnonzero((right == SURE).all(axis=2).sum(axis=1) > 100)
    bar = BARS + 3.5 * (CANVAS_SIDE - BARS) / 10
    assert rows.min() - 2 <= bar <= rows.max() + 2, "the bar of the three"
    assert not shot[PANEL.shape[0] :].any(), "no toolbar"

    screen.do("click", 3)
    painting.wait_for_ink(there=False)
    painting.draw(SEVEN)
    painting.wait_for_ink(there=True)
    painting.key("Return")
    painting.wait_for_ink(there=False)
    painting.key("Escape")
    code, out, err = painting.ends()
    assert code == 0, err
    assert [line[0] for line in out.splitlines()] == ["3", "7"]
    assert err.startswith("Model: ")
    assert err.count("\n") == 1, "not a word of Qt's"

    words = ("paint", "--model", str(model), "--replay", "drawn.jsonl", "--headless")
    again = subprocess.run([*command(), *words], capture_output=True, text=True, check=True)
    assert again.stdout == out, "a replay says the same"


def test_undo_clear_brush_and_help(screen: Screen, paint: Paint, model: Path, in_tmp: Path) -> None:
    painting = paint()
    painting.draw(SEVEN)
    painting.wait_for_ink(there=True)
    seven = painting.canvas().sum()
    painting.draw([(0.2, 0.5), (0.8, 0.5)])
    screen.wait(lambda: painting.canvas().sum() > seven + 1000)
    for undo in ("u", "ctrl+z"):
        painting.key(undo)
    painting.wait_for_ink(there=False)
    painting.key("c", "u")  # nothing to clear; so one more stroke to take back, and none is there
    painting.draw(SEVEN)
    painting.wait_for_ink(there=True)
    painting.key("c")
    painting.wait_for_ink(there=False)
    painting.key("u")
    painting.wait_for_ink(there=True)

    painting.key("c")
    screen.do("mousemove", LEFT + 280, TOP + 280, "click", 4, "click", 4)
    painting.key("bracketright", "bracketright")
    painting.draw(SEVEN)
    screen.wait(lambda: painting.canvas().sum() > seven * 1.4)
    screen.do("click", 5, "click", 5, "click", 5, "click", 5)
    bars = painting.count(SURE) + painting.count(UNSURE)
    assert bars > 500
    painting.key("h")
    screen.wait(lambda: painting.count(SURE) + painting.count(UNSURE) == 0)
    frame = (screen.shot()[TOP - 1, LEFT : LEFT + CANVAS_SIDE] != SURFACE).any(axis=1)
    assert frame.all(), "the wheel doesn't zoom: the canvas's edge is where it was"
    painting.key("q")
    assert painting.ends()[0] == 0


def test_a_digit_key_keeps_a_sample_and_the_window_closes(
    screen: Screen, paint: Paint, model: Path, write_plugin: WritePlugin, in_tmp: Path
) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def on_prediction(session, predictions):
            truth = None if predictions.truth is None else int(predictions.truth[0])
            session.note(f"told {predictions.source} {predictions.ids[0]} {truth}")
        @hookimpl
        def on_stroke(session, stroke, canvas):
            session.note(f"stroke {stroke.points.shape} {stroke.times.shape} {canvas.shape}")
        @hookimpl
        def on_run_end(session):
            import sys
            session.note(f"imported {sorted({'tensorflow', 'keras'} & set(sys.modules))}")
        """
    )
    painting = paint("--json", "--plugins", plugin)
    painting.draw(SEVEN)
    painting.wait_for_ink(there=True)
    screen.do("click", 3)
    painting.wait_for_ink(there=False)
    painting.key("4", "7", "s")
    painting.draw(THREE)
    painting.wait_for_ink(there=True)
    painting.key("s")
    screen.wait(lambda: len(list(Path("artifacts/drawings").glob("*.png"))) == 1)
    screen.press_close_button(painting.window)
    code, out, err = painting.ends()
    assert code == 0, err
    (line,) = out.splitlines()
    answer = json.loads(line)
    assert answer["digit"] == 7
    assert len(answer["probabilities"]) == 10
    (sample,) = Path("artifacts/drawings").glob("*/*.png")
    assert sample.parent.name == "7", "the first label was a slip"
    image = cv2.imdecode(np.fromfile(sample, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    assert image.shape == (CANVAS_SIDE, CANVAS_SIDE)
    assert image.max() == 255
    told = [line for line in err.splitlines() if line.startswith(("told", "stroke"))]
    assert told[0].startswith("stroke (")
    assert told[1:4] == [f"told canvas drawing-1 {truth}" for truth in ("None", 4, 7)]
    assert "imported []" in err.splitlines(), "a window needs no TensorFlow, either"


@pytest.mark.soak
def test_plugins_that_are_slow_or_raise_dont_stop_the_pen(
    screen: Screen, paint: Paint, model: Path, write_plugin: WritePlugin, in_tmp: Path
) -> None:
    slow = write_plugin(
        """
        import time
        @hookimpl
        def on_stroke(session):
            time.sleep(1.6)
        """,
        "slow",
    )
    raising = write_plugin("@hookimpl\ndef on_prediction(): raise RuntimeError('no')", "raising")
    painting = paint("--plugins", f"{slow},{raising}")
    painting.draw(SEVEN)
    start = time.monotonic()
    painting.draw([(0.2, 0.5), (0.8, 0.5)])
    screen.wait(lambda: painting.canvas()[CANVAS_SIDE // 2, CANVAS_SIDE // 4])
    assert time.monotonic() - start < 1.2, "the second stroke is there while the plugin sleeps"
    painting.wait_for(TROUBLE)
    painting.key("Return", "Escape")
    code, out, err = painting.ends()
    assert code == 1
    assert out.count("\n") == 1
    assert "Plugin 'slow' is slow" in err
    assert "Plugin 'raising' failed in on_prediction: RuntimeError: no." in err


def test_ctrl_c_keeps_the_stroke(screen: Screen, paint: Paint, model: Path, in_tmp: Path) -> None:
    painting = paint("--record", "drawn.jsonl")
    path = on(SEVEN, CANVAS_SIDE, LEFT, TOP)
    moves = itertools.chain.from_iterable(("mousemove", x, y) for x, y in path[1:])
    screen.do("mousemove", *path[0], "mousedown", 1, *moves)
    painting.wait_for_ink(there=True)
    painting.process.send_signal(signal.SIGINT)
    code, _, err = painting.ends()
    screen.do("mouseup", 1)
    assert code == 130, err
    assert "Traceback" not in err
    last = json.loads(Path("drawn.jsonl").read_text().splitlines()[-1])
    assert last["do"] == "stroke"


@pytest.mark.soak
def test_it_rests_while_nothing_happens(
    screen: Screen, paint: Paint, model: Path, in_tmp: Path
) -> None:
    painting = paint()
    time.sleep(1)

    def used() -> float:
        fields = Path(f"/proc/{painting.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(1.5)
    share = (used() - before) / 1.5
    painting.key("Escape")
    assert painting.ends()[0] == 0
    assert share < 0.1, "measured: 0.015; the benchmark has the bar"


@pytest.mark.soak
def test_a_replay_in_the_window_ends_and_hands_over(
    screen: Screen, paint: Paint, model: Path, in_tmp: Path
) -> None:
    points = [[x, y] for x, y in on(SEVEN, 280)]
    stroke = {"at": 0.1, "do": "stroke", "brush": 14, "points": points}
    stroke["times"] = [i * 0.02 for i in range(len(points))]
    lines = [{"inkhook": "drawing", "version": 1, "side": 280}, stroke, {"at": 0.6, "do": "answer"}]
    Path("drawn.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    painting = paint("--replay", "drawn.jsonl")
    time.sleep(1)
    screen.draw(on(SEVEN, 280, LEFT, TOP))
    painting.key("Return", "Escape")
    code, out, err = painting.ends()
    assert code == 0, err
    assert [line[0] for line in out.splitlines()] == ["7", "7"]


@pytest.mark.soak
def test_a_number_is_drawn_and_its_digits_labelled(
    screen: Screen, paint: Paint, in_tmp: Path
) -> None:
    painting = paint("--size", "500x240", "--json")
    panel = Panel(500, 240)
    for left, digit in ((0, SEVEN), (200, THREE)):
        screen.draw(on(digit, 240, panel.left + left, panel.top), hold=0.03)
    painting.wait_for(SURE, count=500)
    painting.key("Return")
    painting.wait_for(FADED, count=500)
    painting.key("7", "9", "Left", "3", "Escape")
    code, out, err = painting.ends()
    assert code == 0, err
    assert json.loads(out)["numbers"][0]["text"] == "73"
    samples = Path("artifacts/drawings").glob("*/*.png")
    assert sorted(path.parent.name for path in samples) == ["3", "7"]


@pytest.mark.soak
def test_a_screen_of_high_resolution(screen: Screen, paint: Paint) -> None:
    painting = paint("--size", "300", "--scale", "2")
    panel = Panel(600, 600, 2)
    geometry = screen.do("getwindowgeometry", painting.window)
    assert f"Geometry: {panel.shape[1]}x{panel.shape[0]}" in geometry
    screen.draw(on(SEVEN, 600, panel.left, panel.top), hold=0.04)
    seven = on(SEVEN, 600, panel.left, panel.top)
    screen.wait(lambda: inked((screen.shot() == INK).all(axis=2), seven))
    painting.wait_for(SURE, count=500)
    painting.key("Escape")
    assert painting.ends()[0] == 0


@pytest.mark.soak
def test_a_window_that_is_not_drawn_is_opened_anew(
    screen: Screen, paint: Paint, write_plugin: WritePlugin
) -> None:
    plugin = write_plugin(
        """
        import cv2
        from inkhook.core.drawing.shortcuts import Shortcuts
        seen, opened, really_open = iter([False, False]), [], cv2.namedWindow
        Shortcuts.shows = lambda self, corner: next(seen, True)
        cv2.namedWindow = lambda *words: (opened.append(words), really_open(*words))
        @hookimpl
        def on_run_end(session): session.note(f"opened {len(opened)} times")
        """
    )
    painting = paint("--plugins", plugin)
    time.sleep(3)
    screen.find(TITLE)  # the last one gets the keyboard
    painting.draw(SEVEN)
    painting.wait_for_ink(there=True)
    painting.key("Return", "Escape")
    code, out, err = painting.ends()
    assert code == 0, err
    assert out.startswith("7")
    assert "opened 3 times" in err


@pytest.mark.soak
def test_it_is_seen_whether_a_window_is_drawn(screen: Screen) -> None:
    code = f"""
        import cv2, numpy
        from inkhook.core.drawing.shortcuts import Shortcuts
        for attempt in range(9):  # a busy machine's Qt may not draw in a new window
            cv2.namedWindow("{TITLE}", cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
            cv2.imshow("{TITLE}", numpy.full((200, 200, 3), (250, 20, 3), numpy.uint8))
            cv2.waitKey(500)
            shortcuts = Shortcuts("{TITLE}")
            if shortcuts.shows((250, 20, 3)):
                break
            cv2.destroyAllWindows()
        print(attempt < 8, shortcuts.shows((3, 20, 250)), shortcuts.shows((0, 0, 0)))
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(words, env=screen.env, capture_output=True, text=True, check=True)
    assert done.stdout == "True False False\n"


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({}, "There is no display to open a window on"),
        ({"DISPLAY": ":9871"}, "No window can be opened on this display (DISPLAY=:9871)"),
        (
            {"WAYLAND_DISPLAY": "wayland-9871"},
            "No window can be opened on this display (WAYLAND_DISPLAY=wayl",
        ),
    ],
)
def test_without_a_display_it_is_a_sentence(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], sentence: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    result = run("paint", "--model", model)
    assert result.exit_code == 2
    assert f"Error: {sentence}" in result.stderr
    assert not Path("artifacts").exists()


@pytest.mark.soak
def test_a_window_larger_than_the_screen_is_made_smaller(screen: Screen, paint: Paint) -> None:
    painting = paint("--size", "1200", first=GROUND)
    words = screen.do("getwindowgeometry", "--shell", painting.window)
    size = dict(line.split("=") for line in words.splitlines())
    assert (int(size["WIDTH"]) <= 1600, int(size["HEIGHT"]) <= 1300) == (True, True)
    factor = int(size["HEIGHT"]) / Panel(1200, 1200).shape[0]
    points = [(factor * x, factor * y) for x, y in on(THREE, 1200, LEFT, TOP)]
    screen.draw(points, hold=0.1)  # large frames take their time, and Qt drops what comes meanwhile
    painting.wait_for(SURE, count=100)
    painting.key("Return")
    screen.wait(lambda: painting.count(SURE) < 100)  # it is cleared
    painting.key("Escape")
    code, out, err = painting.ends()
    assert (code, out.split()[0]) == (0, "3")
    assert f"The window is shown at {factor:.0%} to fit the screen." in err


@pytest.mark.soak
def test_a_window_that_stays_empty_is_reopened_ever_more_patiently(screen: Screen) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(EMPTY)],
        env=screen.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    waits = [float(line) for line in done.stdout.split()]
    assert len(waits) == 4, "then it is left alone, for its colours may be seen otherwise"
    assert all(wait >= 0.2 * 2**place for place, wait in enumerate(waits))


EMPTY = """
    import time
    import numpy as np
    from inkhook.core.drawing import live_window
    from inkhook.core.drawing.live_window import LiveWindow
    live_window.UNDRAWN, live_window.LONGEST = 0.2, 3.2  # a window must be on the screen by then
    frame = np.full((50, 50, 3), 200, np.uint8)
    red = 0, 0, 255  # neither what is drawn nor what a new window is filled with
    with LiveWindow("empty", "empty", lambda: frame, red) as window:
        waits = []
        end = window._opened + 40  # on a busy machine; else it takes eight seconds
        while time.perf_counter() < end:
            before = window._opened
            window.wait()
            if window._opened != before:
                waits.append(window._opened - before)
                end = window._opened + 5 if len(waits) == 4 else end
        print(*waits)
"""
