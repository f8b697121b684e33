"""`inkhook predict-dir` on a folder with whatever may lie in one."""

import csv
import io
import os
import threading
import time
from pathlib import Path

import hostile
import pytest
from helpers import Run, RunProcess
from PIL import Image

from inkhook.core.base.text import unescape
from inkhook.core.base.types import Dataset
from inkhook.core.reading.rows import Status

MODEL = ("--model", "pretrained")


@pytest.fixture
def expected(in_tmp: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> dict[bytes, str]:
    """Make the folder `d`, and a decoder that crashes at one of its files."""
    (in_tmp / "site").mkdir()
    (in_tmp / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(in_tmp / "site"))
    return hostile.make(in_tmp / "d", digits)


def found(text: str) -> dict[bytes, dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    by_name = {os.fsencode(unescape(row["path"])): row for row in rows}
    assert len(by_name) == len(rows)
    return by_name


def test_one_row_each_and_twenty_right_answers(
    run_process: RunProcess, expected: dict[bytes, str]
) -> None:
    start = time.monotonic()
    done = run_process("predict-dir", "d", *MODEL, "--sheet", "s.png", "-o", "a.csv")
    assert time.monotonic() - start < 60
    assert done.returncode == 1
    rows = found(Path("a.csv").read_bytes().decode())
    statuses = {name: row["status"] for name, row in rows.items()}
    assert {name: "ok" if status == "unsure" else status for name, status in statuses.items()} == (
        expected
    )
    others = {status.word for status in Status} - set(expected.values())
    assert others <= {"unsure", "several", "unreadable", "no_number"}
    good = {name: row for name, row in rows.items() if name.startswith(b"good")}
    assert len(good) == 20
    for name, row in good.items():
        assert name.split(b" is ")[1][:1].decode() == row["digit"], name
    for what, count in hostile.SKIPPED.items():
        assert f"{what} ({count})" in done.stderr
    limit = "30000×30000 pixels; the limit is 50,000,000."
    assert f"  bomb.png: It is too large: {limit}" in done.stderr
    with Image.open("s.png") as sheet:
        assert sheet.size[0] > 500
    assert not Path("a.csv.journal").exists()


def test_several_pictures_in_a_file_are_noticed(run: Run, expected: dict[bytes, str]) -> None:
    result = run("predict-dir", "d/moving.gif", "d/pages.tif", *MODEL)
    assert result.exit_code == 0
    assert result.stderr.count("It holds several pictures; only the first was read.") == 2


def test_files_that_may_not_be_read(run_process: RunProcess, in_tmp: Path, digits: Dataset) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    hostile.make(in_tmp / "d", digits)
    (in_tmp / "d/cut.png").chmod(0)
    done = run_process("predict-dir", "d", *MODEL)
    assert found(done.stdout)[b"cut.png"]["status"] == "unreadable"


def test_files_that_vanish_or_change_meanwhile(
    run_process: RunProcess, in_tmp: Path, digits: Dataset
) -> None:
    data = [hostile.encode(Image.fromarray(image), "PNG") for image in digits.test.images[:9]]
    (in_tmp / "d").mkdir()
    count = 3000
    for i in range(count):
        (in_tmp / f"d/{i:04}.png").write_bytes(data[i % 9])
    ended = threading.Event()

    def disturb() -> None:
        i = 0
        while not ended.is_set():
            path = in_tmp / f"d/{(i := i + 37) % count:04}.png"
            if i % 3 == 0:
                path.unlink(missing_ok=True)
            elif i % 3 == 1:
                path.write_bytes(data[1][: i % len(data[1])])
            else:
                path.write_bytes(data[2] * (i % 7))
            time.sleep(0.0002)

    other = threading.Thread(target=disturb)
    other.start()
    done = run_process("predict-dir", "d", *MODEL)
    ended.set()
    other.join()
    assert done.returncode in (0, 1)
    rows = found(done.stdout)
    assert len(rows) >= count - 1000
    fine = {"ok", "unsure", "unreadable", "empty", "truncated", "corrupt", "not_image"}
    assert {row["status"] for row in rows.values()} <= fine
