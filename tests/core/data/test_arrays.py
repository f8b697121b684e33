"""Digits in the forms that people have: whatever the form, the same images and labels come out."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from files_of_several import write_table
from helpers import write_idx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.data import pixel_table
from inkhook.core.data.datasets import read_dataset
from inkhook.core.data.labelled import open_arrays
from inkhook.core.data.pixel_table import PixelTable

Array = npt.NDArray[np.generic]


@pytest.fixture
def parts(digits: Dataset) -> dict[str, Array]:
    return {
        "x_train": digits.train.images[:60],
        "y_train": digits.train.labels[:60],
        "x_test": digits.test.images[:20],
        "y_test": digits.test.labels[:20],
    }


def load(path: Path, share: float = 0.15, seed: int = 0) -> Dataset:
    found = read_dataset(path, share, seed)
    assert found is not None
    return found


def changed(
    parts: dict[str, Array], letter: str, how: Callable[[Array], Array]
) -> dict[str, Array]:
    return {name: how(array) if name[0] == letter else array for name, array in parts.items()}


@pytest.mark.parametrize(
    ("letter", "how"),
    [
        ("x", lambda x: x[..., np.newaxis]),
        ("x", lambda x: x[:, np.newaxis]),
        ("x", lambda x: x.reshape(-1, 784)),
        ("x", lambda x: x / 255),
        ("x", lambda x: (x / 255).astype(np.float32).reshape(-1, 784)),
        ("x", lambda x: x.astype(np.float64)),
        ("x", lambda x: x.astype(np.int64)),
        ("y", lambda y: y.astype(np.int64)),
        ("y", lambda y: y.astype(np.float32)),
        ("y", lambda y: y[:, np.newaxis]),
        ("y", lambda y: np.eye(10)[y]),
        ("y", lambda y: np.eye(10, dtype=bool)[y]),
    ],
)
def test_arrays_that_are_unambiguous_load(
    tmp_path: Path, parts: dict[str, Array], letter: str, how: Callable[[Array], Array]
) -> None:
    np.savez(tmp_path / "plain.npz", **parts)  # type: ignore[arg-type]
    np.savez(tmp_path / "other.npz", **changed(parts, letter, how))  # type: ignore[arg-type]
    assert load(tmp_path / "other.npz").sha256 == load(tmp_path / "plain.npz").sha256
    one, other = (open_arrays(tmp_path / f"{name}.npz") for name in ("plain", "other"))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.labels, other.labels)
    images = [np.concatenate(list(found.blocks(7))) for found in (one, other)]
    assert np.array_equal(images[0], images[1])


@pytest.mark.parametrize(
    "names",
    [
        ("X_train", "y_train", "X_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("trainX", "trainY", "testX", "testY"),
        ("training images", "training labels", "testing images", "testing labels"),
    ],
)
def test_arrays_have_the_names_that_people_use(
    tmp_path: Path, parts: dict[str, Array], names: tuple[str, ...]
) -> None:
    np.savez(tmp_path / "plain.npz", **parts)  # type: ignore[arg-type]
    renamed = dict(zip(names, parts.values(), strict=True))
    np.savez(tmp_path / "other.npz", **renamed, note=np.zeros(3))  # type: ignore[arg-type]
    assert load(tmp_path / "other.npz").sha256 == load(tmp_path / "plain.npz").sha256


def test_binary_images_reach_full_ink(tmp_path: Path, parts: dict[str, Array]) -> None:
    np.savez(tmp_path / "a.npz", **changed(parts, "x", lambda x: (x > 99).astype(np.uint8)))  # type: ignore[arg-type,operator]
    assert set(np.unique(load(tmp_path / "a.npz").train.images)) == {0, 255}


def test_what_isnt_clear_is_a_sentence(tmp_path: Path, parts: dict[str, Array]) -> None:
    mixed = np.zeros((600, 28, 28))
    mixed[0, 0, 0], mixed[500, 0, 0] = 1, 200
    np.savez(tmp_path / "a.npz", images=mixed, labels=np.zeros(600, int))
    with pytest.raises(DataProblem, match="has pixels above 1 after many images without any"):
        load(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", x_test=parts["x_test"], y_test=parts["y_test"])
    with pytest.raises(DataProblem, match="has test images only"):
        load(tmp_path / "b.npz")


def test_four_archives_as_kmnist_has_them(tmp_path: Path, parts: dict[str, Array]) -> None:
    folder = tmp_path / "kmnist"
    folder.mkdir()
    for name, key in (("imgs", "x"), ("labels", "y")):
        for part in ("train", "test"):
            np.savez(folder / f"kmnist-{part}-{name}.npz", parts[f"{key}_{part}"])
    np.savez(tmp_path / "plain.npz", **parts)  # type: ignore[arg-type]
    assert load(folder).sha256 == load(tmp_path / "plain.npz").sha256
    found = open_arrays(folder)
    assert found is not None
    assert "The 20 test images of" in found.notice
    (folder / "kmnist-test-imgs.npz").unlink()
    with pytest.raises(DataProblem, match="has no file of test-images"):
        load(folder)


def test_folders_of_files_names_and_torchvisions(tmp_path: Path, digits: Dataset) -> None:
    plain = write_idx(tmp_path / "plain", digits, 20, 10, zipped=False)
    expected = load(plain).sha256
    for place in ("root/MNIST/raw", "MNIST/raw", "raw"):
        shutil.copytree(plain, tmp_path / "torch" / place)
        assert load(tmp_path / "torch" / place.partition("/")[0]).sha256 == expected or (
            place == "raw"
        )
    assert load(tmp_path / "torch").sha256 == expected
    unpacked = tmp_path / "kaggle"
    for path in plain.iterdir():
        (unpacked / path.name).mkdir(parents=True)
        shutil.copy(path, unpacked / path.name / path.name)
    assert load(unpacked).sha256 == expected, "folders named after the files in them"
    for path in plain.iterdir():
        shutil.copy(path, unpacked / path.name.replace("-idx", ".idx"))
    assert load(unpacked).sha256 == expected, "beside the files themselves"


@pytest.mark.parametrize("header", [False, True])
def test_kaggles_table(tmp_path: Path, digits: Dataset, header: bool) -> None:
    images, labels = digits.train.images[:300], digits.train.labels[:300]
    path = write_table(tmp_path / "train.csv", images, labels, header=header)
    found = load(path, 0.2, seed=1)
    assert found.name == "train"
    assert len(found.train) + len(found.test) == 300
    counts = np.bincount(labels)
    assert np.bincount(found.test.labels).tolist() == np.round(counts * 0.2).astype(int).tolist()
    assert load(path, 0.2, seed=1).sha256 == found.sha256 != load(path, 0.2, seed=2).sha256
    together = {image.tobytes() for split in (found.train, found.test) for image in split.images}
    assert together == {image.tobytes() for image in images}
    whole = open_arrays(path)
    assert whole is not None
    assert np.array_equal(whole.labels, labels)
    assert np.array_equal(np.concatenate(list(whole.blocks(64))), images)
    shutil.copy(path, tmp_path / "mnist_test.csv")
    (tmp_path / "train.csv").rename(tmp_path / "mnist_train.csv")
    assert (len(load(tmp_path).train), len(load(tmp_path).test)) == (300, 300)


def test_a_folder_with_kaggles_two_tables(tmp_path: Path, digits: Dataset) -> None:
    write_table(tmp_path / "train.csv", digits.train.images[:100], digits.train.labels[:100])
    write_table(tmp_path / "test.csv", digits.test.images[:9], None)
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    said: list[str] = []
    found = read_dataset(tmp_path, note=said.append)
    assert found is not None
    assert len(found.train) + len(found.test) == 100
    assert said == [f"'{tmp_path}/test.csv' has no labels and is ignored."]
    with pytest.raises(DataProblem, match=r"test.csv' has no labels; use a table with"):
        load(tmp_path / "test.csv")
    (tmp_path / "train.csv").rename(tmp_path / "a.csv")
    with pytest.raises(DataProblem, match="has 2 tables of images; choose one of them"):
        load(tmp_path)


def test_other_tables_of_pixels(tmp_path: Path, digits: Dataset) -> None:
    images, labels = digits.train.images[:30], digits.train.labels[:30]
    expected = load(write_table(tmp_path / "a.csv", images, labels)).sha256
    text = (tmp_path / "a.csv").read_text()
    rows = [line.split(",") for line in text.splitlines()]
    others = {
        "last": [[*row[1:], "class" if row[0] == "label" else row[0]] for row in rows],
        "quoted": [[f'"{cell}"' for cell in row] for row in rows],
        "real": [row if row[0] == "label" else [f"{cell}.0" for cell in row] for row in rows],
        "share": [
            row if row[0] == "label" else [row[0], *(f"{int(cell) / 255:.6f}" for cell in row[1:])]
            for row in rows
        ],
    }
    for name, lines in others.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("\r\n".join(map(",".join, lines)) + "\r\n\r\n", encoding="utf-8-sig")
        assert load(path).sha256 == expected, name
    numbered = write_table(tmp_path / "n.csv", images, np.arange(1, 31), label="ImageId")
    table = PixelTable(numbered)
    assert not table.has_labels
    assert np.array_equal(table.images([3, 7]), images[[2, 6]])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text[: len(text) - 900], "has an incomplete line for image 30"),
        (lambda text: text.replace("\n5,", "\n5,x,", 1), "has an incomplete line for"),
        (lambda text: text.replace("\n5,0,", "\n5,-3,", 1), "has pixels from -3 to 255"),
        (lambda text: text.replace("\n5,", "\n55,", 1), "has the label 55; digits are 0 to 9"),
        (lambda text: text.partition("\n")[0] + "\n", "has no images"),
    ],
)
def test_a_table_that_is_damaged(
    tmp_path: Path, digits: Dataset, change: Callable[[str], str], sentence: str
) -> None:
    path = write_table(tmp_path / "a.csv", digits.train.images[:30], digits.train.labels[:30])
    path.write_text(change(path.read_text()))
    with pytest.raises(DataProblem, match=sentence):
        load(path)


@given(data=st.binary(max_size=200), place=st.integers(0, 3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_other_bytes_are_read_or_refused(
    tmp_path: Path, digits: Dataset, data: bytes, place: int
) -> None:
    path = tmp_path / "a.csv"
    if not path.exists():
        write_table(path, digits.train.images[:4], digits.train.labels[:4])
    whole = path.read_bytes()
    (tmp_path / "b.csv").write_bytes(whole[:place] + data + whole[place + len(data) :])
    if pixel_table.is_pixel_table(tmp_path / "b.csv"):
        try:
            load(tmp_path / "b.csv")
        except DataProblem:
            return
