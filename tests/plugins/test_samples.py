"""The plugin `samples`: own samples among the training images, as many as was asked for."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run, card_of

from inkhook.core.base.types import Dataset
from inkhook.core.events.manager import Plugins, load
from inkhook.core.events.session import CommandSession
from inkhook.core.events.sources import select_plugins


@pytest.fixture
def drawings(in_tmp: Path, digits: Dataset, forked_workers: None) -> Path:
    for number in range(3):
        folder = in_tmp / "artifacts" / "drawings" / str(digits.test.labels[number])
        folder.mkdir(parents=True)
        cv2.imencode(".png", digits.test.images[number])[1].tofile(folder / "a.png")
    return in_tmp


def loaded(tiny_data: Path, **options: object) -> Dataset:
    plugins = load(select_plugins("samples,mnist"))
    session = CommandSession(Plugins(plugins, {"data": tiny_data, **options}))
    dataset = session.ask("load_dataset", name="mnist")
    assert isinstance(dataset, Dataset)
    return dataset


def test_samples_are_added_as_often_as_asked(drawings: Path, tiny_data: Path) -> None:
    dataset = loaded(tiny_data, samples_weight=4)
    assert (len(dataset.train), len(dataset.test)) == (412, 100)
    assert sorted(dataset.train.labels[400:].tolist()) == [1] * 4 + [2] * 4 + [7] * 4
    assert len(np.unique(dataset.train.images[400:], axis=0)) == 3


def test_they_are_at_most_a_share_of_the_images(drawings: Path, tiny_data: Path) -> None:
    assert len(loaded(tiny_data, samples_weight=1000, samples_share=0.2).train) == 500


def test_a_run_with_them(drawings: Path, run: Run, tiny_data: Path) -> None:
    words = ("--plugins", "samples,train", "--data", tiny_data, "--epochs", 1, "--hidden", "8")
    done = run("run", *words, "-o", "out")
    assert done.exit_code == 0, done.output
    assert "Samples: 3, 90 of the training images." in done.stderr
    assert card_of(Path("out/model.h5")).training["samples"]["count"] == 3


def test_without_samples_nothing_is_trained(in_tmp: Path, run: Run, tiny_data: Path) -> None:
    done = run("run", "--plugins", "samples,train", "--data", tiny_data)
    assert done.exit_code == 2
    assert "There is no file or folder 'artifacts/drawings'." in done.stderr
