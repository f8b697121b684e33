"""Strokes and keys as lines of JSON: written as they happen, read back with care.

The first line says what the file is and how large the canvas was; each further line is a stroke
with its times, or a key. Version 1, which had one `side` for a square canvas, is read, too. Only
strokes of a pen's changing pressure have `widths`, which an inkhook of before passes over. A
recording comes from outside, in a bug report say, so an error names the line.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..base import files
from ..base.problems import ModelRejected, Problem
from ..base.text import parse_json, to_json
from ..base.types import DIGITS, Stroke

RECORDING_VERSION = 2
CANVAS_SIDES = (28, 4096)
MOST_PLACES = 100
"""The digits of one answer that can be labelled."""
MOST_POINTS = 20_000
"""In one stroke; its line then stays well below the limit for reading."""
THINNEST = 0.5
"""In canvas pixels: the least thickness of a brush, or of a stroke at a point."""
LARGEST_RECORDING = 200_000_000
"""In bytes: hours of drawing."""

Action = Literal["stroke", "answer", "clear", "undo", "label"]
Move = tuple[float, float, float, float | None]
"""To x and y in canvas pixels, when, and how thick in pixels if not as the brush."""
ACTIONS: tuple[Action, ...] = ("stroke", "answer", "clear", "undo", "label")


class RecordingProblem(Problem):
    """A recording is missing or broken."""


@dataclass(frozen=True, eq=False)
class Event:
    """One action of the user.

    Attributes
    ----------
    at : float
        Seconds since the window opened; for a stroke, when it began.
    action : {"stroke", "answer", "clear", "undo", "label"}
    stroke : Stroke or None
        For a stroke.
    brush : float
        Its thickness in canvas pixels.
    digit : int
        For a label.
    place : int
        For a label: which digit of the answer it is for, from 0 at the left.
    """

    at: float
    action: Action
    stroke: Stroke | None = None
    brush: float = 0.0
    digit: int = 0
    place: int = 0

    def moves(self) -> list[Move]:
        """Return the pen's moves, of which the first puts it down; none if it isn't a stroke."""
        stroke = self.stroke
        if stroke is None:
            return []
        count = len(stroke.times)
        widths = [None] * count if stroke.widths is None else stroke.widths.tolist()
        times = [self.at + time for time in stroke.times.tolist()]
        return [
            (x, y, time, width)
            for (x, y), time, width in zip(stroke.points.tolist(), times, widths, strict=True)
        ]


class RecordingWriter:
    """Writes a recording line by line, so that nothing is lost however the program ends."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Begin a file; raises OutputProblem if it exists or can't be written."""
        self._path = path
        with files.reporting(path):
            # "x": see docs/decisions/012-recordings-never-overwritten.md
            self._file = path.open("x", encoding="utf-8")
        size = {"width": width, "height": height}
        self._write({"inkhook": "drawing", "version": RECORDING_VERSION, **size})

    def add(self, event: Event) -> None:
        """Write one event; raises OutputProblem."""
        line: dict[str, Any] = {"at": round(event.at, 4), "do": event.action}
        if event.stroke is not None:
            line |= {
                "brush": round(event.brush, 3),
                "points": [[_short(x), _short(y)] for x, y in event.stroke.points],
                "times": [_short(time) for time in event.stroke.times],
            }
            if event.stroke.widths is not None:
                line["widths"] = [_short(width) for width in event.stroke.widths]
        if event.action == "label":
            line["digit"] = event.digit
            if event.place:
                line["place"] = event.place
        self._write(line)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # a full disk, which has been reported
            self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        with files.reporting(self._path):
            self._file.write(to_json(line) + "\n")
            self._file.flush()


def read_recording(path: Path) -> tuple[tuple[int, int], list[Event]]:
    """Read a recording.

    Returns
    -------
    (int, int)
        Width and height of the canvas in pixels.
    list of Event

    Raises
    ------
    RecordingProblem
        When it can't be read; the message names the line.
    """
    try:
        if not path.is_file():
            raise RecordingProblem(f"There is no recording '{path}'.")
        if os.path.getsize(path) > LARGEST_RECORDING:
            raise RecordingProblem(f"'{path}' is larger than {LARGEST_RECORDING // 1_000_000} MB.")
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordingProblem(f"Can't read '{path}': {error.strerror}.") from error
    if not lines[-1]:
        lines.pop()
    events = []
    size: tuple[int, int] | None = None
    for number, line in enumerate(lines, 1):
        what = f"Line {number} of '{path}'"
        with _naming(what):
            content = _parse(line, what)
            if size is None:
                size = _header(content)
            else:
                events.append(event_of(content, max(size)))
    if size is None:
        raise RecordingProblem(f"'{path}' is empty.")
    return size, events


@contextlib.contextmanager
def _naming(what: str) -> Iterator[None]:
    try:
        yield
    except ModelRejected as problem:
        raise RecordingProblem(str(problem)) from problem
    except ValueError as error:
        raise RecordingProblem(f"{what} {error}.") from error


def _parse(line: bytes, what: str) -> dict[str, Any]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ValueError("isn't UTF-8 text") from error
    content = parse_json(text, what)
    if not isinstance(content, dict):
        raise ValueError("isn't a JSON object")
    return content


def _header(content: dict[str, Any]) -> tuple[int, int]:
    if content.get("inkhook") != "drawing":
        raise ValueError("isn't the start of a recording by 'inkhook paint --record'")
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= RECORDING_VERSION:
        raise ValueError(f"has a recording version other than 1 to {RECORDING_VERSION}")
    width, height = ("side", "side") if version == 1 else ("width", "height")
    return _whole(content, width, *CANVAS_SIDES), _whole(content, height, *CANVAS_SIDES)


def event_of(content: dict[str, Any], side: int) -> Event:
    """Return the event of a line, or of a page's request; raises ValueError with a predicate.

    Parameters
    ----------
    content : dict
    side : int
        The canvas's longer side in pixels.
    """
    action = content.get("do")
    if action not in ACTIONS:
        raise ValueError(f"needs a 'do' that is one of {', '.join(ACTIONS)}")
    at = _number(content, "at", 0, 1e9)
    if action == "label":
        digit = _whole(content, "digit", 0, len(DIGITS) - 1)
        place = _whole(content, "place", 0, MOST_PLACES - 1) if "place" in content else 0
        return Event(at, action, digit=digit, place=place)
    if action != "stroke":
        return Event(at, action)
    points = _numbers(content, "points", (-1, 2))
    times = _numbers(content, "times", (-1,))
    if not 0 < len(points) == len(times) <= MOST_POINTS:
        raise ValueError(f"needs 1 to {MOST_POINTS:,} 'points' and as many 'times'")
    if np.abs(points).max() > 4 * side:
        raise ValueError("has a point far outside the canvas")
    if times[0] < 0 or (np.diff(times) < 0).any():
        raise ValueError("has 'times' that go backwards")
    widths = _numbers(content, "widths", (-1,)) if "widths" in content else None
    if widths is not None:
        if len(widths) != len(points):
            raise ValueError("needs as many 'widths' as 'points', or none")
        if widths.min() < THINNEST or widths.max() > side:
            raise ValueError(f"needs 'widths' from {THINNEST:g} to {side:g}")
    brush = _number(content, "brush", THINNEST, side)
    return Event(at, action, Stroke(points, times, widths), brush)


def _whole(content: dict[str, Any], name: str, least: int, most: int) -> int:
    value = content.get(name)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"needs a '{name}' from {least} to {most}")
    return value


def _number(content: dict[str, Any], name: str, least: float, most: float) -> float:
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"needs a '{name}' from {least:g} to {most:g}")
    return float(value)


def _numbers(content: dict[str, Any], name: str, shape: tuple[int, ...]) -> Any:
    """Return a list, or a list of pairs, of numbers as a float32 array."""
    values = content.get(name)
    pairs = len(shape) == 2
    if not isinstance(values, list):
        raise ValueError(f"needs a list '{name}'")
    flat = values
    if pairs:
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in values):
            raise ValueError(f"has '{name}' that aren't pairs")
        flat = [number for pair in values for number in pair]
    if not all(type(number) in (int, float) and abs(number) < 1e9 for number in flat):
        raise ValueError(f"has '{name}' that aren't numbers")
    return np.array(flat, np.float32).reshape(shape)


def _short(value: np.float32) -> float:
    """Return the shortest decimal that rounds to this 32-bit number."""
    return float(str(value))
