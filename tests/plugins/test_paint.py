"""The rooms behind the window: paper, recordings, answers, frames, the thread in the background."""

import contextlib
import itertools
import json
import os
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import ROOT, Run, RunProcess, WritePlugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pen_digits import ONE, SEVEN, THREE, on

from inkhook.core.base.types import Stroke
from inkhook.core.drawing import colours, recording, samples
from inkhook.core.drawing.background import MOST_WAITING, Background, Inline
from inkhook.core.drawing.canvas import Canvas
from inkhook.core.drawing.digits import around_ink, cut_out
from inkhook.core.drawing.lettering import shorten, width_of
from inkhook.core.drawing.painter import Painter
from inkhook.core.drawing.reading import DrawingReader, Reading
from inkhook.core.drawing.recording import Action, Event, RecordingProblem, RecordingWriter
from inkhook.core.events import records
from inkhook.core.events.session import CommandSession
from inkhook.core.images.strokes import draw_line
from inkhook.core.jobs.read_drawings import DrawingModels, drawing_reader
from inkhook.core.modelfile.artifact import ModelFile, read_artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.numbers.number import Numbers
from inkhook.core.reading.rows import Status
from inkhook.plugins.command_paint import style
from inkhook.plugins.command_paint.panel import Panel, View
from inkhook.plugins.command_paint.window import Window

SIDE = 280
places = st.integers(-20, SIDE + 20)


def drawn(*digits: list[tuple[float, float]]) -> Canvas:
    canvas = Canvas(SIDE, SIDE)
    for digit in digits:
        draw(canvas, digit)
    return canvas


def draw(canvas: Canvas, digit: list[tuple[float, float]]) -> None:
    points = on(digit, SIDE)
    canvas.begin(*points[0], 0)
    for i, point in enumerate(points[1:], 1):
        canvas.extend(*point, i / 100)
    canvas.end()


# The paper


@given(places, places, places, places, st.floats(2.5, 60))
def test_a_line_is_in_one_piece_and_as_thick_as_it_should_be(
    x: int, y: int, to_x: int, to_y: int, thickness: float
) -> None:
    image = np.zeros((SIDE + 120, SIDE + 120), np.uint8)
    draw_line(image, (x + 60, y + 60), (to_x + 60, to_y + 60), thickness)
    assert cv2.connectedComponents((image > 0).astype(np.uint8))[0] == 2
    length = np.hypot(to_x - x, to_y - y)
    area = length * thickness + np.pi * thickness**2 / 4
    assert abs(image.sum() / 255 - area) < 0.05 * area + 3


@given(st.lists(st.tuples(places, places), min_size=2, max_size=8), st.integers(2, 30))
def test_edges_are_as_soft_after_many_events_as_after_few(
    corners: list[tuple[int, int]], steps: int
) -> None:
    few, many = np.zeros((2, SIDE, SIDE), np.uint8)
    for (x, y), (to_x, to_y) in itertools.pairwise(corners):
        draw_line(few, (x, y), (to_x, to_y), 14)
        at = [(x + (to_x - x) * i / steps, y + (to_y - y) * i / steps) for i in range(steps + 1)]
        for start, end in itertools.pairwise(at):
            draw_line(many, start, end, 14)
    assert np.abs(few.astype(int) - many).max() <= 2
    assert ((few > 20) & (few < 235)).any() == few.any(), "soft edges"


def test_a_quick_circle_is_round() -> None:
    canvas = Canvas(SIDE, SIDE)
    turns = np.linspace(0, 2 * np.pi, 13)
    at = [(140 + 80 * float(np.cos(t)), 140 + 80 * float(np.sin(t))) for t in turns]
    canvas.begin(*at[0], 0)
    for point in at[1:]:
        canvas.extend(*point, 0)
    canvas.end()
    y, x = np.nonzero(canvas.image > 127)
    radius = np.hypot(x - 140, y - 140)
    assert radius.min() > 80 - 10
    assert radius.max() < 80 + 8, "no corner sticks out"
    outline = [radius[np.abs(np.arctan2(y - 140, x - 140) - t) < 0.04].max() for t in turns[1:6]]
    between = [
        radius[np.abs(np.arctan2(y - 140, x - 140) - t - np.pi / 12) < 0.04].max()
        for t in turns[1:5]
    ]
    assert np.mean(outline) - np.mean(between) < 1.2, "chords would differ by 2.7 pixels"


def test_undo_takes_back_a_stroke_and_brings_back_what_was_cleared() -> None:
    canvas = drawn(THREE)
    three = canvas.image.copy()
    draw(canvas, SEVEN)
    both = canvas.image.copy()
    assert canvas.undo()
    assert np.array_equal(canvas.image, three)
    draw(canvas, SEVEN)
    assert canvas.clear()
    assert canvas.empty
    assert not canvas.image.any()
    assert not canvas.clear()
    assert canvas.undo()
    assert np.array_equal(canvas.image, both)
    assert canvas.undo()
    assert canvas.undo()
    assert canvas.empty
    assert not canvas.undo()


def test_undo_keeps_each_stroke_as_thick_as_it_was() -> None:
    canvas = drawn(THREE)
    canvas.resize_brush(3)
    draw(canvas, SEVEN)
    before = canvas.image.copy()
    draw(canvas, ONE)
    canvas.resize_brush(-9)
    canvas.undo()
    assert np.array_equal(canvas.image, before)


def test_the_brush_has_limits_and_stays_within_a_stroke() -> None:
    canvas = Canvas(SIDE, SIDE)
    canvas.resize_brush(100)
    assert canvas.brush <= SIDE / 4
    canvas.resize_brush(-200)
    assert canvas.brush >= 1
    canvas.begin(10, 10, 0)
    before = canvas.brush
    canvas.resize_brush(2)
    assert canvas.brush == before


# Recordings

numbers = st.floats(-SIDE, 2 * SIDE, width=32)
strokes = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=20).map(
    lambda points: Stroke(
        np.array(points, np.float32), np.linspace(0, 0.7, len(points), dtype=np.float32)
    )
)
events = st.one_of(
    st.builds(Event, st.just(1.5), st.just("stroke"), strokes, st.just(14.0)),
    st.builds(Event, st.just(2.25), st.sampled_from(["answer", "clear", "undo"])),
    st.builds(Event, st.just(3.0), st.just("label"), digit=st.integers(0, 9)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@settings(max_examples=60)
@given(st.lists(events, max_size=5))
def test_a_recording_reads_back_as_it_was(folder: Path, made: list[Event]) -> None:
    path = folder / f"{time.monotonic_ns()}.jsonl"
    recorder = RecordingWriter(path, SIDE, SIDE)
    for event in made:
        recorder.add(event)
    recorder.close()
    size, read = recording.read_recording(path)
    assert size == (SIDE, SIDE)
    assert [(e.at, e.action, e.brush, e.digit) for e in read] == [
        (e.at, e.action, e.brush, e.digit) for e in made
    ]
    for ours, theirs in zip(made, read, strict=True):
        if ours.stroke is not None and theirs.stroke is not None:
            assert np.array_equal(ours.stroke.points, theirs.stroke.points)
            assert np.array_equal(ours.stroke.times, theirs.stroke.times)


HEAD = '{"inkhook": "drawing", "version": 1, "side": 280}'
STROKE = '{"at": 0, "do": "stroke", "brush": 14, "points": [[1, 2], [3, 4]], "times": [0, 0.1]}'


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ((), None),
        (("",), 1),
        (("{}",), 1),
        (("[]",), 1),
        (('{"inkhook": "drawing", "version": 3, "width": 280, "height": 280}',), 1),
        (('{"inkhook": "drawing", "version": 1, "side": 9999999}',), 1),
        (('{"inkhook": "drawing", "version": 1, "side": true}',), 1),
        ((HEAD, STROKE, "not JSON"), 3),
        ((HEAD, STROKE, STROKE[:40]), 3),
        ((HEAD, "[" * 100_000), 2),
        ((HEAD, STROKE, '{"at": 0}'), 3),
        ((HEAD, '{"at": 0, "do": "dance"}'), 2),
        ((HEAD, '{"at": -1, "do": "answer"}'), 2),
        ((HEAD, '{"at": NaN, "do": "answer"}'), 2),
        ((HEAD, '{"at": 1e999, "do": "answer"}'), 2),
        ((HEAD, '{"at": 0, "do": "label", "digit": 10}'), 2),
        ((HEAD, '{"at": 0, "do": "label", "digit": "7"}'), 2),
        ((HEAD, STROKE, STROKE.replace("[3, 4]", "[3]")), 3),
        ((HEAD, STROKE, STROKE.replace("[3, 4]", "[3, null]")), 3),
        ((HEAD, STROKE, STROKE.replace("[3, 4]", "[3, 1e8]")), 3),
        ((HEAD, STROKE, STROKE.replace("[0, 0.1]", "[0]")), 3),
        ((HEAD, STROKE, STROKE.replace("[0, 0.1]", "[0.1, 0]")), 3),
        ((HEAD, STROKE, STROKE.replace("[[1, 2], [3, 4]]", "[]").replace("[0, 0.1]", "[]")), 3),
        ((HEAD, STROKE, STROKE.replace("14", "0")), 3),
        ((HEAD, STROKE, STROKE.replace("14", "1e6")), 3),
    ],
)
def test_a_bad_line_is_named_by_its_number(
    run: Run, lines: tuple[str, ...], number: int | None
) -> None:
    Path("bad.jsonl").write_text("".join(line + "\n" for line in lines))
    result = run("paint", "--replay", "bad.jsonl", "--headless")
    assert result.exit_code == 2
    what = "'bad.jsonl' is empty" if number is None else f"Line {number} of 'bad.jsonl' "
    assert result.stderr.startswith(f"Error: {what}")
    assert result.stderr.count("\n") == 1


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_recording_is_read_or_refused(folder: Path, data: st.DataObject) -> None:
    content = bytearray(f"{HEAD}\n{STROKE}\n{STROKE}\n".encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "damaged.jsonl"
    path.write_bytes(content)
    with contextlib.suppress(RecordingProblem):
        recording.read_recording(path)


def test_other_refusals_of_files(run: Run, in_tmp: Path) -> None:
    Path("there.jsonl").write_text("mine")
    for words, sentence in (
        (("--replay", "none.jsonl"), "There is no recording 'none.jsonl'."),
        (("--replay", "."), "There is no recording '.'."),
        (("--headless",), "--headless needs --replay FILE."),
    ):
        result = run("paint", *words, *(() if "--headless" in words else ("--headless",)))
        assert result.exit_code == 2
        assert sentence in result.stderr
    assert Path("there.jsonl").read_text() == "mine"


# A session, through a replay


def write_recording(*keys: Action | list[tuple[float, float]] | int, side: int = SIDE) -> None:
    path = Path("drawn.jsonl")
    path.unlink(missing_ok=True)
    recorder = RecordingWriter(path, side, side)
    for at, key in zip(itertools.count(0.0), keys, strict=False):
        if isinstance(key, list):
            canvas = Canvas(side, side)
            points = on(key, side)
            canvas.begin(*points[0], 0)
            for point in points[1:]:
                canvas.extend(*point, 0.01)
            recorder.add(Event(at, "stroke", canvas.end(), canvas.brush))
        elif isinstance(key, int):
            recorder.add(Event(at, "label", digit=key))
        else:
            recorder.add(Event(at, key))
    recorder.close()


@pytest.fixture
def replay(run: Run, model: Path) -> Run:
    words = ("paint", "--replay", "drawn.jsonl", "--headless", "--model", model)
    return lambda *more: run(*words, *more)


def test_a_replay_prints_the_answers(replay: Run) -> None:
    write_recording(THREE, "answer", "answer", THREE, ONE, "undo", "undo", SEVEN, "answer", ONE)
    result = replay()
    assert result.exit_code == 0
    assert re.fullmatch(r"3 \(\d+ %(, not sure)?\)\n7 \(\d+ %(, not sure)?\)\n", result.stdout)
    write_recording(ONE, "clear", SEVEN, "answer", 7)
    result = replay("--json")
    answer = json.loads(result.stdout)
    assert answer["id"] == "drawing-1"
    assert answer["digit"] == 7
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert answer["sure"] == (answer["confidence"] >= 0.6)
    assert not Path("artifacts").exists(), "a replay saves no samples"


def test_a_copy_of_a_recording_is_the_same(replay: Run) -> None:
    write_recording(THREE, "answer", ONE, SEVEN, "undo", "clear", "undo", "answer", 1)
    assert replay("--record", "again.jsonl").exit_code == 0
    assert Path("again.jsonl").read_text() == Path("drawn.jsonl").read_text()
    assert replay("--record", "again.jsonl").exit_code == 2, "never over another"


def test_plugins_hear_of_strokes_and_answers(replay: Run, write_plugin: WritePlugin) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def on_stroke(session, stroke, canvas):
            writable = canvas.flags.writeable or stroke.points.flags.writeable
            session.say(f"stroke {len(stroke.points)} {canvas.dtype} {canvas.shape} {writable}")
        @hookimpl
        def on_prediction(session, predictions):
            session.say(f"{predictions.source} {predictions.ids} {predictions.truth}")
        """
    )
    write_recording(SEVEN, "answer", 1, 7)
    lines = replay("--plugins", plugin).stdout.splitlines()
    assert lines[0] == f"stroke {len(SEVEN)} uint8 (280, 280) False"
    assert lines[1].startswith("7 (")
    assert lines[2:] == [f"canvas ('drawing-1',) {truth}" for truth in ("None", "[1]", "[7]")]


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_neither_tensorflow_nor_keras_is_imported(
    run_process: RunProcess, model: Path, kind: str
) -> None:
    if kind == "convolutional":
        network = read_artifact(ROOT / "tests/support/keras_files/convolution.h5").network
        model = Path("convolutional.h5")
        ModelFile(network).write(model, Card("x", "0" * 64, network.architecture, 1))
    write_recording(SEVEN, "answer", THREE)
    words = ("paint", "--replay", "drawn.jsonl", "--headless", "--json", "--model", model)
    done = run_process(*words, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert len(json.loads(done.stdout)["probabilities"]) == 10, done.stderr
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert not imported & {"tensorflow", "keras"}


def test_a_pens_widths_are_replayed_told_and_recorded(
    replay: Run, write_plugin: WritePlugin
) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def on_stroke(session, stroke, canvas):
            widths = None if stroke.widths is None else stroke.widths.tolist()
            session.say(f"{widths} {int((canvas[:, 140] > 127).sum())}")
        """
    )
    write_recording()
    line = {"do": "stroke", "brush": 14, "points": [[100, 60], [140, 60], [180, 60]]}
    even = {"at": 0.5, **line, "times": [0, 0.5, 1]}
    pressed = {"at": 2.5, **line, "times": [0, 0.5, 1], "widths": [30, 40.25, 30]}
    with Path("drawn.jsonl").open("a") as file:
        file.writelines(json.dumps(each) + "\n" for each in (even, pressed))
    result = replay("--plugins", plugin, "--record", "again.jsonl")
    assert result.stdout.splitlines() == ["None 13", "[30.0, 40.25, 30.0] 37"]
    again = Path("again.jsonl").read_text()
    assert [json.loads(each) for each in again.splitlines()[1:]] == [even, pressed]


@pytest.mark.parametrize("hook", ["on_stroke", "on_prediction", "prepare_image"])
def test_a_plugin_that_raises_ends_nothing(
    replay: Run, write_plugin: WritePlugin, hook: str
) -> None:
    plugin = write_plugin(f"@hookimpl\ndef {hook}(): raise RuntimeError('no')")
    write_recording(SEVEN, "answer", THREE, "answer")
    result = replay("--plugins", plugin)
    assert result.exit_code == 1
    assert [line[0] for line in result.stdout.splitlines()] == ["7", "3"]
    assert f"Plugin 'mine' failed in {hook}: RuntimeError: no." in result.stderr
    strict = replay("--plugins", plugin, "--strict")
    assert strict.exit_code == 2
    assert f"Plugin 'mine' failed in {hook}" in strict.stderr


def test_a_plugin_prepares_the_drawing(replay: Run, write_plugin: WritePlugin) -> None:
    plugin = write_plugin(
        """
        import numpy as np
        @hookimpl
        def prepare_image(image, source):
            assert source == "canvas" and not image.flags.writeable
            return np.zeros_like(image)
        """
    )
    write_recording(SEVEN, "answer")
    result = replay("--plugins", plugin)
    assert result.stdout == ""
    assert "drawing-1 can't be read as a digit." in result.stderr


# A session, by hand


@pytest.fixture
def painter(model: Path, empty_session: CommandSession, in_tmp: Path) -> Painter:
    reader = drawing_reader(DrawingModels(str(model), empty_session.note), empty_session)
    return Painter(empty_session, reader, Canvas(SIDE, SIDE), Inline(), lambda _: None)


def scribble(painter: Painter, digit: list[tuple[float, float]]) -> None:
    points = on(digit, SIDE)
    painter.press(*points[0], 0)
    for point in points[1:]:
        painter.move(*point, 1)
    painter.look()


def test_the_answer_is_there_while_drawing(painter: Painter) -> None:
    scribble(painter, SEVEN)
    assert painter.canvas.drawing
    assert isinstance(painter.reading, Reading)
    assert painter.reading.digit == 7
    painter.clear(2)
    painter.look()
    assert painter.reading is None


# Numbers


def write(painter: Painter, *digits: list[tuple[float, float]]) -> None:
    """Draw digits side by side."""
    side = SIDE / len(digits) * 1.3
    for place, digit in enumerate(digits):
        points = on(digit, side, SIDE / len(digits) * place - 0.15 * side, SIDE / 4)
        painter.press(*points[0], 0)
        for point in points[1:]:
            painter.move(*point, 1)
        painter.release()
    painter.look()


def test_several_digits_are_a_number(painter: Painter, capsys: pytest.CaptureFixture[str]) -> None:
    write(painter, SEVEN, ONE)
    assert isinstance(painter.reading, Numbers)
    assert [number.text for number in painter.reading.numbers] == ["71"]
    panel = Panel(SIDE, SIDE)
    frame = panel.draw(View(painter.canvas.image, painter.reading))
    window = frame[panel.top : panel.top + SIDE, panel.left : panel.left + SIDE]
    for digit in painter.reading.numbers[0].digits:
        x, y, width, height = digit.box
        inside = painter.canvas.image[y : y + height, x : x + width]
        assert all(inside.any(axis=axis).all() for axis in (0, 1)), "the box fits its ink"
        assert (window[y - 3, x : x + width] != colours.SURFACE).any(axis=1).all(), "and drawn"
    painter.answer(3)
    assert painter.last is not None
    assert str(painter.last).startswith("71 (")
    painter.look()
    after = panel.draw(View(painter.canvas.image, empty=True, answer=painter.last))
    assert (after[panel.top : panel.top + SIDE, : panel.left + SIDE] == colours.FADED).any()


def test_the_digits_of_a_number_are_labelled_one_after_another(painter: Painter) -> None:
    write(painter, SEVEN, ONE)
    painter.answer(1)
    for digit in (7, 4):
        painter.label(digit, 2)
    assert painter.last is not None
    assert [digit.label for digit in painter.last.digits] == [7, 4]
    painter.label(3, 2)
    assert [digit.label for digit in painter.last.digits] == [7, 4], "both have one"
    painter.choose(-1)
    painter.label(1, 2)
    assert {path.parent.name for path in Path("artifacts/drawings").glob("*/*.png")} == {"7", "1"}
    (seven,) = Path("artifacts/drawings/7").glob("*.png")
    saved = cv2.imdecode(np.fromfile(seven, np.uint8), cv2.IMREAD_UNCHANGED)
    assert saved is not None
    assert isinstance(painter.last.reading, Numbers)
    x, y, width, height = painter.last.reading.numbers[0].digits[0].box
    alone = painter.last.canvas[y : y + height, x : x + width]
    assert saved.sum() == alone.sum(), "all of its ink, and no other"


def test_a_digit_key_labels_no_answer_before_the_one_that_is_awaited(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribble(painter, SEVEN)
    painter.answer(1)
    monkeypatch.setattr(DrawingReader, "has_plugins", True)
    painter._worker, gate = Background(), threading.Event()
    painter._worker.do(gate.wait, lambda _: None)
    scribble(painter, THREE)
    painter.answer(2)
    painter.label(3, 3)
    assert not list(Path("artifacts").rglob("*.png")), "the seven is no three"
    gate.set()
    painter._worker.finish(5)
    painter.label(3, 4)
    assert [path.parent.name for path in Path("artifacts").rglob("*.png")] == ["3"]


def test_ink_that_is_no_number_has_no_answer(
    painter: Painter, capsys: pytest.CaptureFixture[str]
) -> None:
    painter.reader._read_numbers = lambda _: Numbers("no_number")
    for left in (0.25, 0.7):
        scribble(painter, [(left, 0.2), (left, 0.5), (left, 0.8)])
        painter.release()
    painter.look()
    assert painter.reading is Status.SEVERAL
    panel = Panel(SIDE, SIDE)
    view = View(painter.canvas.image, painter.reading)
    assert (panel.draw(view) != panel.draw(View(painter.canvas.image, Status.BLANK))).any()
    painter.answer(3)
    assert painter.last is None
    assert painter.status.startswith("These are several digits")
    assert "drawing-1 shows several digits, but no number." in capsys.readouterr().err


def write_number() -> None:
    """Record "71" on a wide canvas, its answer, and two labels."""
    width, height = 400, 200
    recorder = RecordingWriter(Path("number.jsonl"), width, height)
    canvas = Canvas(width, height)
    for left, digit in ((0, SEVEN), (180, ONE)):
        points = on(digit, height, left)
        canvas.begin(*points[0], 0)
        for point in points[1:]:
            canvas.extend(*point, 0.01)
        recorder.add(Event(0.0, "stroke", canvas.end(), canvas.brush))
    recorder.add(Event(1.0, "answer"))
    for place, label in enumerate((7, 1)):
        recorder.add(Event(2.0, "label", digit=label, place=place))
    recorder.close()


def test_a_number_is_printed_and_told_as_read_does(
    run: Run, model: Path, write_plugin: WritePlugin, in_tmp: Path
) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def on_number(session, numbers):
            session.say(f"{numbers.path} {numbers.status} {[n.text for n in numbers.numbers]}")
        @hookimpl
        def on_prediction(session, predictions):
            session.say(f"{predictions.source} {predictions.ids} {predictions.truth}")
        """
    )
    write_number()
    words = ("paint", "--replay", "number.jsonl", "--headless", "--model", model)
    result = run(*words, "--plugins", plugin, "--record", "again.jsonl")
    first, *told = result.stdout.splitlines()
    assert re.fullmatch(r"71 \(\d+ %(, not sure)?\)", first)
    assert told == [
        f"drawing-1 {'unsure' if 'not sure' in first else 'ok'} ['71']",
        "canvas ('drawing-1#1', 'drawing-1#2') None",
        "canvas ('drawing-1#1',) [7]",
        "canvas ('drawing-1#2',) [1]",
    ]
    assert Path("again.jsonl").read_text() == Path("number.jsonl").read_text()
    answer = json.loads(run(*words, "--json").stdout)
    assert answer["id"] == "drawing-1"
    assert answer["model"] == "pretrained"
    assert [digit["digit"] for digit in answer["numbers"][0]["digits"]] == [7, 1]


def test_a_plugin_finds_the_numbers(
    run: Run, model: Path, write_plugin: WritePlugin, in_tmp: Path
) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def find_numbers(image): raise RuntimeError("no")
        """
    )
    write_number()
    words = ("paint", "--replay", "number.jsonl", "--headless", "--model", model)
    result = run(*words, "--plugins", plugin)
    assert result.exit_code == 1
    assert "Plugin 'mine' failed in find_numbers: RuntimeError: no. Numbers are" in result.stderr


@pytest.mark.parametrize("size", ["12", "x200", "560x", "560x20000", "wide", "5.5"])
def test_a_size_that_is_none_is_refused(run: Run, size: str) -> None:
    result = run("paint", "--size", size)
    assert result.exit_code == 2
    assert f"'{size}' isn't a size from 140 to 2000" in result.stderr


def test_touching_digits_are_cut_and_others_keep_all_their_ink() -> None:
    canvas = np.zeros((60, 120), np.uint8)
    canvas[10:50, 10:14] = canvas[10:50, 60:64] = canvas[30, 10:64] = 255  # joined by a line
    canvas[10:50, 100:104] = 255
    parts = cut_out(canvas, [(10, 10, 26, 40), (38, 10, 26, 40), (98, 10, 8, 30)])
    assert [int((part > 0).sum()) for part in parts] == [183, 183, 160]
    boxes = around_ink(canvas, [(0, 0, 37, 60), (38, 10, 26, 40), (90, 0, 30, 60), (5, 0, 1, 5)])
    assert boxes == [(10, 10, 28, 40), (38, 10, 26, 40), (100, 10, 4, 40), (5, 0, 1, 5)]


@pytest.mark.parametrize(("from_outside", "strokes"), [(False, 1), (True, 0)])
def test_a_press_that_qt_drops_begins_a_stroke_all_the_same(
    painter: Painter, from_outside: bool, strokes: int
) -> None:
    panel = Panel(SIDE, SIDE)
    window = Window(painter, panel, Background())
    held = cv2.EVENT_FLAG_LBUTTON
    if from_outside:
        window._note_mouse(cv2.EVENT_LBUTTONDOWN, 2, 2, held, None)
    for x in (50, 60, 70):
        window._note_mouse(cv2.EVENT_MOUSEMOVE, panel.left + x, panel.top + 50, held, None)
    window._note_mouse(cv2.EVENT_LBUTTONUP, panel.left + 80, panel.top + 50, 0, None)
    window._use_mouse()
    assert painter.canvas.undo() == bool(strokes)
    assert not painter.canvas.undo(), "it was one stroke"


def test_e_shows_why_and_ends_it(painter: Painter) -> None:
    scribble(painter, SEVEN)
    painter.release()
    painter.look()
    assert isinstance(painter.reading, Reading)
    window = Window(painter, Panel(SIDE, SIDE), Background())
    plain = window._frame()
    assert window._use_key(ord("e"))
    explained = window._frame()
    changed = (plain != explained).any(axis=2)
    tile = np.nonzero(changed[: SIDE // 2])
    assert len(tile[0]), "what the model sees has other colours"
    assert "is against it" in painter.status
    why = painter.reader.explain(painter.reading)
    assert why is not None
    assert why.sum() > 0, "most of a 7 that is read as one speaks for it"
    assert not why[painter.reading.image == 0].any()
    window._use_key(ord("e"))
    assert (window._frame()[: SIDE // 2] == plain[: SIDE // 2]).all()
    assert painter.reader.explain(Status.SEVERAL) is None


def test_keys_that_make_no_sense_say_so(painter: Painter) -> None:
    presses: list[Callable[[], None]] = [
        partial(painter.answer, 0),
        partial(painter.undo, 0),
        partial(painter.label, 3, 0),
        painter.save,
    ]
    for press in presses:
        painter.status = ""
        press()
        assert painter.status
        assert not painter.trouble


def test_a_label_can_be_put_right(painter: Painter) -> None:
    scribble(painter, SEVEN)
    painter.release()
    image = painter.canvas.image.copy()
    painter.answer(1)
    for digit in (3, 7, 7):
        painter.label(digit, 2)
        (path,) = Path("artifacts/drawings").glob("*/*.png")
        assert path.parent.name == str(digit)
    saved = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    assert saved is not None
    assert np.array_equal(saved, image)


def test_two_samples_never_share_a_name(in_tmp: Path) -> None:
    image = np.zeros((20, 20), np.uint8)
    assert len({samples.save_sample(image, 3) for _ in range(20)}) == 20


def fill(path: Path) -> None:
    """Write until the disk is full."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"0" * 4096)
    os.close(handle)


def test_a_full_disk_is_a_line_in_the_status(
    painter: Painter, monkeypatch: pytest.MonkeyPatch, small_disk: Path
) -> None:
    monkeypatch.setattr(records, "ROOT", small_disk / "artifacts")
    painter._recorder = RecordingWriter(small_disk / "drawn.jsonl", SIDE, SIDE)
    (small_disk / "artifacts" / "drawings" / "7").mkdir(parents=True)
    fill(small_disk / "full")
    acts: list[Callable[[], None]] = [
        painter.save,
        partial(painter.answer, 1),
        partial(painter.label, 7, 1),
    ]
    for act in acts:
        scribble(painter, SEVEN)
        act()
    assert painter.trouble
    assert "No space left on device" in painter.status
    assert painter.last is not None, "drawing goes on"
    assert not list(small_disk.glob("artifacts/drawings/*/*"))
    painter.finish(1)


def test_a_stroke_without_end_is_recorded_in_parts(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkhook.core.drawing.painter.MOST_POINTS", 100)
    painter._recorder = RecordingWriter(Path("drawn.jsonl"), SIDE, SIDE)
    painter.press(5, 5, 0)
    for i in range(110):
        painter.move(5 + i % 3, 5, i / 1000)
    painter.finish(1)
    assert len(recording.read_recording(Path("drawn.jsonl"))[1]) == 2


# The thread in the background


def test_work_is_done_in_order_and_what_follows_on_this_thread() -> None:
    background = Background()
    followed: list[tuple[int, str]] = []
    for i in range(20):
        background.do(
            partial(int, i),
            lambda i: followed.append((i, threading.current_thread().name)),
        )
    assert background.finish(5) == 0
    assert followed == [(i, threading.current_thread().name) for i in range(20)]


def test_only_the_newest_of_what_may_be_skipped_is_done() -> None:
    background, gate = Background(), threading.Event()
    background.do(gate.wait, lambda _: None)
    done: list[int] = []
    for i in range(50):
        background.do_newest(partial(int, i), done.append)
    gate.set()
    until = time.monotonic() + 5
    while not done and time.monotonic() < until:
        background.collect()
        time.sleep(0.01)
    assert done == [49]


def test_an_error_comes_out_on_this_thread_and_a_full_queue_is_said() -> None:
    background, gate = Background(), threading.Event()
    background.do(lambda: 1 / 0, lambda _: None)
    with pytest.raises(ZeroDivisionError):
        background.finish(5)
    taken = [background.do(gate.wait, lambda _: None) for _ in range(MOST_WAITING + 5)]
    assert not all(taken)
    assert background.finish(0.05) >= MOST_WAITING
    assert background.busy_seconds() > 0
    gate.set()
    assert background.finish(5) == 0


# Frames


def reading(*probabilities: float, sure: bool = True) -> Reading:
    shares = np.zeros(10, np.float32)
    shares[: len(probabilities)] = probabilities
    return Reading(np.zeros((28, 28), np.float32), shares, sure)


def luminance(colour: tuple[int, int, int]) -> float:
    linear = [c / 255 / 12.92 if c < 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.0722 * linear[0] + 0.7152 * linear[1] + 0.2126 * linear[2]


@pytest.mark.parametrize("text", ["INK", "QUIET", "SURE", "UNSURE", "TROUBLE"])
def test_every_text_stands_out(text: str) -> None:
    light, dark = luminance(getattr(colours, text)), luminance(colours.GROUND)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
    on_keys = (luminance(colours.INK) + 0.05) / (luminance(colours.LINE) + 0.05)
    assert on_keys >= 4.5


@pytest.mark.parametrize(("side", "scale"), [(140, 1), (280, 1), (560, 1), (1120, 2), (280, 0.5)])
def test_a_frame_holds_what_it_should(side: int, scale: float) -> None:
    panel = Panel(side, side, scale)
    canvas = np.zeros((side, side), np.uint8)
    canvas[side // 4 : side // 2, side // 4 : side // 2] = 255
    frame = panel.draw(View(canvas, reading(0.25, 0.75)))
    assert frame.shape == (*panel.shape, 3)
    inside = frame[panel.top : panel.top + side, panel.left : panel.left + side]
    assert np.array_equal((inside == colours.INK).all(axis=2), canvas == 255)
    first = panel.left + side
    bars = slice(first, first + round((style.GAP + style.PANEL - 58) * scale))
    right = frame[panel.top + round(style.BARS * scale) :, bars][: -round(style.BOTTOM * scale)]
    lengths = (right == colours.SURE).all(axis=2).sum(axis=1).max()
    other = (right == colours.QUIET).all(axis=2).sum(axis=1).max()
    assert other / lengths == pytest.approx(1 / 3, abs=0.05), "bars are as long as they should be"
    margin = round(style.MARGIN * scale) - 2
    for edge in (frame[:margin], frame[:, :margin], frame[:, -margin:]):
        assert (edge == colours.GROUND).all(), "nothing comes near the edge"


def test_what_changed_is_all_that_changes() -> None:
    panel, canvas = Panel(SIDE, SIDE), np.zeros((SIDE, SIDE), np.uint8)
    plain = View(canvas, reading(0.2, 0.8), "a status")
    first = panel.draw(plain)
    for view in (
        View(canvas, reading(0.1, 0.9, sure=False), "Plugin 'x' failed", trouble=True, help=True),
        View(canvas, empty=True, pointer=(0, SIDE - 1), brush=60),
    ):
        assert not np.array_equal(panel.draw(view), first)
    assert np.array_equal(panel.draw(plain), first)
    below = (
        panel.draw(View(canvas, reading(0.2, 0.8), "another", pointer=(5, 5), brush=90)) != first
    )
    assert not below[:, panel.left + SIDE :][: panel.top + SIDE].any(), "the ring stays inside"


@given(st.text(max_size=300), st.integers(60, 600))
@settings(max_examples=20, deadline=None)
def test_a_long_text_is_made_to_fit(text: str, width: int) -> None:
    assert width_of(shorten(text, 15, width), 15) <= max(width, 60)
