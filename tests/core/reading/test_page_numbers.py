"""Numbers are read by the same road as digits: the same rows however the work is cut."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import hostile
import numpy as np
import pages
import pytest
from PIL import Image

from inkhook.core.base.problems import PluginProblem
from inkhook.core.base.types import Dataset
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.jobs.read_numbers import numbers_job
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.number import Number
from inkhook.core.reading.pool import WorkerPool
from inkhook.core.reading.predictor import Job, Predictor
from inkhook.core.reading.rows import WORDS, Rows, join
from inkhook.core.reading.worker_process import CRASHED

WRITTEN = {"721": 0, "0414": 3, "069": 10}
"""Numbers, and where they begin among the test digits."""


@pytest.fixture(scope="module")
def job() -> Job:
    return numbers_job(read_artifact(SHIPPED_NUMBERS), pages=90, cuts=True)


@pytest.fixture
def paths(digits: Dataset, tmp_path: Path) -> list[str]:
    """Three numbers, a blank page, a text, and a file that is none."""
    for name, start in WRITTEN.items():
        row = pages.row_of(list(digits.test.images[start : start + len(name)]), 40)
        (tmp_path / f"{name}.png").write_bytes(
            cv2.imencode(".png", pages.page_of([row]))[1].tobytes()
        )
    (tmp_path / "blank.png").write_bytes(hostile.encode(Image.new("L", (90, 90), 250), "PNG"))
    (tmp_path / "text.png").write_bytes(cv2.imencode(".png", pages.text_page())[1].tobytes())
    (tmp_path / "none.png").write_bytes(b"")
    return [str(tmp_path / f"{name}.png") for name in (*WRITTEN, "blank", "text", "none")]


@pytest.fixture
def rows(job: Job, paths: list[str]) -> Rows:
    return Predictor(job)(paths, range(len(paths)))


def texts(rows: Rows) -> list[str]:
    return [
        " ".join(number.text for number in rows.numbers_of(place, "").numbers)
        for place in range(len(rows))
    ]


def equal(one: Rows, other: Rows) -> bool:
    return one.to_bytes(packed=False) == other.to_bytes(packed=False)


def test_files_have_numbers_statuses_and_remarks(rows: Rows) -> None:
    assert texts(rows)[:3] == list(WRITTEN)
    assert [WORDS[status] for status in rows.status[3:]] == ["blank", "no_number", "empty"]
    assert not rows.failed[:5].any()
    assert rows.answered.tolist() == [True, True, True, False, False, False]
    found = rows.numbers_of(5, "a/none.png")
    assert (found.path, found.status, found.size) == ("a/none.png", "empty", (0, 0))
    assert found.remark == "It is empty."


def test_pages_and_digits_are_kept_where_they_are_wanted(
    job: Job, paths: list[str], rows: Rows
) -> None:
    found = rows.numbers_of(0, "")
    assert found.page is not None
    assert max(found.page.shape) == 90
    assert found.size == Image.open(paths[0]).size
    for digit in found.numbers[0].digits:
        assert digit.image is not None
        assert digit.image.shape == (28, 28)
        assert digit.image.max() == 255
    plain = Predictor(replace(job, pages=0, cuts=False))(paths, None).numbers_of(0, "")
    assert plain.numbers == found.numbers
    assert plain.page is None
    assert plain.numbers[0].digits[0].image is None


def test_bytes_and_portions_dont_change_a_bit(job: Job, paths: list[str], rows: Rows) -> None:
    for packed in (True, False):
        assert equal(Rows.from_bytes(rows.to_bytes(packed=packed)), rows)
    parts = [Predictor(job)(paths[i : i + 2], [i, i + 1]) for i in (0, 2, 4)]
    assert equal(join(parts), rows)
    turned = rows.take([5, 4, 3, 2, 1, 0])
    assert texts(turned) == texts(rows)[::-1]
    assert equal(turned.take([5, 4, 3, 2, 1, 0]), rows)
    assert equal(rows.put([1, 5], rows.take([1, 5])), rows)
    assert texts(rows.put([0], rows.take([3])))[0] == ""


def test_broken_bytes_are_refused(rows: Rows) -> None:
    data = rows.to_bytes(packed=False)
    for part, other in (
        (data[-1000:], b""),
        (b"[90, 90]", b"[-90, 9]"),
        (b"[90, 90]", b"{     } "),
    ):
        with pytest.raises(ValueError, match=r"too few bytes|aren't rows|not enough values"):
            Rows.from_bytes(data.replace(part, other))


def test_a_file_that_crashes_its_decoder_costs_itself_only(
    job: Job, paths: list[str], rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    data = hostile.encode(Image.new("L", (30, 30)), "GIF") + hostile.CRASH
    (tmp_path / "crash.gif").write_bytes(data)
    mixed = [*paths[:2], str(tmp_path / "crash.gif"), *paths[2:]]
    with WorkerPool() as pool:
        pool.start(job, len(mixed), most=1)
        found = pool.submit(mixed, range(len(mixed))).result()[0]
        # a file's bytes are as good as its path
        assert texts(pool.submit([Path(paths[0]).read_bytes()], [0]).result()[0]) == ["721"]
    assert WORDS[found.status[2]] == "decoder_crash"
    assert found.remarks[2] == CRASHED
    assert equal(found.take([0, 1, 3, 4, 5, 6]), rows)


def test_plugins_find_numbers_in_this_process(job: Job, paths: list[str]) -> None:
    def find(image: np.ndarray) -> Sequence[Number] | None:
        return [] if image.shape == (90, 90) else None

    with WorkerPool() as pool:
        pool.start(job, len(paths), find=find)
        found = pool.submit(paths, range(len(paths))).result()[0]
    assert texts(found)[:3] == list(WRITTEN)
    assert [WORDS[status] for status in found.status[3:]] == ["no_number", "no_number", "empty"]
    odd = Number("7", "7", np.float32(0.5), np.True_, (np.int64(500), 1, 2, 3), 0, ())  # type: ignore[arg-type]
    read = Predictor(job, find=lambda _: [odd])(paths, None).numbers_of(0, "")
    assert [type(side) for side in read.numbers[0].box] == [int] * 4
    assert read.as_dict()["numbers"][0]["confidence"] == 0.5
    for wrong in (7, replace(odd, box=(0, 0, -9, 9)), replace(odd, digits=(5,))):  # type: ignore[arg-type]
        with pytest.raises(PluginProblem, match=r"must return a list of inkhook\.Number"):
            Predictor(job, find=lambda _, w=wrong: [w])(paths, None)  # type: ignore[misc]
