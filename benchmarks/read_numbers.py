"""How many real numbers are read wholly right, and how long it takes.

`--strings DIR` reads sets of pictures: for each set a folder, and beside it a table NAME.csv with
the columns file, label (the digits in reading order; / between rows), text (with the signs between
them) and group. Only digits are compared. For every set it prints the share that is right with its
95 % interval, the mean edit distance by length (ANLD), how many answers are sure, and how many of
these are wrong; then the same for each sign, and what is mistaken most often.

`--speed` times a row of five digits, a 12-megapixel page with twenty numbers, and one picture from
the start of the process.

Usage: python benchmarks/read_numbers.py --strings DIR [--sets NAME,…] [--model MODEL] [--wrong DIR]
       python benchmarks/read_numbers.py --speed
"""

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from figures import Figure, hand_over

from inkhook.core.base.types import UInt8Array
from inkhook.core.images.imagefile import decode_image
from inkhook.core.jobs.find_model import read_chosen
from inkhook.core.jobs.read_numbers import LONGEST, numbers_job
from inkhook.core.judging.number_picture import draw_numbers
from inkhook.core.judging.number_score import NumberScore, format_number_score
from inkhook.core.numbers.number import Numbers, digits_of
from inkhook.core.reading.page_numbers import PageNumbers
from inkhook.core.reading.pool import WorkerPool
from inkhook.core.reading.predictor import Job
from inkhook.plugins.mnist import load_embedded

SIGNS = "/-.: "

GOALS = {
    "canvas": 85, "canvas_pages": 70, "photo8": 85, "photo_mixed": 95, "car_a": 80, "boxes": 95,
    "register": 80, "tally_pages": 70,
}  # fmt: skip
"""Of sets that are called so: per cent of the pictures that are wholly right, at least."""

MEAN, MOST = 83, (8, 250, 900)
"""The mean of the sets in per cent, at least; what `speed` times, in milliseconds, at most."""


def line(name: str, score: NumberScore) -> str:
    """Return the figures as a line."""
    low, high = score.interval
    return (
        f"{name:<14} {score.count:>5}  {score.accuracy:6.1%}  {low:6.1%} – {high:6.1%}  "
        f"{score.distance:6.3f}  {score.sure / score.count:6.1%}  "
        f"{1 - score.precision if score.sure else 0:6.1%}"
    )


def measure(folder: Path, names: list[str], job: Job, wrong: Path | None) -> list[Figure]:
    """Read sets and print the tables; return the share of each set that is right."""
    print(
        f"{'':<14} {'n':>5}  {'right':>6}  {'95 % interval':>15}  {'ANLD':>6}  {'sure':>6}  wrong"
    )
    figures, signs, every = [], {sign: NumberScore() for sign in SIGNS}, NumberScore()
    for name in names:
        score = NumberScore()
        rows = list(csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8")))
        paths = [str(folder / name / row["file"]) for row in rows]
        for row, numbers in zip(rows, read(paths, job), strict=True):
            found = replace(numbers, truth=row["label"])
            score.add(found)
            every.add(found)
            for sign in SIGNS:
                if sign in row["text"] and row["text"] != row["label"]:
                    signs[sign].add(found)
            if not found.right and wrong and found.page is not None:
                (wrong / name).mkdir(parents=True, exist_ok=True)
                place = wrong / name / f"{Path(found.path).stem} {digits_of(row['label'])}.png"
                place.write_bytes(draw_numbers(found))
        print(line(name, score), flush=True)
        low, high = score.interval
        what = f"{name}, {score.count} pictures, every digit right"
        interval = f"95 % interval: {low:.1%} to {high:.1%}"
        goal = GOALS.get(name)
        figures.append(Figure(what, score.accuracy * 100, "%", interval, least=goal, digits=1))
    mean = float(np.mean([figure.value for figure in figures]))
    print(f"{'mean':<14} {'':>5}  {mean:6.1f}%\n")
    for sign, score in signs.items():
        if score.count:
            print(line(f"with '{sign}'", score))
    print("\nall pictures:", format_number_score(every), sep="\n")
    return [*figures, Figure("mean of the sets", mean, "%", least=MEAN, digits=1)]


def read(paths: list[str], job: Job) -> Iterator[Numbers]:
    """Read pictures in as many processes as there are cores, in order."""
    with WorkerPool() as pool:
        pool.start(job, len(paths))
        futures = deque(pool.submit([path], [0]) for path in paths)
        for path in paths:
            yield futures.popleft().result()[0].numbers_of(0, path)


def row_of(digits: UInt8Array, height: int) -> UInt8Array:
    """Return a row of digits, dark on light: uint8 (H, W)."""
    ink = np.hstack([digit[:, 3:25] for digit in digits])
    factor = height / 28
    size = round(ink.shape[1] * factor), height
    large = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.asarray(235 - large // 4 * 3, np.uint8)


def speed(reader: PageNumbers) -> list[Figure]:
    """Time the three kinds of work, and print medians."""
    digits = load_embedded().test.images
    page = np.full((3000, 4000), 235, np.uint8)
    for place in range(20):
        row = row_of(digits[place * 5 : place * 5 + 5], 110)
        y, x = 80 + place // 2 * 290, 200 + place % 2 * 1900
        page[y : y + row.shape[0], x : x + row.shape[1]] = row
    photo = cv2.imencode(".jpg", page)[1].tobytes()
    single = np.pad(row_of(digits[:5], 56), 12, constant_values=235)
    medians = {
        "a row of five digits": median(lambda: reader(single), 200),
        "a page of 12 megapixels, decoded": median(
            lambda: reader(decode_image(photo, fine=True).pixels), 15
        ),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "row.png")
        path.write_bytes(cv2.imencode(".png", single)[1].tobytes())
        words = [sys.executable, "-m", "inkhook", "read", str(path), "--model", "pretrained"]
        medians["one picture, from the start of the process"] = median(
            lambda: subprocess.run(words, capture_output=True, check=True), 7
        )
    for name, seconds in medians.items():
        print(f"{name:<44} {seconds * 1000:8.1f} ms")
    return [
        Figure(name, seconds * 1000, "ms", most=most, digits=1)
        for (name, seconds), most in zip(medians.items(), MOST, strict=True)
    ]


def median(work: "object", times: int) -> float:
    """Return the median of how many seconds a function takes, after once for nothing."""
    assert callable(work)  # noqa: S101
    work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--strings", type=Path, metavar="DIR", help="pictures of numbers")
    parser.add_argument("--sets", help="only these, with commas between them")
    parser.add_argument("--model", help="a run or a file in place of the included network")
    parser.add_argument("--wrong", type=Path, metavar="DIR", help="draw what was read wrong")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    model = read_chosen(options.model, print, numbers=True)
    job = numbers_job(model, pages=LONGEST if options.wrong else 0)
    figures = []
    if options.speed:
        cv2.setNumThreads(1)
        figures += speed(PageNumbers(model.network, model.temperature, job.reject_below))
    if options.strings:
        found = sorted(path.stem for path in options.strings.glob("*.csv"))
        names = options.sets.split(",") if options.sets else found
        figures += measure(options.strings, names, job, options.wrong)
    hand_over(figures)


if __name__ == "__main__":
    main()
