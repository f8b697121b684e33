"""Learning in a process of its own: better, no better, ended and killed."""

import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import WritePlugin

from inkhook.core.base.threads import LIBRARY_THREADS
from inkhook.core.base.types import Dataset
from inkhook.core.jobs.find_model import SHIPPED, read_chosen
from inkhook.core.jobs.learn_process import LOWEST_PRIORITY, LearnProcess, Outcome
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.testing import tiny


def write_samples(folder: Path, digits: Dataset, count: int) -> Path:
    matrix = np.array([[1, 0.7, -9], [0, 1, 0]], np.float32)
    for number in range(count):
        place = folder / str(digits.test.labels[number])
        place.mkdir(parents=True, exist_ok=True)
        image = cv2.warpAffine(digits.test.images[number], matrix, (28, 28))
        cv2.imencode(".png", image)[1].tofile(place / f"{number}.png")
    return folder


def wait(process: LearnProcess) -> Outcome:
    while (outcome := process.poll()) is None:
        time.sleep(0.05)
    return outcome


def test_it_gives_way_to_the_window_and_says_what_can_not_be_done(
    in_tmp: Path, write_plugin: WritePlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = write_plugin(
        """
        import os
        from inkhook.core.base import blas
        @hookimpl
        def on_run_start(session):
            with open("seen.txt", "w") as file:
                print(os.nice(0), blas.threads() or 1, file=file)
        """
    )
    monkeypatch.setenv("INKHOOK_PLUGINS", plugin)
    for name in LIBRARY_THREADS:
        monkeypatch.setenv(name, "2")  # as a user may have said for the window
    model = read_artifact(tiny.write_model(in_tmp / "old.h5"))
    outcome = wait(LearnProcess(model, (Path("nowhere"),)))
    assert outcome == (None, "There is no file or folder 'nowhere'.")
    assert Path("seen.txt").read_text().split() == [str(LOWEST_PRIORITY), "1"]


@pytest.mark.soak
def test_its_outcome_is_a_model_or_a_reason(in_tmp: Path, digits: Dataset) -> None:
    model = read_artifact(tiny.write_model(in_tmp / "old.h5"))
    outcome = wait(LearnProcess(model, (write_samples(in_tmp / "samples", digits, 12),), seed=1))
    written = list(in_tmp.glob("artifacts/*/model.h5"))
    if outcome.model is None:
        assert outcome.sentence.startswith("Nothing learnt. ")
        assert not written
    else:
        assert outcome.sentence.startswith("Better: ")
        assert outcome.model.path == written[0].relative_to(in_tmp)


@pytest.mark.soak
def test_the_old_model_stays_whenever_it_is_killed(in_tmp: Path, digits: Dataset) -> None:
    write_samples(in_tmp / "samples", digits, 6)
    old = SHIPPED.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(12):
        process = LearnProcess(read_artifact(SHIPPED), (Path("samples"),))
        time.sleep(float(rng.uniform(0.1, 12)))
        os.kill(process._process.pid, signal.SIGKILL)
        outcome = wait(process)
        used = read_chosen(None, lambda _: None)
        assert SHIPPED.read_bytes() == old
        assert (outcome.model is None) == (used.path == SHIPPED)
        for path in in_tmp.glob("artifacts/*/model.h5"):
            assert read_artifact(path).card is not None
            path.unlink()


def test_it_can_be_stopped(in_tmp: Path, digits: Dataset) -> None:
    process = LearnProcess(read_artifact(SHIPPED), (write_samples(in_tmp / "samples", digits, 6),))
    process.stop()
    assert not list(in_tmp.glob("artifacts/*"))
