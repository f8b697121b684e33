"""Make docs/paint.png, a screenshot of `inkhook paint`: `python docs/make_paint.py [MODEL]`.

Draws a seven in a real window on a display without a screen; needs Xvfb and xdotool.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from pen_digits import SEVEN, THREE, on  # noqa: E402
from screen import Screen  # noqa: E402

from inkhook.plugins.command_paint import CANVAS_SIDE  # noqa: E402
from inkhook.plugins.command_paint.panel import Panel  # noqa: E402

PICTURE = Path(__file__).with_name("paint.png")


def main() -> None:
    """Open a window, answer a seven, draw a three, and keep what the screen shows."""
    words = [sys.executable, "-m", "inkhook", "paint", *sys.argv[1:2]]
    words[4:4] = ["--model"] if len(sys.argv) > 1 else []
    panel = Panel(CANVAS_SIDE, CANVAS_SIDE)
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen(Path(folder))
        window = subprocess.Popen(words, env=screen.env, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            screen.find("inkhook paint")
            time.sleep(1)
            screen.draw(on(SEVEN, CANVAS_SIDE, panel.left, panel.top), hold=0.02)
            time.sleep(0.5)
            screen.do("click", 3)
            time.sleep(0.5)
            screen.draw(on(THREE, CANVAS_SIDE, panel.left, panel.top), hold=0.02)
            time.sleep(0.5)
            height, width = panel.shape
            screen.do("mousemove", width - 5, 5, "sleep", 0.3, "mousemove", 1500, 1100)
            time.sleep(0.5)
            data = cv2.imencode(".png", screen.shot()[:height, :width])[1].tobytes()
            screen.do("key", "Escape")
            window.wait(10)
        finally:
            window.kill()
            screen.close()
    PICTURE.write_bytes(data)


if __name__ == "__main__":
    main()
