"""What the benchmarks read digits from: MNIST redrawn, pen strokes on a canvas, and no digits.

Pen strokes come from a file: a `.npz` with `points` int16 (P, 2), y down; `point_offset`, where
each stroke begins; `stroke_offset`, where each digit begins; `label`; and `writer`.
"""

import importlib.util
from pathlib import Path

import cv2
import numpy as np

from inkhook.core.base.types import UInt8Array

CANVAS = 280
INK = 200


def redrawn(images: UInt8Array, rng: np.random.Generator) -> list[UInt8Array]:
    """Draw MNIST images dark on light, at random places and sizes of a canvas."""
    pages = []
    for image in images:
        size = int(rng.integers(60, 200))
        large = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
        y, x = rng.integers(0, CANVAS - size + 1, 2)
        page = np.full((CANVAS, CANVAS), 255, np.uint8)
        page[y : y + size, x : x + size] -= (large * 0.8).astype(np.uint8)
        pages.append(page)
    return pages


def small(page: UInt8Array, black: bool) -> UInt8Array:
    """Reduce a light digit on black to 16×16 pixels that it fills, grey or black and white."""
    bright = cv2.normalize(page, None, 0, 255, cv2.NORM_MINMAX)
    x, y, width, height = cv2.boundingRect((bright > 40).astype(np.uint8))
    crop = bright[y : y + height, x : x + width]
    grey = cv2.resize(crop, (16, 16), interpolation=cv2.INTER_AREA)
    return np.asarray(np.where(grey > 127, 255, 0) if black else grey, np.uint8)


def strokes(path: Path, part: str, rng: np.random.Generator) -> tuple[list[UInt8Array], UInt8Array]:
    """Draw pen strokes at random places, sizes (45–75 %) and thicknesses (8–18 px) of a canvas.

    `part` is what was developed on, every second writer; `held`, the others; or `all`.
    """
    lines, labels = pen_lines(path, part)
    return [draw(digit, rng) for digit in lines], labels


def pen_lines(path: Path, part: str) -> tuple[list[list[np.ndarray]], UInt8Array]:
    """Read pen strokes: each digit's lines of points (x, y), and the digits."""
    with np.load(path, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
    writers = sorted(set(data["writer"].tolist()))
    chosen = {"developed": writers[::2], "held": writers[1::2], "all": writers}[part]
    places = np.flatnonzero(np.isin(data["writer"], chosen))
    points = np.split(data["points"], data["point_offset"][1:-1])
    strokes = data["stroke_offset"]
    lines = [points[strokes[place] : strokes[place + 1]] for place in places]
    return lines, data["label"][places].astype(np.uint8)


def draw(lines: list[np.ndarray], rng: np.random.Generator) -> UInt8Array:
    """Draw one digit's lines at a random place, size and thickness of a canvas."""
    page = np.zeros((CANVAS, CANVAS), np.uint8)
    size, thickness = rng.uniform(0.45, 0.75) * CANVAS, int(rng.integers(8, 19))
    points = np.concatenate(lines).astype(float)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    zoom = size / max(extent.max(), 1)
    margin = thickness / 2 + 1
    corner = rng.uniform(margin, np.maximum(CANVAS - margin - extent * zoom, margin + 1e-3))
    for line in lines:
        fine = np.rint(((line - low) * zoom + corner) * 16).astype(np.int32)
        if len(fine) == 1:
            x, y = map(int, fine[0])
            cv2.circle(page, (x, y), thickness * 8, INK, -1, cv2.LINE_AA, 4)
        else:
            cv2.polylines(page, [fine.reshape(-1, 1, 2)], False, INK, thickness, cv2.LINE_AA, 4)
    return page


def images(path: Path, part: str) -> tuple[list[UInt8Array], UInt8Array]:
    """Read `images` and `labels` of a `.npz`; the first 1,000 were developed on."""
    with np.load(path, allow_pickle=False) as file:
        pages, labels = file["images"], file["labels"].astype(np.uint8)
    kept = {"developed": slice(1000), "held": slice(1000, None), "all": slice(None)}[part]
    return list(pages[kept]), labels[kept]


def scribbles(count: int, rng: np.random.Generator) -> list[UInt8Array]:
    """Draw lines that wander about, criss-cross and zigzag: no digits."""
    pages = []
    for number in range(count):
        page = np.zeros((CANVAS, CANVAS), np.uint8)
        if number % 3 == 0:  # a wandering line
            steps = rng.normal(0, 22, (60, 2)).cumsum(axis=0)
            lines = [steps - steps.mean(axis=0) + CANVAS / 2]
        elif number % 3 == 1:  # crossing lines
            lines = [rng.uniform(40, 240, (2, 2)) for _ in range(int(rng.integers(4, 9)))]
        else:  # a zigzag
            teeth = int(rng.integers(6, 14))
            y = np.where(np.arange(teeth) % 2, *rng.uniform((60, 160), (120, 220)))
            lines = [np.stack([np.linspace(40, 240, teeth), y], axis=1)]
        for line in lines:
            points = np.rint(line.clip(10, CANVAS - 10) * 16).astype(np.int32).reshape(-1, 1, 2)
            cv2.polylines(page, [points], False, INK, int(rng.integers(8, 15)), cv2.LINE_AA, 4)
        pages.append(page)
    return pages


def letters() -> tuple[list[UInt8Array], str]:
    """Draw the letters of DejaVu Sans, which comes with matplotlib; return them and their names."""
    from PIL import Image, ImageDraw, ImageFont

    package = importlib.util.find_spec("matplotlib")
    if package is None or package.origin is None:
        raise FileNotFoundError("matplotlib isn't installed")
    fonts = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
    font = ImageFont.truetype(fonts / "DejaVuSans.ttf", 160)
    names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    pages = []
    for name in names:
        page = Image.new("L", (CANVAS, CANVAS), 255)
        ImageDraw.Draw(page).text((CANVAS / 2, CANVAS / 2), name, 0, font, anchor="mm")
        pages.append(np.asarray(page))
    return pages, names
