"""The window: the newest frame with boxes around what was read, while frames are read behind it.

A frame is shown with its own boxes if it is read in time, else with those of one before: so what
is seen is hardly older than what happens, however long reading takes.
"""

import time
from functools import partial

from ...core.base import screen, signals
from ...core.base.types import UInt8Array
from ...core.drawing.background import Background
from ...core.drawing.colours import GROUND
from ...core.drawing.live_window import CLOSED, LiveWindow
from ...core.numbers.number import Numbers
from .frames import Seen
from .sources import Feed, Frame
from .view import BAR, View, draw
from .watcher import GLANCE, Patience, Watcher, title_of

NAME = "inkhook watch"
ENDS = (27, ord("q"), ord("Q"))
WAIT = 0.01
"""Seconds to wait for a frame, between two looks at the keys."""

IN_TIME = 0.06
"""Seconds after which a frame is shown without waiting for what is read in it."""


class Window:
    """A window on a camera or a video."""

    def __init__(
        self, watcher: Watcher, feed: Feed, patience: Patience, worker: Background, model: str
    ) -> None:
        """Take what belongs together; `model` stands in the title."""
        self._watcher, self._feed, self._patience = watcher, feed, patience
        self._worker = worker
        self._title = f"{NAME} · {feed.source.name} · {model}"
        self._frame: Frame | None = None  # what is shown
        self._next: Frame | None = None  # the newest, while it is being read
        self._seen: Seen | None = None
        self._trouble = ""
        self._factor = 1.0

    def show(self) -> bool:
        """Show the window until it is closed or the source ends; tell whether it was closed.

        Raises
        ------
        SourceProblem
            When the source can't be read, or sends nothing.
        KeyboardInterrupt
            After Ctrl-C.
        """
        while self._frame is None:
            self._frame = self._feed.take(GLANCE)
            self._patience.hear(self._frame)
            if self._feed.ended and self._frame is None:
                return False
        height, width = self._frame.image.shape[:2]
        self._factor = screen.fitting(height + BAR, width)
        interrupts: list[KeyboardInterrupt] = []
        live = LiveWindow(NAME, self._title, self._picture, GROUND)
        with live as window, signals.caught(interrupts.append):
            closed = self._loop(window, interrupts)
        if interrupts:
            raise interrupts[0]
        return closed

    def _loop(self, window: LiveWindow, interrupts: list[KeyboardInterrupt]) -> bool:
        frame = self._frame
        while not interrupts and not self._watcher.done and not self._feed.ended:
            key = window.wait()
            if key == CLOSED or key in ENDS:
                return True
            trouble = self._patience.hear(frame)
            changed = trouble != self._trouble
            self._trouble = trouble
            if frame is not None:
                changed = self._show_next() or changed
                self._next = frame
                self._worker.do_newest(
                    partial(self._watcher.look, frame), partial(self._hear, frame)
                )
            changed = self._worker.collect() or changed
            if self._next is not None and time.monotonic() - self._next.taken > IN_TIME:
                changed = self._show_next()
            if changed:
                window.show()
            frame = self._feed.take(WAIT)
        return False

    def _show_next(self) -> bool:
        """Show the newest frame without waiting any longer; tell whether there is one."""
        if self._next is None:
            return False
        self._frame, self._next = self._next, None
        return True

    def _hear(self, frame: Frame, seen: Seen) -> None:
        self._seen = seen
        if frame is self._next:
            self._show_next()
        self._watcher.hear(frame, seen, self._tell)

    def _tell(self, answer: Numbers) -> None:
        self._worker.do(partial(self._watcher.tell, answer), lambda _: None)

    def _picture(self) -> UInt8Array:
        assert self._frame is not None, "a window is opened for a frame"  # noqa: S101
        answer = self._watcher.answer
        view = View(
            self._frame.image,
            self._seen,
            title_of(answer) if answer else "",
            answer is None or answer.status == "ok",
            self._trouble,
        )
        return draw(view, self._factor)
