"""`inkhook learn`: better at a hand, with proof, or the old model stays."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run, card_of

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.jobs import learning
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.testing import tiny


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("EPOCHS", 3),
        ("ENOUGH", 300),
        ("FOLDS", 3),
        ("RATE", 1e-2),
        ("MOST_LOST", 0.05),
    ):
        monkeypatch.setattr(learning, name, value)


def leaning(images: UInt8Array) -> list[UInt8Array]:
    """Return digits as a hand writes them that leans far to the left."""
    matrix = np.array([[1, 0.7, -9], [0, 1, 0]], np.float32)
    return [np.asarray(cv2.warpAffine(image, matrix, (28, 28)), np.uint8) for image in images]


def write_folder(folder: Path, images: list[UInt8Array], labels: UInt8Array) -> Path:
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        cv2.imencode(".png", image)[1].tofile(folder / str(label) / f"{number}.png")
    return folder


@pytest.fixture
def hand(in_tmp: Path, digits: Dataset) -> Path:
    test = digits.test
    return write_folder(in_tmp / "hand", leaning(test.images[200:230]), test.labels[200:230])


@pytest.fixture
def learn(run: Run, in_tmp: Path, tiny_data: Path) -> Run:
    model = tiny.write_model(in_tmp / "old.h5")
    return lambda *words: run("learn", *words, "--model", model, "--data", tiny_data, "--seed", 1)


def test_a_model_gets_better_at_a_hand_and_says_where_it_comes_from(
    learn: Run, run: Run, hand: Path, in_tmp: Path, tiny_data: Path
) -> None:
    done = learn(hand, "-o", "out")
    assert done.exit_code == 0, done.output
    assert "your 30 samples" in done.stdout
    assert "tiny's 100 test images" in done.stdout
    card = card_of(in_tmp / "out" / "model.h5")
    assert card.training["from_sha256"] == read_artifact(in_tmp / "old.h5").sha256
    assert card.training["samples"] == 30
    assert len(card.training["samples_sha256"]) == 64
    assert (card.dataset, card.dataset_sha256) == ("tiny", tiny.dataset().sha256)
    assert card.metrics["own_accuracy_after"] >= card.metrics["own_accuracy_before"]
    record = json.loads((in_tmp / "out" / "run.json").read_text())
    own = record["learnt"]["samples"]
    assert own["after"]["loss"] < own["before"]["loss"]
    assert record["learnt"]["objection"] == ""
    picture = cv2.imdecode(np.fromfile("out/changes.png", np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None

    # the learnt model knows the samples, so learning begins anew, with the same result
    again = run("learn", hand, "--model", "out", "--data", tiny_data, "--seed", 1, "-o", "again")
    assert f"learning begins with '{in_tmp / 'old.h5'}' again." in again.stderr
    layers = [read_artifact(in_tmp / name / "model.h5").network.layers for name in ("out", "again")]
    assert np.array_equal(layers[0][0].weights["kernel"], layers[1][0].weights["kernel"])


def test_a_model_that_is_no_better_is_not_written(
    learn: Run, in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    # how much so few wrong labels spoil differs from one matrix product to the next
    monkeypatch.setattr(learning, "MOST_LOST", -1)
    images, labels = digits.test.images[200:220], digits.test.labels[200:220]
    wrong = write_folder(in_tmp / "wrong", list(images), (labels + 1) % 10)
    done = learn(wrong, "-o", "out")
    assert done.exit_code == 1
    assert "The model stays as it was; --keep-anyway writes the new one." in done.stderr
    assert "Check these labels, which may be wrong: '" in done.stderr
    assert not (in_tmp / "out" / "model.h5").exists()
    assert json.loads((in_tmp / "out" / "run.json").read_text())["learnt"]["objection"]
    assert (in_tmp / "out" / "changes.png").exists()
    kept = learn(wrong, "-o", "kept", "--keep-anyway")
    assert kept.exit_code == 0
    assert (in_tmp / "kept" / "model.h5").exists()


def test_few_samples_and_a_single_class(learn: Run, in_tmp: Path, digits: Dataset) -> None:
    of_three = np.flatnonzero(digits.test.labels == 3)[:3]
    images, labels = leaning(digits.test.images[of_three]), digits.test.labels[of_three]
    done = learn(write_folder(in_tmp / "three", images, labels))
    assert done.exit_code in (0, 1)
    assert "3 samples to learn from; they have no 0, 1, 2, 4, 5, 6, 7, 8 or 9." in done.stderr
    assert "Proof 3 of 3" in done.stderr
    one = learn(write_folder(in_tmp / "one", images[:1], labels[:1]))
    assert one.exit_code == 2
    assert "One sample can't show whether anything was learnt" in one.stderr
    assert not list(in_tmp.glob("artifacts/*/model.h5")) or done.exit_code == 0


def test_without_samples_nothing_is_begun(learn: Run) -> None:
    done = learn()
    assert done.exit_code == 2
    assert "There is no file or folder 'artifacts/drawings'. A digit key in" in done.stderr


def test_another_dataset_is_rehearsed_where_the_models_own_is_not_at_hand(
    run: Run, hand: Path, in_tmp: Path, small_data: Path
) -> None:
    model = tiny.write_model(in_tmp / "old.h5")
    done = run("learn", hand, "--model", model, "--data", small_data, "--seed", 1)
    assert "('tiny') aren't at hand, so it rehearses those of small; --data" in done.stderr
