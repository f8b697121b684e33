"""Classes that a set has too few images of are named."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import Run, card_of

from inkhook.core.base.types import DIGITS, Dataset
from inkhook.core.data.training import gaps


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([10] * 10, ""),
        ([10] * 9 + [2], ""),
        ([100] * 9 + [15], "only 15 of 9"),
        ([0, 342, 0, 0, 0, 0, 0, 3, 0, 0], "no 0, 2, 3, 4, 5, 6, 8 or 9, and only 3 of 7"),
        ([0] + [10] * 9, "no 0"),
        ([1, 10_000, 1234, *[10_000] * 7], "only 1 of 0, 1,234 of 2"),
    ],
)
def test_gaps(counts: list[int], sentence: str) -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), counts)
    assert gaps(labels, DIGITS) == sentence


def test_a_run_names_them_and_keeps_that(run: Run, in_tmp: Path, digits: Dataset) -> None:
    ones, sevens = (np.flatnonzero(digits.train.labels == label) for label in (1, 7))
    places = np.concatenate([ones[:342], sevens[:3]])
    np.savez(
        "few.npz",
        x_train=digits.train.images[places],
        y_train=digits.train.labels[places],
        x_test=digits.test.images[:100],
        y_test=digits.test.labels[:100],
    )
    result = run(
        "run",
        "--data",
        "few.npz",
        "--plugins",
        "train",
        "--hidden",
        "8",
        "--epochs",
        "1",
        "-o",
        "x",
    )
    assert result.exit_code == 0
    sentence = "The training images of 'few' have no 0, 2, 3, 4, 5, 6, 8 or 9, and only 3 of 7"
    assert f"Warning: {sentence}: what isn't there can't be learnt." in result.stderr
    (warning,) = json.loads(Path("x/run.json").read_text())["warnings"]
    assert sentence in warning
    assert not card_of(Path("x/model.h5")).holds_digits
