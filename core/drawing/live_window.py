"""A window whose picture changes all the time, with OpenCV's quirks taken care of.

Qt aborts where there is no display, which `display` checks before. It zooms when the wheel turns,
and on a busy machine it may never draw in a new window; both can only be undone by reopening it.
See docs/decisions/011-opencv-window.md.
"""

import contextlib
import gc
import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from ..base.text import printable
from ..base.types import UInt8Array
from .lettering import Colour
from .shortcuts import NO_SMOOTH_SCROLLING, Shortcut, Shortcuts

UNDRAWN, LONGEST = 0.4, 12.8
"""How many seconds Qt gets to draw in a new window: at first, and at most. A window that stayed
empty is reopened, and gets twice as many."""

CLOSED, NO_KEY = -2, -1

NoteMouse = Callable[[int, int, int, int, object], None]


class LiveWindow:
    """A window, open while its `with` block lasts.

    Attributes
    ----------
    spoilt : bool
        Set to have it reopened, because Qt has zoomed.
    """

    def __init__(
        self,
        name: str,
        title: str,
        frame: Callable[[], UInt8Array],
        corner: Colour,
        note_mouse: NoteMouse | None = None,
    ) -> None:
        """Take what is shown.

        Parameters
        ----------
        name : str
            What OpenCV calls the window.
        title : str
            What the user sees.
        frame : callable
            Returns the picture: uint8 (H, W, 3).
        corner : (int, int, int)
            The colour of its upper left corner: blue, green, red.
        note_mouse : callable, optional
            Takes OpenCV's mouse events. It mustn't raise, since OpenCV would swallow that.
        """
        self.spoilt = False
        self._name = name
        self._title = printable(title)
        self._frame = frame
        self._corner = corner
        self._note_mouse = note_mouse
        self._opened = 0.0
        self._patience = UNDRAWN
        self._drawn = False
        self._shortcuts: Shortcuts | None = None

    def __enter__(self) -> Self:
        gc.freeze()  # to look for garbage in all that is loaded takes longer than a frame
        os.environ.update(NO_SMOOTH_SCROLLING)
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def show(self) -> None:
        """Show the picture as it is now."""
        import cv2

        cv2.imshow(self._name, self._frame())

    def wait(self, *, may_reopen: bool = True) -> int:
        """Let the window live for a millisecond; return the key that was pressed.

        Parameters
        ----------
        may_reopen : bool
            Whether the window may be reopened now, if it is spoilt.

        Returns
        -------
        int
            A key as `waitKeyEx` returns it, NO_KEY, or CLOSED once the user has closed the window.
        """
        import cv2

        key = cv2.waitKeyEx(1)
        if not self._is_visible():  # checked before imshow, which would open another window
            return CLOSED
        if may_reopen and (self.spoilt or self._is_blank()):
            self._reopen()
        return key

    def heard(self) -> list[Shortcut]:
        """Return the shortcuts that were pressed since the last call."""
        return self._shortcuts.heard() if self._shortcuts else []

    def _open(self) -> None:
        """Open it, find it by its name, and only then give it its title."""
        import cv2

        cv2.namedWindow(self._name, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        if self._note_mouse:
            cv2.setMouseCallback(self._name, self._note_mouse)
        self.show()
        self._opened = time.perf_counter()
        self._shortcuts = Shortcuts(self._name)
        cv2.setWindowTitle(self._name, self._title)

    def _reopen(self) -> None:
        import cv2

        if self._shortcuts:
            self._shortcuts.close()
        x, y, _, _ = cv2.getWindowImageRect(self._name)
        cv2.destroyWindow(self._name)
        self._open()
        cv2.moveWindow(self._name, x, y)
        self.spoilt = self._drawn = False

    def _close(self) -> None:
        import cv2

        if self._shortcuts:
            self._shortcuts.close()
        with contextlib.suppress(cv2.error):  # it may be closed already
            cv2.destroyAllWindows()
            cv2.waitKey(1)

    def _is_blank(self) -> bool:
        """Tell whether Qt should have drawn in the window by now and hasn't."""
        if self._drawn or time.perf_counter() - self._opened < self._patience:
            return False
        shows = self._shortcuts is None or self._shortcuts.shows(self._corner)
        self._drawn = shows or self._patience >= LONGEST
        self._patience *= 2
        return not self._drawn

    def _is_visible(self) -> bool:
        import cv2

        try:
            return bool(cv2.getWindowProperty(self._name, cv2.WND_PROP_VISIBLE) >= 1)
        except cv2.error:  # how Qt reports that its last window is closed
            return False
