"""A folder of images as a dataset: every image once, in one of two parts, prepared as ever."""

from pathlib import Path

import hostile
import numpy as np
import pytest
from helpers import Run
from PIL import Image

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.images.preprocess import prepare
from inkhook.core.reading.image_folder import load_image_folder

COUNT = 60
WORDS = ("zero", "1", "02", "digit 3", "4", "5", "6", "7", "8", "9")


def fill(folder: Path, digits: Dataset, start: int = 0) -> list[np.ndarray]:
    """Write test digits, enlarged and dark on light, into folders named after them."""
    images = []
    for i in range(start, start + COUNT):
        large = Image.fromarray(255 - digits.test.images[i]).resize((70, 70))
        path = folder / WORDS[digits.test.labels[i]] / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hostile.encode(large, "PNG"))
        images.append(np.asarray(large))
    return images


def test_images_are_prepared_and_split_by_class(tmp_path: Path, digits: Dataset) -> None:
    images = fill(tmp_path / "own", digits)
    said: list[str] = []
    found = load_image_folder(tmp_path / "own", 0.3, 1, said.append)
    assert found.name == "own"
    labels = digits.test.labels[:COUNT]
    assert len(found.train) + len(found.test) == COUNT
    assert np.bincount(found.test.labels, minlength=10).tolist() == [
        max(min(max(round(0.3 * count), 1), count - 1), 0) for count in np.bincount(labels)
    ]
    prepared = [prepare(image) for image in images]
    expected = {np.rint(p * 255).astype(np.uint8).tobytes() for p in prepared if p is not None}
    together = {image.tobytes() for split in (found.train, found.test) for image in split.images}
    assert together == expected
    counts = ", ".join(f"{count} of {digit}" for digit, count in enumerate(np.bincount(labels)))
    assert f"Images by class: {counts}." in said
    again = load_image_folder(tmp_path / "own", 0.3, 1, said.append)
    other = load_image_folder(tmp_path / "own", 0.3, 2, said.append)
    assert found.sha256 == again.sha256 != other.sha256


def test_folders_train_and_test_are_the_parts(tmp_path: Path, digits: Dataset) -> None:
    fill(tmp_path / "training", digits)
    fill(tmp_path / "Test", digits, COUNT)
    found = load_image_folder(tmp_path, 0.5, 1, lambda _: None)
    assert sorted(found.test.labels) == sorted(digits.test.labels[COUNT : 2 * COUNT])
    assert len(found.train) == COUNT


def test_what_shows_no_digit_is_left_out_by_name(tmp_path: Path, digits: Dataset) -> None:
    fill(tmp_path, digits)
    (tmp_path / "7/broken.png").touch()
    (tmp_path / "7/blank.png").write_bytes(hostile.encode(Image.new("L", (9, 9)), "PNG"))
    said: list[str] = []
    found = load_image_folder(tmp_path, 0.5, 1, said.append)
    assert len(found.train) + len(found.test) == COUNT
    assert "Skipped '7/broken.png': It is empty." in said
    assert "Skipped '7/blank.png': blank" in said
    assert "Skipped 2 files without a digit (1 blank, 1 empty)." in said
    for path in tmp_path.glob("*/0*.png"):
        path.unlink()
    with pytest.raises(DataProblem, match="has no image of a digit"):
        load_image_folder(tmp_path, 0.5, 1, said.append)


def test_run_takes_such_a_folder(run: Run, in_tmp: Path, digits: Dataset) -> None:
    fill(in_tmp / "own", digits)
    words = ("run", "--data", "own", "--plugins", "early_stop", "--model", "pretrained")
    result = run(*words, "--test-split", "0.5", "--seed", "3", "-o", "out")
    assert result.exit_code == 0, result.output
    assert "Dataset own: " in result.stderr
    assert "Images by class: " in result.stderr
    (in_tmp / "none").mkdir()
    result = run("run", "--data", "none", "--plugins", "early_stop", "-o", "out")
    assert result.exit_code == 2
    assert "Error: 'none' has no digits: no images in folders named 0 to 9, no IDX" in result.stderr
