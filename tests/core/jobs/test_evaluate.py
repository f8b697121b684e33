"""`inkhook.evaluate` is `inkhook evaluate`, and keeps the answers."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run

import inkhook
from inkhook import hookimpl
from inkhook.testing import Recorder, tiny


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> inkhook.Model:
    return inkhook.load_model(tiny_model)


@pytest.fixture
def folder(in_tmp: Path) -> Path:
    """A hundred digits, a blank sheet and a file that can't be read."""
    test = tiny.dataset().test
    for place, (image, label) in enumerate(zip(test.images, test.labels, strict=True)):
        (in_tmp / f"digits/{label}").mkdir(parents=True, exist_ok=True)
        data = cv2.imencode(".png", image)[1].tobytes()
        (in_tmp / f"digits/{label}/{place}.png").write_bytes(data)
    blank = cv2.imencode(".png", np.zeros((30, 30), np.uint8))[1].tobytes()
    (in_tmp / "digits/7/blank.png").write_bytes(blank)
    (in_tmp / "digits/7/text.png").write_text("no image")
    return in_tmp / "digits"


def test_it_is_the_command(
    model: inkhook.Model, tiny_model: Path, folder: Path, run: Run, in_tmp: Path
) -> None:
    words = ("--model", tiny_model, "--plugins", "mnist", "-o", "out", "--json")
    told = json.loads(run("evaluate", "digits", *words).stdout)
    result = inkhook.evaluate(model, folder)
    assert result.accuracy == told["accuracy"]
    assert result.interval == (told["low"], told["high"])
    assert result.confusion.tolist() == told["confusion"]
    assert (result.score.count, result.score.blank, result.unreadable) == (101, 1, 1)
    assert len(result.predictions) == 100
    right = (result.predictions.digits == result.predictions.truth).sum()
    assert result.accuracy == pytest.approx(right / 101)
    assert re.fullmatch(
        r"<inkhook.Evaluation \d\d\.\d\d % \(95 % interval .* %\), \d\d of 101>", repr(result)
    )
    assert sorted(path.name for path in in_tmp.iterdir()) == ["digits", "out"], "nothing is written"


def test_a_dataset_gives_what_score_gives(model: inkhook.Model, tiny_model: Path) -> None:
    digits = tiny.dataset()
    result = inkhook.evaluate(tiny_model, digits)
    assert result.accuracy == pytest.approx(model.score(digits.test.images, digits.test.labels))
    assert result.predictions.ids == tuple(map(str, range(100)))
    assert np.array_equal(result.predictions.digits, model.predict(digits.test.images))


def test_plugins_take_part_and_a_folder_is_written_where_it_is_wanted(
    model: inkhook.Model, in_tmp: Path
) -> None:
    class Fails:
        @hookimpl
        def on_run_end(self) -> None:
            raise ValueError("no")

    recorder = Recorder("on_prediction")
    plugins = ["errors", recorder, Fails]
    result = inkhook.evaluate(model, tiny.dataset(), plugins=plugins, output="out", errors_count=3)
    assert len(recorder.calls) == 1
    assert result.faults == ["Plugin 'Fails' failed in on_run_end: ValueError: no."]
    assert (in_tmp / "out" / "errors.png").exists()
    assert json.loads((in_tmp / "out" / "run.json").read_text())["data"] == "tiny"


def test_labels_from_a_table(model: inkhook.Model, in_tmp: Path) -> None:
    test = tiny.dataset().test
    (in_tmp / "a.png").write_bytes(cv2.imencode(".png", test.images[0])[1].tobytes())
    (in_tmp / "labels.csv").write_text(f"file,label\na.png,{test.labels[0]}\n")
    assert inkhook.evaluate(model, ".", labels="labels.csv").score.count == 1


def test_only_blank_images(model: inkhook.Model, in_tmp: Path) -> None:
    np.savez("blank.npz", images=np.zeros((3, 28, 28), np.uint8), labels=np.zeros(3, np.uint8))
    result = inkhook.evaluate(model, "blank.npz")
    assert (result.accuracy, len(result.predictions)) == (0, 0)


@pytest.mark.parametrize("data", ["nothing", "empty"])
def test_an_error_has_the_command_lines_sentence(
    model: inkhook.Model, run: Run, in_tmp: Path, data: str
) -> None:
    (in_tmp / "empty").mkdir()
    with pytest.raises(inkhook.DataProblem) as problem:
        inkhook.evaluate(model, data)
    words = ("--model", "pretrained", "--plugins", "mnist")
    assert run("evaluate", data, *words).stderr.endswith(f"Error: {problem.value}\n")
