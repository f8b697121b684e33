"""`inkhook predict-dir --numbers`: rows of numbers, the same however the work is cut."""

import csv
import io
import json
import os
from pathlib import Path

import cv2
import hostile
import numpy as np
import pages
import pytest
from helpers import Run, WritePlugin
from PIL import Image

from inkhook.core.base.types import Dataset

WORDS = ("predict-dir", "d", "--numbers")
WRITTEN = {"721": 0, "0414": 3, "069": 10}
"""Numbers, and where they begin among the test digits."""

COPIES = 3


@pytest.fixture(scope="module")
def pictures(digits: Dataset) -> dict[str, bytes]:
    """Numbers, a page with two rows, a blank page, and a file that is none."""
    rows = [
        pages.row_of(list(digits.test.images[start : start + len(name)]), 40)
        for name, start in WRITTEN.items()
    ]
    made = dict(zip(WRITTEN, (pages.page_of([row]) for row in rows), strict=True))
    made |= {"two": pages.page_of(rows[:2])}
    made["blank"] = np.full((90, 90), 250, np.uint8)
    files = {f"{name}.png": cv2.imencode(".png", page)[1].tobytes() for name, page in made.items()}
    return files | {"none.png": b"no picture"}


@pytest.fixture
def folder(in_tmp: Path, pictures: dict[str, bytes]) -> Path:
    (in_tmp / "d").mkdir()
    for name, data in pictures.items():
        (in_tmp / "d" / name).write_bytes(data)
    return in_tmp / "d"


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_file(run: Run, folder: Path) -> None:
    data = cv2.imencode(".png", pages.text_page()[:200])[1].tobytes()
    (folder / "words.png").write_bytes(data)
    done = run(*WORDS)
    assert done.exit_code == 1, "one file can't be read"
    assert done.stdout.startswith("path,status,number,confidence,count\n")
    rows = {row["path"]: row for row in table(done.stdout)}
    assert list(rows) == sorted(os.listdir(folder))
    for name in WRITTEN:
        assert (rows[f"{name}.png"]["number"], rows[f"{name}.png"]["count"]) == (name, "1")
        assert 0.3 < float(rows[f"{name}.png"]["confidence"]) <= 1
    assert (rows["two.png"]["number"], rows["two.png"]["count"]) == ("721 0414", "2")
    for name, status in (("blank", "blank"), ("words", "no_number"), ("none", "not_image")):
        assert rows[f"{name}.png"]["status"] == status
        assert rows[f"{name}.png"]["number"] == rows[f"{name}.png"]["confidence"] == ""
    assert "Model: pretrained (32-" in done.stderr
    assert "7 files: " in done.stderr


def test_columns_are_chosen_and_ordered(run: Run, folder: Path) -> None:
    done = run("predict-dir", "d/721.png", "--numbers", "--columns", "text, path,count")
    assert done.stdout == "text,path,count\n721,d/721.png,1\n"
    single = run("predict-dir", "d/blank.png", "--columns", "status,digit")
    assert single.stdout == "status,digit\nblank,\n"
    for words, sentence in (
        (("--columns", "number,size"), "There is no column 'size'; there are path, status, "),
        (("--columns", "truth"), "; 'truth' needs --truth."),
        (("--columns", "path,path"), "A column is named twice."),
        (("--top-k", "2"), "--top-k, --probabilities and --format kaggle are for single digits"),
        (("--format", "kaggle"), "are for single digits; leave them out where numbers are read."),
        (("--format", "kaggle", "--columns", "path"), "--format kaggle has only two columns"),
    ):
        refused = run(*WORDS, *words)
        assert refused.exit_code == 2
        assert sentence in refused.stderr
    assert "read the files with --numbers" in run("predict-dir", "d", "--pages").stderr


def test_lines_of_json_hold_places_and_digits(run: Run, folder: Path) -> None:
    done = run(*WORDS, "--format", "jsonl")
    rows = {row["path"]: row for row in map(json.loads, done.stdout.splitlines())}
    two = rows["two.png"]
    assert two["size"] == list(Image.open(folder / "two.png").size)
    assert [number["row"] for number in two["numbers"]] == [0, 1]
    assert [digit["digit"] for digit in two["numbers"][1]["digits"]] == [0, 4, 1, 4]
    x, y, width, height = two["numbers"][1]["digits"][0]["box"]
    assert 0 <= x < x + width < two["size"][0]
    assert two["size"][1] / 2 - 20 < y < y + height <= two["size"][1]
    assert (rows["none.png"]["size"], rows["none.png"]["numbers"]) == ([0, 0], [])
    assert rows["none.png"]["number"] is None


def test_a_row_a_number(run: Run, folder: Path) -> None:
    done = run(*WORDS, "--pages")
    rows = table(done.stdout)
    assert ",".join(rows[0]) == "path,index,status,number,confidence,x,y,width,height"
    two = [row for row in rows if row["path"] == "two.png"]
    assert [(row["index"], row["number"]) for row in two] == [("1", "721"), ("2", "0414")]
    assert int(two[0]["y"]) + int(two[0]["height"]) <= int(two[1]["y"]) + 10
    blank = next(row for row in rows if row["path"] == "blank.png")
    assert list(blank.values()) == ["blank.png", "", "blank", *[""] * 6]
    lines = run(*WORDS, "--pages", "--format", "jsonl").stdout.splitlines()
    assert [digit["digit"] for digit in json.loads(lines[0])["digits"]] == [0, 4, 1, 4]


def test_the_same_bytes_however_the_work_is_cut(run: Run, folder: Path, in_tmp: Path) -> None:
    for name in sorted(os.listdir(folder)):
        for copy in range(COPIES):
            os.link(folder / name, folder / f"{copy}-{name}")
    whole = run(*WORDS, "-o", "whole.jsonl", "--workers", "1")
    assert whole.exit_code == 1, whole.stderr
    expected = Path("whole.jsonl").read_bytes()
    assert expected.count(b"\n") == 6 * (COPIES + 1)
    run(*WORDS, "-o", "more.jsonl", "--workers", "3")
    assert Path("more.jsonl").read_bytes() == expected
    for part in ("1/2", "2/2"):
        assert run(*WORDS, "--shard", part, "-o", f"part{part[0]}").exit_code in (0, 1)
    merged = run("merge", "part2", "part1", "-o", "merged.jsonl")
    assert merged.exit_code == 1
    assert Path("merged.jsonl").read_bytes() == expected
    by_number = run("merge", "part1", "part2", "--pages", "--columns", "path,number")
    assert by_number.stdout.startswith("path,number\n0-0414.png,0414\n")
    refused = run("merge", "part1", "part2", "--top-k", "2")
    assert "are for single digits" in refused.stderr
    assert run(*WORDS, "-o", "dask.jsonl", "--engine", "dask", "--workers", "2").exit_code == 1
    assert Path("dask.jsonl").read_bytes() == expected


def test_work_that_was_interrupted_is_resumed(
    run: Run, folder: Path, in_tmp: Path, write_plugin: WritePlugin
) -> None:
    plugin = write_plugin(
        """
        import os

        @hookimpl
        def on_number(session, numbers):
            if not os.path.exists("again"):
                raise KeyboardInterrupt
            if numbers.numbers:
                session.note(f"heard {numbers.path} {numbers.page is not None} {numbers.truth}")

        @hookimpl
        def on_prediction(session, predictions):
            session.note(f"digits {predictions.digits.tolist()} {int(predictions.images.max())}")
        """
    )
    run(*WORDS, "-o", "whole.csv")
    words = (*WORDS, "--plugins", plugin, "--results", "r", "-o", "a.csv", "--truth", "t.csv")
    Path("t.csv").write_text("file,number\n721.png,7-21\n0414.png,0414\n")
    assert run(*words).exit_code == 130
    Path("again").touch()
    done = run(*words, "--columns", "path,status,number,confidence,count", "--resume")
    assert done.exit_code == 1, done.stderr
    assert "Resumed: 6 of 6 files are done." in done.stderr
    assert "heard 0414.png True 0414\ndigits [0, 4, 1, 4] 1\n" in done.stderr
    assert "heard 069.png True None\n" in done.stderr
    assert Path("a.csv").read_bytes() == Path("whole.csv").read_bytes()
    with_digits = run("predict-dir", "d", "-o", "b.csv")
    assert "several: " in with_digits.stderr
    assert "--numbers reads all digits." in with_digits.stderr


def test_other_work_is_not_resumed(run: Run, folder: Path, write_plugin: WritePlugin) -> None:
    plugin = write_plugin("@hookimpl\ndef on_number():\n    raise KeyboardInterrupt\n")
    words = ("--plugins", plugin, "--results", "r", "-o", "a.csv")
    assert run(*WORDS, *words).exit_code == 130
    refused = run("predict-dir", "d", *words, "--resume")
    assert refused.exit_code == 2
    assert "begun with another " in refused.stderr


def test_labels_are_numbers(run: Run, folder: Path) -> None:
    Path("t.csv").write_text(
        "file;Number\n721.png;7,21\n0414.png;0414\n069.png;169\ntwo.png;721/04145\n"
        "blank.png;5\nnone.png;5\n"
    )
    done = run(*WORDS, "--truth", "t.csv")
    rows = {row["path"]: row for row in table(done.stdout)}
    assert rows["721.png"]["truth"] == "7,21"
    assert rows["0414.png"]["truth"] == "0414"
    assert rows["069.png"]["truth"] == "169"
    assert "All digits right: 40.00 % (95 % interval 11.76 to 76.93 %), 2 of 5\n" in done.stderr
    assert "Digit error rate: 15.79 %, 3 of 19 digits\n" in done.stderr
    assert "Blank: 1, counted as no digits\n" in done.stderr
    assert "Mistakes: wrong digit (1), missed (2)\n" in done.stderr
    assert "Most often: 5 missed (2), 1→0 (1)\n" in done.stderr
    Path("t.csv").write_text("file,number\n721.png,none\n")
    refused = run(*WORDS, "--truth", "t.csv")
    assert refused.exit_code == 2
    assert "Line 2 of 't.csv' has the label 'none'; a number has digits." in refused.stderr
    (folder / "0721").mkdir()
    (folder / "721.png").rename(folder / "0721/a.png")
    done = run(*WORDS, "-r", "--truth", "parent", "--columns", "path,truth")
    assert "0721/a.png,0721\n" in done.stdout
    assert "0 of 1\n" in done.stderr, "leading zeros count"


def test_a_sheet_and_sorted_copies(run: Run, folder: Path) -> None:
    assert run(*WORDS, "--sheet", "s.png", "--sort-into", "sorted").exit_code == 1
    sheet = np.asarray(Image.open("s.png").convert("RGB")).astype(int)
    assert sheet.shape[1] > 700
    orange = (abs(sheet - np.array([180, 95, 6])).sum(axis=2) < 30).sum()
    done = table(run(*WORDS).stdout)
    assert (orange > 100) == any(row["status"] == "unsure" for row in done)
    for row in done:
        assert Path("sorted", row["status"], row["path"]).is_file()


def test_a_crash_costs_one_file(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    data = hostile.encode(Image.new("L", (30, 30)), "GIF") + hostile.CRASH
    (folder / "721.png").write_bytes(data)
    rows = {row["path"]: row for row in table(run(*WORDS).stdout)}
    assert rows["721.png"]["status"] == "decoder_crash"
    assert rows["two.png"]["number"] == "721 0414"
