"""What only X can tell about our window: Ctrl+Z, the wheel, and whether it is drawn at all.

OpenCV's Qt drops every key with Ctrl, and it answers the wheel by zooming, which nothing turns off.
On a busy machine it now and then misses that its window has come up, and never draws in it.

A second connection to the display asks for the keys that are pressed in our window, takes the
wheel before Qt sees it, and looks at a pixel. Where there is no X, or anything fails, nothing
happens: the keys `u`, `[` and `]` do the same.
"""

import ctypes
import os
import sys
from typing import Any, Literal

Shortcut = Literal["undo", "thicker", "thinner"]

KEY_PRESS, BUTTON_PRESS = 2, 4
KEY_PRESS_MASK, BUTTON_PRESS_MASK, CONTROL_MASK, ANY_MODIFIER = 1, 4, 4, 1 << 15
ASYNCHRONOUS = 1
LOWER_Z, UPPER_Z = 0x7A, 0x5A
WHEEL: dict[int, Shortcut] = {4: "thicker", 5: "thinner"}
"""The buttons that X reports for the steps of a wheel."""

WHOLE_COLOURS = (24, 32)
"""Depths in bits at which a pixel has eight bits each of red, green and blue."""
ALL_PLANES, Z_PIXMAP = 0xFFFFFFFF, 2

NO_SMOOTH_SCROLLING = {"QT_XCB_NO_XI2": "1"}
"""Set in the environment before a window is opened. With it, Qt receives the wheel as button
presses, and so no longer does once we have grabbed them."""


class _InputEvent(ctypes.Structure):
    """XKeyEvent and XButtonEvent, of Xlib.h; `detail` is the key's code or the button."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("root", ctypes.c_ulong),
        ("subwindow", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("x_root", ctypes.c_int),
        ("y_root", ctypes.c_int),
        ("state", ctypes.c_uint),
        ("detail", ctypes.c_uint),
        ("same_screen", ctypes.c_int),
    )


class _AnyEvent(ctypes.Union):
    """XEvent, of Xlib.h."""

    _fields_ = (("input", _InputEvent), ("pad", ctypes.c_long * 24))


_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_ignore = _HANDLER(lambda *_: 0)


class Shortcuts:
    """Hears Ctrl+Z and the wheel in this process's window of a given title."""

    def __init__(self, title: str) -> None:
        self._x: Any = None
        self._display: Any = None
        self._window = 0
        if sys.platform not in ("win32", "darwin") and os.environ.get("DISPLAY"):
            try:
                self._connect(title.encode())
            except (OSError, AttributeError):  # no such library, or another one
                self.close()

    def heard(self) -> list[Shortcut]:
        """Return what was pressed and turned since the last call."""
        actions: list[Shortcut] = []
        while self._display and self._x.XPending(self._display):
            event = _AnyEvent()
            self._x.XNextEvent(self._display, ctypes.byref(event))
            pressed = event.input
            if pressed.type == BUTTON_PRESS and pressed.detail in WHEEL:
                actions.append(WHEEL[pressed.detail])
            elif pressed.type == KEY_PRESS and pressed.state & CONTROL_MASK:
                key = self._x.XLookupKeysym(ctypes.byref(event), 0)
                actions += ["undo"] if key in (LOWER_Z, UPPER_Z) else []
        return actions

    def shows(self, corner: tuple[int, int, int]) -> bool:
        """Tell whether the window's first pixel has this BGR colour or can't be seen."""
        x, window = self._x, ctypes.c_ulong(self._window)
        if not self._display or x.XDefaultDepth(self._display, 0) not in WHOLE_COLOURS:
            return True
        image = x.XGetImage(
            self._display, window, 0, 0, 1, 1, ctypes.c_ulong(ALL_PLANES), Z_PIXMAP
        )  # fmt: skip
        if not image:
            return True
        seen = x.XGetPixel(ctypes.c_void_p(image), 0, 0) & 0xFFFFFF
        x.XDestroyImage(ctypes.c_void_p(image))
        blue, green, red = corner
        return bool(seen == red << 16 | green << 8 | blue)

    def close(self) -> None:
        """Disconnect."""
        if self._display:
            self._x.XCloseDisplay(self._display)
        self._display = None

    def _connect(self, title: bytes) -> None:
        x = self._x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XDefaultRootWindow.restype = ctypes.c_ulong
        x.XLookupKeysym.restype = ctypes.c_ulong
        x.XInternAtom.restype = x.XGetPixel.restype = ctypes.c_ulong
        x.XGetImage.restype = ctypes.c_void_p
        # without a handler, Xlib ends the process at the first window that has just closed
        x.XSetErrorHandler(_ignore)
        display = x.XOpenDisplay(None)
        if not display:
            return
        self._display = ctypes.c_void_p(display)
        nothing = ctypes.c_ulong(0)
        window = self._find(x.XDefaultRootWindow(self._display), title)
        self._window = window
        if window:
            x.XSelectInput(self._display, ctypes.c_ulong(window), ctypes.c_long(KEY_PRESS_MASK))
            for button in WHEEL:
                x.XGrabButton(
                    self._display, button, ANY_MODIFIER, ctypes.c_ulong(window), 0,
                    BUTTON_PRESS_MASK, ASYNCHRONOUS, ASYNCHRONOUS, nothing, nothing,
                )  # fmt: skip
            x.XFlush(self._display)
        else:
            self.close()

    def _find(self, window: int, title: bytes) -> int:
        """Return our window at or below this one, or 0."""
        if self._is_ours(window, title):
            return window
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        children, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        places = (ctypes.byref(place) for place in (root, parent, children, count))
        if not self._x.XQueryTree(self._display, ctypes.c_ulong(window), *places):
            return 0
        below = [int(children[i]) for i in range(count.value)]
        if below:
            self._x.XFree(children)
        return next((found for child in below if (found := self._find(child, title))), 0)

    def _is_ours(self, window: int, title: bytes) -> bool:
        name = ctypes.c_char_p()
        self._x.XFetchName(self._display, ctypes.c_ulong(window), ctypes.byref(name))
        if name.value != title:
            return False
        return self._process_of(window) == os.getpid()

    def _process_of(self, window: int) -> int:
        """Return the process that owns a window, according to _NET_WM_PID."""
        atom = ctypes.c_ulong(self._x.XInternAtom(self._display, b"_NET_WM_PID", 1))
        kind, form = ctypes.c_ulong(), ctypes.c_int()
        length, rest = ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(ctypes.c_ulong)()
        places = (ctypes.byref(place) for place in (kind, form, length, rest, data))
        anything = ctypes.c_ulong(0)
        self._x.XGetWindowProperty(
            self._display, ctypes.c_ulong(window), atom,
            ctypes.c_long(0), ctypes.c_long(1), 0, anything, *places,
        )  # fmt: skip
        return int(data[0]) if length.value else 0
