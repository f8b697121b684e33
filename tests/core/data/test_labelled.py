"""Labelled sets: what a path may hold, in which order it comes out, and what is refused."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from helpers import write_idx

from inkhook.core.base.problems import DataProblem
from inkhook.core.base.types import Dataset
from inkhook.core.data import labelled
from inkhook.core.data.labelled import LabelledArrays, LabelledFiles, open_set

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (7, 12, 9), np.uint8)
LABELS = np.arange(7)


def arrays(data: Path) -> LabelledArrays:
    found = open_set(data)
    assert isinstance(found, LabelledArrays)
    return found


def listing(data: Path, labels: Path | None = None) -> list[tuple[str, int]]:
    found = open_set(data, labels)
    assert isinstance(found, LabelledFiles)
    entries = list(found.entries())
    assert all(Path(path).is_file() for _, path, _ in entries)
    assert [entry[0] for entry in found.entries()] == [entry[0] for entry in entries]
    return [(name, label) for name, _, label in entries]


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


@pytest.mark.parametrize("names", labelled.PAIRS)
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
        assert ("test images" in found.notice) == (names[0] == "x_test")


def test_large_images_come_in_small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "BLOCK_BYTES", 300)
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    assert [len(block) for block in arrays(tmp_path).blocks(256)] == [2, 2, 2, 1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"a": LABELS}, "has no arrays x_test and y_test or images and labels or x and y"),
        ({"images": IMAGES, "labels": LABELS[:6]}, "has 7 images but 6 labels"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "has no images"),
        ({"images": IMAGES, "labels": LABELS + 4}, "has the label 10; digits are 0 to 9"),
        ({"images": IMAGES, "labels": LABELS - 1}, "has the label -1"),
        ({"images": IMAGES, "labels": LABELS / 2}, "has labels as float64"),
        ({"images": IMAGES / 255, "labels": LABELS}, "has images as float64"),
        ({"images": IMAGES[0], "labels": LABELS}, r"has images as uint8 \(12, 9\)"),
        ({"images": IMAGES[:, :0], "labels": LABELS}, "has images of 9×0 pixels"),
        ({"images": IMAGES.T, "labels": np.zeros(9, int)}, "in Fortran's order"),
        ({"images": np.array([{}]), "labels": LABELS}, "has images as object"),
        ({"images": IMAGES, "labels": np.array([{}])}, "is no whole .npz file"),
    ],
)
def test_an_npz_that_does_not_fit(
    tmp_path: Path, content: dict[str, npt.NDArray[np.generic]], sentence: str
) -> None:
    np.savez(tmp_path / "a.npz", **content)  # type: ignore[arg-type]
    with pytest.raises(DataProblem, match=sentence):
        open_set(tmp_path / "a.npz")


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
        with pytest.raises(DataProblem, match="is no whole"):
            open_set(path)
    np.save(tmp_path / "b.npy", IMAGES)
    with pytest.raises(DataProblem, match="is no whole"):
        open_set(tmp_path / "b.npy")


def test_idx_files_give_their_test_images(digits: Dataset, tmp_path: Path) -> None:
    found = arrays(write_idx(tmp_path / "few", digits, 20, 10))
    assert "The 10 test images of" in found.notice
    assert np.array_equal(np.concatenate(list(found.blocks(3))), digits.test.images[:10])


def test_folders_name_the_labels(tmp_path: Path) -> None:
    folder = touch(
        tmp_path / "set",
        "7/b.PNG", "7/a.jpeg", "0/z.tif", "part/2/x.gif", "part/1/y.webp", "7/old/c.png",
        "7/notes.txt", "7/.hidden.png", ".cache/3/a.png", "10/a.png", "seven/a.png", "a.png",
    )  # fmt: skip
    expected = [("0/z.tif", 0), ("7/a.jpeg", 7), ("7/b.PNG", 7), ("part/1/y.webp", 1)]
    assert listing(folder) == [*expected, ("part/2/x.gif", 2)]
    assert listing(folder / "7") == [("a.jpeg", 7), ("b.PNG", 7)]


def test_a_name_of_any_bytes_can_be_written(tmp_path: Path) -> None:
    touch(tmp_path, "5/\udce9.png")
    ((name, label),) = listing(tmp_path)
    assert (name.encode(), label) == ("5/\ufffd.png".encode(), 5)


def test_a_folder_without_any_label(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "seven/b.png", "7/notes.txt")
    with pytest.raises(DataProblem, match="has no image in a folder named 0 to 9"):
        open_set(tmp_path)
    with pytest.raises(DataProblem, match="There is no file or folder"):
        open_set(tmp_path / "nowhere")
    touch(tmp_path, "a.npz", "b.npz")
    with pytest.raises(DataProblem, match=r"has 2 \.npz files; name one of them"):
        open_set(tmp_path)


def test_a_table_names_the_labels(tmp_path: Path) -> None:
    folder = touch(tmp_path / "set", "b.png", "sub/a.png", "ä ,.dat")
    table = tmp_path / "truth.csv"
    table.write_text(
        'id,file,label\n1,sub/a.png,3\n2,b.png, 4\n3,"ä ,.dat",5\n', encoding="utf-8-sig"
    )
    assert listing(folder, table) == [("sub/a.png", 3), ("b.png", 4), ("ä ,.dat", 5)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file,label\nb.png,3\nb.png,10\n", "Line 3 of .* has the label '10'; digits are 0 to 9"),
        ("file,label\nb.png\n", "Line 2 of .* has the label ''"),
        ("file,label\nc.png,3\n", "Line 2 of .* names 'c.png', no file in"),
        ("file,label\n,3\n", "Line 2 of .* names ''"),
        ("file;label\nb.png;3\n", "has no column file and label; its first line names them"),
        ("file,class\nb.png,3\n", "has no column label"),
        ("", "has no column file and label"),
        ("file,label\n", "names no files"),
        ("file,label\n\xe9.png,3\n", "is no CSV file in UTF-8"),
        ("file,label\n" + "x" * 200_000 + ",3\n", "is no CSV file"),
    ],
)
def test_a_table_that_does_not_fit(tmp_path: Path, text: str, sentence: str) -> None:
    folder = touch(tmp_path / "set", "b.png")
    table = tmp_path / "truth.csv"
    table.write_text(text, encoding="latin-1")
    with pytest.raises(DataProblem, match=sentence):
        open_set(folder, table)


def test_a_table_needs_a_folder_and_must_be_there(tmp_path: Path) -> None:
    touch(tmp_path, "a.npz")
    with pytest.raises(DataProblem, match="--labels names files in a folder"):
        open_set(tmp_path / "a.npz", tmp_path / "truth.csv")
    with pytest.raises(DataProblem, match="can't be read: No such file"):
        open_set(tmp_path, tmp_path / "truth.csv")
