"""A pen's pressure: strokes whose width changes, on the canvas and in recordings."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.types import UInt8Array
from inkhook.core.drawing.canvas import Canvas
from inkhook.core.drawing.recording import (
    Event,
    RecordingProblem,
    RecordingWriter,
    event_of,
    read_recording,
)

SIDE = 280
Dot = tuple[float, float, float]
"""Where, and how wide."""

slowly = settings(max_examples=30, deadline=None)

dots = st.lists(
    st.tuples(st.integers(40, 240), st.integers(40, 240), st.integers(2, 60)),
    min_size=1,
    max_size=9,
)


def drawn(*strokes: list[Dot], even: float | None = None) -> Canvas:
    """Draw strokes with the width at each point, or all with one brush."""
    canvas = Canvas(SIDE, SIDE)
    for (x, y, width), *rest in strokes:
        canvas.brush = canvas.default_brush if even is None else even
        canvas.begin(x, y, 0, None if even else width)
        for time, (to_x, to_y, to_width) in enumerate(rest, 1):
            canvas.extend(to_x, to_y, time, None if even else to_width)
        canvas.end()
    return canvas


def rising(count: int) -> list[Dot]:
    """Return a straight stroke of so many points, from 6 to 46 pixels wide."""
    return [(40 + 200 * share, 140, 6 + 40 * share) for share in np.linspace(0, 1, count).tolist()]


def difference(one: UInt8Array, other: UInt8Array) -> int:
    return int(np.abs(one.astype(int) - other).max())


def test_each_point_has_its_width_and_there_are_no_steps() -> None:
    thick = drawn(rising(6)).image.sum(axis=0)[45:235] / 255
    expected = 6 + 40 * (np.arange(45, 235) - 40) / 200
    # the edges are slanted, so that the discs reach a little farther than their radius
    assert np.abs(thick - expected).max() < 1.2
    steps = np.diff(thick)
    assert steps.min() > 0
    assert steps.max() < 0.35, "it grows by 0.2 pixels each"


def test_more_points_on_the_way_make_no_difference() -> None:
    assert difference(drawn(rising(3)).image, drawn(rising(60)).image) <= 2


def test_a_jump_in_width_is_a_smooth_bend() -> None:
    wave: list[Dot] = [(40 + 30 * at, 140, 6 if at % 2 else 46) for at in range(8)]
    thick = drawn(wave).image.sum(axis=0)[45:245] / 255
    assert np.abs(np.diff(thick)).max() < 2.5
    assert np.abs(np.diff(thick, 2)).max() < 1.2, "a corner has 2.7"


@slowly
@given(dots)
def test_ink_lies_between_the_thinnest_and_the_thickest_stroke(stroke: list[Dot]) -> None:
    canvas = drawn(stroke)
    widths = [width for _, _, width in stroke]
    thin, thick = drawn(stroke, even=min(widths)).image, drawn(stroke, even=max(widths)).image
    off = 52  # a curve is cut into lines that are off by up to a fifth of a pixel
    assert (canvas.image.astype(int) >= thin.astype(int) - off).all()
    assert (canvas.image.astype(int) <= thick.astype(int) + off).all()
    assert cv2.connectedComponents((canvas.image > 0).astype(np.uint8))[0] == 2


@slowly
@given(st.lists(dots, min_size=2, max_size=3))
def test_undo_draws_widths_as_they_were(strokes: list[list[Dot]]) -> None:
    canvas = drawn(*strokes)
    canvas.undo()
    assert np.array_equal(canvas.image, drawn(*strokes[:-1]).image)


@slowly
@given(dots, st.integers(2, 60))
def test_one_width_all_along_is_the_brush(stroke: list[Dot], brush: int) -> None:
    even = drawn(stroke, even=brush)
    canvas = Canvas(SIDE, SIDE)
    canvas.brush = brush
    canvas.begin(*stroke[0][:2], 0, brush)
    for x, y, _ in stroke[1:]:
        canvas.extend(x, y, 0, brush)
    ended = canvas.end()
    assert np.array_equal(canvas.image, even.image)
    assert ended is not None
    assert ended.widths is None


def test_a_pen_that_presses_where_it_is_makes_a_larger_dot() -> None:
    small, pressed = drawn([(140, 140, 6)]), drawn([(140, 140, 6), (140, 140, 40)])
    assert pressed.image.sum() > 4 * small.image.sum()


@slowly
@given(dots)
def test_a_recording_keeps_widths(
    tmp_path_factory: pytest.TempPathFactory, stroke: list[Dot]
) -> None:
    path = tmp_path_factory.mktemp("recorded") / "a.jsonl"
    canvas = drawn([(x, y, width + 0.375) for x, y, width in stroke])
    recorder = RecordingWriter(path, SIDE, SIDE)
    recorder.add(Event(1.5, "stroke", canvas.drawn[0][0], canvas.brush))
    recorder.close()
    _, (event,) = read_recording(path)
    again = drawn([(x, y, width or 0) for x, y, _, width in event.moves()])
    assert np.array_equal(again.image, canvas.image)


def test_a_recording_without_a_pen_is_what_it_was(tmp_path: Path) -> None:
    canvas = drawn([(1.25, 2, 0), (3, 4.1, 0)], even=14)
    recorder = RecordingWriter(tmp_path / "a.jsonl", SIDE, SIDE)
    recorder.add(Event(0.5, "stroke", canvas.drawn[0][0], canvas.brush))
    recorder.close()
    assert (tmp_path / "a.jsonl").read_text().splitlines() == [
        '{"inkhook": "drawing", "version": 2, "width": 280, "height": 280}',
        '{"at": 0.5, "do": "stroke", "brush": 14, "points": [[1.25, 2.0], [3.0, 4.1]], '
        '"times": [0.0, 1.0]}',
    ]


@pytest.mark.parametrize(
    ("widths", "sentence"),
    [
        ("[5]", "needs as many 'widths' as 'points', or none."),
        ("[]", "needs as many 'widths' as 'points', or none."),
        ("[5, 5, 5]", "needs as many 'widths' as 'points', or none."),
        ("[5, -5]", "needs 'widths' from 0.5 to 280."),
        ("[0, 5]", "needs 'widths' from 0.5 to 280."),
        ("[5, 281]", "needs 'widths' from 0.5 to 280."),
        ("[5, NaN]", "has the number NaN."),
        ("[5, 1e999]", "has a number beyond 64 bits."),
        ("[5, null]", "has 'widths' that aren't numbers."),
        ('[5, "5"]', "has 'widths' that aren't numbers."),
        ("[5, true]", "has 'widths' that aren't numbers."),
        ("[[5, 5]]", "has 'widths' that aren't numbers."),
        ("5", "needs a list 'widths'."),
        ("null", "needs a list 'widths'."),
    ],
)
def test_bad_widths_are_refused(tmp_path: Path, widths: str, sentence: str) -> None:
    path = tmp_path / "a.jsonl"
    head = json.dumps({"inkhook": "drawing", "version": 2, "width": 280, "height": 280})
    stroke = '{"at": 0, "do": "stroke", "brush": 9, "points": [[1, 2], [3, 4]], "times": [0, 1]'
    path.write_text(f'{head}\n{stroke}, "widths": {widths}}}\n')
    with pytest.raises(RecordingProblem) as problem:
        read_recording(path)
    assert str(problem.value) == f"Line 2 of '{path}' {sentence}"


def test_the_thinnest_width_is_that_of_a_brush() -> None:
    line = {"at": 0, "do": "stroke", "brush": 0.5, "points": [[1, 2]], "times": [0]}
    stroke = event_of({**line, "widths": [0.5]}, SIDE).stroke
    assert stroke is not None
    assert stroke.widths is not None
    assert stroke.widths.tolist() == [0.5]
