"""Make docs/watch.png, a screenshot of `inkhook watch`: `python docs/make_watch.py`.

Plays a video of a note with MNIST's test digits in a real window on a display without a screen;
needs Xvfb and xdotool.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "benchmarks")]

import pages  # noqa: E402
import videos  # noqa: E402
from screen import Screen  # noqa: E402

from inkhook.plugins.command_watch.view import BAR  # noqa: E402
from inkhook.plugins.mnist import load_embedded  # noqa: E402

PICTURE = Path(__file__).with_name("watch.png")
PLACES, SEED, RATE = (0, 1, 2, 3), 4, 1.5
"""Which test digits, what happens to the note, and frames a second: few, for a busy machine."""


def main() -> None:
    """Write a video, watch it, and keep what the screen shows once there is an answer."""
    images = load_embedded().test.images
    still = pages.row_of([images[place] for place in PLACES], 60, gap=7)
    still = np.asarray(cv2.cvtColor(still, cv2.COLOR_GRAY2BGR), np.uint8)
    size = videos.WIDTH, videos.HEIGHT
    with tempfile.TemporaryDirectory() as folder:
        video = str(Path(folder, "note.avi"))
        writer = cv2.VideoWriter(video, cv2.VideoWriter.fourcc(*"MJPG"), RATE, size)
        for frame in videos.frames_of(still, SEED, 10.0):
            writer.write(frame)
        writer.release()
        screen = Screen(Path(folder))
        words = [sys.executable, "-m", "inkhook", "watch", "note.avi"]
        window = subprocess.Popen(  # noqa: S603
            words, env=screen.env, cwd=folder, stdout=subprocess.PIPE, text=True
        )
        try:
            screen.find("inkhook watch")
            screen.do("mousemove", 1590, 1290)
            assert window.stdout  # noqa: S101
            print(window.stdout.readline(), end="")
            time.sleep(0.6)
            shot = screen.shot()[: videos.HEIGHT + BAR, : videos.WIDTH]
            screen.do("key", "Escape")
            window.wait(30)
        finally:
            window.kill()
            screen.close()
    small = cv2.resize(shot, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    PICTURE.write_bytes(cv2.imencode(".png", small)[1].tobytes())


if __name__ == "__main__":
    main()
