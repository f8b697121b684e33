"""Time `inkhook predict-dir` against decoding alone, a naive loop, and Keras's own way.

Three folders are made: MNIST as PNG, canvas drawings of 280×280, photos of 12 megapixels as JPEG.
inkhook, the floor and Keras's way are whole processes. The floor has as many workers; it reads and
decodes the same files with OpenCV and does nothing else (photos at a quarter, as inkhook does). The
naive loop runs in this process, on 200 files, and its imports aren't counted. All take turns;
medians are quoted.

Usage: python benchmarks/predict_dir.py [--scale 0.1] [--rounds 3]
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import drawings
import numpy as np
from figures import Figure, hand_over

from inkhook.core.jobs.find_model import SHIPPED
from inkhook.plugins.mnist import load_embedded

MNIST, CANVAS, PHOTOS = "MNIST PNGs", "canvas drawings", "photos"
COUNTS = {MNIST: 20_000, CANVAS: 5_000, PHOTOS: 200}
OF_FLOOR = {MNIST: 0.75, CANVAS: 0.6, PHOTOS: 0.8}
OF_NAIVE, ONE = 100, 0.5
NAIVE = 200
KERAS, IMPORTED = "Keras's way", "  after imports"
INKHOOK = [sys.executable, "-m", "inkhook", "predict-dir", "--model", "pretrained"]


def save(path: Path, image: np.ndarray, options: Sequence[int] = ()) -> None:
    """Write an image file in the format of its name."""
    path.write_bytes(cv2.imencode(path.suffix, image, options)[1].tobytes())


def load(path: str, flag: int) -> np.ndarray | None:
    """Read an image file."""
    return cv2.imdecode(np.fromfile(path, np.uint8), flag)


def write(folder: Path, kind: str, count: int) -> None:
    """Fill a folder with so many images of a kind."""
    folder.mkdir()
    rng, digits = np.random.default_rng(0), load_embedded()
    images = np.concatenate([digits.train.images[:10_000], digits.test.images])
    for number in range(count):
        image = images[number % len(images)]
        if kind == MNIST:
            save(folder / f"{number:06}.png", image)
            continue
        (page,) = drawings.redrawn(image[np.newaxis], rng)
        if kind == CANVAS:
            save(folder / f"{number:06}.png", 255 - page)
            continue
        photo = cv2.resize(page, (4000, 3000), interpolation=cv2.INTER_CUBIC)
        shade = np.linspace(0.7, 1, 4000) * 200 + 30
        colours = (photo * (shade / 255)).astype(np.uint8)[..., np.newaxis].repeat(3, axis=2)
        noise = rng.integers(0, 12, (750, 1000, 3)).astype(np.uint8)
        colours = cv2.add(colours, cv2.resize(noise, (4000, 3000)))
        save(folder / f"{number:06}.jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, 90])


def decode(paths: list[str]) -> int:
    """Decode files; the floor's workers do this."""
    cv2.setNumThreads(1)
    photos = paths[0].endswith(".jpg")
    flag = cv2.IMREAD_REDUCED_GRAYSCALE_4 if photos else cv2.IMREAD_GRAYSCALE
    return sum(load(path, flag) is not None for path in paths)


def floor(folder: Path) -> None:
    """Decode a folder on all cores; a process of its own does this."""
    paths = sorted(map(str, folder.iterdir()))
    size = 8 if len(paths) < 1000 else 256
    parts = [paths[start : start + size] for start in range(0, len(paths), size)]
    workers = len(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        if sum(pool.imap_unordered(decode, parts)) != len(paths):
            raise ValueError("some images weren't decoded")


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process(words: list[str]) -> str:
    """Run a process and return what it says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def in_keras(folder: Path) -> None:
    """Read and classify a folder with Keras's own tools; a process of its own does this."""
    from inkhook.core.base.quiet_keras import import_keras

    keras = import_keras()
    import tensorflow as tf

    start = time.perf_counter()
    model = keras.models.load_model(SHIPPED, compile=False)
    images = keras.utils.image_dataset_from_directory(
        folder,
        labels=None,
        color_mode="grayscale",
        image_size=(28, 28),
        batch_size=256,
        shuffle=False,
        verbose=False,
    )
    model.predict(images.map(lambda x: tf.reshape(x, (-1, 784)) / 255), verbose=0)
    print(time.perf_counter() - start)


def ways(folder: Path, count: int) -> dict[str, Callable[[], float]]:
    """Return the ways to read a folder, each giving its seconds for all of it."""
    from inkhook.core.base.quiet_keras import import_keras

    model = import_keras().models.load_model(SHIPPED, compile=False)
    paths = sorted(map(str, folder.iterdir()))[:NAIVE]

    def naive() -> None:
        for path in paths:
            image = cv2.resize(load(path, cv2.IMREAD_GRAYSCALE), (28, 28))
            model.predict(image.reshape(1, 784) / np.float32(255), verbose=0)

    with_output = [*INKHOOK, str(folder), "-o", str(folder.with_suffix(".csv"))]
    alone, by_keras = (
        [sys.executable, __file__, way, str(folder)] for way in ("--floor", "--keras")
    )
    return {
        "inkhook": lambda: timed(lambda: process(with_output)),
        "only decoding": lambda: timed(lambda: process(alone)),
        "naive loop": lambda: timed(naive) / len(paths) * count,
        KERAS: lambda: timed(lambda: process(by_keras)),
        IMPORTED: lambda: float(process(by_keras).splitlines()[-1]),
    }


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--scale", type=float, default=1.0, help="a share of the files")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    reader.add_argument("--keras", type=Path, help=argparse.SUPPRESS)
    asked = reader.parse_args()
    if asked.floor or asked.keras:
        floor(asked.floor) if asked.floor else in_keras(asked.keras)
        return
    with tempfile.TemporaryDirectory() as name:
        place, figures = Path(name), []
        for number, (kind, all_of_them) in enumerate(COUNTS.items()):
            count = max(int(all_of_them * asked.scale), 8)
            folder = place / str(number)
            write(folder, kind, count)
            chosen = ways(folder, count)
            seconds: dict[str, list[float]] = {way: [] for way in chosen}
            for _ in range(asked.rounds):
                for way, run in chosen.items():
                    seconds[way].append(run())
            medians = {way: statistics.median(times) for way, times in seconds.items()}
            print(f"{count:,} {kind}")
            for way, median in medians.items():
                print(f"  {way:<14} {median:8.2f} s {count / median:10,.0f} a second")
            share = medians["only decoding"] / medians["inkhook"]
            faster = medians["naive loop"] / medians["inkhook"]
            print(f"  {share:.2f}x of decoding alone ({OF_FLOOR[kind]}x is asked for)")
            print(f"  {faster:.0f}x the naive loop ({OF_NAIVE}x is asked for)")
            print(f"  {medians[KERAS] / medians['inkhook']:.1f}x Keras's way\n")
            what = f"{count:,} {kind}: {medians['inkhook']:.2f} s, as fast as decoding alone"
            peers = [f"{way}: {medians[way]:.1f} s" for way in ("only decoding", KERAS)]
            peers.append(f"naive loop: {medians['naive loop']:,.0f} s")
            figures.append(Figure(what, share, "×", ", ".join(peers), least=OF_FLOOR[kind]))
        one = str(next((place / "0").iterdir()))
        starts = [timed(lambda: process([*INKHOOK, one])) for _ in range(9)]
        print(f"one image from the start: {statistics.median(starts):.2f} s ({ONE} s is asked for)")
        figures.append(
            Figure("one image, from the start", statistics.median(starts), "s", most=ONE)
        )
        hand_over(figures)


if __name__ == "__main__":
    main()
