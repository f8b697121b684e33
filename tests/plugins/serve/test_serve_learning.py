"""The page's button that learns, through HTTP: what is said, and which model reads then."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from learnings import Learning
from served import Served, serving

from inkhook.core.base.types import Dataset
from inkhook.core.drawing import samples
from inkhook.core.jobs import learner
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.jobs.learn_process import Outcome
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.testing import tiny

DRAWING = np.zeros((40, 40), np.uint8)


def do(served: Served, what: str) -> Any:
    return served.post("/api/learning", {"do": what}).json


def ended(served: Served) -> Any:
    """Return the state when learning has ended."""
    while (state := served.get("/api/learning").json)["learning"]:
        time.sleep(0.02)
    return state


def test_a_better_model_reads_and_one_step_back_is_kept(
    in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    monkeypatch.setattr("inkhook.plugins.serve.learning.PAUSE", 0.01)
    better = read_artifact(tiny.write_model(in_tmp / "mine.h5"))
    Learning.outcome = Outcome(better, "Better: 90 → 100 % of 1 samples; mine reads now")
    seven = cv2.imencode(".png", digits.test.images[0])[1].tobytes()
    with serving(model="pretrained", samples=in_tmp / "own") as served:
        title = served.get("/api/model").json["title"]
        assert do(served, "learn")["said"].startswith("There is no sample yet")
        assert do(served, "back")["said"] == "There is no other model to go back to."
        samples.save_sample(DRAWING, 3, in_tmp / "own")
        assert served.get("/api/learning").json["new"] == 1
        state = do(served, "learn")
        assert (state["said"], state["learning"]) == ("Learning from 1 sample; draw on.", True)
        state = ended(served)
        assert state["said"] == Learning.outcome.sentence
        assert state["other"] == title
        assert (state["new"], state["title"]) == (0, served.get("/api/model").json["title"])
        assert "mine.h5" in state["title"]
        read = served.post("/api/read", seven).json
        assert read["model"].endswith("mine.h5")
        drawn = {"page": "a", "width": 280, "height": 280, "first": 0}
        assert served.post("/api/strokes", drawn).json["title"] == state["title"]
        assert do(served, "back")["said"] == "pretrained reads again."
        assert served.get("/api/model").json["title"] == title
        found = served.post("/api/read", seven).json
        assert (found["model"], found["digit"]) == ("pretrained", 7)
        assert "mine.h5" in do(served, "back")["title"]


def test_a_state_is_told_of_one_moment(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    monkeypatch.setattr("inkhook.plugins.serve.learning.PAUSE", 0.05)
    count = learner.Learner.__dict__["new"].fget

    def slow(itself: learner.Learner) -> int:
        time.sleep(0.2)  # as among thousands of samples: meanwhile learning ends
        return int(count(itself))

    monkeypatch.setattr(learner.Learner, "new", property(slow))
    samples.save_sample(DRAWING, 3)
    better = read_artifact(tiny.write_model(in_tmp / "mine.h5"))
    Learning.outcome = Outcome(better, "Better.")
    with serving(model="pretrained") as served:
        title = served.get("/api/model").json["title"]
        states = [do(served, "learn")]
        while states[-1]["learning"]:
            states.append(served.get("/api/learning").json)
    before = [state for state in states if state["other"] is None]
    assert all((state["learning"], state["title"]) == (True, title) for state in before)
    assert states[-1]["other"] == title
    assert "mine.h5" in states[-1]["title"]


def test_what_is_no_better_or_goes_wrong_is_said_in_words(
    in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    monkeypatch.setattr("inkhook.plugins.serve.learning.PAUSE", 0.01)
    samples.save_sample(DRAWING, 3)
    with serving(model="pretrained") as served:
        Learning.outcome = Outcome(None, "Nothing learnt. It is no better.")
        do(served, "learn")
        state = ended(served)
        assert (state["said"], state["other"], state["new"]) == (Learning.outcome.sentence, None, 1)

        def fail(*_: object) -> None:
            raise OSError("no room for a process")

        monkeypatch.setattr(learner, "LearnProcess", fail)
        state = do(served, "learn")
        assert (state["said"], state["learning"]) == ("no room for a process", False)
        bodies: list[Any] = [{}, {"do": "dance"}, {"do": []}, [], b"{"]
        for body in bodies:
            answer = served.post("/api/learning", body)
            assert answer.status == 400
            assert answer.error == "The body must be JSON with 'do': 'learn' or 'back'."
        monkeypatch.setattr(learner, "LearnProcess", Learning)
        Learning.stopped = False
        monkeypatch.setattr("inkhook.plugins.serve.learning.PAUSE", 60)
        assert do(served, "learn")["learning"]
        assert do(served, "learn")["said"] == "Still learning; draw on."
    assert Learning.stopped, "the process ends with the server"


def test_what_is_being_read_is_read_while_another_model_takes_over(
    in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner, "LearnProcess", Learning)
    monkeypatch.setattr("inkhook.plugins.serve.learning.PAUSE", 0.01)
    samples.save_sample(DRAWING, 3)
    second = replace(read_artifact(SHIPPED), path=Path("again.h5"))
    Learning.outcome = Outcome(second, "Better.")
    seven = cv2.imencode(".png", digits.test.images[0])[1].tobytes()
    with serving(model="pretrained") as served, ThreadPoolExecutor(4) as people:
        found = [people.submit(served.post, "/api/read", seven) for _ in range(40)]
        do(served, "learn")
        ended(served)
        for _ in range(3):
            do(served, "back")
        answers = [each.result().json for each in found]
    assert {answer["digit"] for answer in answers} == {7}
