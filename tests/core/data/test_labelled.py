"""Labelled sets: what a path may hold, in which order it comes out, and what is refused."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from helpers import write_idx

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.data import npz
from inkhook.core.data.labelled import LabelledArrays, open_arrays

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (7, 12, 9), np.uint8)
LABELS = np.arange(7)


def arrays(data: Path) -> LabelledArrays:
    found = open_arrays(data)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "names", [("x_test", "y_test"), ("images", "labels"), ("X", "Y"), ("testImages", "test_labels")]
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_npz_by_any_of_the_usual_names(
    tmp_path: Path, names: tuple[str, str], save: object
) -> None:
    assert callable(save)
    save(tmp_path / "a.npz", **dict(zip(names, (IMAGES, LABELS), strict=True)), other=3)
    for data in (tmp_path / "a.npz", tmp_path):
        found = arrays(data)
        assert found.labels.tolist() == LABELS.tolist()
        for size in (1, 3, 256):
            blocks = list(found.blocks(size))
            assert max(map(len, blocks)) <= size
            assert np.array_equal(np.concatenate(blocks), IMAGES)
        assert ("test images" in found.notice) == ("test" in names[0])


def test_large_images_come_in_small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "BLOCK_BYTES", 300)
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    assert [len(block) for block in arrays(tmp_path).blocks(256)] == [2, 2, 2, 1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"a": LABELS}, "has no arrays x_train and y_train, x_test and y_test, or images"),
        ({"images": IMAGES, "labels": LABELS[:6]}, "has 7 images but 6 labels"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "has no images"),
        ({"images": IMAGES, "labels": LABELS + 4}, "has the label 10; digits are 0 to 9"),
        ({"images": IMAGES, "labels": LABELS - 1}, "has the label -1"),
        ({"images": IMAGES, "labels": LABELS / 2}, "has labels of float64"),
        ({"images": IMAGES - 1.0, "labels": LABELS}, "has pixels from -1 to 254"),
        ({"images": IMAGES[0], "labels": LABELS}, r"\(images\) is of shape \(12, 9\)"),
        ({"images": IMAGES[:, :0], "labels": LABELS}, "has images of 9×0 pixels"),
        ({"images": IMAGES.T, "labels": np.zeros(9, int)}, "in Fortran order"),
        ({"images": np.array([{}]), "labels": LABELS}, "is of object; pixels must be numbers"),
        ({"images": IMAGES, "labels": np.array([{}])}, "isn't a complete .npz file"),
    ],
)
def test_an_npz_that_does_not_fit(
    tmp_path: Path, content: dict[str, npt.NDArray[np.generic]], sentence: str
) -> None:
    np.savez(tmp_path / "a.npz", **content)  # type: ignore[arg-type]
    with pytest.raises(DataProblem, match=sentence):
        open_arrays(tmp_path / "a.npz")


def test_an_npz_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    many = np.tile(IMAGES, (200, 1, 1))
    np.savez(path, images=many, labels=np.tile(LABELS, 200))
    whole = path.read_bytes()
    bad = bytearray(whole)
    bad[whole.index(IMAGES.tobytes()) + 100_000] ^= 1
    path.write_bytes(bad)
    found = arrays(path)
    with pytest.raises(DataProblem, match="is damaged: images can't be read to the end"):
        list(found.blocks(100))
    for data in (whole[:-30], whole[:100], b"", b"hello"):
        path.write_bytes(data)
        with pytest.raises(DataProblem, match="isn't a complete"):
            open_arrays(path)
    np.save(tmp_path / "b.npy", IMAGES)
    with pytest.raises(DataProblem, match="isn't a complete"):
        open_arrays(tmp_path / "b.npy")


def test_idx_files_give_their_test_images(digits: Dataset, tmp_path: Path) -> None:
    found = arrays(write_idx(tmp_path / "few", digits, 20, 10))
    assert "The 10 test images of" in found.notice
    assert np.array_equal(np.concatenate(list(found.blocks(3))), digits.test.images[:10])
