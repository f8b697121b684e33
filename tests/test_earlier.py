"""What an earlier inkhook wrote still opens, or is refused in one sentence; never misread."""

import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers import Run

from inkhook.core.base.types import Dataset
from inkhook.core.drawing.canvas import Canvas
from inkhook.core.drawing.recording import read_recording
from inkhook.core.images.preprocess import to_model_input
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.serve.drawing_request import draw_all

EARLIER = Path(__file__).parent / "support/earlier"


def test_a_model(digits: Dataset) -> None:
    model = artifact.read_artifact(EARLIER / "model.h5")
    assert model.card is not None
    images = to_model_input(digits.test.images[:1000])
    found = Classifier(model.network, model.temperature)(images).argmax(axis=1)
    accuracy = np.mean(found == digits.test.labels[:1000])
    assert accuracy == pytest.approx(model.card.metrics["test_accuracy"], abs=0.03)


def test_a_recording(run: Run) -> None:
    result = run(
        "paint", "--replay", EARLIER / "drawing.jsonl", "--headless", "--json",
        "--model", EARLIER / "model.h5",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["digit"] for line in result.stdout.splitlines()] == [7, 3]


def test_the_strokes_of_a_recording_are_the_same_to_the_byte() -> None:
    size, events = read_recording(EARLIER / "drawing.jsonl")
    canvas, sums = Canvas(*size), []
    for event in events:
        if event.action == "stroke":
            draw_all(canvas, [event])
            sums.append(zlib.crc32(canvas.image.tobytes()))
    # the three, taken back and drawn again, adds nothing
    assert sums == [0x439CF0B5, 0x9ADF2DD7, 0x9ADF2DD7]


def test_a_journal_and_a_part_are_refused(run: Run, in_tmp: Path) -> None:
    (in_tmp / "d").mkdir()
    shutil.copy(EARLIER / "answers.csv.journal", in_tmp)
    before = (in_tmp / "answers.csv.journal").read_bytes()
    words = ("predict-dir", "d", "--model", "pretrained", "-o", "answers.csv")
    for more, sentence in (
        ((), "Earlier work on 'answers.csv' was interrupted; finish it with --resume, or"),
        (("--resume",), "'answers.csv.journal' was written by another version of inkhook"),
    ):
        result = run(*words, *more)
        assert result.exit_code == 2
        assert result.stderr.count("Error: ") == 1
        assert sentence in result.stderr
        assert (in_tmp / "answers.csv.journal").read_bytes() == before
    result = run("merge", EARLIER / "part")
    assert result.exit_code == 2
    assert "part' was written by another version of inkhook" in result.stderr
    shutil.copy(EARLIER / "model.h5", in_tmp / "d")
    assert run(*words, "--restart").exit_code == 1, "it may be begun anew"
    assert not (in_tmp / "answers.csv.journal").exists()
