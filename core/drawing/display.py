"""Check whether a window can be opened, before OpenCV tries.

Without a display, OpenCV's Qt aborts the whole process.
"""

import ctypes
import os
import subprocess
import sys

from ..base.problems import Problem

_TRY = "import cv2; cv2.namedWindow('inkhook'); cv2.waitKey(1)"


class DisplayProblem(Problem):
    """There is no display to open a window on."""


def check(without: str) -> None:
    """Return if a window can be opened.

    Parameters
    ----------
    without : str
        The options with which the command needs no window, such as "--headless".

    Raises
    ------
    DisplayProblem
        When it can't, with the reason.
    """
    import cv2

    if not cv2.currentUIFramework():
        raise DisplayProblem(
            "This OpenCV was built without windows; install opencv-python instead of "
            f"opencv-python-headless, or use '{without}'."
        )
    if sys.platform in ("win32", "darwin"):
        return  # there, a window can be opened whenever a user is logged in
    display, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not display and not wayland:
        raise DisplayProblem(
            "There is no display to open a window on (DISPLAY isn't set); "
            f"'{without}' works without one."
        )
    ordinary = os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb"
    opens = _x_answers() if display and ordinary else _child_opens()
    if not opens:
        name = f"DISPLAY={display}" if display else f"WAYLAND_DISPLAY={wayland}"
        raise DisplayProblem(f"No window can be opened on this display ({name}).")


def _x_answers() -> bool:
    """Connect to the X server as Qt will, with the user's authority, and disconnect."""
    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        return _child_opens()
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    connection = x.XOpenDisplay(None)
    if not connection:
        return False
    x.XCloseDisplay(connection)
    return True


def _child_opens() -> bool:
    """Have a child process try, because it may be aborted; takes half a second."""
    words = [sys.executable, "-c", _TRY]
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=20)  # noqa: S603
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
