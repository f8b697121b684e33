"""A model in Python: what it says of images in whatever form, and of files."""

import math
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import Run
from PIL import Image

import inkhook
from inkhook.testing import draw, tiny

BLANK = np.zeros((40, 30), np.uint8)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> inkhook.Model:
    return inkhook.load_model(tiny_model)


@pytest.fixture(scope="module")
def test() -> inkhook.Split:
    return tiny.dataset().test


def test_digits_probabilities_and_score_agree(model: inkhook.Model, test: inkhook.Split) -> None:
    digits, probabilities = model.predict(test.images), model.predict_proba(test.images)
    assert digits.dtype == np.int64
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (100, 10)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(digits, probabilities.argmax(axis=1))
    assert model.score(test.images, test.labels) == pytest.approx((digits == test.labels).mean())
    assert model.score(test.images, test.labels) > 0.7


def test_images_of_any_size_and_form(model: inkhook.Model, test: inkhook.Split) -> None:
    one = test.images[0]
    large = np.kron(255 - one, np.ones((5, 5), np.uint8))
    forms = [one, one / 255, large, Image.fromarray(large), np.dstack([large] * 3)]
    assert set(model.predict(forms)) == {model.predict([one])[0]}
    stacked = np.stack([large, large])
    assert np.array_equal(model.predict(stacked), model.predict([large, large]))


def test_blank_images_have_no_answer_and_count_as_wrong(
    model: inkhook.Model, test: inkhook.Split
) -> None:
    images = [test.images[0], BLANK, 255 - BLANK]
    digit = model.predict([test.images[0]])[0]
    assert model.predict(images).tolist() == [digit, -1, -1]
    assert np.isnan(model.predict_proba(images)).all(axis=1).tolist() == [False, True, True]
    assert model.score(images, [digit, digit, 0]) == pytest.approx(1 / 3)


def test_several_digits_are_no_answer(model: inkhook.Model, test: inkhook.Split) -> None:
    ones = draw([(140, 60), (140, 220)]).canvas
    both = np.hstack([ones, ones])
    assert model.predict([both]).tolist() == [-1]
    assert model.read_digit(both).status == "several"


def test_no_images_have_no_answers(model: inkhook.Model) -> None:
    assert model.predict([]).shape == (0,)
    assert model.predict_proba(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_more_than_a_batch(model: inkhook.Model, test: inkhook.Split) -> None:
    many = np.concatenate([test.images] * 11)
    assert np.array_equal(model.predict(many), np.tile(model.predict(test.images), 11))


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([1], "there are 100 images but 1 labels"),
        (np.full(100, 10), "labels must be from 0 to 9, not 10 to 10"),
        (np.full(100, -1), "labels must be from 0 to 9, not -1 to -1"),
        (np.zeros((100, 10), int), "labels must be integers (N,), not int64 (100, 10)"),
        (np.zeros(100), "labels must be integers (N,), not float64 (100,)"),
        ([], "labels must be integers (N,)"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    model: inkhook.Model, test: inkhook.Split, labels: Any, sentence: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        model.score(test.images, labels)


def test_an_error_says_which_image_it_is_of(model: inkhook.Model, test: inkhook.Split) -> None:
    with pytest.raises(TypeError) as error:
        model.predict([*[BLANK] * 1030, "seven.png"])
    assert error.value.__notes__ == ["It is image 1030."]
    damaged = Image.fromarray(np.full((5, 5), np.nan, np.float32))
    with pytest.raises(ValueError, match=r"Image 1 can't be used. It is damaged"):
        model.predict([test.images[0], damaged])


def test_a_file_is_read_as_predict_dir_reads_it(
    model: inkhook.Model, tiny_model: Path, run: Run, in_tmp: Path
) -> None:
    drawing = draw([(140, 60), (140, 220)]).canvas
    data = cv2.imencode(".png", drawing)[1].tobytes()
    (in_tmp / "one.png").write_bytes(data)
    (in_tmp / "blank.png").write_bytes(cv2.imencode(".png", BLANK)[1].tobytes())
    (in_tmp / "text.png").write_text("no image")
    (in_tmp / "empty.png").write_bytes(b"")
    names = ["blank.png", "empty.png", "one.png", "text.png"]
    table = run("predict-dir", *names, "--model", tiny_model, "--format", "csv").stdout
    for name, line in zip(names, table.splitlines()[1:], strict=True):
        answer = model.read_digit(name)
        digit = "" if answer.digit is None else str(answer.digit)
        sure = "" if answer.confidence is None else f"{answer.confidence:.6f}"
        assert line == f"{name},{answer.status},{digit},{sure}"
    one = replace(model.read_digit(in_tmp / "one.png"), path="")
    assert repr(one) == f"Answer(digit=1, confidence={one.confidence}, sure=True, status='ok')"
    assert one.sure
    assert one.probabilities.argmax() == one.digit
    assert model.read_digit(data) == model.read_digit(drawing) == one
    blank = model.read_digit(BLANK)
    assert (blank.digit, blank.confidence, blank.sure) == (None, None, False)
    assert np.isnan(blank.probabilities).all()
    assert model.read_digit("text.png").remark.startswith("It isn't a PNG")


def test_a_file_that_is_not_there_is_an_error(model: inkhook.Model, in_tmp: Path) -> None:
    with pytest.raises(inkhook.DataProblem, match=r"There is no file 'seven.png'\."):
        model.read_digit("seven.png")
    with pytest.raises(inkhook.DataProblem, match="is a folder; use read_folder for its files"):
        model.read_digit(in_tmp)


def test_a_saved_model_is_the_same(model: inkhook.Model, test: inkhook.Split, in_tmp: Path) -> None:
    model.save("mine.h5")
    again = inkhook.load_model("mine.h5")
    assert again.card == model.card
    assert np.array_equal(again.predict_proba(test.images), model.predict_proba(test.images))
    with pytest.raises(inkhook.OutputProblem, match=r"Can't write 'nowhere/mine.h5'"):
        model.save(Path("nowhere") / "mine.h5")


def test_which_model_is_taken_without_a_name_is_said(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = inkhook.load_model()
    assert capsys.readouterr().err.startswith("Model: pretrained (784-")
    assert repr(model).startswith("<inkhook.Model pretrained (784-")
    inkhook.load_model("pretrained")
    assert capsys.readouterr() == ("", "")


def test_a_model_that_is_not_there_is_an_error_with_the_command_lines_sentence(
    run: Run, in_tmp: Path
) -> None:
    with pytest.raises(inkhook.ModelProblem) as problem:
        inkhook.load_model("nothing")
    assert run("models", "show", "nothing").stderr == f"Error: {problem.value}\n"


def test_a_model_serves_several_threads(model: inkhook.Model, test: inkhook.Split) -> None:
    expected, found = model.predict_proba(test.images), []
    threads = [
        threading.Thread(target=lambda: found.append(model.predict_proba(test.images)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(one, expected) for one in found)


def test_the_digits_that_come_with_inkhook() -> None:
    few = inkhook.load_mnist(train=300, test=20)
    assert (len(few.train), len(few.test)) == (300, 20)
    assert few.sha256 != inkhook.load_mnist(train=300, test=21).sha256
    with pytest.raises(ValueError, match="test must be from 1 to 10,000, not 0"):
        inkhook.load_mnist(test=0)
    assert math.isclose(len(few.class_names), 10)
