"""Fixtures: the real digits, a small set of them on disk, and ways to run inkhook."""

import os
import shutil
import signal
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import one_thread  # noqa: F401
import pytest
from click.testing import CliRunner
from forker import Forker
from helpers import Run, RunProcess, WritePlugin, command, write_idx

from inkhook.cli import cli
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import Dataset
from inkhook.core.events.manager import Plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.reading import worker, worker_process
from inkhook.plugins.mnist import load_embedded

PYTHONPATH = os.environ.get("PYTHONPATH")

# on a terminal that a test makes, inkhook draws as it does for a person, also where CI runs it
os.environ.pop("CI", None)

# who starts the tests in the background may have ignored these signals, which every process that
# a test interrupts would inherit
signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in ("SIGHUP", "SIGTERM"):
    if hasattr(signal, _name):
        signal.signal(getattr(signal, _name), signal.SIG_DFL)

pytest_plugins = ["inkhook.testing"]

LONG = (
    "test_predict_dir_dask",
    "test_paint_window",
    "test_models_export",
    "test_docs_commands",
    "test_faults",
    "test_h5guard",
    "test_serve_browser",
)
"""The files that take longest come first, so that no process waits for the other at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load_embedded()


@pytest.fixture(scope="session")
def small_data(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 2,000 training and 500 test digits of the real MNIST."""
    return write_idx(tmp_path_factory.mktemp("data") / "small", digits, 2000, 500)


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run the test in an empty folder, without the user's INKHOOK_PLUGINS."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INKHOOK_PLUGINS", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """A process that forks others which have imported what reads images."""
    with Forker("cv2", "inkhook.core.reading.predictor", worker.__name__) as forker:
        yield forker


@pytest.fixture
def forked_workers(forker: Forker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the processes that read files, but where a test wants its own Python for them."""
    start = worker.start

    def fork() -> Any:
        if os.environ.get("PYTHONPATH") != PYTHONPATH:
            return start()
        return forker.start(f"{worker.__name__}:main")

    monkeypatch.setattr(worker, "start", fork)
    monkeypatch.setattr(worker_process, "start", fork)


@pytest.fixture
def run(in_tmp: Path, forked_workers: None) -> Run:
    """Run the command line in this process."""
    return lambda *args: CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture
def eager() -> Iterator[None]:
    """Let TensorFlow do step by step what it would do a few times only.

    To make a graph of a new model's training takes it a second or two, which is longer than an
    epoch on a few digits takes without. Tests that start a process train as users do.
    """
    import_keras()
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


@pytest.fixture
def run_small(run: Run, small_data: Path) -> Run:
    """Run `inkhook run` on the small dataset, for one epoch, into the folder `out`."""
    common = ("--data", small_data, "-o", "out", "--force", "--seed", "1")
    return lambda *args: run("run", *common, *args)


@pytest.fixture
def run_process(in_tmp: Path) -> RunProcess:
    """Run the installed command as a process of its own."""

    def start(
        *args: object, env: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        words = [str(arg) for arg in args]
        variables = os.environ | (env or {})
        return subprocess.run(
            command() + words,
            capture_output=True,
            text=True,
            env=variables,
            timeout=120,
            check=False,
        )

    return start


@pytest.fixture
def write_plugin(in_tmp: Path) -> WritePlugin:
    """Write a plugin file and return its path for `--plugins`."""

    def write(code: str, name: str = "mine") -> str:
        path = in_tmp / f"{name}.py"
        path.write_text("from inkhook import hookimpl\n" + textwrap.dedent(code))
        return f"./{path.name}"

    return write


@pytest.fixture
def empty_session() -> CommandSession:
    """A session without plugins and without a folder."""
    return CommandSession(Plugins([]))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of twelve megabytes."""
    yield from mounted(tmp_path / "disk", "size=12m")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody can write to, not even root."""
    yield from mounted(tmp_path / "read-only", "ro")


def mounted(folder: Path, options: str) -> Iterator[Path]:
    """Mount a disk in memory while a test runs."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A display of its own, without a screen: Xvfb."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        pytest.skip("needs Xvfb and xdotool")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture(autouse=True, scope="session")
def _state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the guard remembers out of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def model() -> Path:
    """The model that comes with inkhook."""
    return SHIPPED
