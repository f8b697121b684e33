"""Time painting: from a mouse event to its finished frame, and from the command to the first one.

Usage: python benchmarks/paint.py [MODEL.h5]. The last two figures need Xvfb, or else a display.
"""

import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.drawing.background import Inline, use_one_thread
from inkhook.core.drawing.canvas import Canvas
from inkhook.core.drawing.painter import Painter
from inkhook.core.events.manager import Plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.read_drawings import drawing_reader
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.command_paint.panel import Panel, View

EVENTS, STROKE = 2000, 50
FRAME, RATIO, START, IDLE = 8, 100, 1.0, 5
FIRST_FRAME = """
import os, sys
import cv2
wait = cv2.waitKeyEx
def waited(delay):
    wait(1)
    assert "tensorflow" not in sys.modules
    os._exit(0)
cv2.waitKeyEx = waited
sys.argv = ["inkhook", "paint", "--model", {model!r}]
from inkhook.__main__ import main
main()
"""


def draw(model: artifact.Artifact, side: int) -> list[float]:
    """Return the milliseconds from each mouse event to its frame, with a new digit now and then.

    Every event is read and drawn on its own, as with a slow mouse; the window itself shows many
    in one frame where they come faster.
    """
    session = CommandSession(Plugins([]))
    painter = Painter(session, drawing_reader(model, session), Canvas(side, side), Inline(), print)
    panel = Panel(side)
    rng = np.random.default_rng(1)
    times = []
    x = y = side / 2
    for i in range(EVENTS):
        x, y = np.clip(np.array([x, y]) + rng.normal(0, side / 20, 2), 0, side - 1)
        start = time.perf_counter()
        if i % STROKE == 0:
            painter.clear(i)
            painter.press(x, y, i)
        else:
            painter.move(x, y, i)
        painter.look()
        canvas, pointer = painter.canvas, (int(x), int(y))
        panel.draw(View(canvas.image, painter.reading, brush=canvas.brush, pointer=pointer))
        times.append((time.perf_counter() - start) * 1e3)
    return times


def model_part(path: Path, rounds: int = 200) -> dict[str, float]:
    """Return the median milliseconds of one answer, from inkhook and from Keras's `predict`."""
    model = import_keras().models.load_model(path, compile=False)
    model_file = artifact.read_artifact(path)
    classify = Classifier(model_file.network, model_file.temperature)
    image = np.random.default_rng(1).random((1, 28, 28), dtype=np.float32)
    flat = image.reshape(1, 784)
    ways: dict[str, Callable[[], object]] = {
        "inkhook": lambda: classify(image),
        "model.predict": lambda: model.predict(flat, verbose=0),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 5):
        for name, answer in ways.items():
            start = time.perf_counter()
            answer()
            if round_ >= 5:
                times[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(taken) for name, taken in times.items()}


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """Give the environment of a display without a screen, or this one's own."""
    if not shutil.which("Xvfb"):
        yield dict(os.environ)
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],  # noqa: S607
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    try:
        yield os.environ | {"DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


def first_frame(path: Path, env: dict[str, str], rounds: int = 9) -> float:
    """Return the median seconds from starting the process to its first frame."""
    words = [sys.executable, "-c", FIRST_FRAME.format(model=str(path))]
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True, env=env)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])  # the first one examines the model's file


def idle(path: Path, env: dict[str, str], seconds: float = 5) -> float:
    """Return the share of one core that a window takes which nobody touches, in percent."""
    words = [sys.executable, "-m", "inkhook", "paint", "--model", str(path)]
    window = subprocess.Popen(words, stderr=subprocess.DEVNULL, env=env)

    def used() -> float:
        fields = Path(f"/proc/{window.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    time.sleep(3)
    before = used()
    time.sleep(seconds)
    share = (used() - before) / seconds * 100
    window.send_signal(signal.SIGINT)
    window.wait()
    return share


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED
    model = artifact.read_artifact(path)
    use_one_thread()  # as the command does
    print(f"event to frame   p50 ms   p99 ms  (p99 of at most {FRAME} is asked for)")
    for side in (280, 560):
        draw(model, side)  # warms up
        times = draw(model, side)
        p50, p99 = np.percentile(times, [50, 99])
        print(f"{side} px          {p50:7.2f}  {p99:7.2f}")
    with tempfile.TemporaryDirectory() as state, display() as env:
        env |= {"XDG_STATE_HOME": state}
        print(f"\nfirst frame {first_frame(path, env):.2f} s  (at most {START} s is asked for)")
        if sys.platform == "linux":
            print(f"idle        {idle(path, env):.1f} % of a core  (under {IDLE} is asked for)")
    medians = model_part(path)
    for name, median in medians.items():
        print(f"{name:<14} {median:8.3f} ms")
    ratio = medians["model.predict"] / medians["inkhook"]
    print(f"{ratio:.0f}x faster than model.predict ({RATIO}x is asked for)")


if __name__ == "__main__":
    main()
