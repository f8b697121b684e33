"""Learning while drawing goes on: what is said, which model is in use, and the step back."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from learnings import Learning

from inkhook.core.drawing import samples
from inkhook.core.jobs import learner
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.learn_process import Outcome
from inkhook.core.modelfile.artifact import Artifact, read_artifact

DRAWING = np.zeros((40, 40), np.uint8)


def test_a_better_model_takes_over_and_one_step_back_is_kept(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    first = read_artifact(SHIPPED)
    second = replace(first, path=Path("artifacts/new/model.h5"))
    used: list[Artifact] = []
    learning = learner.Learner(first, used.append)
    assert learning.back() == "There is no other model to go back to."
    assert learning.start().startswith("There is no sample yet: answer, then press the right digit")
    samples.save_sample(DRAWING, 3)
    assert learning.new == 1
    Learning.outcome = better = Outcome(second, "Better: 90 → 100 % of 30 samples; new reads now")
    assert learning.start() == "Learning from 1 sample; draw on."
    samples.save_sample(DRAWING, 4)  # too late for this one
    assert learning.start() == "Still learning; draw on."
    assert [learning.collect() for _ in range(3)] == [None, better, None]
    assert (learning.model, learning.other, learning.new) == (second, first, 1)
    assert learning.back() == "pretrained reads again."
    assert (learning.model, learning.other, learning.new) == (first, second, 2)
    learning.back()
    assert used == [second, first, second]
    Learning.outcome = Outcome(None, "Nothing learnt. It is no better.")
    learning.start()
    assert [learning.collect() for _ in range(2)] == [None, Learning.outcome]
    assert learning.model is second
    assert learning.new == 1, "they aren't learnt"
    learning.start()
    learning.finish()
    assert Learning.stopped
    assert not learning.busy


def test_a_model_that_was_learnt_knows_the_samples_that_are_older(in_tmp: Path) -> None:
    samples.save_sample(DRAWING, 3)
    path = in_tmp / "model.h5"
    path.write_bytes(SHIPPED.read_bytes())
    (sample,) = Path("artifacts/drawings/3").iterdir()
    os.utime(sample, (0, 0))
    plain = read_artifact(path)
    assert plain.card is not None
    learnt = replace(plain, card=replace(plain.card, training={"samples": 1}))
    assert [learner.Learner(each, print).new for each in (plain, learnt)] == [1, 0]
    samples.save_sample(DRAWING, 3)
    assert learner.Learner(learnt, print).new == 1
