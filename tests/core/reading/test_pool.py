"""A pool's workers: the same rows in whatever portions, and nothing lost when one dies."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import hostile
import numpy as np
import pytest
from PIL import Image

from inkhook.core.base.problems import Problem
from inkhook.core.base.types import Dataset
from inkhook.core.images.imagefile import DEFAULT_LIMITS
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.reading import worker
from inkhook.core.reading.pool import WorkerPool
from inkhook.core.reading.predictor import Job, Predictor
from inkhook.core.reading.rows import WORDS, Rows
from inkhook.core.reading.worker_process import CRASHED

COUNT = 90


@pytest.fixture(scope="module")
def job() -> Job:
    model = artifact.read_artifact(SHIPPED)
    return Job(model.network, 1.3, 0.9, DEFAULT_LIMITS, images=True)


@pytest.fixture
def paths(digits: Dataset, tmp_path: Path) -> list[str]:
    """Digits, small and large, and some files that are none."""
    for i in range(COUNT):
        image = Image.fromarray(digits.test.images[i])
        image = image.resize((90, 90)) if i % 9 == 4 else image
        (tmp_path / f"{i}.png").write_bytes(hostile.encode(image, "PNG"))
    (tmp_path / "3.png").write_bytes(b"")
    (tmp_path / "50.png").write_bytes(hostile.encode(Image.new("L", (28, 28)), "PNG"))
    return [str(tmp_path / f"{i}.png") for i in range(COUNT)]


@pytest.fixture
def _crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))


def equal(one: Rows, other: Rows) -> bool:
    same = one.remarks == other.remarks and np.array_equal(one.status, other.status)
    return same and one.probabilities.tobytes() == other.probabilities.tobytes()


def test_portions_dont_change_a_bit(job: Job, paths: list[str]) -> None:
    predictor = Predictor(job)
    whole = predictor(paths, range(COUNT))
    words = [WORDS[status] for status in whole.status]
    assert (words[3], words[50]) == ("empty", "blank")
    assert words.count("ok") > 75
    rng = np.random.default_rng(0)
    for size in (1, 7, 32, 64):
        for _ in range(3):
            places = np.sort(rng.choice(COUNT, size, replace=False)).tolist()
            part = predictor([paths[place] for place in places], places)
            assert whole.put(places, part).probabilities.tobytes() == whole.probabilities.tobytes()


def test_an_answer_below_the_line_is_unsure(job: Job, paths: list[str]) -> None:
    rows = Predictor(job)(paths, range(COUNT))
    sure = rows.probabilities.max(axis=1)
    for i in np.flatnonzero(rows.answered):
        assert WORDS[rows.status[i]] == ("unsure" if sure[i] < 0.9 else "ok")


def test_signals_that_end_the_command_dont_reach_those_who_read(job: Job, paths: list[str]) -> None:
    process = worker.start()
    with WorkerPool(process) as pool:
        pool.start(job, COUNT)
        expected, _ = pool.submit(paths, range(COUNT)).result()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
        rows, _ = pool.submit(paths, range(COUNT)).result()
        assert process.poll() is None
    assert equal(rows, expected)


def test_a_pool_ends_while_it_starts(job: Job) -> None:
    """Its first process never takes the job, which is more than the pipe holds."""
    assert len(pickle.dumps(job)) > 2**17
    words = [sys.executable, "-c", "import time; time.sleep(600)"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe)
    pool = WorkerPool(process)
    thread = threading.Thread(target=pool.start, args=[job, 1000], daemon=True)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    pool.__exit__()
    thread.join(30)
    assert not thread.is_alive()
    assert None not in [each._process.returncode for each in pool._workers]


@pytest.mark.usefixtures("_crashing")
def test_files_that_crash_a_decoder_are_found(job: Job, paths: list[str]) -> None:
    data = hostile.encode(Image.new("L", (30, 30)), "GIF") + hostile.CRASH
    crashing = [8, 9, 77]
    for place in crashing:
        Path(paths[place]).write_bytes(data)
    with WorkerPool() as pool:
        pool.start(job, 1000, most=2)
        half = COUNT // 2
        first = pool.submit(paths[:half], range(half))
        second = pool.submit(paths[half:], range(half, COUNT))
        found = [*first.result()[0].status, *second.result()[0].status]
        assert first.result()[0].remarks[8] == CRASHED
    assert [i for i, s in enumerate(found) if WORDS[s] == "decoder_crash"] == crashing
    others = [i for i in range(COUNT) if i not in crashing]
    alone = Predictor(job)([paths[i] for i in others], others)
    assert [found[i] for i in others] == alone.status.tolist()


@pytest.mark.usefixtures("_crashing")
def test_images_may_be_changed_in_this_process(job: Job, paths: list[str]) -> None:
    Path(paths[8]).write_bytes(hostile.encode(Image.new("L", (9, 9)), "GIF") + hostile.CRASH)
    change: Callable[[np.ndarray], np.ndarray] = lambda image: np.asarray(cv2.flip(image, 0))  # noqa: E731
    with WorkerPool() as pool:
        pool.start(job, COUNT, change=change)
        found = pool.submit(paths, range(COUNT)).result()[0]
    assert WORDS[found.status[8]] == "decoder_crash"
    assert equal(
        Predictor(job, change=change)(paths[9:], range(9, COUNT)),
        Rows(
            found.status[9:],
            found.probabilities[9:],
            {i - 9: text for i, text in found.remarks.items() if i >= 9},
        ),
    )


def test_a_worker_that_is_killed_is_replaced(job: Job, paths: list[str]) -> None:
    with WorkerPool() as pool:
        pool.start(job, COUNT, most=1)
        before = pool.submit(paths, range(COUNT)).result()[0]
        os.kill(pool._workers[0]._process.pid, signal.SIGKILL)
        assert equal(pool.submit(paths, range(COUNT)).result()[0], before)
        future = pool.submit(paths * 40, [*range(COUNT)] * 40)
        os.kill(pool._workers[0]._process.pid, signal.SIGKILL)
        again = future.result()[0]
        assert "decoder_crash" not in {WORDS[status] for status in again.status}
    assert pool._workers[0]._process.returncode is not None


def test_a_worker_that_cant_start_is_a_sentence(
    job: Job, paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('no luck')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with WorkerPool() as pool:
        pool.start(job, COUNT, most=1)
        with pytest.raises(Problem, match=r"ends as it starts: ImportError: no luck\."):
            pool.submit(paths, range(COUNT)).result()
