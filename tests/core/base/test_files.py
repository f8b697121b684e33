"""Files are written whole or not at all."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from inkhook.core.base import files
from inkhook.core.base.problems import OutputProblem


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_file(path, "old")
    files.write_file(path, b"new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_usual_permissions_hold(tmp_path: Path) -> None:
    files.write_file(tmp_path / "ours", "x")
    (tmp_path / "plain").write_text("x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_an_error_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write_file(path, "old")
    with contextlib.suppress(ZeroDivisionError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_full_disk_is_a_sentence_and_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "a.txt"
    files.write_file(path, "old")
    with pytest.raises(OutputProblem, match=r"Can't write '.*a\.txt': No space left on device\."):
        files.write_file(path, b"x" * 20_000_000)
    assert path.read_text() == "old"
    assert os.listdir(small_disk) == ["a.txt"]


def test_strays_of_dead_processes_are_cleared_and_only_those(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    for name in (
        f".inkhook-{dead.pid}-abc.h5",
        f".inkhook-{os.getpid()}-abc.h5",
        ".inkhook-notes",
        f"inkhook-{dead.pid}-abc.h5",
        "model.h5",
    ):
        (tmp_path / name).write_text("x")
    (tmp_path / f".inkhook-{dead.pid}-folder").mkdir()
    files.clear_strays(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(
        [
            f".inkhook-{os.getpid()}-abc.h5",
            f".inkhook-{dead.pid}-folder",
            ".inkhook-notes",
            f"inkhook-{dead.pid}-abc.h5",
            "model.h5",
        ]
    )


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputProblem, match="No such file or directory"):
        files.write_file(tmp_path / "none" / "a.txt", "x")
