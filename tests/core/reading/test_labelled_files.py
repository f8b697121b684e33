"""Files with labels: which ones a folder has, and what people's tables say of them."""

import os
from pathlib import Path

import pytest

from inkhook.core.base.problems import DataProblem
from inkhook.core.reading.labelled_files import LabelledFiles, open_set
from inkhook.core.reading.labels import digit_of_folder
from inkhook.core.reading.truth import Truth

PNG = b"\x89PNG\r\n\x1a\n...."


def labelled(data: Path, table: Path | None = None) -> LabelledFiles:
    found = open_set(data, table)
    assert isinstance(found, LabelledFiles)
    return found


def listing(data: Path, table: Path | None = None) -> list[tuple[str, int]]:
    found = labelled(data, table)
    names = list(found.names())
    assert all(Path(found.path_of(name)).is_file() for name in names)
    return list(zip(names, found.labels(names).tolist(), strict=True))


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)
    return folder


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("name", "digit"),
    [
        ("7", 7), ("07", 7), ("007", 7), ("seven", 7), ("Zero", 0), ("digit 3", 3),
        ("digit_3", 3), ("class-05", 5), ("label4", 4), ("Digits 9", 9), ("digit three", 3),
        ("10", None), ("70", None), ("seventy", None), ("", None), ("old", None), ("7a", None),
        ("-7", None), ("7 7", None), ("\u0667", None),
    ],
)  # fmt: skip
def test_a_folder_is_named_after_a_digit(name: str, digit: int | None) -> None:
    assert digit_of_folder(name) == digit


def test_folders_name_the_labels(tmp_path: Path) -> None:
    folder = fill(
        tmp_path / "set",
        "7/b.PNG", "7/a", "0/z.tif", "part/2/x.gif", "part/one/y.webp", "7/old/c.png",
        "7/.hidden.png", ".cache/3/a.png", "10/a.png", "seven/a.png", "a.png",
    )  # fmt: skip
    (folder / "read.me").write_text("no image")
    expected = [("0/z.tif", 0), ("7/a", 7), ("7/b.PNG", 7), ("part/2/x.gif", 2)]
    assert listing(folder) == [*expected, ("part/one/y.webp", 1), ("seven/a.png", 7)]
    assert labelled(folder).problems == [
        "Skipped: 3 images in folders that aren't named after a digit: "
        "'.' (1), '10' (1), '7/old' (1)."
    ]
    assert labelled(folder).notice.endswith("Skipped: hidden (2).")
    assert listing(folder / "7") == [("a", 7), ("b.PNG", 7)]


def test_a_name_of_any_bytes_is_listed(tmp_path: Path) -> None:
    fill(tmp_path, "5/\udce9.png")
    assert listing(tmp_path) == [("5/\udce9.png", 5)]


def test_a_folder_without_any_label(tmp_path: Path) -> None:
    fill(tmp_path, "a.png", "old/b.png", "10/a.png")
    with pytest.raises(DataProblem, match="has no digits: no images in folders named 0 to 9"):
        open_set(tmp_path)
    with pytest.raises(DataProblem, match="There is no file or folder"):
        open_set(tmp_path / "nowhere")
    fill(tmp_path, "a.npz", "b.npz")
    with pytest.raises(DataProblem, match=r"has 2 \.npz files; choose one of them"):
        open_set(tmp_path)


ROWS = [("b.png", 4), ("sub/a.png", 3), ("ä ,.dat", 5)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_as_programs_write_them(
    tmp_path: Path, encoding: str, delimiter: str, end: str
) -> None:
    folder = fill(tmp_path / "set", *(name for name, _ in ROWS), "other.png")
    lines = [
        ("nr", "File", "LABEL"),
        *((str(i), f'"{n}"', str(x)) for i, (n, x) in enumerate(ROWS)),
    ]
    text = end.join(delimiter.join(line) for line in lines) + end
    assert sorted(listing(folder, write(tmp_path / "t.csv", text, encoding))) == sorted(ROWS)


@pytest.mark.parametrize(
    "head",
    ["file,label", "Filename,Digit", "path,truth", "image,number", "id,label", "FILE_NAME,class"],
)
def test_columns_have_the_names_that_people_use(tmp_path: Path, head: str) -> None:
    folder = fill(tmp_path / "set", "b.png")
    assert listing(folder, write(tmp_path / "t.csv", f"{head}\nb.png,4\n")) == [("b.png", 4)]


def test_of_several_columns_the_first_of_the_list_counts(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", "b.png")
    for columns, label in (
        ("number,digit,label,truth", 4), ("number,digit,label,x", 3), ("number,digit,x,y", 2),
        ("number,x,y,z", 1),
    ):  # fmt: skip
        table = write(tmp_path / "t.csv", f"id,{columns},file\n9,1,2,3,4,b.png\n")
        assert listing(folder, table) == [("b.png", label)]


def test_the_table_that_predict_dir_wrote_and_a_person_corrected(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", "b.png", "c\\d.png", "\udce9.png", "blank.png")
    head = "path,status,digit,confidence\n"
    text = head + "b.png,ok,8,1.0\nc\\\\d.png,unsure,3,0.4\n\\xe9.png,ok,5,1\nblank.png,blank,,\n"
    assert listing(folder, write(tmp_path / "t.csv", text)) == [
        ("b.png", 8),
        ("c\\d.png", 3),
        ("\udce9.png", 5),
    ]


def test_names_are_found_in_the_ways_people_write_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(Path("set"), "a.png", "sub/b.png", "c.png", "c.jpg", "d.png", "d.e.png")
    text = (
        f"file,label\n./a.png,1\nset/sub/b.png,2\nc,3\nd,4\n{tmp_path}/set/d.e.png,5\ngone.png,6\n"
    )
    found = labelled(Path("set"), write(Path("t.csv"), text))
    names = list(found.names())
    expected = {"a.png": 1, "d.e.png": 5, "d.png": 4, "sub/b.png": 2}
    assert dict(zip(names, found.labels(names).tolist(), strict=True)) == expected
    assert found.problems == [
        "Of the names in 't.csv', 1 matches no file: 'gone.png'; 1 matches several files: 'c'."
    ]


@pytest.mark.parametrize("other", ["./a.png", "set/a.png", "a", "set/a", "set/../set/a.png"])
def test_a_file_that_is_labelled_twice_under_two_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(Path("set"), "a.png", "b.png")
    table = write(Path("t.csv"), f"file,label\na.png,1\nb.png,2\n{other},1\n")
    assert listing(Path("set"), table) == [("a.png", 1), ("b.png", 2)]
    assert not labelled(Path("set"), table).problems
    write(table, f"file,label\na.png,1\nb.png,2\n{other},3\n")
    with pytest.raises(DataProblem, match=f"Line 4 of 't.csv' gives '{other}' the label 3, but an"):
        open_set(Path("set"), table)


def test_many_files_of_one_stem_stay_unclear(tmp_path: Path) -> None:
    names = [[f"a.{i}" for i in range(start, start + 256)] for start in (0, 256)]
    truth = Truth(os.fspath(write(tmp_path / "t.csv", "file,label\na,1\n")), "", names)
    assert "1 matches several files: 'a'" in truth.unmatched
    assert truth.of(["a.3"]) == [None]


def test_a_file_that_is_labelled_twice(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", "b.png")
    text = "file,label\nb.png,3\n./b.png,3\n"
    assert listing(folder, write(tmp_path / "t.csv", text)) == [("b.png", 3)]
    write(tmp_path / "t.csv", text + "b.png,4\n")
    sentence = r"Line 4 of '.*' gives 'b.png' the label 4, but an earlier line gives 3"
    with pytest.raises(DataProblem, match=sentence):
        open_set(folder, tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file,label\nb.png,3\nb.png,10\n", "Line 3 of .* has the label '10'; digits are 0 to 9"),
        ("file,label\nb.png\n", "Line 2 of .* has the label ''"),
        ("file,label\nb.png,3.5\n", "Line 2 of .* has the label '3.5'"),
        ("file,label\nc.png,3\n", "names no file in"),
        ("file|label\nb.png|3\n", "has no column file and label; its first line names them"),
        ("file,colour\nb.png,3\n", "has no column label"),
        ("", "has no column file and label"),
        ("file,label\n", "names no file"),
        ("file,label\n\xe9.png,3\n", "isn't a CSV file in UTF-8"),
        ("file,label\n" + "x" * 200_000 + ",3\n", "isn't a CSV file"),
    ],
)
def test_a_table_that_does_not_fit(tmp_path: Path, text: str, sentence: str) -> None:
    folder = fill(tmp_path / "set", "b.png")
    with pytest.raises(DataProblem, match=sentence):
        open_set(folder, write(tmp_path / "t.csv", text, "latin-1"))


def test_a_table_needs_a_folder_and_must_be_there(tmp_path: Path) -> None:
    fill(tmp_path, "a.npz")
    with pytest.raises(DataProblem, match="--labels names files in a folder"):
        open_set(tmp_path / "a.npz", tmp_path / "t.csv")
    with pytest.raises(DataProblem, match="can't be read: No such file"):
        open_set(tmp_path, tmp_path / "t.csv")
