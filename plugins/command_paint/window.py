"""The window: mouse and keys go to a `Painter`, frames come from a `Panel`.

Mouse events are only noted while OpenCV hands them over, and drawn when it has returned: an error
or a Ctrl-C inside its callback would be swallowed. However many events came at once, one frame
shows them all. See docs/decisions/011-opencv-window.md.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...core.base import signals
from ...core.base.types import DIGITS, UInt8Array
from ...core.drawing.background import Background
from ...core.drawing.colours import GROUND
from ...core.drawing.live_window import CLOSED, NO_KEY, LiveWindow
from ...core.drawing.painter import Painter
from ...core.drawing.replay import Replay
from ...core.drawing.shortcuts import Shortcut
from ...core.jobs.learner import Learner
from .panel import Panel, View

WINDOW_NAME = "inkhook paint"
"""What OpenCV calls the window; its title says more."""

FRAME, LIVELY, IDLE, RESTING = 0.01, 0.5, 0.02, 3.0
"""In seconds: the least time between two frames, because Qt drops mouse events while one is
drawn; how long after the last event the loop stays quick; its pause when it isn't; and when
the brush that hovers over the canvas is no longer shown."""

EXPLAINED = "Green is for it, orange is against it."

CONTROLS = {10: "enter", 13: "enter", 27: "q", 26: "u"}
"""Keys without a letter, and Ctrl+Z: what they are called here."""

ARROWS = {
    **{0xFF51: "left", 0xFF53: "right"},  # X
    **{0xF702: "left", 0xF703: "right"},  # macOS
    **{0x250000: "left", 0x270000: "right"},  # Windows
}

_WITH_CTRL = 0x40000
"""What GTK adds to a key pressed with Ctrl; there, Ctrl+Z arrives as z plus this."""


@dataclass(frozen=True)
class Mouse:
    """One mouse event from OpenCV, and when it came."""

    kind: int
    x: int
    y: int
    flags: int
    at: float


class Window:
    """A window on a drawing session, from opening to closing."""

    def __init__(
        self,
        painter: Painter,
        panel: Panel,
        worker: Background,
        replay: Replay | None = None,
        *,
        learner: Learner | None = None,
        model: str = "",
        factor: float = 1.0,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Take what belongs together; `replay` draws first, `model` stands in the title.

        A `factor` below 1 makes the whole window smaller; the canvas keeps its pixels. `prepare` is
        done in the worker once the window is there.
        """
        self._prepare = prepare
        self._factor = factor
        self._title = f"{WINDOW_NAME} · {model}"
        self._painter = painter
        self._panel = panel
        self._worker = worker
        self._learner = learner
        self._replay = replay
        self._mouse: deque[Mouse] = deque()
        self._pointer: tuple[int, int] | None = None
        self._pressed = False
        self._help = self._explains = False
        self._open = True
        self._start = 0.0
        self._live: LiveWindow | None = None

    def show(self) -> None:
        """Open the window and return when it is closed.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C; the stroke that was being drawn is finished first.
        """
        interrupts: list[KeyboardInterrupt] = []
        with LiveWindow(WINDOW_NAME, self._title, self._frame, GROUND, self._note_mouse) as window:
            self._live = window
            if self._prepare is not None:
                self._worker.do(self._prepare, lambda _: None)
            try:
                with signals.caught(interrupts.append):
                    self._loop(window, interrupts)
                self._painter.release()
            finally:
                if self._learner is not None:
                    self._learner.finish()
        if interrupts:
            raise interrupts[0]

    def _loop(self, window: LiveWindow, interrupts: list[KeyboardInterrupt]) -> None:
        self._start = active = time.perf_counter()
        drawn_on = dirty = False
        shown = 0.0
        while self._open and not interrupts:
            key = window.wait(may_reopen=not self._painter.canvas.drawing)
            if key == CLOSED:
                break
            now = time.perf_counter()
            drawn_on = self._use_mouse() or drawn_on
            if key != NO_KEY:
                drawn_on = self._use_key(key) or drawn_on
            for action in window.heard():
                self._use_shortcut(action)
                drawn_on = True
            if self._replay is not None:
                drawn_on = self._play(now - self._start) or drawn_on
            dirty = self._painter.collect(self._worker.busy_seconds()) or dirty
            drawn_on = self._has_learnt() or drawn_on
            if (dirty or drawn_on) and now - shown > FRAME:
                if drawn_on:  # what was read in the background is no reason to read it again
                    self._painter.look()
                drawn_on = dirty = False
                active = shown = now
                window.show()
            elif now - active > LIVELY:
                time.sleep(IDLE)
                if self._pointer is not None and now - active > RESTING:
                    self._pointer = None
                    window.show()

    def _has_learnt(self) -> bool:
        """Say how learning has ended; return whether it has just now."""
        outcome = self._learner.collect() if self._learner else None
        if outcome is not None:
            self._painter.say(outcome.sentence + ("; B goes back." if outcome.model else ""))
        return outcome is not None

    def _frame(self) -> UInt8Array:
        import cv2

        painter = self._painter
        frame = self._panel.draw(
            View(
                canvas=painter.canvas.image,
                reading=painter.reading,
                status=painter.status,
                trouble=painter.trouble,
                brush=painter.canvas.brush,
                pointer=self._pointer,
                empty=painter.canvas.empty,
                help=self._help,
                why=painter.reader.explain(painter.reading) if self._explains else None,
                answer=painter.last,
            )
        )
        if self._factor == 1:
            return frame
        size = [max(1, round(side * self._factor)) for side in self._panel.shape]
        return np.asarray(cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)

    # The mouse

    def _note_mouse(self, kind: int, x: int, y: int, flags: int, _: object) -> None:
        self._mouse.append(Mouse(kind, x, y, flags, time.perf_counter()))

    def _use_mouse(self) -> bool:
        """Apply the mouse events since the last call; return whether there were any."""
        used = bool(self._mouse)
        while self._mouse:
            event = self._mouse.popleft()
            x = round(event.x / self._factor) - self._panel.left
            y = round(event.y / self._factor) - self._panel.top
            inside = 0 <= x < self._panel.width and 0 <= y < self._panel.height
            self._pointer = (x, y) if inside else None
            if self._replay is None:
                self._use(event, x, y, inside=inside)
        return used

    def _use(self, event: Mouse, x: int, y: int, *, inside: bool) -> None:
        import cv2

        painter, at = self._painter, event.at - self._start
        held = event.flags & cv2.EVENT_FLAG_LBUTTON
        # Qt drops events while it is busy: a button that is down without an event went down now
        lost = event.kind == cv2.EVENT_MOUSEMOVE and held and not self._pressed
        self._pressed = bool(held) and event.kind != cv2.EVENT_LBUTTONUP
        # the second of two quick clicks arrives as a double click; it is a click like any other
        if lost or event.kind in (cv2.EVENT_LBUTTONDOWN, cv2.EVENT_LBUTTONDBLCLK):
            self._pressed = True
            painter.release()
            if inside:
                painter.press(x, y, at)
        elif event.kind == cv2.EVENT_MOUSEMOVE and held:
            painter.move(x, y, at)
        elif event.kind == cv2.EVENT_LBUTTONUP:
            painter.move(x, y, at)
            painter.release()
        elif event.kind == cv2.EVENT_MOUSEMOVE:  # the button went up outside the window
            painter.release()
        elif event.kind in (cv2.EVENT_RBUTTONDOWN, cv2.EVENT_RBUTTONDBLCLK):
            painter.answer(at)
        elif event.kind == cv2.EVENT_MOUSEWHEEL:
            painter.canvas.resize_brush(1 if event.flags > 0 else -1)
            if self._live:
                self._live.spoilt = cv2.currentUIFramework().startswith("QT")

    # The keys

    def _use_key(self, code: int) -> bool:
        """Apply a key; return whether it means anything."""
        painter, at = self._painter, time.perf_counter() - self._start
        key = _name_of(code)
        if key == "q":
            self._open = False
        elif key == "h":
            self._help = not self._help
        elif key == "e":
            self._explains = not self._explains
            self._painter.say(EXPLAINED if self._explains else "")
        elif self._replay is not None:
            return False
        elif key in tuple(DIGITS):
            painter.label(int(key), at)
        elif key in (actions := self._actions(at)):
            actions[key]()
        else:
            return False
        return True

    def _actions(self, at: float) -> dict[str, Callable[[], None]]:
        """Return what keys do at a time."""
        painter, learner = self._painter, self._learner
        actions: dict[str, Callable[[], None]] = {
            "enter": partial(painter.answer, at),
            "u": partial(painter.undo, at),
            "c": partial(painter.clear, at),
            "s": painter.save,
            "[": partial(painter.canvas.resize_brush, -1),
            "]": partial(painter.canvas.resize_brush, 1),
            "left": partial(painter.choose, -1),
            "right": partial(painter.choose, 1),
        }
        if learner is not None:
            actions |= {
                "l": lambda: painter.say(learner.start()),
                "b": lambda: painter.say(learner.back()),
            }
        return actions

    def _use_shortcut(self, action: Shortcut) -> None:
        if self._replay is not None:
            return
        if action == "undo":
            self._painter.undo(time.perf_counter() - self._start)
        else:
            self._painter.canvas.resize_brush(1 if action == "thicker" else -1)

    def _play(self, now: float) -> bool:
        if self._replay is None:
            return False
        moved = self._replay.advance(now)
        if self._replay.ended:
            self._replay = None
            self._painter.status = "The replay has ended; the canvas is yours."
            return True
        return moved


def _name_of(code: int) -> str:
    """Return a key's letter or name from what `waitKeyEx` says."""
    key = code & 0xFF
    if code & 0xFF00 and key >= ord(" "):  # no letter: the code of → ends in that of "S"
        return ARROWS.get(code & 0xFFFF, "")
    if code in ARROWS:
        return ARROWS[code]
    letter = chr(key).lower()
    if key in CONTROLS:
        return CONTROLS[key]
    return "u" if letter == "z" and code & _WITH_CTRL else letter
