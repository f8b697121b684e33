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

from inkhook.core.base.threads import use_one_opencv_thread, use_one_thread

use_one_thread()  # as the command does, before NumPy is imported

import numpy as np  # noqa: E402

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from figures import Figure, hand_over  # noqa: E402
from pen_digits import ONE, SEVEN, THREE, on  # noqa: E402

from inkhook.core.base.quiet_keras import import_keras  # noqa: E402
from inkhook.core.drawing.background import Background, Inline, Runner  # noqa: E402
from inkhook.core.drawing.canvas import Canvas  # noqa: E402
from inkhook.core.drawing.painter import Painter  # noqa: E402
from inkhook.core.events.manager import Plugins  # noqa: E402
from inkhook.core.events.session import CommandSession  # noqa: E402
from inkhook.core.jobs.find_model import SHIPPED  # noqa: E402
from inkhook.core.jobs.learn_process import LearnProcess  # noqa: E402
from inkhook.core.jobs.read_drawings import DrawingModels, drawing_reader  # noqa: E402
from inkhook.core.modelfile import artifact  # noqa: E402
from inkhook.core.network.classifier import Classifier  # noqa: E402
from inkhook.plugins.command_paint.panel import Panel, View  # noqa: E402
from inkhook.plugins.mnist import load_embedded  # noqa: E402

EVENTS, STROKE = 2000, 50
PAUSE = 0.004
"""Seconds between two mouse events while a number is drawn, as from a quick mouse."""
FRAME, NUMBER_FRAME, RATIO, START, IDLE = 8, 12, 100, 1.0, 5
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
from inkhook.__main__ import main  # noqa: E402
main()
"""


def session_of(path: Path, width: int, height: int, worker: Runner) -> Painter:
    """Return a drawing session as the command has it, whose answers go nowhere."""
    session = CommandSession(Plugins([]))
    reader = drawing_reader(DrawingModels(str(path), lambda _: None), session)
    return Painter(session, reader, Canvas(width, height), worker, lambda _: None)


def frame(painter: Painter, panel: Panel, pointer: tuple[int, int]) -> None:
    """Do what the window does after an event."""
    painter.collect()
    painter.look()
    canvas = painter.canvas
    panel.draw(
        View(
            canvas.image, painter.reading, brush=canvas.brush, pointer=pointer, answer=painter.last
        )
    )


def draw(path: Path, side: int) -> list[float]:
    """Return the milliseconds from each mouse event to its frame, with a new digit now and then.

    Every event is read and drawn on its own, as with a slow mouse; the window itself shows many
    in one frame where they come faster.
    """
    worker = Background()
    painter, panel = session_of(path, side, side, worker), Panel(side, side)
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
        frame(painter, panel, (int(x), int(y)))
        times.append((time.perf_counter() - start) * 1e3)
    painter.finish(5)
    return times


def draw_number(path: Path, worker: Runner, rounds: int = 20) -> list[float]:
    """Return the same for the last digits of a number of eight, on a canvas of 900×250."""
    width, height, digits = 900, 250, (THREE, SEVEN, ONE, THREE, SEVEN, ONE, SEVEN, THREE)
    painter, panel = session_of(path, width, height, worker), Panel(width, height)
    step = width / len(digits)
    times = []
    for round_ in range(rounds):
        painter.clear(0)
        for place, digit in enumerate(digits):
            points = on(digit, 1.6 * step, place * step - 0.3 * step, 0.2 * height)
            for first, (x, y) in enumerate(points):
                start = time.perf_counter()
                if first:
                    painter.move(x, y, 0)
                else:
                    painter.press(x, y, 0)
                frame(painter, panel, (int(x), int(y)))
                if round_ and place > len(digits) - 3:
                    times.append((time.perf_counter() - start) * 1e3)
                time.sleep(PAUSE)
            painter.release()
    painter.finish(5)
    return times


def draw_while_learning(path: Path, side: int) -> list[float]:
    """Return what `draw` does while a process learns from thirty samples, as with the key l."""
    test = load_embedded().test
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        np.savez("samples.npz", images=test.images[:30], labels=test.labels[:30])
        learning = LearnProcess(artifact.read_artifact(path), (Path("samples.npz"),), seed=1)
        try:
            times = draw(path, side)
            if outcome := learning.poll():
                raise RuntimeError(f"Learning ended before all was drawn: {outcome.sentence}")
        finally:
            learning.stop()
    return times


def model_part(path: Path, rounds: int = 60) -> dict[str, float]:
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
    window.send_signal(signal.SIGTERM)  # SIGINT is ignored where this runs in the background
    window.wait()
    return share


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    path = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else SHIPPED
    use_one_opencv_thread()  # as the command does
    figures = []
    print(f"event to frame   p50 ms   p99 ms  (p99 of at most {FRAME} is asked for)")
    for side in (280, 560):
        draw(path, side)  # warms up
        times = draw(path, side)
        p50, p99 = np.percentile(times, [50, 99])
        print(f"{side} px          {p50:7.2f}  {p99:7.2f}")
        what = f"from mouse event to frame, {side} pixels: p99"
        figures.append(Figure(what, float(p99), "ms", f"p50: {p50:.1f} ms", most=FRAME, digits=1))
    p50, p99 = np.percentile(draw_while_learning(path, 280), [50, 99])
    print(f"and it learns   {p50:7.2f}  {p99:7.2f}")
    what = "280 pixels, while another process learns: p99"
    figures.append(Figure(what, float(p99), "ms", f"p50: {p50:.1f} ms", most=FRAME, digits=1))
    print(f"\neight digits, 900×250  (p99 of at most {NUMBER_FRAME} is asked for)")
    for name, worker in (("read in background", Background()), ("read at once", Inline())):
        p50, p99 = np.percentile(draw_number(path, worker), [50, 99])
        print(f"{name:<18} {p50:7.2f}  {p99:7.2f}")
        what, half = f"eight digits, {name}: p99", f"p50: {p50:.1f} ms"
        asked = NUMBER_FRAME if isinstance(worker, Background) else None  # as the command does
        figures.append(Figure(what, float(p99), "ms", half, most=asked, digits=1))
    with tempfile.TemporaryDirectory() as state, display() as env:
        env |= {"XDG_STATE_HOME": state}
        first = first_frame(path, env)
        print(f"\nfirst frame {first:.2f} s  (at most {START} s is asked for)")
        figures.append(Figure("the first frame, from the start", first, "s", most=START))
        if sys.platform == "linux":
            share = idle(path, env)
            print(f"idle        {share:.1f} % of a core  (under {IDLE} is asked for)")
            figures.append(Figure("an idle window, of a core", share, "%", most=IDLE, digits=1))
    medians = model_part(path)
    for name, median in medians.items():
        print(f"{name:<14} {median:8.3f} ms")
    ratio = medians["model.predict"] / medians["inkhook"]
    print(f"{ratio:.0f}x faster than model.predict ({RATIO}x is asked for)")
    peer = f"`model.predict`: {medians['model.predict']:.1f} ms"
    what = f"the model's part, {medians['inkhook']:.2f} ms, as fast as Keras"
    hand_over([*figures, Figure(what, ratio, "×", peer, least=RATIO, digits=0)])


if __name__ == "__main__":
    main()
