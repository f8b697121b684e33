"""Time what plugins cost: a call, ten of them that do nothing, and fifty that are only installed.

Everything that is compared takes turns; medians are quoted. Usage: python benchmarks/hooks.py
"""

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

from inkhook import hookimpl
from inkhook.core import tiny
from inkhook.core.hooks import SPECS
from inkhook.core.manager import COMMAND_GROUP, PLUGIN_GROUP
from inkhook.core.session import Session
from inkhook.core.types import Predictions
from inkhook.plugins.mnist import load_embedded
from inkhook.testing import new_session, predict, run_cli

MOST_MICROSECONDS, MOST_PERCENT = 20, 1.0
MOST_SECONDS, TIMES_CLICK, PLUS = 0.25, 1.5, 0.1
IMAGES, PACKAGES = 6000, 50


class Idle:
    """A plugin that hears everything and does nothing."""

    @hookimpl
    def on_run_start(self, session: Session) -> None:
        """Do nothing."""

    @hookimpl
    def on_prediction(self, session: Session, predictions: Predictions) -> None:
        """Do nothing."""

    @hookimpl
    def on_run_end(self, session: Session) -> None:
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


def in_turn(
    ways: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Return the seconds of each way's rounds; the first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, way in ways.items():
            start = clock()
            way()
            if round_:
                times[name].append(clock() - start)
    return times


def processor_time() -> float:
    """Return the seconds that this process and its children, predict-dir's workers, have used."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def idle_plugins(words: list[object], rounds: int) -> str:
    """Compare a command without plugins and with ten idle ones."""

    def start(plugins: int) -> None:
        result = run_cli(words, plugins=["mnist", *(Idle() for _ in range(plugins))])
        if result.exit_code:
            raise RuntimeError(result.output)

    ways: dict[str, Callable[[], object]] = {"none": lambda: start(0), "ten": lambda: start(10)}
    # the processors' time, and the least: a difference this small drowns in other programs' work
    times = in_turn(ways, rounds, processor_time)
    none, ten = min(times["none"]), min(times["ten"])
    return f"{none:.3f} s alone, {ten:.3f} s with ten idle plugins: {(ten / none - 1) * 100:+.2f} %"


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
        times = in_turn(ways, rounds, time.perf_counter)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def main() -> None:
    """Measure everything and print it beside what is asked for."""
    print("one call of a hook")
    for plugins in (0, 1, 10):
        print(f"  {plugins:2} plugins  {a_call(plugins):6.2f} µs")
    print(f"  (at most {MOST_MICROSECONDS} µs with 10; there are {len(SPECS)} hooks)\n")

    pages = help_page()
    for name, seconds in pages.items():
        print(f"{name:<16} {seconds:.3f} s")
    limit = TIMES_CLICK * pages["import click"] + PLUS
    print(f"(at most {limit:.3f} s without, {MOST_SECONDS} s with)\n")

    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        model = tiny.write_model(Path("tiny.h5"))
        digits = load_embedded().test
        for number in range(IMAGES):
            folder = Path("digits", str(digits.labels[number]))
            folder.mkdir(parents=True, exist_ok=True)
            png = cv2.imencode(".png", digits.images[number])[1].tobytes()
            (folder / f"{number}.png").write_bytes(png)
        print("run         ", idle_plugins(["run", "--model", model, "-o", "out"], 5))
        print("predict-dir ", idle_plugins(["predict-dir", "digits", "-r", "--model", model], 9))
        print(f"(at most {MOST_PERCENT:.0f} % for the latter)")


if __name__ == "__main__":
    main()
