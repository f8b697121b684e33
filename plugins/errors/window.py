"""Show a picture in a window until it is closed: `python -m inkhook.plugins.errors.window FILE`.

A separate program, because without a display OpenCV's Qt aborts the whole process.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from inkhook.core.base import screen
from inkhook.plugins.errors import HEADLESS


def main(picture: Path) -> None:
    """Show the picture until Esc, q or the window's close button."""
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
