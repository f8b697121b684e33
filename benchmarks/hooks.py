"""Time what plugins cost: a call, ten of them that do nothing, and fifty that are only installed.

`import inkhook` is timed beside the help page, which waits for it, too.

Everything that is compared takes turns; medians are quoted.
Usage: python benchmarks/hooks.py [--pairs 120]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from drawings import redrawn
from figures import Figure, hand_over

from inkhook import hookimpl
from inkhook.core.base.types import Predictions, UInt8Array
from inkhook.core.events.hooks import SPECS
from inkhook.core.events.session import CommandSession
from inkhook.core.events.sources import COMMAND_GROUP, PLUGIN_GROUP
from inkhook.plugins.mnist import load_embedded
from inkhook.testing import new_session, predict, run_cli, tiny

MOST_MICROSECONDS, MOST_PERCENT = 20.0, 1.0
MOST_SECONDS, TIMES_CLICK, PLUS = 0.2, 1.5, 0.1
MOST_IMPORT = 50.0
IMAGES, DRAWINGS, PACKAGES = 6000, 1500, 50


class Idle:
    """A plugin that hears everything and does nothing."""

    @hookimpl
    def on_run_start(self, session: CommandSession) -> None:
        """Do nothing."""

    @hookimpl
    def on_prediction(self, session: CommandSession, predictions: Predictions) -> None:
        """Do nothing."""

    @hookimpl
    def on_run_end(self, session: CommandSession) -> None:
        """Do nothing."""


def a_call(plugins: int, calls: int = 2000, rounds: int = 15) -> float:
    """Return the microseconds of one `tell`."""
    session = new_session(*(Idle() for _ in range(plugins)))
    predictions = predict(tiny.dataset())
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            session.tell("on_prediction", predictions=predictions)
        times.append((time.perf_counter() - start) / calls * 1e6)
    return statistics.median(times)


def in_turn(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each way; the first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if round_:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def processor_time() -> float:
    """Return the seconds that this process and its children, predict-dir's workers, have used."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def idle_plugins(words: list[object], rounds: int) -> tuple[float, float, float]:
    """Compare the processors' time of a command without plugins and with ten idle ones.

    A difference this small drowns in other programs' work, so each pair is compared by itself.
    Returns the seconds without them, the percent more with them, and the standard error of that.
    """

    def seconds(plugins: int) -> float:
        start = processor_time()
        result = run_cli(words, plugins=["mnist", *(Idle() for _ in range(plugins))])
        if result.exit_code:
            raise RuntimeError(result.output)
        return processor_time() - start

    seconds(0)
    more, alone = [], []
    for round_ in range(rounds):
        pair = {plugins: seconds(plugins) for plugins in ((0, 10), (10, 0))[round_ % 2]}
        alone.append(pair[0])
        more.append((pair[10] / pair[0] - 1) * 100)
    low, middle, high = statistics.quantiles(more, n=4)
    error = 1.25 * (high - low) / 1.35 / rounds**0.5  # of a median, as for a normal distribution
    return statistics.median(alone), middle, error


def write(folder: Path, images: list[UInt8Array]) -> None:
    """Write images as PNG files."""
    folder.mkdir()
    for number, image in enumerate(images):
        png = cv2.imencode(".png", image)[1].tobytes()
        (folder / f"{number}.png").write_bytes(png)


def write_packages(folder: Path) -> None:
    """Install fifty packages, as pip would, each with a plugin and a command."""
    for number in range(PACKAGES):
        module = f"third_party_{number}"
        (folder / f"{module}.py").write_text("raise ImportError('nobody asked for this')\n")
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir()
        name = module.replace("_", "-")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[{PLUGIN_GROUP}]\n{name} = {module}\n[{COMMAND_GROUP}]\n{name} = {module}:command\n"
        )


def help_page(rounds: int = 15) -> dict[str, float]:
    """Return the median seconds of `inkhook --help` without and with them, and of click."""
    with tempfile.TemporaryDirectory() as folder:
        write_packages(Path(folder))
        inkhook = str(Path(sys.executable).with_name("inkhook"))

        def run(*words: str, path: str = "") -> None:
            variables = os.environ | {"PYTHONPATH": path}
            subprocess.run(words, check=True, capture_output=True, env=variables)

        ways: dict[str, Callable[[], object]] = {
            "import click": lambda: run(sys.executable, "-c", "import click"),
            "inkhook --help": lambda: run(inkhook, "--help"),
            "with 50 plugins": lambda: run(inkhook, "--help", path=folder),
        }
        return in_turn(ways, rounds)


def imported(name: str, rounds: int = 15) -> float:
    """Return the median milliseconds that an import takes in a Python that has just started."""
    code = f"import time; start = time.perf_counter(); import {name}; "
    words = [sys.executable, "-c", code + "print(time.perf_counter() - start)"]
    runs = (
        subprocess.run(words, check=True, capture_output=True, text=True) for _ in range(rounds)
    )
    return statistics.median(float(done.stdout) for done in runs) * 1000


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--pairs", type=int, default=120, help="of runs with plugins and without")
    pairs = reader.parse_args().pairs
    figures = []
    print("one call of a hook")
    for plugins in (0, 1, 10):
        taken, bar = a_call(plugins), MOST_MICROSECONDS if plugins == 10 else None
        print(f"  {plugins:2} plugins  {taken:6.2f} µs")
        figures.append(Figure(f"one event, plugins: {plugins}", taken, "µs", most=bar, digits=1))
    print(f"  (at most {MOST_MICROSECONDS} µs with 10; there are {len(SPECS)} hooks)\n")

    pages = help_page()
    for name, seconds in pages.items():
        print(f"{name:<16} {seconds:.3f} s")
    limit = TIMES_CLICK * pages["import click"] + PLUS
    print(f"(at most {limit:.3f} s without, {MOST_SECONDS} s with)\n")
    click = f"`import click`: {pages['import click']:.3f} s"
    most = {"inkhook --help": round(limit, 3), "with 50 plugins": MOST_SECONDS}
    for name, bar in most.items():
        what = "`inkhook --help`" + ", 50 other packages" * name.startswith("with")
        figures.append(Figure(what, pages[name], "s", click, most=bar, digits=3))
    taken = imported("inkhook")
    print(f"import inkhook   {taken:.0f} ms (at most {MOST_IMPORT:.0f} ms)\n")
    figures.append(Figure("`import inkhook`", taken, "ms", most=MOST_IMPORT, digits=0))

    print("with ten idle plugins: median of pairs ± its standard error")
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        model = tiny.write_model(Path("tiny.h5"))
        images = load_embedded().test.images
        write(Path("small"), list(images[:IMAGES]))
        write(Path("drawings"), redrawn(images[:DRAWINGS], np.random.default_rng(0)))
        few, fewer = max(pairs // 3, 2), max(pairs // 6, 2)
        cases: list[tuple[str, list[object], int]] = [
            ("run", ["run", "--model", model, "-o", "out"], fewer),
            ("predict-dir small", ["predict-dir", "small", "--model", model], pairs),
            ("predict-dir drawings", ["predict-dir", "drawings", "--model", model], few),
        ]
        for name, words, rounds in cases:
            alone, more, error = idle_plugins(words, rounds)
            print(f"{name:<23} {alone:.2f} s alone, {more:+.1f} % ± {error:.1f}")
            bar = None if name == "run" else MOST_PERCENT
            what = f"ten idle plugins on `{name}`, more processor time, ± {error:.1f}"
            without = f"without: {alone:.2f} s"
            figures.append(Figure(what, more, "%", without, most=bar, digits=1))
    print(f"(at most {MOST_PERCENT:.0f} % for predict-dir)")
    hand_over(figures)


if __name__ == "__main__":
    main()
