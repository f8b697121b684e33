"""What a request says was drawn, checked: events, points and the canvas's size."""

from collections.abc import Sequence
from typing import Any

from ...core.drawing.canvas import Canvas
from ...core.drawing.recording import CANVAS_SIDES, Event, event_of
from .problems import Refused

MOST_EVENTS = 2000
"""In one request."""

LARGEST_CANVAS = 4_000_000
"""In pixels."""


def events_of(content: object, side: int) -> list[Event]:
    """Return a request's events; raises Refused."""
    if not isinstance(content, list) or len(content) > MOST_EVENTS:
        raise Refused(400, f"'events' must be a list of at most {MOST_EVENTS:,} events.")
    events = []
    for number, event in enumerate(content, 1):
        if not isinstance(event, dict):
            raise Refused(400, f"Event {number} isn't an object.")
        try:
            events.append(event_of(event, side))
        except (ValueError, OverflowError) as error:
            raise Refused(400, f"Event {number} {error}.") from error
    return events


def draw_all(canvas: Canvas, events: Sequence[Event]) -> None:
    """Draw strokes without telling anybody."""
    for event in events:
        if event.stroke is not None:
            canvas.brush = event.brush
            first, *rest = event.moves()
            canvas.begin(*first)
            for move in rest:
                canvas.extend(*move)
            canvas.end()


def zeros_for(stroke: dict[str, Any]) -> list[int]:
    """Return times for a stroke that has none."""
    points = stroke.get("points")
    return [0] * len(points) if isinstance(points, list) else []


def size_of(content: dict[str, Any]) -> tuple[int, int]:
    """Return the canvas's width and height in pixels; raises Refused."""
    least, most = CANVAS_SIDES
    width, height = (whole(content, name, least, most) for name in ("width", "height"))
    if width * height > LARGEST_CANVAS:
        raise Refused(400, f"The canvas may have {LARGEST_CANVAS:,} pixels.")
    return width, height


def whole(content: dict[str, Any], name: str, least: int, most: int) -> int:
    """Return a whole number of a request; raises Refused."""
    value = content.get(name)
    if type(value) is not int or not least <= value <= most:
        raise Refused(400, f"'{name}' must be a whole number from {least:,} to {most:,}.")
    return value
