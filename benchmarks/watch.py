"""How often `watch` gives the right number, and how many frames a second it reads on one core.

Turns stills of numbers into videos of four seconds, 1280×720 (`videos`), each frame through JPEG as
in Motion JPEG, and reads them as `watch --headless` does. For every set it prints of how many the
first answer is right, of how many any is, how many have none, and how many stills are read right by
themselves; then the processor's time for a frame. Sets are as for `read_numbers`: only digits are
compared.

Usage: python benchmarks/watch.py --strings DIR [--sets NAME,…] [--count N] [--rate N] [--from N]
"""

import argparse
import csv
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import videos

from inkhook.core.base.threads import use_one_opencv_thread
from inkhook.core.base.types import UInt8Array
from inkhook.core.images.page import to_page
from inkhook.core.jobs.find_model import read_chosen
from inkhook.core.judging.calibration import wilson
from inkhook.core.judging.score import sure_from
from inkhook.core.numbers.number import Numbers
from inkhook.core.reading.page_numbers import PageNumbers
from inkhook.plugins.command_watch.frames import read_frame
from inkhook.plugins.command_watch.steady import Steady

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


class Watched(NamedTuple):
    """What came of one video: the answers in order, and seconds of processor time by frame."""

    answers: list[str]
    seconds: list[float]


def digits_of(numbers: Numbers) -> str:
    """Return all digits, in reading order."""
    return "".join(number.number for number in numbers.numbers)


def watch(still: UInt8Array, seed: int, rate: float, read: PageNumbers) -> Watched:
    """Read the video of a still."""
    steady, answers, seconds = Steady(), [], []
    for number, frame in enumerate(videos.frames_of(still, seed, rate)):
        data = cv2.imencode(".jpg", frame, QUALITY)[1]
        start = time.thread_time()
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        seen = read_frame(image, number / rate, read)
        if steady.hear(seen.at, seen.numbers):
            answers.append(digits_of(seen.numbers))
        seconds.append(time.thread_time() - start)
    return Watched(answers, seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--strings", type=Path, required=True)
    parser.add_argument("--sets", default="photo_mixed,canvas")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--rate", type=float, default=25.0)
    parser.add_argument("--from", dest="first", type=int, default=0)
    options = parser.parse_args()
    use_one_opencv_thread()
    model = read_chosen(None, print, numbers=True)
    read = PageNumbers(model.network, model.temperature, sure_from(model))
    print("set             n  first right  (95 %)          any right  none  stills right")
    seconds: list[float] = []
    for name in options.sets.split(","):
        with (options.strings / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))[options.first :]
        rows = rows[:: max(1, len(rows) // options.count)][: options.count]
        first = other = none = stills = 0
        for seed, row in enumerate(rows):
            data = np.fromfile(options.strings / name / row["file"], np.uint8)
            still = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
            wanted = row["label"].replace("/", "")
            watched = watch(still, seed, options.rate, read)
            seconds += watched.seconds
            first += watched.answers[:1] == [wanted]
            other += wanted in watched.answers
            none += not watched.answers
            alone = np.ascontiguousarray(still[..., ::-1])
            stills += digits_of(read(to_page(alone, many=True))) == wanted
        low, high = wilson(first, len(rows))
        print(
            f"{name:<12} {len(rows):>4}  {first / len(rows):11.1%}  {low:.1%} – {high:.1%}  "
            f"{other / len(rows):9.1%}  {none:>4}  {stills / len(rows):12.1%}",
            flush=True,
        )
    p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    print(f"a frame takes {p50:.0f} ms (p99 {p99:.0f}): {1 / np.mean(seconds):.0f} a second")


if __name__ == "__main__":
    main()
