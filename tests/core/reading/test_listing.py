"""What is listed, in which order, and what is left out."""

import io
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import DataProblem
from inkhook.core.reading import listing
from inkhook.core.reading.listing import Listing


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names(*inputs: str, recursive: bool = False) -> list[str]:
    return list(Listing(inputs, recursive=recursive).names())


def test_files_come_before_folders_each_by_name(in_tmp: Path) -> None:
    touch(in_tmp, "d/b.png", "d/a", "d/Z", "d/a.d/x", "d/a.d/c/y", "d/0/z", "d/10", "d/9")
    assert names("d") == ["10", "9", "Z", "a", "b.png"]
    below = ["0/z", "a.d/x", "a.d/c/y"]
    assert names("d", recursive=True) == [*names("d"), *below]
    assert names("d/") == names("./d") == names("d")


def test_several_inputs_keep_their_order_and_their_names(in_tmp: Path) -> None:
    touch(in_tmp, "b/1", "b/2", "a/1", "c.png")
    assert names("b", "c.png", "a/") == ["b/1", "b/2", "c.png", "a/1"]
    assert names("?/1") == ["a/1", "b/1"]
    assert names("b/1") == ["b/1"]
    with pytest.raises(DataProblem, match="There is no file or folder 'd'"):
        Listing(["a", "d"])
    with pytest.raises(DataProblem, match=r"Nothing matches '\*.gif'"):
        Listing(["*.gif"])
    touch(in_tmp, "[1].png")
    assert names("[1].png") == ["[1].png"], "a name that is there is no pattern"


def test_what_is_no_file_is_left_out_and_counted(in_tmp: Path) -> None:
    touch(in_tmp, "d/a", "d/.hidden", "d/in/b", "d/.git/c", "other/x")
    os.mkfifo(in_tmp / "d/pipe")
    (in_tmp / "d/loop").symlink_to("loop")
    (in_tmp / "d/up").symlink_to("..")
    (in_tmp / "d/linked").symlink_to("../other/x")
    (in_tmp / "d/null").symlink_to("/dev/null")
    for recursive in (False, True):
        found = Listing(["d"], recursive=recursive)
        assert list(found.names()) == ["a", "linked", *(["in/b"] if recursive else [])]
        expected = {
            "hidden": 2,
            "pipes, sockets and devices": 2,
            "broken links": 1,
            "links to folders": 1,
        }
        folders = {} if recursive else {"folders (see --recursive)": 1}
        assert found.skipped == expected | folders
    alone = Listing(["d/pipe", "d/loop"])
    assert list(alone.names()) == []
    assert alone.skipped.total() == 2


def test_what_is_being_written_is_never_read(in_tmp: Path) -> None:
    touch(in_tmp, "d/a", "d/out.csv", "d/sorted/7/a", "d/in/out.csv")
    found = Listing(["d"], recursive=True, left_out=["d/out.csv", "d/sorted", "nowhere"])
    assert list(found.names()) == ["a", "in/out.csv"]


def test_a_folder_that_may_not_be_listed(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(in_tmp, "d/a", "d/in/b", "d/out/c")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("in"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = Listing(["d"], recursive=True)
    assert list(found.names()) == ["a", "out/c"]
    assert found.unlisted == ["'in': Permission denied"]
    with pytest.raises(DataProblem, match="Can't list 'd/in': Permission denied"):
        list(Listing(["d/in"]).names())


@pytest.mark.parametrize(("end", "nulls"), [(b"\n", False), (b"\0", True)])
def test_paths_on_stdin(monkeypatch: pytest.MonkeyPatch, end: bytes, nulls: bool) -> None:
    paths = [b"a.png", b"d\xe9j\xe0.png", "日/é".encode(), b"x" * 70_000, b"nowhere"]
    for closing in (b"", end, end + end):
        stream = io.BytesIO(end.join(paths) + closing)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
        found = list(Listing(["-"], nulls=nulls).names())
        assert [os.fsencode(name) for name in found] == paths


@given(st.sets(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1)))
@settings(max_examples=50, deadline=None)
def test_a_sort_through_files_is_a_sort(words: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "MOST_SORTED", 3)
        found = listing._Sorted()
        for word in words:
            found.add(word)
        assert list(found) == sorted(words)


def test_folders_may_lie_deep_in_each_other(in_tmp: Path) -> None:
    depth = 1500
    here = os.open(".", os.O_RDONLY)
    os.mkdir("d")
    os.chdir("d")
    for _ in range(depth):
        os.mkdir("a")
        os.chdir("a")
    Path("b").touch()
    os.chdir(here)
    os.close(here)
    found = names("d", recursive=True)
    for _ in range(depth):  # pytest can't take away what is so deep
        os.rename("d/a", "next")
        shutil.rmtree("d")
        os.rename("next", "d")
    assert found == ["a/" * depth + "b"]
