"""Show a picture in a window of its own process, until it is closed.

Without a display, OpenCV's Qt aborts the whole process; so the window gets one:
`python -m inkhook.core.judging.window FILE`.
"""

import subprocess
import sys
from pathlib import Path

HEADLESS = 3
"""The exit code where OpenCV opens no windows."""


def show(picture: Path) -> str:
    """Show a picture, and wait until its window is closed; return why it can't be, or ""."""
    viewer = [sys.executable, "-P", "-m", __name__, str(picture)]
    done = subprocess.run(viewer, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == HEADLESS:
        return "opencv-python-headless opens no windows"
    return "no window could be opened here" if done.returncode else ""


def main(picture: Path) -> None:
    """Show the picture until Esc, q or the window's close button."""
    import cv2
    import numpy as np

    from ..base import screen

    if not cv2.currentUIFramework():
        sys.exit(HEADLESS)
    title = f"inkhook: {picture}"
    image = cv2.imdecode(np.frombuffer(picture.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        sys.exit(f"'{picture}' isn't a picture")
    factor = screen.fitting(*image.shape[:2])
    if factor < 1:
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    cv2.namedWindow(title, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
    cv2.imshow(title, image)
    while cv2.waitKey(50) not in (27, ord("q")):
        if cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) < 1:
            break


if __name__ == "__main__":
    main(Path(sys.argv[1]))
