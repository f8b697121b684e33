"""Wrong predictions: counted, listed and drawn right, with many, few and none."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from helpers import Run, WritePlugin, partly_wrong
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import inkhook
from inkhook.core.base.types import Dataset, FloatArray, Predictions
from inkhook.core.events.manager import Plugins
from inkhook.core.events.runs import RunFolder
from inkhook.core.events.session import CommandSession
from inkhook.plugins.errors import COLUMNS, Errors, summary


@pytest.fixture
def session(tmp_path: Path) -> CommandSession:
    return CommandSession(Plugins([]), RunFolder(tmp_path / "out", {}), seed=3)


def look(
    session: CommandSession, *batches: Predictions, count: int = 16, pick: str = "confident"
) -> Errors:
    plugin = Errors(count, pick, show=False)
    for batch in batches:
        plugin.on_prediction(session, batch)
    plugin.on_run_end(session)
    return plugin


def rows(session: CommandSession) -> list[dict[str, str]]:
    assert session.run is not None
    with (session.run.path / "errors.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_and_the_count(
    session: CommandSession, digits: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    look(session, partly_wrong(digits, wrong=20))
    assert capsys.readouterr().out.startswith("Errors: 20 of 50\n")
    listed = rows(session)
    assert tuple(listed[0]) == COLUMNS
    assert [row["index"] for row in listed] == [str(i) for i in range(20)]
    assert listed[0]["label"] == "7"
    assert listed[0]["predicted"] == "8"
    assert float(listed[0]["confidence"]) == pytest.approx(0.99)
    assert float(listed[0]["label_probability"]) == pytest.approx(0.01, abs=1e-6)


def test_batches_add_up(session: CommandSession, digits: Dataset) -> None:
    whole = look(session, partly_wrong(digits, wrong=20))
    twice = look(session, partly_wrong(digits, wrong=20), partly_wrong(digits, wrong=20))
    assert np.array_equal(twice.mistakes.confusion, whole.mistakes.confusion * 2)
    assert len(rows(session)) == 40


def test_a_random_pick_is_another_but_repeats_with_its_seed(
    session: CommandSession, digits: Dataset
) -> None:
    batch = partly_wrong(digits, wrong=40)
    picks = [
        {mistake.name for mistake in look(session, batch, pick=pick).mistakes.best}
        for pick in ("random", "random", "confident")
    ]
    assert picks[0] == picks[1] != picks[2]
    assert len(picks[0]) == 16


def test_without_truth_there_is_nothing_to_say(
    session: CommandSession, digits: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    known = partly_wrong(digits, wrong=3)
    unknown = Predictions("folder", known.ids, known.images, known.probabilities)
    look(session, unknown)
    assert capsys.readouterr().out == ""
    assert session.run is not None
    assert not (session.run.path / "errors.png").exists()


def test_the_pictures_are_in_the_runs_folder(session: CommandSession, digits: Dataset) -> None:
    look(session, partly_wrong(digits, wrong=20))
    assert session.run is not None
    for name in ("errors.png", "confusion.png"):
        data = np.frombuffer((session.run.path / name).read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        assert image is not None
        assert (image < 100).any()


def test_explained_mistakes_have_their_reasons_beside_them(
    session: CommandSession, digits: Dataset
) -> None:
    asked = []

    class Explaining(CommandSession):
        """Remembers what it was asked to explain."""

        def explain(self, images: FloatArray, digits: npt.NDArray[np.integer]) -> FloatArray | None:
            asked.append(digits.tolist())
            return super().explain(images, digits)

    look(session, partly_wrong(digits, wrong=5))
    plain = shape_of(session)
    explaining = Explaining(Plugins([]), session.run)
    plugin = Errors(16, "confident", show=False, explain=True)
    plugin.on_prediction(explaining, partly_wrong(digits, wrong=5))
    plugin.on_run_end(explaining)
    assert shape_of(explaining) == plain, "there is no model to explain by"
    explaining.network = inkhook.load_model("pretrained")._stored.network
    plugin.on_run_end(explaining)
    assert shape_of(explaining)[1] > 1.8 * plain[1]
    predicted = [mistake.predicted for mistake in plugin.mistakes.best]
    assert asked == [predicted, predicted], "it is the wrong answer that wants explaining"


def shape_of(session: CommandSession) -> tuple[int, ...]:
    assert session.run is not None
    drawn = np.fromfile(session.run.path / "errors.png", np.uint8)
    return np.asarray(cv2.imdecode(drawn, cv2.IMREAD_COLOR)).shape


@given(hnp.arrays(np.int64, (10, 10), elements=st.integers(0, 1000)))
def test_the_summary_holds_for_any_confusion(confusion: np.ndarray) -> None:
    lines = summary(confusion).splitlines()
    wrong = int(confusion.sum() - np.trace(confusion))
    assert lines[0] == f"Errors: {wrong} of {confusion.sum()}"
    assert sum(int(line.split()[-1]) for line in lines[3:]) == wrong
    recall_of_3 = confusion[3, 3] / confusion[3].sum() * 100 if confusion[3].sum() else None
    expected = f"{recall_of_3:.1f} %" if recall_of_3 is not None else "–"
    assert expected in lines[6]


def test_it_works_on_a_model_that_was_trained_before(run_small: Run, in_tmp: Path) -> None:
    run_small("--plugins", "train", "--epochs", "1", "-o", "artifacts/first")
    for words in (("--model", "first"), ("--model", "artifacts/first/model.h5"), ()):
        result = run_small("--plugins", "errors", "-o", "looked", *words)
        assert result.exit_code == 0
        assert "Model: artifacts/first/model.h5" in result.stderr
        assert "Errors: " in result.stdout
        assert (in_tmp / "looked" / "errors.png").exists()
        assert (in_tmp / "looked" / "confusion.png").exists()
        assert not (in_tmp / "looked" / "model.h5").exists()


def test_no_model_at_all_is_a_sentence(run_small: Run) -> None:
    result = run_small("--plugins", "errors", "--model", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: There is no model file and no run 'nowhere'.\n")


def test_show_without_a_display_is_a_notice(
    run_small: Run, monkeypatch: pytest.MonkeyPatch, write_plugin: WritePlugin
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    result = run_small("--plugins", "train,errors", "--epochs", "1", "--show")
    assert result.exit_code == 0
    assert "no window could be opened here; the picture is in out/errors.png" in result.stderr


def test_show_opens_a_real_window(display: str, session: CommandSession, digits: Dataset) -> None:
    assert session.run is not None
    path = session.run.path / "errors.png"
    look(session, partly_wrong(digits, wrong=20))
    viewer = subprocess.Popen(
        [sys.executable, "-m", "inkhook.core.judging.window", path],
        env={"DISPLAY": display},
    )
    try:
        found = subprocess.run(
            ["xdotool", "search", "--sync", "--name", "inkhook: "],
            env={"DISPLAY": display},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        window = found.stdout.split()[0]
        size = subprocess.run(
            ["xdotool", "getwindowgeometry", window],
            env={"DISPLAY": display},
            capture_output=True,
            text=True,
            check=True,
        )
        sides = re.search(r"Geometry: (\d+)x(\d+)", size.stdout)
        assert sides
        width, height = int(sides[1]), int(sides[2])
        assert height == round(0.9 * 1024), "Xvfb's screen has 1280×1024 pixels"
        assert width / height == pytest.approx(970 / 1051, abs=0.01)
        keys = ["xdotool", "key", "--window", window, "Escape"]
        subprocess.run(keys, env={"DISPLAY": display}, check=True)
        assert viewer.wait(20) == 0
    finally:
        viewer.kill()
