"""The window: mouse and keys go to a `Painter`, frames come from a `Panel`.

Mouse events are only noted while OpenCV hands them over, and drawn when it has returned: an error
or a Ctrl-C inside its callback would be swallowed. However many events came at once, one frame
shows them all. See docs/decisions/011-opencv-window.md.
"""

import contextlib
import os
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from ...core.base import signals
from ...core.base.text import printable
from ...core.base.types import DIGITS, UInt8Array
from ...core.drawing.background import Background
from ...core.drawing.colours import GROUND
from ...core.drawing.painter import Painter
from ...core.drawing.replay import Replay
from ...core.drawing.shortcuts import NO_SMOOTH_SCROLLING, Shortcut, Shortcuts
from .panel import Panel, View

WINDOW_NAME = "inkhook paint"
"""What OpenCV calls the window; its title says more."""

FRAME, LIVELY, IDLE, RESTING = 0.01, 0.5, 0.02, 3.0
"""In seconds: the least time between two frames, because Qt drops mouse events while one is
drawn; how long after the last event the loop stays quick; its pause when it isn't; and when
the brush that hovers over the canvas is no longer shown."""

UNDRAWN, OPENINGS = 0.4, 4
"""How many seconds Qt gets to draw in a new window, and how often one is opened at most."""

ENTER, ESCAPE, CTRL_Z = (10, 13), 27, 26
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
        model: str = "",
        factor: float = 1.0,
    ) -> None:
        """Take what belongs together; `replay` draws first, `model` stands in the title.

        A `factor` below 1 makes the whole window smaller; the canvas keeps its pixels.
        """
        self._factor = factor
        self._title = printable(f"{WINDOW_NAME} · {model}")
        self._painter = painter
        self._panel = panel
        self._worker = worker
        self._replay = replay
        self._mouse: deque[Mouse] = deque()
        self._pointer: tuple[int, int] | None = None
        self._pressed = False
        self._help = False
        self._open = True
        self._spoilt = False  # by Qt, which has zoomed or doesn't draw
        self._start = self._opened = 0.0
        self._openings = 0

    def show(self) -> None:
        """Open the window and return when it is closed.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C; the stroke that was being drawn is finished first.
        """
        import cv2

        os.environ.update(NO_SMOOTH_SCROLLING)
        try:
            self._open_window()
            interrupts: list[KeyboardInterrupt] = []
            with signals.caught(interrupts.append):
                self._loop(interrupts)
            self._painter.release()
            if interrupts:
                raise interrupts[0]
        finally:
            with contextlib.suppress(cv2.error):  # it may be closed already
                cv2.destroyAllWindows()
                cv2.waitKey(1)

    def _open_window(self) -> None:
        import cv2

        cv2.namedWindow(WINDOW_NAME, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        cv2.setMouseCallback(WINDOW_NAME, self._note_mouse)
        cv2.imshow(WINDOW_NAME, self._frame())
        self._opened = time.perf_counter()
        self._openings += 1

    def _reopen_window(self) -> None:
        """Reopen the window, which is the only way to undo Qt's zoom or to make it draw."""
        import cv2

        x, y, _, _ = cv2.getWindowImageRect(WINDOW_NAME)
        cv2.destroyWindow(WINDOW_NAME)
        self._open_window()
        cv2.moveWindow(WINDOW_NAME, x, y)
        self._spoilt = False

    def _listen(self) -> Shortcuts:
        """Find the window by its name, and only then give it its title."""
        import cv2

        shortcuts = Shortcuts(WINDOW_NAME)
        cv2.setWindowTitle(WINDOW_NAME, self._title)
        return shortcuts

    def _loop(self, interrupts: list[KeyboardInterrupt]) -> None:
        import cv2

        self._start = active = time.perf_counter()
        shortcuts = self._listen()
        dirty, shown, drawn = False, 0.0, False
        while self._open and not interrupts:
            key = cv2.waitKeyEx(1)
            if not _is_visible():  # checked first, because imshow would open another window
                break
            now = time.perf_counter()
            dirty = self._use_mouse() or dirty
            if key != -1:
                dirty = self._use_key(key) or dirty
            if not drawn and now - self._opened > UNDRAWN:
                drawn = self._openings == OPENINGS or shortcuts.shows(GROUND)
                self._spoilt = self._spoilt or not drawn
            if self._spoilt and not self._painter.canvas.drawing:
                shortcuts.close()
                self._reopen_window()
                shortcuts = self._listen()
                drawn = False
            for action in shortcuts.heard():
                self._use_shortcut(action)
                dirty = True
            if self._replay is not None:
                dirty = self._play(now - self._start) or dirty
            dirty = self._painter.collect(self._worker.busy_seconds()) or dirty
            if dirty and now - shown > FRAME:
                dirty, active, shown = False, now, now
                self._painter.look()
                cv2.imshow(WINDOW_NAME, self._frame())
            elif now - active > LIVELY:
                time.sleep(IDLE)
                if self._pointer is not None and now - active > RESTING:
                    self._pointer = None
                    cv2.imshow(WINDOW_NAME, self._frame())
        shortcuts.close()

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
            inside = 0 <= x < self._panel.side and 0 <= y < self._panel.side
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
            painter.resize_brush(1 if event.flags > 0 else -1)
            self._spoilt = cv2.currentUIFramework().startswith("QT")

    # The keys

    def _use_key(self, code: int) -> bool:
        """Apply a key; return whether it means anything."""
        painter, at = self._painter, time.perf_counter() - self._start
        key = code & 0xFF
        letter = chr(key).lower()
        if key == ESCAPE or letter == "q":
            self._open = False
        elif letter == "h":
            self._help = not self._help
        elif self._replay is not None:
            return False
        elif key in ENTER:
            painter.answer(at)
        elif key == CTRL_Z or (letter == "z" and code & _WITH_CTRL) or letter == "u":
            painter.undo(at)
        elif letter == "c":
            painter.clear(at)
        elif letter == "s":
            painter.save()
        elif letter in "[]":
            painter.resize_brush(1 if letter == "]" else -1)
        elif letter in DIGITS:
            painter.label(int(letter), at)
        else:
            return False
        return True

    def _use_shortcut(self, action: Shortcut) -> None:
        if self._replay is not None:
            return
        if action == "undo":
            self._painter.undo(time.perf_counter() - self._start)
        else:
            self._painter.resize_brush(1 if action == "thicker" else -1)

    def _play(self, now: float) -> bool:
        if self._replay is None:
            return False
        moved = self._replay.advance(now)
        if self._replay.ended:
            self._replay = None
            self._painter.status = "The replay has ended; the canvas is yours."
            return True
        return moved


def _is_visible() -> bool:
    import cv2

    try:
        return bool(cv2.getWindowProperty(WINDOW_NAME, cv2.WND_PROP_VISIBLE) >= 1)
    except cv2.error:  # how Qt reports that its last window is closed
        return False
