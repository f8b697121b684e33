"""A Dask scheduler and workers as processes of their own, on the loopback interface only."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from helpers import command

SECONDS = 60
QUIET = {"DASK_LOGGING__DISTRIBUTED": "critical"}

OTHER_NUMPY = """
import importlib.metadata as metadata

whole = metadata.version
metadata.version = lambda name: "1.0" if name == "numpy" else whole(name)
"""

NO_FOLDER = """
import os.path

whole = os.path.isdir
os.path.isdir = lambda path: not os.fspath(path).endswith("only here") and whole(path)
"""

NO_INKHOOK = """
import sys

sys.modules["inkhook"] = None
"""
# These are for `sitecustomize.py` of workers.


class Processes:
    """A scheduler and its workers; a context manager that ends all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        words = ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        self._scheduler = self._start("scheduler", *words)
        until(lambda: file.exists() and file.stat().st_size > 0)
        self.address = str(json.loads(file.read_text())["address"])

    def worker(self, site: str = "", *words: str, nanny: bool = False) -> "subprocess.Popen[bytes]":
        """Start a worker of one thread.

        `site` is code that Python runs at its start; with a nanny, it starts again when killed.
        """
        environment = {}
        if site:
            place = self._folder / f"site{len(self._started)}"
            place.mkdir()
            (place / "sitecustomize.py").write_text(site)
            environment["PYTHONPATH"] = str(place)
        words = ("--nthreads", "1", "--no-dashboard", "--nanny" if nanny else "--no-nanny", *words)
        words = (*words, "--local-directory", str(self._folder))
        return self._start("worker", self.address, *words, environment=environment)

    def kill_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()

    def _start(
        self, what: str, *words: str, environment: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        all_words = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words]
        process = subprocess.Popen(
            [*all_words, "--host", "127.0.0.1"],
            env=os.environ | QUIET | (environment or {}),
            cwd=self._folder,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._started):
            process.send_signal(signal.SIGCONT)
            process.kill()  # a nanny's worker sees that, and ends
            process.wait(SECONDS)


class Command:
    """`inkhook` as a process, whose stderr can be read while it runs; a context manager."""

    def __init__(self, *words: str) -> None:
        self._log = Path("stderr.txt")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command(), *words], stdout=subprocess.DEVNULL, stderr=log
            )

    def __enter__(self) -> "Command":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(SECONDS)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def when(self, pattern: str = "", *, grown: int = 0) -> None:
        """Wait until something was said, or until the journal has so many bytes."""
        path = Path("a.csv.journal")
        until(
            lambda: (
                self.process.poll() is not None
                or ((path.exists() and path.stat().st_size > grown) if grown else False)
                or (bool(re.search(pattern, self.said)) if pattern else False)
            )
        )

    def ends_with(self, code: int) -> str:
        assert self.process.wait(SECONDS) == code, self.said
        return self.said


def until(condition: Callable[[], bool]) -> None:
    """Wait until a function is true; not for ever."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)
