"""`inkhook read`: lines, JSON, pictures, plugins, and what can't be read."""

import json
import re
from pathlib import Path

import cv2
import hostile
import numpy as np
import pages
import pytest
from helpers import Run, RunProcess, WritePlugin
from PIL import Image

import inkhook
from inkhook.core.base.types import Dataset


@pytest.fixture
def row(in_tmp: Path, digits: Dataset) -> Path:
    """A picture of 7210, MNIST's first test digits."""
    page = pages.page_of([pages.row_of(list(digits.test.images[:4]), 40)])
    path = in_tmp / "row.png"
    path.write_bytes(cv2.imencode(".png", page)[1].tobytes())
    return path


def test_a_line_a_number(run: Run, row: Path) -> None:
    done = run("read", row.name)
    assert done.exit_code == 0
    assert re.fullmatch(r"7210 \(\d+ %(, not sure)?\)\n", done.stdout)
    assert done.stderr.startswith("Model: pretrained (32-")
    row.with_name("b.png").write_bytes(row.read_bytes())
    lines = run("read", "row.png", "b.png").stdout.splitlines()
    assert [line.split(" (")[0] for line in lines] == ["row.png: 7210", "b.png: 7210"]


def test_json_has_places_and_the_model(run: Run, row: Path) -> None:
    done = run("read", "row.png", "--json")
    (picture,) = json.loads(done.stdout)
    assert picture["path"] == "row.png"
    assert picture["model"] == "pretrained"
    (number,) = picture["numbers"]
    assert number["number"] == number["text"] == "7210"
    assert [digit["digit"] for digit in number["digits"]] == [7, 2, 1, 0]
    assert all(len(digit["box"]) == 4 for digit in number["digits"])


def test_what_was_read_is_drawn(run: Run, row: Path) -> None:
    assert run("read", "row.png", "--draw", "seen.png").exit_code == 0
    image = np.asarray(cv2.imdecode(np.frombuffer(Path("seen.png").read_bytes(), np.uint8), 1))
    assert max(image.shape) > 600
    coloured = np.ptp(image.astype(int), axis=2) > 60
    assert coloured.sum() > 500, "boxes and the number"
    refused = run("read", "row.png", "row.png", "--draw", "seen.png")
    assert refused.exit_code == 2
    assert "--draw takes a single PICTURE." in refused.stderr


def test_without_a_display_view_says_so(
    run: Run, row: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    done = run("read", "row.png", "--view")
    assert done.exit_code == 0
    assert "--view: no window could be opened here; --draw FILE.png writes" in done.stderr


def test_what_cant_be_read_is_named_and_the_rest_is_done(run: Run, row: Path) -> None:
    Path("notes.txt").write_text("not a picture")
    blank = cv2.imencode(".png", np.full((90, 90), 250, np.uint8))[1].tobytes()
    Path("blank.png").write_bytes(blank)
    done = run("read", "notes.txt", "blank.png", "missing.png", "row.png")
    assert done.exit_code == 1
    assert done.stdout.startswith("row.png: 7210 (")
    assert "notes.txt: " in done.stderr
    assert "blank.png: Nothing is written there." in done.stderr
    assert "missing.png: It can't be read: No such file or directory." in done.stderr
    assert run("read", "blank.png").exit_code == 0


def test_a_picture_that_crashes_its_decoder_costs_itself_only(
    run: Run, row: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    data = hostile.encode(Image.new("L", (30, 30)), "GIF") + hostile.CRASH
    Path("crash.gif").write_bytes(data)
    done = run("read", "crash.gif", "row.png", "--json")
    assert done.exit_code == 1
    assert [found["status"] for found in json.loads(done.stdout)] == ["decoder_crash", "ok"]
    assert "crash.gif: Its decoder crashed." in done.stderr


def test_plugins_hear_numbers_and_their_digits(
    run: Run, row: Path, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        @hookimpl
        def on_number(session, numbers):
            session.say(f"heard {numbers.numbers[0].text} in {numbers.path}")

        @hookimpl
        def on_prediction(session, predictions):
            session.say(f"{predictions.source} {predictions.digits.tolist()}")
            session.say(f"{predictions.images.shape} {float(predictions.images.max()):.0f}")
            session.say(f"{predictions.probabilities.sum(axis=1).round(3).tolist()}")
        """
    )
    lines = run("read", "row.png", "--plugins", path).stdout.splitlines()
    assert lines[:3] == ["heard 7210 in row.png", "number [7, 2, 1, 0]", "(4, 28, 28) 1"]
    assert lines[3] == "[1.0, 1.0, 1.0, 1.0]"


def test_a_plugin_may_find_the_numbers(run: Run, row: Path, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        import numpy as np
        from inkhook import Digit, Number

        @hookimpl
        def find_numbers(image):
            digit = Digit(4, 0.9, (1, 2, 3, 4), np.eye(10, dtype=np.float32)[4])
            return [Number("4", "4", 0.9, True, (1, 2, 3, 4), 0, (digit,))]
        """
    )
    assert run("read", "row.png", "--plugins", path).stdout == "4 (90 %)\n"


def test_plugins_change_the_page_first(run: Run, row: Path, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def prepare_image(image, source):
            assert source == "number"
            return image[:, : image.shape[1] // 2]
        """
    )
    assert run("read", "row.png", "--plugins", path).stdout.startswith("72 (")


def test_a_plugin_that_finds_no_numbers_but_something_else_is_named(
    run: Run, row: Path, write_plugin: WritePlugin
) -> None:
    path = write_plugin("@hookimpl\ndef find_numbers(image):\n    return [4]\n")
    done = run("read", "row.png", "--plugins", path)
    assert done.exit_code == 2
    assert "find_numbers must return a list of inkhook.Number, or None" in done.stderr


def test_a_model_for_digits_leaves_numbers_to_the_included_one(
    run: Run, row: Path, tiny_model: Path
) -> None:
    done = run("read", "row.png", "--model", tiny_model)
    assert done.stdout.startswith("7210 (")
    assert "reads single digits" in done.stderr


def test_a_model_for_numbers_from_python(row: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = inkhook.load_model("numbers")
    assert [number.number for number in model.read_numbers(row).numbers] == ["7210"]
    with pytest.raises(inkhook.ModelProblem, match="rows of numbers, not single digits"):
        model.read_digit(row)
    with pytest.raises(inkhook.ModelProblem, match="rows of numbers, not single digits"):
        inkhook.read_folder(row, model)


def test_from_python(row: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = inkhook.load_model("pretrained")
    found = model.read_numbers(row)
    assert [number.number for number in found.numbers] == ["7210"]
    assert model.read_numbers(row.read_bytes()).numbers == found.numbers
    with pytest.raises(inkhook.DataProblem, match="There is no file"):
        model.read_numbers("missing.png")


def test_the_installed_command(run_process: RunProcess, row: Path) -> None:
    done = run_process("read", "row.png", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert not imported & {"tensorflow", "keras", "matplotlib", "rich"}
