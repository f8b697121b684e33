"""`inkhook.read_folder` gives the rows of `inkhook predict-dir`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import Run

import inkhook
from inkhook import hookimpl
from inkhook.core.base.text import escape
from inkhook.testing import Recorder, tiny


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> inkhook.Model:
    return inkhook.load_model(tiny_model)


@pytest.fixture
def folder(in_tmp: Path) -> Path:
    images = tiny.dataset().test.images
    names = ["a.png", "b b.png", "c\\d.png", "deep/e.png"]
    (in_tmp / "scans" / "deep").mkdir(parents=True)
    for name, image in zip(names, images, strict=False):
        (in_tmp / "scans" / name).write_bytes(cv2.imencode(".png", image)[1].tobytes())
    blank = cv2.imencode(".png", np.zeros((30, 30), np.uint8))[1].tobytes()
    (in_tmp / "scans" / "blank.png").write_bytes(blank)
    (in_tmp / "scans" / "text.png").write_text("no image")
    return in_tmp / "scans"


def as_csv(rows: Sequence[inkhook.Answer]) -> str:
    lines = ["path,status,digit,confidence"]
    for answer in rows:
        digit = "" if answer.digit is None else answer.digit
        sure = "" if answer.confidence is None else f"{answer.confidence:.6f}"
        lines.append(f"{escape(answer.path)},{answer.status},{digit},{sure}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("recursive", [False, True])
def test_it_is_the_command(
    model: inkhook.Model, tiny_model: Path, folder: Path, run: Run, recursive: bool
) -> None:
    rows = inkhook.read_folder(folder, model, recursive=recursive)
    words = ["--model", tiny_model, "--format", "csv", *(["-r"] if recursive else [])]
    assert as_csv(rows) == run("predict-dir", "scans", *words).stdout
    assert len(rows) == 5 + recursive
    assert rows.root == str(folder)
    assert rows.skipped == ({} if recursive else {"folders (see --recursive)": 1})
    assert all((folder / answer.path).exists() for answer in rows)
    assert "with a digit>" in repr(rows)


def test_rows_are_a_sequence(model: inkhook.Model, folder: Path) -> None:
    rows = inkhook.read_folder([folder / "a.png", "scans/*.png"], model)
    assert [answer.path for answer in rows[:2]] == [str(folder / "a.png"), "scans/a.png"]
    assert rows[0].digit == rows[1].digit == model.read_digit(folder / "a.png").digit
    assert rows[-1].status == "not_image"
    assert rows[-1].remark.startswith("It isn't a PNG")
    assert as_csv(rows[1:]) == as_csv(inkhook.read_folder("scans/*.png", model))
    with pytest.raises(IndexError):
        rows[len(rows)]


def test_a_table_for_pandas(model: inkhook.Model, folder: Path) -> None:
    frame = inkhook.read_folder(folder, model).to_pandas()
    assert list(frame.columns) == ["path", "status", "digit", "confidence"]
    assert frame["digit"].isna().tolist() == frame["confidence"].isna().tolist()
    assert frame["digit"].isna().sum() == 2
    assert frame["digit"].dtype == "Int64"
    assert [inkhook.unescape(name) for name in frame["path"]][3] == "c\\d.png"
    wide = inkhook.read_folder(folder, model).to_pandas(probabilities=True)
    assert wide.shape == (5, 14)


def test_without_pandas_it_says_so(
    model: inkhook.Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="to_pandas needs an extra library: pip install pandas"):
        inkhook.read_folder(folder, model).to_pandas()


def test_plugins_prepare_the_images(model: inkhook.Model, folder: Path) -> None:
    class Wipes:
        @hookimpl
        def prepare_image(self, image: np.ndarray) -> np.ndarray:
            return np.zeros_like(image)

    rows = inkhook.read_folder(folder, model, plugins=Wipes)
    assert {answer.status for answer in rows} == {"blank", "not_image"}


def test_plugins_hear_of_the_answers(model: inkhook.Model, folder: Path) -> None:
    recorder = Recorder("on_prediction")
    rows = inkhook.read_folder(folder, model, plugins=recorder)
    (told,) = recorder.of("on_prediction")
    answered = [answer for answer in rows if answer.digit is not None]
    assert told["predictions"].ids == tuple(answer.path for answer in answered)
    assert told["predictions"].digits.tolist() == [answer.digit for answer in answered]


@pytest.mark.parametrize("place", ["nothing", "empty", "-"])
def test_where_there_is_nothing_it_is_the_command_lines_error(
    model: inkhook.Model, in_tmp: Path, place: str
) -> None:
    (in_tmp / "empty").mkdir()
    with pytest.raises(inkhook.DataProblem, match=r"There (is no file or folder|are no files)"):
        inkhook.read_folder(place, model)
