"""A display of its own for tests of real windows, and hands for it: Xvfb and xdotool.

Xvfb keeps its screen in a file, which is read here, so that a screenshot needs no other program.
"""

import ctypes
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def missing() -> list[str]:
    """Return the programs that aren't installed."""
    return [name for name in ("Xvfb", "xdotool") if not shutil.which(name)]


class Screen:
    """A display without a screen."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "Xvfb_screen0"
        reading, writing = os.pipe()
        words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1300x24"]
        self._server = subprocess.Popen(
            [*words, "-nolisten", "tcp", "-noreset", "-fbdir", folder],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.env = os.environ | {"DISPLAY": f":{answer.readline().strip()}"}

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)

    def do(self, *words: object) -> str:
        """Call xdotool."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    def find(self, title: str) -> int:
        """Wait for a window and give it the keyboard."""
        window = int(self.do("search", "--sync", "--onlyvisible", "--name", title).split()[0])
        self.do("windowfocus", "--sync", window)
        return window

    def draw(self, points: Iterable[tuple[float, float]], hold: float = 0.015) -> None:
        """Move the mouse from point to point with the left button down."""
        words: list[object] = []
        for x, y in points:
            words += ["mousemove", round(x), round(y)]
            words += ["sleep", hold] if len(words) > 3 else ["mousedown", 1]
        self.do(*words, "mouseup", 1)

    def shot(self) -> Image:
        """Return what the screen shows: uint8 (H, W, 3), blue, green and red."""
        data = self._file.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, line, colours = header[0], *header[4:6], header[12], header[19]
        start = size + 12 * colours
        rows = np.frombuffer(data, np.uint8, line * height, start).reshape(height, line // 4, 4)
        return rows[:, :width, :3].copy()

    def wait(self, condition: Callable[[], Any], seconds: float = 30) -> None:
        """Wait until something is so."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it didn't happen"
            time.sleep(0.02)

    def press_close_button(self, window: int) -> None:
        """Do what a window manager does when its button is pressed: ask the window to close."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x.XOpenDisplay(self.env["DISPLAY"].encode()))
        message = _ClientMessage(type=33, window=window, format=32)
        message.message_type = x.XInternAtom(display, b"WM_PROTOCOLS", 0)
        message.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
        x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
        x.XCloseDisplay(display)


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent, of Xlib.h, as long as any event."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("pad", ctypes.c_long * 24),
    )
