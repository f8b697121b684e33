"""Sets that lie on their side or have black and white exchanged are put right, or refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import Run

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset, Split, UInt8Array
from inkhook.core.data import upright
from inkhook.core.data.labelled import LabelledArrays
from inkhook.core.data.upright import LIES, UPRIGHT, set_upright
from inkhook.core.jobs.pipeline import open_labelled, shipped_judge

BACK = {"turned by 90° to the right": "turned by 90° to the left"}
BACK |= {lie: turn for turn, lie in BACK.items()}
"""What makes images lie so, where that isn't what sets them upright."""


@pytest.fixture(scope="module")
def judge() -> upright.Judge:
    found = shipped_judge()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def some(digits: Dataset) -> Dataset:
    """160 training and 100 test digits."""
    train = Split(digits.train.images[:160], digits.train.labels[:160])
    test = Split(digits.test.images[:100], digits.test.labels[:100])
    return replace(digits, name="mine", train=train, test=test)


def laid(images: UInt8Array, lie: str) -> UInt8Array:
    return np.ascontiguousarray(LIES[BACK.get(lie, lie)](images))


def lay(dataset: Dataset, lie: str) -> Dataset:
    train, test = dataset.train, dataset.test
    return replace(
        dataset,
        train=Split(laid(train.images, lie), train.labels),
        test=Split(laid(test.images, lie), test.labels),
        sha256="",
    )


@pytest.mark.parametrize("lie", list(LIES))
def test_digits_are_set_upright(some: Dataset, judge: upright.Judge, lie: str) -> None:
    notes: list[str] = []
    found = set_upright(lay(some, lie), judge, notes.append)
    assert np.array_equal(found.train.images, some.train.images)
    assert np.array_equal(found.test.images, some.test.images)
    assert found.holds_digits
    assert notes == [
        f"The {part} images of 'mine' are {lie}; turning them upright."
        for part in ("training", "test")
        if lie != UPRIGHT
    ]


def test_the_digest_is_that_of_the_upright_digits(
    some: Dataset, judge: upright.Judge, tmp_path: Path
) -> None:
    turned = [set_upright(lay(some, lie), judge, lambda _: None) for lie in list(LIES)[1:3]]
    assert turned[0].sha256 == turned[1].sha256 != ""


def test_dark_on_light_is_inverted(some: Dataset, judge: upright.Judge) -> None:
    notes: list[str] = []
    sides = laid(some.test.images, "mirrored")
    mixed = some.train.images.copy()
    mixed[:40] = 255 - mixed[:40]
    dark = replace(
        some, train=Split(mixed, some.train.labels), test=Split(255 - sides, some.test.labels)
    )
    found = set_upright(dark, judge, notes.append)
    assert np.array_equal(found.train.images, some.train.images)
    assert np.array_equal(found.test.images, some.test.images)
    assert notes == [
        "40 of the training images of 'mine' are dark ink on light paper; inverting them.",
        "The test images of 'mine' are mirrored; turning them upright.",
        "The test images of 'mine' are dark ink on light paper; inverting them.",
    ]


def test_frames_around_digits_are_no_paper(some: Dataset, judge: upright.Judge) -> None:
    notes: list[str] = []
    framed = some.train.images.copy()
    framed[:, [0, -1]] = framed[:, :, [0, -1]] = 255
    found = set_upright(replace(some, train=Split(framed, some.train.labels)), judge, notes.append)
    assert np.array_equal(found.train.images, framed)
    assert not notes


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_images_that_lie_in_two_ways_are_refused(
    some: Dataset, judge: upright.Judge, share: float
) -> None:
    images = some.train.images.copy()
    count = int(share * len(images))
    images[:count] = laid(images[:count], "transposed")
    mixed = replace(some, train=Split(images, some.train.labels))
    with pytest.raises(
        DataProblem, match=r"whether the training images of 'mine' are .*transposed"
    ):
        set_upright(mixed, judge, lambda _: None)


def test_one_image_of_a_few_proves_nothing(some: Dataset, judge: upright.Judge) -> None:
    images, labels = some.train.images[:8].copy(), some.train.labels[:8]
    turned = int(np.flatnonzero((labels == 3) | (labels == 4) | (labels == 7))[0])
    images[turned] = images[turned, ::-1, ::-1]
    found = set_upright(replace(some, train=Split(images, labels)), judge, lambda _: None)
    np.testing.assert_array_equal(found.train.images, images)


def test_zeros_and_ones_on_their_side_could_lie_in_several_ways(
    digits: Dataset, some: Dataset, judge: upright.Judge
) -> None:
    few = np.flatnonzero(digits.train.labels <= 1)[:120]
    train = Split(laid(digits.train.images[few], "transposed"), digits.train.labels[few])
    with pytest.raises(
        DataProblem, match="It isn't clear whether the training images of 'mine' are"
    ):
        set_upright(replace(some, train=train), judge, lambda _: None)


def test_what_is_no_digit_is_left_as_it_is(some: Dataset, judge: upright.Judge) -> None:
    notes: list[str] = []
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (160, 28, 28), np.uint8)
    shuffled = Split(laid(some.test.images, "transposed"), rng.permutation(some.test.labels))
    found = set_upright(
        replace(some, train=Split(noise, some.train.labels), test=shuffled), judge, notes.append
    )
    assert not found.holds_digits
    assert found.train.images is not noise
    assert np.array_equal(found.train.images, noise)
    assert found.sha256 == some.sha256
    assert not notes


def test_a_labelled_set_is_set_upright_block_by_block(some: Dataset, tmp_path: Path) -> None:
    large = np.repeat(np.repeat(some.test.images, 2, axis=1), 2, axis=2)
    np.savez(tmp_path / "side.npz", images=laid(large, "transposed"), labels=some.test.labels)
    notes: list[str] = []
    found = open_labelled(tmp_path / "side.npz", None, notes.append)
    assert isinstance(found, LabelledArrays)
    assert np.array_equal(np.concatenate(list(found.blocks(33))), large)
    assert notes == [
        f"The images of '{tmp_path / 'side.npz'}' are transposed; turning them upright."
    ]


def test_run_and_evaluate_put_the_same_set_right(run: Run, some: Dataset, model: Path) -> None:
    side = lay(some, "transposed")
    np.savez(
        "side.npz",
        x_train=side.train.images,
        y_train=side.train.labels,
        x_test=side.test.images,
        y_test=side.test.labels,
    )
    looked = run("run", "--data", "side.npz", "--plugins", "errors", "--model", model)
    assert "The training images of 'side' are transposed; turning them upright." in looked.stderr
    measured = run("evaluate", "side.npz", "--model", model, "--json")
    assert looked.exit_code == measured.exit_code == 0
    accuracy = json.loads(measured.stdout)["accuracy"]
    assert accuracy > 0.9
    assert f"Test accuracy: {accuracy * 100:.2f} %" in looked.stdout
