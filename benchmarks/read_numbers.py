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
import difflib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from inkhook.core.base.types import UInt8Array
from inkhook.core.images.imagefile import decode_image
from inkhook.core.jobs.find_model import read_chosen
from inkhook.core.jobs.read_numbers import LONGEST, numbers_job
from inkhook.core.judging.calibration import wilson
from inkhook.core.judging.number_picture import draw_numbers
from inkhook.core.reading.page_numbers import PageNumbers
from inkhook.core.reading.predictor import Job, Predictor
from inkhook.plugins.mnist import load_embedded

SIGNS = "/-.: "


class Count:
    """Adds up pictures."""

    def __init__(self) -> None:
        self.total = self.right = self.sure = self.sure_wrong = 0
        self.distance = 0.0

    def add(self, wanted: str, found: str, sure: bool) -> None:
        """Count one picture."""
        self.total += 1
        self.right += wanted == found
        self.sure += sure
        self.sure_wrong += sure and wanted != found
        self.distance += distance(wanted, found) / max(len(wanted), 1)

    def line(self, name: str) -> str:
        """Return the figures as a line."""
        low, high = wilson(self.right, self.total)
        return (
            f"{name:<14} {self.total:>5}  {self.right / self.total:6.1%}  "
            f"{low:6.1%} – {high:6.1%}  {self.distance / self.total:6.3f}  "
            f"{self.sure / self.total:6.1%}  {self.sure_wrong / max(self.sure, 1):6.1%}"
        )


def distance(one: str, other: str) -> int:
    """Return the edit distance (Levenshtein) of two texts."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        left, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left + (a != b))
    return row[-1]


def measure(folder: Path, names: list[str], job: Job, wrong: Path | None) -> None:
    """Read sets and print the tables."""
    predict = Predictor(job)
    print(
        f"{'':<14} {'n':>5}  {'right':>6}  {'95 % interval':>15}  {'ANLD':>6}  {'sure':>6}  wrong"
    )
    shares, signs, mistakes = [], {sign: Count() for sign in SIGNS}, Counter[str]()
    for name in names:
        count = Count()
        for row in csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8")):
            path = str(folder / name / row["file"])
            picture = predict([path], [0]).numbers_of(0, path)
            found = "".join(number.number for number in picture.numbers)
            wanted = "".join(filter(str.isdigit, row["label"]))
            sure = picture.status == "ok"
            count.add(wanted, found, sure)
            for sign in SIGNS:
                if sign in row["text"] and row["text"] != row["label"]:
                    signs[sign].add(wanted, found, sure)
            if wanted != found:
                mistakes.update(differences(wanted, found))
                if wrong and picture.page is not None:
                    (wrong / name).mkdir(parents=True, exist_ok=True)
                    place = wrong / name / f"{Path(row['file']).stem} {wanted}.png"
                    place.write_bytes(draw_numbers(picture))
        print(count.line(name), flush=True)
        shares.append(count.right / count.total)
    print(f"{'mean':<14} {'':>5}  {np.mean(shares):6.1%}\n")
    for sign, count in signs.items():
        if count.total:
            print(count.line(f"with '{sign}'"))
    print("\nmost often:", ", ".join(f"{what} ({n})" for what, n in mistakes.most_common(12)))


def differences(wanted: str, found: str) -> list[str]:
    """Return what was read in place of what, such as "7→1" or "1 lost"."""
    said = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, wanted, found, False).get_opcodes():
        if tag == "replace" and b - a == d - c == 1:
            said.append(f"{wanted[a:b]}→{found[c:d]}")
        elif tag == "delete":
            said += [f"{digit} lost" for digit in wanted[a:b]]
        elif tag == "insert":
            said += [f"{digit} invented" for digit in found[c:d]]
    return said


def row_of(digits: UInt8Array, height: int) -> UInt8Array:
    """Return a row of digits, dark on light: uint8 (H, W)."""
    ink = np.hstack([digit[:, 3:25] for digit in digits])
    factor = height / 28
    size = round(ink.shape[1] * factor), height
    large = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return np.asarray(235 - large // 4 * 3, np.uint8)


def speed(reader: PageNumbers) -> None:
    """Time the three kinds of work, and print medians."""
    digits = load_embedded().test.images
    page = np.full((3000, 4000), 235, np.uint8)
    for place in range(20):
        row = row_of(digits[place * 5 : place * 5 + 5], 110)
        y, x = 80 + place // 2 * 290, 200 + place % 2 * 1900
        page[y : y + row.shape[0], x : x + row.shape[1]] = row
    photo = cv2.imencode(".jpg", page)[1].tobytes()
    single = np.pad(row_of(digits[:5], 56), 12, constant_values=235)
    figures = {
        "a row of five digits": median(lambda: reader(single), 200),
        "a page of 12 megapixels, decoded": median(
            lambda: reader(decode_image(photo, fine=True).pixels), 15
        ),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "row.png")
        path.write_bytes(cv2.imencode(".png", single)[1].tobytes())
        words = [sys.executable, "-m", "inkhook", "read", str(path), "--model", "pretrained"]
        figures["one picture, from the start of the process"] = median(
            lambda: subprocess.run(words, capture_output=True, check=True), 7
        )
    for name, seconds in figures.items():
        print(f"{name:<44} {seconds * 1000:8.1f} ms")


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
    if options.speed:
        cv2.setNumThreads(1)
        speed(PageNumbers(model.network, model.temperature, job.reject_below))
    if options.strings:
        found = sorted(path.stem for path in options.strings.glob("*.csv"))
        names = options.sets.split(",") if options.sets else found
        measure(options.strings, names, job, options.wrong)


if __name__ == "__main__":
    main()
