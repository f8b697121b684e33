"""Play a recording through a `Painter`: at once, or point by point in real time."""

from collections.abc import Iterator, Sequence
from functools import partial

from .painter import Painter
from .recording import Event, Move

TimedAction = tuple[float, partial[None]]


class Replay:
    """A recording being played.

    Attributes
    ----------
    ended : bool
        Whether all of it has been played.
    """

    def __init__(self, painter: Painter, events: Sequence[Event]) -> None:
        self.ended = False
        self._painter = painter
        self._steps = self._all(events)
        self._next: TimedAction | None = next(self._steps, None)

    def advance(self, now: float) -> bool:
        """Play everything up to `now`, in seconds; return whether there was anything."""
        moved = False
        while self._next is not None and self._next[0] <= now:
            self._next[1]()
            self._next = next(self._steps, None)
            moved = True
        self.ended = self._next is None
        return moved

    def play(self) -> None:
        """Play everything now."""
        self.advance(float("inf"))

    def _all(self, events: Sequence[Event]) -> Iterator[TimedAction]:
        painter = self._painter
        for event in events:
            at = event.at
            if event.stroke is not None:
                yield from self._stroke(event)
            elif event.action == "label":
                yield at, partial(painter.label, event.digit, at, event.place)
            elif event.action == "answer":
                yield at, partial(painter.answer, at)
            elif event.action == "clear":
                yield at, partial(painter.clear, at)
            else:
                yield at, partial(painter.undo, at)

    def _stroke(self, event: Event) -> Iterator[TimedAction]:
        painter = self._painter
        first, *rest = event.moves()
        at = first[2]
        yield at, partial(self._press, event.brush, first)
        for move in rest:
            at = move[2]
            yield at, partial(painter.move, *move)
        yield at, partial(painter.release)

    def _press(self, brush: float, move: Move) -> None:
        self._painter.canvas.brush = brush
        self._painter.press(*move)
