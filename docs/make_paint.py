"""Make docs/paint.png and docs/paint-number.png, screenshots of `inkhook paint`.

Usage: python docs/make_paint.py [MODEL]. Draws in real windows on a display without a screen; needs
Xvfb and xdotool.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from pen_digits import ONE, SEVEN, THREE, on  # noqa: E402
from screen import Screen  # noqa: E402

from inkhook.plugins.command_paint import CANVAS_SIDE, WIDE  # noqa: E402
from inkhook.plugins.command_paint.panel import Panel  # noqa: E402

FOLDER = Path(__file__).parent


def digit(screen: Screen, panel: Panel) -> None:
    """Answer a seven and draw a three."""
    screen.draw(on(SEVEN, CANVAS_SIDE, panel.left, panel.top), hold=0.02)
    time.sleep(0.5)
    screen.do("click", 3)
    time.sleep(0.5)
    screen.draw(on(THREE, CANVAS_SIDE, panel.left, panel.top), hold=0.02)


def number(screen: Screen, panel: Panel) -> None:
    """Draw four digits."""
    side = 0.9 * panel.height
    for place, points in enumerate((THREE, ONE, SEVEN, THREE)):
        left = panel.left + 0.21 * place * panel.width - 0.02 * panel.width
        screen.draw(on(points, side, left, panel.top + 0.05 * panel.height), hold=0.06)


def shoot(name: str, panel: Panel, draw: Callable[[Screen, Panel], None], *words: str) -> None:
    """Open a window, draw in it, and keep what the screen shows."""
    model = ["--model", *sys.argv[1:2]] if len(sys.argv) > 1 else []
    command = [sys.executable, "-m", "inkhook", "paint", *model, *words]
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen(Path(folder))
        window = subprocess.Popen(command, env=screen.env, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            screen.find("inkhook paint")
            time.sleep(1)
            draw(screen, panel)
            time.sleep(0.5)
            height, width = panel.shape
            screen.do("mousemove", width - 5, 5, "sleep", 0.3, "mousemove", 1500, 1100)
            time.sleep(4)
            data = cv2.imencode(".png", screen.shot()[:height, :width])[1].tobytes()
        finally:
            window.kill()
            screen.close()
    (FOLDER / name).write_bytes(data)


def main() -> None:
    """Make both pictures."""
    shoot("paint.png", Panel(CANVAS_SIDE, CANVAS_SIDE), digit)
    shoot("paint-number.png", Panel(*WIDE), number, "--numbers")


if __name__ == "__main__":
    main()
