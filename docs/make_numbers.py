"""Draw docs/numbers.png: a photo of a note with numbers, and what is read on it.

The note is composed of MNIST's test digits. At the right is what `inkhook read --draw` makes of it.

Usage: PYTHONPATH=benchmarks python docs/make_numbers.py
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import compose
import cv2
import numpy as np
import surfaces

from inkhook import load_mnist
from inkhook.core.base.types import FloatArray

PICTURE = Path(__file__).with_name("numbers.png")
ROWS = ("2026", "17675", "30 98", "4711", "0 8 15")
HEIGHT = 62
SEED = 11
TALL = 480


def note(rng: np.random.Generator) -> tuple[FloatArray, tuple[int, int, int, int]]:
    """Return a ruled note with rows of digits, float32 (H, W, 3), and the box of its writing."""
    test = load_mnist().test
    page = surfaces.painted(surfaces.PAPERS["cream"], np.zeros((640, 560), np.float32))
    for y in range(100, 640, 100):
        cv2.line(page, (0, y + 12), (560, y + 12), (188, 192, 205), 2)
    for row, text in enumerate(ROWS):
        x = 70 + int(rng.integers(0, 40))
        for digit in text:
            if digit == " ":
                x += 34
                continue
            places = np.flatnonzero(test.labels == int(digit))
            ink = compose.enlarged(test.images[rng.choice(places)], HEIGHT)
            y = 100 * (row + 1) + 6 - ink.shape[0] + int(rng.integers(-3, 4))
            compose.lay(page, ink, (y, x), (35, 45, 95))
            x += ink.shape[1] + int(rng.integers(5, 12))
    return page, (60, 40, 440, 560)


def main() -> None:
    """Photograph the note on a table, read the photo, and draw what was read."""
    rng = np.random.default_rng(SEED)
    page, box = note(rng)
    scene, _ = compose.photographed(page, box, "wood", 4, rng)
    photo = compose.finished(compose.lit(scene, 0.3, rng, shadows=1), rng)
    with tempfile.TemporaryDirectory() as folder:
        path, drawn = Path(folder, "note.png"), Path(folder, "drawn.png")
        path.write_bytes(png(photo[..., ::-1]))
        words = ("read", path, "--model", "pretrained", "--draw", drawn)
        subprocess.run([sys.executable, "-m", "inkhook", *map(str, words)], check=True)  # noqa: S603
        read = np.asarray(cv2.imdecode(np.fromfile(drawn, np.uint8), cv2.IMREAD_COLOR))
    sides = [scaled(photo[..., ::-1]), scaled(read)]
    gap = np.full((TALL, 24, 3), 255, np.uint8)
    PICTURE.write_bytes(png(np.hstack([sides[0], gap, sides[1]])))


def scaled(image: np.ndarray) -> np.ndarray:
    """Return an image that is TALL pixels high."""
    factor = TALL / image.shape[0]
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def png(image: np.ndarray) -> bytes:
    """Return an image, uint8 (H, W, 3) in blue, green and red, as a PNG."""
    return bytes(cv2.imencode(".png", image)[1])


if __name__ == "__main__":
    main()
