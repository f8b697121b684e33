"""How quickly `inkhook serve` answers: page, strokes, pictures, many people at once; its memory.

    python benchmarks/serve.py

Everything goes through HTTP on loopback, from processes of their own; so on two cores the clients
take their share, too.
"""

import argparse
import contextlib
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from predict_dir import PHOTOS, write

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from figures import Figure, hand_over  # noqa: E402
from pen_digits import ONE, SEVEN, SIX, THREE, TWO, ZERO, on  # noqa: E402

import inkhook  # noqa: E402

SIDE = 560
DIGITS = (ZERO, ONE, TWO, THREE, SIX, SEVEN)
CLIENTS = 8
FRAME = 1 / 60
"""Seconds between two updates of a stroke at least."""

# the bars
FIRST_PAGE = 1.0  # seconds
ALONE, CROWD = 15, 100  # milliseconds for an update, where one person draws, or fifty
PICTURES = 300  # a second
RATE = 60  # percent of predict-dir's rate
GROWTH = 5  # percent of the memory, which is flat but for what the allocator does


def program() -> str:
    """Return the installed command."""
    return str(Path(sys.executable).with_name("inkhook"))


@contextlib.contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Run a server; yields its port and its process."""
    words = [program(), "serve", "--model", "pretrained", "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        port = json.loads(process.stdout.readline() if process.stdout else "")["port"]
        time.sleep(2)  # the processes for numbers start in the background
        try:
            yield port, process.pid
        finally:
            process.terminate()


def first_page(rounds: int = 5) -> float:
    """Return the median seconds from the command to its page."""
    taken = []
    for _ in range(rounds):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        begin = time.perf_counter()
        words = [program(), "serve", "--model", "pretrained", "--port", str(port)]
        with subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while True:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                    connection.request("GET", "/")
                    connection.getresponse().read()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.005)
            taken.append(time.perf_counter() - begin)
            process.terminate()
    return statistics.median(taken)


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, body: bytes) -> bytes:
        """Send a body, again while the server has too much to do; returns the answer."""
        while True:
            self._connection.request("POST", path, body)
            answer = self._connection.getresponse()
            content = answer.read()
            if answer.status == 200:
                return content
            if answer.status != 503:
                raise ValueError(content)
            time.sleep(0.01)


def strokes(rng: np.random.Generator) -> list[list[list[float]]]:
    """Return the strokes of a digit, as a hand draws them, or of two side by side."""
    found = []
    for place in range(rng.integers(1, 3)):
        side, left = rng.uniform(200, 300), 20 + 260 * place
        digit = DIGITS[rng.integers(len(DIGITS))]
        found.append([[x, y] for x, y in on(digit, side, left, rng.uniform(50, 200))])
    return found


def draw(port: int, seed: int, digits: int, pause: float, frame: float) -> list[float]:
    """Draw as a page does; returns the seconds that each update took."""
    rng = np.random.default_rng(seed)
    client, taken = Client(port), []
    sent = 0
    time.sleep(rng.uniform(0, pause + 0.01))
    events: list[dict[str, Any]] = []
    for _ in range(digits):
        for points in strokes(rng):
            at = 0
            while at < len(points):
                step = points[at : at + 3]
                pen = {"at": 1, "brush": 28, "from": at, "points": step, "times": [0] * len(step)}
                body = {"page": f"{port}-{seed}", "width": SIDE, "height": SIDE, "first": sent}
                begin = time.perf_counter()
                answer = client.post(
                    "/api/strokes", json.dumps(body | {"events": events, "pen": pen}).encode()
                )
                taken.append(time.perf_counter() - begin)
                if b'"lost"' in answer:
                    raise ValueError(answer)
                sent += len(events)
                events = []
                at += len(step)
                time.sleep(max(frame, 2 * taken[-1]))  # as the page does
            events = [
                {"at": 1, "do": "stroke", "brush": 28, "points": points, "times": [0] * len(points)}
            ]
        events.append({"at": 2, "do": "clear"})
        time.sleep(pause)
    return taken


def waited(who: str, taken: Sequence[float], most: float) -> Figure:
    """Return how long an update took at most, for 99 of 100."""
    p50, p99 = np.percentile(np.array(taken) * 1000, [50, 99])
    what, p50_too = f"{who}: an update, p99", f"p50: {p50:.1f} ms"
    return Figure(what, float(p99), "ms", p50_too, most=most, digits=1)


def shares(taken: Sequence[float]) -> str:
    """Return percentiles in milliseconds."""
    p50, p99 = np.percentile(np.array(taken) * 1000, [50, 99])
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({len(taken):,} updates)"


def upload(port: int, files: list[bytes], count: int) -> float:
    """Send pictures over and over with some clients; returns how many a second were read."""
    left = iter(range(count))
    lock = threading.Lock()

    def work(_: int) -> None:
        client = Client(port)
        while True:
            with lock:
                place = next(left, None)
            if place is None:
                return
            client.post("/api/read", files[place % len(files)])

    begin = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as executor:
        list(executor.map(work, range(CLIENTS)))
    return count / (time.perf_counter() - begin)


def memory(process: int) -> float:
    """Return the memory of a process and its children in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    own = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    tasks = Path(f"/proc/{process}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return own + sum(memory(child) for child in children)


def ask(port: int, files: list[bytes], count: int, seed: int) -> None:
    """Send requests: of five, four are pictures and one is an update of a stroke."""
    upload(port, files, 4 * count // 5)
    draw(port, seed, count // 5 // 13, 0, 0)  # a digit takes 13


def encoded(image: NDArray[np.uint8], suffix: str) -> bytes:
    """Return a picture as a file's bytes."""
    return cv2.imencode(suffix, image)[1].tobytes()


def folder_rate(folder: Path, count: int) -> float:
    """Return how many of a folder's photos predict-dir reads a second, without its start."""
    quarter = folder.with_name("quarter")
    quarter.mkdir()
    for path in sorted(folder.iterdir())[: count // 4]:
        (quarter / path.name).symlink_to(path)
    few, whole = (timed(path) for path in (quarter, folder))
    return (count - count // 4) / (whole - few)


def timed(folder: Path) -> float:
    """Return how many seconds predict-dir takes for a folder."""
    begin = time.perf_counter()
    words = [program(), "predict-dir", str(folder), "--model", "pretrained"]
    subprocess.run(words, capture_output=True, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="for the memory")
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--people", type=int, default=50)
    options = parser.parse_args()
    page = first_page()
    print(f"first page after {page:.2f} s")
    figures = [Figure("the first page, from the command on", page, "s", most=FIRST_PAGE)]
    small = [encoded(255 - image, ".png") for image in inkhook.load_mnist().test.images[:500]]
    with server() as (port, process), ProcessPoolExecutor(2) as others:
        taken = others.submit(draw, port, 0, 75, 0.2, FRAME).result()
        print(f"one person draws: {shares(taken)}")
        figures.append(waited("one person draws", taken, ALONE))
        halves = [range(0, options.people, 2), range(1, options.people, 2)]
        crowds = [others.submit(crowd, port, list(half)) for half in halves]
        taken = [seconds for each in crowds for seconds in each.result()]
        print(f"{options.people} people draw: {shares(taken)}")
        figures.append(waited(f"{options.people} people draw", taken, CROWD))
        pictures = others.submit(upload, port, small, 3000).result()
        print(f"28×28: {pictures:.0f} a second")
        figures.append(Figure("pictures of 28×28", pictures, "a second", least=PICTURES, digits=0))
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder, "photos"), PHOTOS, options.photos)
            files = [path.read_bytes() for path in Path(folder, "photos").iterdir()]
            rate = others.submit(upload, port, files, len(files)).result()
            alone = folder_rate(Path(folder, "photos"), len(files))
        print(f"photos: {rate:.1f} a second; predict-dir {alone:.1f}, so {rate / alone:.0%}")
        peer = f"{rate:.1f} and {alone:.1f} a second"
        what = "photos of 12 megapixels, of `predict-dir`'s rate"
        figures.append(Figure(what, 100 * rate / alone, "%", peer, least=RATE, digits=0))
        sizes = [memory(process)]
        for seed in range(100, 104):
            others.submit(ask, port, small, options.requests // 4, seed).result()
            sizes.append(memory(process))
        print("memory: " + ", ".join(f"{size:.0f}" for size in sizes) + " MB")
        what, peer = f"memory after {options.requests:,} requests", f"before: {sizes[0]:.0f} MB"
        most = round(sizes[0] * (1 + GROWTH / 100))
        hand_over([*figures, Figure(what, sizes[-1], "MB", peer, most=most, digits=0)])


def crowd(port: int, seeds: list[int]) -> list[float]:
    """Let some people draw at once, with pauses to look and think."""
    with ThreadPoolExecutor(len(seeds)) as executor:
        found = executor.map(lambda seed: draw(port, seed + 1, 4, 1.5, FRAME), seeds)
        return [seconds for each in found for seconds in each]


if __name__ == "__main__":
    main()
