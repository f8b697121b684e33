"""Time preprocessing by itself, on one core: MNIST's size, a canvas, and pictures in bad light.

Also how much faster two threads are than one, which shows how long the interpreter's lock is held.
Usage: python benchmarks/preprocess.py
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import drawings
import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.types import UInt8Array
from inkhook.core.images.preprocess import prepare
from inkhook.plugins.mnist import load_embedded

BARS = {"28×28, MNIST's own": 0.15, "28×28, dark on light": 0.15, "280×280 canvas": 1.0}
ROUNDS = 5


def pages() -> dict[str, list[UInt8Array]]:
    """Return 300 images of each kind."""
    images = load_embedded().test.images[:300]
    canvases = drawings.redrawn(images, np.random.default_rng(0))
    light = np.linspace(0.5, 1, drawings.CANVAS)
    return {
        "28×28, MNIST's own": list(images),
        "28×28, dark on light": [255 - image for image in images],
        "280×280 canvas": canvases,
        "280×280, light from a side": [(page * light).astype(np.uint8) for page in canvases],
        "1120×1120": [page.repeat(4, 0).repeat(4, 1) for page in canvases[:60]],
    }


def median(images: list[UInt8Array]) -> float:
    """Return the median milliseconds of one image."""
    times = []
    for image in images:
        start = time.perf_counter()
        prepare(image)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def all_of(images: list[UInt8Array], threads: int) -> float:
    """Return the seconds that so many threads take for all."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(prepare, images, chunksize=10))
        return time.perf_counter() - start


def main() -> None:
    """Measure every kind in turn, a few times over."""
    cv2.setNumThreads(1)
    kinds = pages()
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, images in kinds.items():
            times[name].append(median(images))
    figures = []
    for name, found in times.items():
        milliseconds, bar = statistics.median(found), BARS.get(name)
        asked = f"  (at most {bar} ms is asked for)" if bar else ""
        print(f"{name:<27} {milliseconds:6.3f} ms{asked}")
        figures.append(Figure(name, milliseconds, "ms", most=bar))
    canvases = kinds["280×280 canvas"]
    gains = [all_of(canvases, 1) / all_of(canvases, 2) for _ in range(ROUNDS)]
    gain = statistics.median(gains)
    print(f"two threads are {gain:.2f} times as fast as one")
    hand_over([*figures, Figure("two threads, as fast as one", gain, "×")])
    sys.exit(not all(figure.met for figure in figures))


if __name__ == "__main__":
    main()
