"""How large the screen is, so that no window is larger."""

import ctypes
import os
import sys

ROOM = 0.9
"""The share of the screen's width and height that a window may take; bars take the rest."""


def fitting(height: int, width: int) -> float:
    """Return by what to multiply a window's size in pixels so that it fits; at most 1.

    It is 1 where the size of the screen can't be found out: on macOS, and on Wayland without X.
    """
    size = _screen_size()
    return min(1.0, ROOM * size[0] / height, ROOM * size[1] / width) if size else 1.0


def _screen_size() -> tuple[int, int] | None:
    """Return height and width of the screen in pixels."""
    windows = getattr(ctypes, "windll", None)
    if windows:
        return windows.user32.GetSystemMetrics(1), windows.user32.GetSystemMetrics(0)
    if sys.platform == "darwin" or not os.environ.get("DISPLAY"):
        return None
    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    x.XOpenDisplay.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(x.XOpenDisplay(None))
    if not connection:
        return None
    size = x.XDisplayHeight(connection, 0), x.XDisplayWidth(connection, 0)
    x.XCloseDisplay(connection)
    return size
