"""`inkhook evaluate`: right figures from arrays and files, whatever lies among them."""

import csv
import json
import re
from pathlib import Path

import cv2
import hostile
import numpy as np
import pages
import pytest
from helpers import Run, RunProcess, WritePlugin, write_idx
from PIL import Image

from inkhook.core.base.types import Dataset, Predictions
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.judging import evaluation
from inkhook.core.judging.score import Score, score_as_dict, sure_from
from inkhook.core.modelfile import artifact

NO_PICTURES = ("--plugins", "mnist")
"""A plugin that has nothing to do here, for speed."""


def write_png(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(".png", image)
    assert done
    path.write_bytes(data.tobytes())


@pytest.fixture
def folder(in_tmp: Path, digits: Dataset) -> Path:
    """Three hundred test digits as PNG, each in its label's folder."""
    for place in range(300):
        write_png(
            in_tmp / f"digits/{digits.test.labels[place]}/{place:03}.png",
            digits.test.images[place],
        )
    return in_tmp / "digits"


def test_idx_files_give_what_run_gives(run: Run, digits: Dataset, in_tmp: Path) -> None:
    data = write_idx(in_tmp / "few", digits, 10, 600)
    common = ("--model", "pretrained", "-o")
    ran = run("run", "--plugins", "errors", "--data", data, *common, "ran")
    result = run("evaluate", data, *common, "out")
    assert result.exit_code == ran.exit_code == 0
    share = re.findall(r"accuracy: (\S+) %", ran.stdout)[0]
    assert result.stdout.startswith(f"Accuracy: {share} % (95 % interval ")
    assert result.stdout.splitlines()[0].endswith(" of 600")
    assert re.fullmatch(r"Expected calibration error: \d\.\d %", result.stdout.splitlines()[1])
    table, other = (text[text.index("Errors: ") :] for text in (result.stdout, ran.stdout))
    assert table == other
    assert "Data: The 600 test images of " in result.stderr
    here, there = ((in_tmp / name / "errors.csv").read_text() for name in ("ran", "out"))
    head, *rows = (line.split(",") for line in here.splitlines())
    other_head, *others = (line.split(",") for line in there.splitlines())
    assert head == other_head
    # the last bits of a product depend on how many images are multiplied at once
    answers = np.array(rows, float)
    np.testing.assert_allclose(answers, np.array(others, float), rtol=0, atol=2e-6)
    for name in ("errors.png", "confusion.png"):
        assert (in_tmp / "out" / name).stat().st_size > 1000
    record = json.loads((in_tmp / "out/run.json").read_text())
    before = json.loads((in_tmp / "ran/run.json").read_text())
    assert record["metrics"]["loss"] == pytest.approx(before["metrics"]["test_loss"], rel=1e-5)
    assert record["model_sha256"] == artifact.read_artifact(SHIPPED).sha256


def test_a_folder_of_images(run: Run, folder: Path, in_tmp: Path) -> None:
    result = run("evaluate", "digits", "--model", "pretrained", "-o", "out")
    assert result.exit_code == 0
    right, count = re.findall(r"(\d+) of (\d+)$", result.stdout, re.MULTILINE)[0]
    assert int(count) == 300
    assert int(right) > 280
    assert result.stdout.count("Errors: ") == 1
    with (in_tmp / "out/errors.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300 - int(right)
    assert [row["index"] for row in rows] == sorted(row["index"] for row in rows)
    for row in rows:
        assert (folder / row["index"]).is_file()
        assert row["index"].startswith(f"{row['label']}/")


def test_json_is_all_there_is_on_stdout(run: Run, folder: Path) -> None:
    result = run("evaluate", "digits", "--model", "pretrained", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    confusion = np.array(found["confusion"])
    assert confusion.shape == (10, 10)
    assert confusion.sum() == found["count"] == 300
    assert np.trace(confusion) == found["right"]
    assert found["low"] < found["accuracy"] == found["right"] / 300 <= found["high"]
    assert found["sha256"] == artifact.read_artifact(SHIPPED).sha256
    assert (found["model"], found["data"]) == ("pretrained", "digits")
    assert (found["blank"], found["unreadable"]) == (0, 0)
    assert 0 < found["calibration_error"] < 0.2
    assert 0 < found["loss"] < 1
    assert found["reject_below"] == sure_from(artifact.read_artifact(SHIPPED))
    assert 0 <= found["unsure"] < 30
    assert found["precision"] >= found["accuracy"]
    assert "Errors: " in result.stderr


def test_broken_files_are_named_and_left_out(run: Run, folder: Path) -> None:
    whole = next(folder.glob("3/*.png")).read_bytes()
    for name, data in {
        "a": b"",
        "b": whole[:99],
        "c": b"hello",
        "d": whole[:60] + b"?" * 300,
    }.items():
        (folder / f"3/{name}.png").write_bytes(data)
    (folder / "3/e.png").symlink_to("nowhere")
    words = ("evaluate", "digits", "--model", "pretrained", "-o", "out", *NO_PICTURES)
    result = run(*words)
    assert result.exit_code == 1
    assert " of 300\n" in result.stdout
    assert "Unreadable: '3/a.png': It is empty.\n" in result.stderr
    assert "Unreadable: '3/b.png': It is cut short.\n" in result.stderr
    assert "by the names of their folders. Skipped: broken links (1).\n" in result.stderr
    assert "Unreadable: 4 files; they aren't in these figures.\n" in result.stderr
    for name in "fgh":
        (folder / f"3/{name}.png").touch()
    result = run(*words)
    assert result.stderr.count("Unreadable: '") == evaluation.MOST_NAMED
    assert "Unreadable: more, not named here." in result.stderr
    assert "Unreadable: 7 files" in result.stderr


def test_a_file_that_kills_its_reader_costs_only_itself(
    run: Run, folder: Path, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_tmp / "site").mkdir()
    (in_tmp / "site/sitecustomize.py").write_text(hostile.DECODER_THAT_CRASHES)
    monkeypatch.setenv("PYTHONPATH", str(in_tmp / "site"))
    gif = hostile.encode(Image.new("L", (30, 30)), "GIF")
    (folder / "3/crash.gif").write_bytes(gif + hostile.CRASH)
    result = run("evaluate", "digits", "--model", "pretrained", *NO_PICTURES)
    assert result.exit_code == 1
    assert " of 300\n" in result.stdout
    assert "Unreadable: '3/crash.gif': Its decoder crashed.\n" in result.stderr


def test_the_type_is_detected_from_the_content_and_folders_may_be_words(
    run: Run, folder: Path, in_tmp: Path
) -> None:
    png = next(folder.glob("7/*.png")).read_bytes()
    for name in ("07/a", "seven/b.jpg", "digit 7/c.heic", "7/notes.txt", "other/d.png", "read.me"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"text" if name in ("7/notes.txt", "read.me") else png)
    result = run("evaluate", "digits", "--model", "pretrained", *NO_PICTURES)
    assert result.exit_code == 1
    assert " of 303\n" in result.stdout
    assert "Unreadable: '7/notes.txt': It isn't a PNG" in result.stderr
    sentence = "Skipped: 1 image in folders that aren't named after a digit: 'other' (1).\n"
    assert sentence in result.stderr


def test_nothing_but_broken_files(run: Run, in_tmp: Path) -> None:
    (in_tmp / "digits/3").mkdir(parents=True)
    (in_tmp / "digits/3/a.png").touch()
    result = run("evaluate", "digits")
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: None of the 1 images can be read.\n")
    assert not list((in_tmp / "artifacts").iterdir())


def test_blank_images_count_as_wrong(run: Run, folder: Path, in_tmp: Path) -> None:
    for name in ("4/blank", "5/blank"):
        write_png(folder / f"{name}.png", np.full((40, 30), 255, np.uint8))
    result = run("evaluate", "digits", "--model", "pretrained", *NO_PICTURES)
    assert result.exit_code == 0
    assert " of 302\n" in result.stdout
    assert "\nBlank: 2, counted as wrong\n" in result.stdout
    assert "Blank: '4/blank.png'\n" in result.stderr
    (in_tmp / "none/1").mkdir(parents=True)
    write_png(in_tmp / "none/1/a.png", np.zeros((9, 9), np.uint8))
    result = run("evaluate", "none", "--json", *NO_PICTURES)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["count"], found["right"], found["blank"], found["loss"]) == (1, 0, 1, None)
    assert run("evaluate", "none", *NO_PICTURES).stdout.startswith("Accuracy: 0.00 %")


def test_arrays_of_other_sizes_and_blank_ones(run: Run, digits: Dataset, in_tmp: Path) -> None:
    images = np.pad(digits.test.images[:300], ((0, 0), (6, 2), (1, 9)))
    images[[0, 299]] = 0
    np.savez(in_tmp / "a.npz", images=images, labels=digits.test.labels[:300])
    result = run("evaluate", "a.npz", "--json", *NO_PICTURES)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["count"], found["blank"]) == (300, 2)
    assert found["accuracy"] > 0.9
    assert "Blank: '0'\nBlank: '299'\n" in result.stderr


def test_a_table_of_labels(run: Run, folder: Path, in_tmp: Path) -> None:
    names = [path.relative_to(folder) for path in sorted(folder.glob("*/*.png"))[:40]]
    lines = ["file,label", *(f"{name},{(int(name.parent.name) + 1) % 10}" for name in names)]
    (in_tmp / "wrong.csv").write_text("\n".join(lines))
    result = run("evaluate", "digits", "--labels", "wrong.csv", *NO_PICTURES)
    assert result.exit_code == 0
    assert re.search(r"^Accuracy: \d\.\d\d % .* of 40$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nowhere",), "Error: There is no file or folder 'nowhere'.\n"),
        (("empty",), "Error: 'empty' has no digits: no images in folders named 0 to 9"),
        (("digits", "--labels", "no.csv"), "Error: 'no.csv' can't be read: No such file"),
        (("digits", "--model", "nowhere"), "Error: There is no model file and no run 'nowhere'.\n"),
        ((), "Error: Missing argument 'DATA'."),
    ],
)
def test_what_can_be_mended_is_a_sentence(
    run: Run, in_tmp: Path, words: tuple[str, ...], sentence: str
) -> None:
    (in_tmp / "empty").mkdir()
    write_png(in_tmp / "digits/1/a.png", np.eye(28, dtype=np.uint8) * 255)
    result = run("evaluate", *words, "-o", "out")
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert not (in_tmp / "out").exists()


def test_plugins_see_batches_and_may_change_images(
    run: Run, folder: Path, write_plugin: WritePlugin
) -> None:
    plugin = write_plugin(
        """
        @hookimpl
        def prepare_image(session, image, source):
            assert source == "folder" and image.ndim == 2
            return image if image[14].max() < 1 else image[:, ::-1].copy()

        @hookimpl
        def on_prediction(session, predictions):
            right = (predictions.digits == predictions.truth).sum()
            session.say(f"{predictions.source} {len(predictions)} {predictions.ids[0]} {right}")
        """
    )
    result = run("evaluate", "digits", "--model", "pretrained", "--plugins", plugin)
    assert result.exit_code == 0
    first, second, accuracy = result.stdout.splitlines()[:3]
    assert re.match(r"folder 256 0/003.png \d+$", first)
    assert re.match(r"folder 44 \d/\d+.png \d+$", second)
    assert float(accuracy.split()[1]) < 80, "mirrored digits are hard to read"


def test_a_plugin_that_fails_on_an_image_is_named(
    run: Run, folder: Path, write_plugin: WritePlugin
) -> None:
    plugin = write_plugin("@hookimpl\ndef prepare_image(image):\n    return image / 2\n")
    result = run("evaluate", "digits", "--plugins", plugin)
    assert result.exit_code == 2
    assert "returned float64 (28, 28) from prepare_image, not uint8 (28, 28)" in result.stderr


def test_the_installed_command(run_process: RunProcess, folder: Path) -> None:
    page = run_process("evaluate", "--help").stdout
    example = page.splitlines()[-1].strip().removeprefix("Example: inkhook ").split()
    done = run_process(*example, *NO_PICTURES, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    assert done.stdout.startswith("Accuracy: ")
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert not imported & {"tensorflow", "matplotlib", "cv2"}


def test_a_score_does_not_depend_on_the_batches(digits: Dataset) -> None:
    predictions, metrics = evaluation.on_test_split(artifact.read_artifact(SHIPPED), digits)
    whole, parts = Score(0.5), Score(0.5)
    whole.add(predictions)
    for start in range(0, 10_000, 999):
        part = slice(start, start + 999)
        assert predictions.truth is not None
        parts.add(
            Predictions(
                "dataset",
                predictions.ids[part],
                predictions.images[part],
                predictions.probabilities[part],
                predictions.truth[part],
            )
        )
    one, other = score_as_dict(whole), score_as_dict(parts)
    assert one.pop("confusion") == other.pop("confusion")
    assert one == pytest.approx(other)
    assert metrics["test_accuracy"] == whole.accuracy
    with pytest.raises(TypeError):
        whole.add(
            Predictions("canvas", ("0",), predictions.images[:1], predictions.probabilities[:1])
        )


@pytest.fixture
def amounts(in_tmp: Path, digits: Dataset) -> Path:
    """Pictures of numbers with a table of labels, one of them wrong, and a file that is none."""
    (in_tmp / "amounts").mkdir()
    for name, start in (("721", 0), ("0414", 3), ("069", 10)):
        row = pages.row_of(list(digits.test.images[start : start + len(name)]), 40)
        data = cv2.imencode(".png", pages.page_of([row]))[1].tobytes()
        (in_tmp / "amounts" / f"{name}.png").write_bytes(data)
    (in_tmp / "amounts" / "none.png").write_text("no picture")
    table = in_tmp / "amounts.csv"
    table.write_text("file,number\n721.png,7.21\n0414.png,0414\n069.png,1069\nnone.png,5\n")
    return in_tmp / "amounts"


def test_numbers_are_measured_and_the_worst_are_drawn(run: Run, amounts: Path) -> None:
    words = ("evaluate", "amounts", "--numbers", "--labels", "amounts.csv")
    done = run(*words, "-o", "out")
    assert done.exit_code == 1, "one file can't be read"
    assert "All digits right: 66.67 % (95 % interval 20.77 to 93.85 %), 2 of 3\n" in done.stdout
    assert "Mistakes: missed (1)\nMost often: 1 missed (1)\n" in done.stdout
    assert "Errors: 1 of 3\n" in done.stdout
    assert "Data: 4 files, labelled by 'amounts.csv'." in done.stderr
    assert "Unreadable: 'none.png': " in done.stderr
    with Path("out/errors.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["path"], row["label"], row["predicted"]) == ("069.png", "1069", "069")
    assert row["mistakes"] == "1 missed"
    image = np.asarray(Image.open("out/errors.png").convert("RGB")).astype(int)
    assert np.ptp(image, axis=2).max() > 20, "boxes have a colour"
    record = json.loads(Path("out/run.json").read_text())
    assert record["metrics"]["accuracy"] == pytest.approx(2 / 3)
    assert record["metrics"]["digit_error_rate"] == pytest.approx(1 / 11)

    said = json.loads(run(*words, "--json", "--plugins", "", "-o", "plain").stdout)
    assert (said["count"], said["right"], said["unreadable"]) == (3, 2, 1)
    assert said["model"] == "pretrained"
    assert said["mistakes"]["missed"] == 1
    assert said["commonest"] == {"1 missed": 1}


def test_folders_may_be_named_after_numbers(run: Run, amounts: Path) -> None:
    (amounts / "0414").mkdir()
    (amounts / "0414.png").rename(amounts / "0414" / "a.png")
    done = run("evaluate", "amounts", "--numbers", "--plugins", "", "-o", "out")
    assert "1 of 1\n" in done.stdout
    assert "Skipped: 2 images in folders that aren't named after a number: '.' (2)." in done.stderr
    refused = run("evaluate", "amounts.csv", "--numbers")
    assert refused.exit_code == 2
    assert "--numbers needs a folder of pictures, but 'amounts.csv' isn't one." in refused.stderr
    (amounts / "0414" / "a.png").unlink()
    nothing = run("evaluate", "amounts", "--numbers")
    assert "give a table of files and numbers with --labels" in nothing.stderr
