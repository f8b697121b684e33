"""Time `inkhook predict-dir` on Dask against the local run, and see what memory it takes.

Folders of small PNGs are made: 2,000 of MNIST's, and links to them. The local run, `--engine dask`
with one and with two workers, and a command with two `dask worker` that are running already, take
turns on the same files, each as a whole process; medians are quoted, and every table must be the
same to the byte. Memory and the command's own work are measured with a scheduler and two workers as
processes of their own: the highest resident size of each. All listen on 127.0.0.1 only.

Usage: python benchmarks/clusters.py [--scale 0.1] [--rounds 3] [--listed 1000000]
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from figures import Figure, hand_over

from inkhook.plugins.mnist import load_embedded

COUNTS = (10_000, 100_000)
DIFFERENT = 2_000
OF_LOCAL, MOST_MEMORY = 1.15, 500
INKHOOK = [sys.executable, "-m", "inkhook", "predict-dir", "--model", "pretrained"]
WAYS = {
    "local": (),
    "dask, 1 worker": ("--engine", "dask", "--workers", "1"),
    "dask, 2 workers": ("--engine", "dask", "--workers", "2"),
}
QUIET = {"DASK_LOGGING__DISTRIBUTED": "critical"}


def fill(folder: Path, count: int) -> None:
    """Make a folder of so many small PNGs."""
    folder.mkdir()
    images = load_embedded().test.images[:DIFFERENT]
    names = [folder / f"{number:07}.png" for number in range(count)]
    for name, image in zip(names, images, strict=False):
        name.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    for number in range(len(images), count):
        os.link(names[number % len(images)], names[number])


@dataclass
class Ran:
    """What a run took: seconds, seconds of a core in its own process, its highest memory in MB."""

    seconds: float
    own: float
    memory: float


def run(folder: Path, output: Path, words: Sequence[str]) -> Ran:
    """Read a folder."""
    memory, start = 0.0, time.perf_counter()
    all_words = [*INKHOOK, str(folder), "-o", str(output), *words]
    process = subprocess.Popen(all_words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        found, status, used = os.wait4(process.pid, os.WNOHANG)
        if found:
            break
        memory = max(memory, highest(process.pid))
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{all_words} ended with {process.returncode}")
    return Ran(time.perf_counter() - start, used.ru_utime + used.ru_stime, memory)


def overhead(place: Path, count: int, rounds: int, *, last: bool) -> list[Figure]:
    """Let the ways take turns, and print their medians; the last count has a bar."""
    folder, tables = place / "images", place / "tables"
    fill(folder, count)
    tables.mkdir()
    seconds: dict[str, list[float]] = {}
    with cluster(place) as (address, _):
        ways = WAYS | {"running cluster": ("--scheduler", address)}
        for _ in range(rounds):
            for way, words in ways.items():
                ran = run(folder, tables / f"{way}.csv", words)
                seconds.setdefault(way, []).append(ran.seconds)
    if len({path.read_bytes() for path in tables.iterdir()}) != 1:
        raise ValueError("the tables aren't the same")
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    print(f"{count:,} small images, the same table from all")
    for way, median in medians.items():
        ratio = median / medians["local"]
        print(f"  {way:<15} {median:8.2f} s {count / median:9,.0f} a second   {ratio:.2f}x")
    if last:
        print(f"  ({OF_LOCAL}x is asked for with two workers)")
    local, two = medians["local"], medians["dask, 2 workers"]
    what = f"{count:,} small images, two Dask workers: {two:.1f} s"
    bar = OF_LOCAL if last else None
    return [Figure(what, two / local, "×", f"a local run: {local:.1f} s", most=bar)]


@contextlib.contextmanager
def cluster(place: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """Start a scheduler and two workers; give its address and the processes."""
    file, environment = place / "scheduler.json", os.environ | QUIET
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    started: list[subprocess.Popen[bytes]] = []

    def start(what: str, *words: str) -> None:
        all_words = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, *common]
        started.append(
            subprocess.Popen(all_words, env=environment, cwd=place, stderr=subprocess.DEVNULL)
        )

    try:
        start("scheduler", "--port", "0", "--scheduler-file", str(file))
        for _ in range(600):
            time.sleep(0.1)
            if file.exists() and file.stat().st_size:
                break
        address = str(json.loads(file.read_text())["address"])
        for _ in range(2):
            start("worker", address, "--nthreads", "1", "--no-nanny")
        yield address, started
    finally:
        for process in started:
            process.kill()
            process.wait()


def highest(process: int) -> float:
    """Return the highest resident size of a process so far, in MB."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def memory(place: Path, count: int) -> Figure:
    """Print what each process needs for so many files; return the command's."""
    folder = place / "images"
    fill(folder, count)
    with cluster(place) as (address, (scheduler, *workers)):
        ran = run(folder, place / "a.csv", ("--scheduler", address))
        sizes = {
            "command": ran.memory,
            "scheduler": highest(scheduler.pid),
            "worker": max(highest(worker.pid) for worker in workers),
        }
    texts = ", ".join(f"{what} {size:.0f} MB" for what, size in sizes.items())
    print(f"{count:,} files: {ran.seconds:.0f} s; the command's own work {ran.own:.1f} s")
    print(f"  highest memory: {texts} (command: under {MOST_MEMORY} MB is asked for)")
    print(f"  table {(place / 'a.csv').stat().st_size / count:.0f} bytes a file")
    others = f"scheduler: {sizes['scheduler']:.0f} MB, worker: {sizes['worker']:.0f} MB"
    what = f"{count:,} files, the command's highest memory"
    return Figure(what, sizes["command"], "MB", others, most=MOST_MEMORY, digits=0)


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--scale", type=float, default=1.0, help="a share of the files")
    reader.add_argument("--rounds", type=int, default=3, help="0 leaves out the times")
    reader.add_argument("--listed", type=int, default=1_000_000, help="how many files for memory")
    asked = reader.parse_args()
    figures = []
    for count in COUNTS if asked.rounds else ():
        with tempfile.TemporaryDirectory() as name:
            scaled, last = int(count * asked.scale), count == COUNTS[-1]
            figures += overhead(Path(name), scaled, asked.rounds, last=last)
    for count in (asked.listed // 100, asked.listed // 10, asked.listed):
        with tempfile.TemporaryDirectory() as name:
            figures.append(memory(Path(name), count))
    hand_over(figures)


if __name__ == "__main__":
    main()
