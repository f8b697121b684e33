"""The dataset: the embedded files, other sets in the same form, and everything wrong with them."""

import gzip
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from helpers import Run, idx_bytes, write_idx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.data.datasets import read_dataset

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def load(path: Path) -> Dataset:
    found = read_dataset(path)
    assert found is not None
    return found


@pytest.fixture
def folder(digits: Dataset, tmp_path: Path) -> Path:
    """Twenty training and ten test digits as plain IDX files."""
    return write_idx(tmp_path / "few", digits, 20, 10, zipped=False)


def test_the_embedded_digits_are_mnist(digits: Dataset) -> None:
    assert digits.name == "mnist"
    assert len(digits.train) == 60_000
    assert len(digits.test) == 10_000
    assert digits.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(digits.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert not digits.train.images.flags.writeable


def test_plain_zipped_and_npz_are_the_same_dataset(folder: Path, digits: Dataset) -> None:
    plain = load(folder)
    zipped = load(write_idx(folder.with_name("zipped"), digits, 20, 10))
    archive = folder.with_name("keras") / "mnist.npz"
    archive.parent.mkdir()
    np.savez(
        archive,
        x_train=plain.train.images,
        y_train=plain.train.labels.astype(np.int64),
        x_test=plain.test.images,
        y_test=plain.test.labels,
    )
    assert plain.sha256 == zipped.sha256 == load(archive.parent).sha256
    assert load(archive).sha256 == plain.sha256
    assert (plain.name, zipped.name, load(archive.parent).name) == ("few", "zipped", "keras")
    assert np.array_equal(plain.train.images, digits.train.images[:20])


def test_a_file_and_its_zipped_twin_are_one(folder: Path) -> None:
    (folder / f"{IMAGES}.gz").write_bytes(gzip.compress((folder / IMAGES).read_bytes()))
    assert len(load(folder).train) == 20


def test_qmnist_labels_have_eight_columns(folder: Path) -> None:
    plain = load(folder)
    for split in ("train", "t10k"):
        path = folder / f"{split}-labels-idx1-ubyte"
        labels = np.frombuffer(path.read_bytes(), np.uint8, offset=8)
        path.unlink()
        table = np.zeros((len(labels), 8), ">i4")
        table[:, 0] = labels
        table[:, 1] = 70_000
        name = "train" if split == "train" else "test"
        header = struct.pack(">HBBII", 0, 12, 2, *table.shape)
        (folder / f"qmnist-{name}-labels-idx2-int").write_bytes(header + table.tobytes())
        images = folder / f"{split}-images-idx3-ubyte"
        images.rename(folder / f"qmnist-{name}-images-idx3-ubyte")
    assert load(folder).sha256 == plain.sha256


def test_emnist_is_turned_upright(folder: Path) -> None:
    plain = load(folder)
    for split, name in (("train", "train"), ("t10k", "test")):
        labels = folder / f"{split}-labels-idx1-ubyte"
        labels.rename(folder / f"emnist-digits-{name}-labels-idx1-ubyte")
        images = folder / f"{split}-images-idx3-ubyte"
        array = np.frombuffer(images.read_bytes(), np.uint8, offset=16).reshape(-1, 28, 28)
        turned = np.ascontiguousarray(array.transpose(0, 2, 1))
        images.unlink()
        (folder / f"emnist-digits-{name}-images-idx3-ubyte").write_bytes(idx_bytes(turned))
    assert load(folder).sha256 == plain.sha256


def break_file(folder: Path, name: str, how: str) -> None:
    """Damage one of the four files in one of many ways."""
    path = folder / name
    data = path.read_bytes()
    bad = {
        "magic": b"\x00\x00\x0d\x03" + data[4:],
        "text": b"<html>404</html>",
        "empty": b"",
        "header": data[:6],
        "truncated": data[:-5],
        "longer": data + b"\0",
        "27 rows": struct.pack(">HBBIII", 0, 8, 3, 20, 27, 28) + data[16:],
        "huge": struct.pack(">HBBIII", 0, 8, 3, 2**32 - 1, 28, 28) + data[16:],
        "wide": struct.pack(">HBBII", 0, 12, 2, 20, 2**31) + data[8:],
        "label": data[:-1] + b"\x0a",
        "none": struct.pack(">HBBI", 0, 8, 1, 0),
        "fewer": struct.pack(">HBBI", 0, 8, 1, 19) + data[8:-1],
        "zip cut": gzip.compress(data)[:-20],
        "zip bytes": b"\x1f\x8b" + b"nonsense" * 20,
        "zip crc": gzip.compress(data)[:-8] + b"\0" * 8,
    }
    path.write_bytes(bad[how])


@pytest.mark.parametrize(
    ("name", "how", "sentence"),
    [
        (IMAGES, "magic", "has the wrong magic number 00000d03"),
        (IMAGES, "text", "has the wrong magic number 3c68746d"),
        (IMAGES, "empty", "is truncated: it ends inside its header"),
        (IMAGES, "header", "is truncated: it ends inside its header"),
        (IMAGES, "truncated", "is truncated: 15675 bytes of 15680"),
        (IMAGES, "longer", "has the wrong size: more than the 15680 bytes"),
        (IMAGES, "27 rows", "holds images of 28×27 pixels, not 28×28"),
        (IMAGES, "huge", "claims the size"),
        (LABELS, "wide", "claims the size"),
        (LABELS, "label", "has the training label 10; digits are 0 to 9"),
        (LABELS, "fewer", "has 20 training images but 19 training labels"),
        (LABELS, "none", "has 20 training images but 0 training labels"),
        (IMAGES, "zip cut", "is damaged: its gzip data can't be read to the end"),
        (IMAGES, "zip bytes", "is damaged"),
        (IMAGES, "zip crc", "is damaged"),
    ],
)
def test_each_damage_has_a_sentence_of_its_own(
    folder: Path, run: Run, name: str, how: str, sentence: str
) -> None:
    break_file(folder, name, how)
    result = run("run", "--data", folder)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_missing_doubled_and_absent(folder: Path) -> None:
    with pytest.raises(DataProblem, match="There is no file or folder"):
        load(folder / "nowhere")
    shutil.copy(folder / LABELS, folder / "emnist-digits-train-labels-idx1-ubyte")
    with pytest.raises(DataProblem, match="has both emnist-digits-train-labels"):
        load(folder)
    (folder / "emnist-digits-train-labels-idx1-ubyte").unlink()
    (folder / LABELS).unlink()
    with pytest.raises(DataProblem, match="has no file of train-labels"):
        load(folder)
    empty = folder / "empty"
    empty.mkdir()
    assert read_dataset(empty) is None


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({}, "has no arrays x_train and y_train, x_test and y_test, or images and labels"),
        ({"x_train": np.full((2, 28, 28), -0.5)}, "has pixels from -0.5 to -0.5; save them from 0"),
        ({"x_train": np.full((2, 28, 28), np.nan)}, "has pixels from nan to nan"),
        ({"x_train": np.full((2, 28, 28), 300)}, "has pixels from 300 to 300"),
        ({"x_train": np.zeros((2, 28, 28, 3), np.uint8)}, r"is of shape \(2, 28, 28, 3\); grey"),
        ({"x_train": np.zeros((2, 14, 14), np.uint8)}, "has images of 14×14 pixels, not 28×28"),
        ({"y_train": np.zeros((2, 10), np.uint8)}, "isn't one-hot, with a single 1 in each row"),
        ({"y_train": np.array([0.5, 3])}, "has labels of float64"),
        ({"y_train": np.array([-1, 3])}, "has the label -1"),
        ({"y_train": np.array([3, 300])}, "has the label 300"),
        ({"y_train": np.array([3])}, "has 2 training images but 1 training labels"),
        ({"y_train": np.array(["a", object()], object)}, "isn't a complete .npz file"),
    ],
)
def test_an_npz_that_does_not_fit(tmp_path: Path, arrays: dict[str, object], sentence: str) -> None:
    good = {
        "x_train": np.zeros((2, 28, 28), np.uint8),
        "y_train": np.zeros(2, np.uint8),
        "x_test": np.zeros((2, 28, 28), np.uint8),
        "y_test": np.zeros(2, np.uint8),
    }
    np.savez(tmp_path / "mnist.npz", **(good | arrays if arrays else {"z": 1}))
    with pytest.raises(DataProblem, match=sentence):
        load(tmp_path)


@given(data=st.binary(max_size=64), place=st.integers(0, 200), cut=st.integers(0, 16_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_other_bytes_load_or_are_refused_by_a_sentence(
    folder: Path, data: bytes, place: int, cut: int
) -> None:
    path = folder / IMAGES
    whole = path.read_bytes()
    try:
        path.write_bytes((whole[:place] + data + whole[place + len(data) :])[:cut])
        load(folder)
    except DataProblem:
        pass
    finally:
        path.write_bytes(whole)


def test_an_unknown_dataset_is_named(run: Run) -> None:
    result = run("run", "--dataset", "emnist")
    assert result.exit_code == 2
    assert "No plugin in use knows a dataset 'emnist'" in result.stderr


def test_an_npy_is_no_npz(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(DataProblem, match="isn't a complete"):
        load(tmp_path / "x.npy")
