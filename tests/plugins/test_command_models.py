"""`inkhook models`: what is listed, shown and verified; how a model is chosen."""

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import pytest
from helpers import Run, RunProcess, card_of

from inkhook.core.base.types import DIGITS
from inkhook.core.images.preprocess import SETTINGS
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact


def edit_card(path: Path, **changes: object) -> None:
    """Change a model's card in place, as a stranger might."""
    with h5py.File(path, "r+") as file:
        content = json.loads(file.attrs["inkhook"]) | changes
        del file.attrs["inkhook"]
        file.attrs["inkhook"] = json.dumps(content)


@pytest.fixture
def shipped(in_tmp: Path) -> Path:
    """A copy of the shipped model."""
    return Path(shutil.copy(SHIPPED, in_tmp / "copy.h5"))


def test_the_shipped_model_is_what_its_card_says(run: Run) -> None:
    result = run("models", "verify", "pretrained")
    assert result.exit_code == 0
    card = card_of(SHIPPED)
    assert f"{card.metrics['test_accuracy'] * 100:.2f} %  as its card says" in result.stdout
    assert card.metrics["test_accuracy"] > 0.98
    assert card.class_names == DIGITS
    assert SHIPPED.stat().st_size < 8e6


def test_a_card_that_lies_is_found_out(run: Run, shipped: Path) -> None:
    edit_card(shipped, metrics={"test_accuracy": 0.999})
    result = run("models", "verify", shipped)
    assert result.exit_code == 1
    assert "but its card says 99.90 %" in result.stdout


def test_a_card_on_another_dataset_is_not_compared(run: Run, shipped: Path) -> None:
    edit_card(shipped, dataset="mine", dataset_sha256="1" * 64)
    result = run("models", "verify", shipped)
    assert result.exit_code == 0
    assert "its card is about another dataset, mine" in result.stdout


def test_verify_measures_on_the_data_that_is_named(
    run_small: Run, run: Run, small_data: Path
) -> None:
    run_small("--plugins", "train", "--epochs", "1")
    result = run("models", "verify", "out", "--data", small_data)
    assert result.exit_code == 0
    assert "as its card says" in result.stdout
    edit_card(Path("out/model.h5"), dataset="small ")
    result = run("models", "verify", "out", "--data", small_data)
    assert result.exit_code == 1
    assert "but the run recorded another" in result.stdout


def test_the_list_has_good_and_bad_models(run_small: Run, run: Run, in_tmp: Path) -> None:
    run_small("--plugins", "train", "--epochs", "1", "-o", "artifacts/good")
    broken = in_tmp / "artifacts" / "broken" / "model.h5"
    broken.parent.mkdir()
    broken.write_bytes((in_tmp / "artifacts/good/model.h5").read_bytes()[:5000])
    result = run("models", "list")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert list(lines) == ["name", "broken", "good", "pretrained", "numbers", "numbers-second"]
    assert "784-512-10" in lines["good"]
    assert "407,050" in lines["good"]
    assert lines["good"].endswith("complete")
    assert "unusable: It is damaged or cut short." in lines["broken"]
    rows = json.loads(run("models", "list", "--json").stdout)
    assert [row["name"] for row in rows] == [
        "broken",
        "good",
        "pretrained",
        "numbers",
        "numbers-second",
    ]
    assert [row["reads"] for row in rows] == [None, "digits", "digits", "numbers", "numbers"]
    assert 0 < rows[1]["accuracy"] < 1


def test_show_tells_all_and_as_json(run: Run) -> None:
    content = json.loads(run("models", "show", "pretrained", "--json").stdout)
    text = run("models", "show", "pretrained").stdout
    for key in ("sha256", "dataset", "architecture", "training", "metrics", "versions", "created"):
        assert key in content
        assert f"\n{key}" in text
    assert content["training"]["seed"] == 0
    assert content["preprocess"] == SETTINGS.as_dict()


def test_control_characters_of_a_card_never_reach_the_terminal(run: Run, shipped: Path) -> None:
    nasty = "\x1b]0;owned\x07\x1b[2J\r\u202e\x9b31m"
    edit_card(
        shipped,
        dataset=nasty,
        dataset_sha256=nasty,
        versions={nasty: nasty},
        training={"a": [nasty]},
    )
    Path("artifacts/x").mkdir(parents=True)
    shutil.copy(shipped, "artifacts/x/model.h5")
    for words in (("show", shipped), ("list",), ("verify", shipped)):
        output = run("models", *words).output
        assert not set("\x1b\x07\r\u202e\x9b") & set(output)
        assert "\\x1b" in output


def test_a_foreign_model_gets_a_card_and_works(run: Run, shipped: Path) -> None:
    with h5py.File(shipped, "r+") as file:
        del file.attrs["inkhook"]
    card = json.loads(run("models", "show", shipped, "--json").stdout)
    assert card["origin"]["inputs"] == "x / 255"
    result = run("run", "--plugins", "errors", "--model", shipped, "-o", "out")
    assert result.exit_code == 0
    assert "isn't from inkhook; its inputs are x / 255." in result.stderr
    assert "Errors: " in result.stdout


def test_without_a_name_the_newest_complete_run_is_taken(run_small: Run, in_tmp: Path) -> None:
    look = ("--plugins", "errors", "-o", "looked")
    architecture = artifact.read_artifact(SHIPPED).network.architecture
    assert f"Model: pretrained ({architecture}, 99" in run_small(*look).stderr
    run_small("--plugins", "train", "--epochs", "1", "-o", "artifacts/a")
    assert "Model: artifacts/a/model.h5 (784-512-10, " in run_small(*look).stderr

    newest = in_tmp / "artifacts" / "b"
    shutil.copytree(in_tmp / "artifacts" / "a", newest)
    record: dict[str, Any] = json.loads((newest / "run.json").read_text())
    (newest / "run.json").write_text(json.dumps(record | {"finished": "9999"}))
    model = newest / "model.h5"
    model.write_bytes(model.read_bytes()[:9000])
    result = run_small(*look)
    assert result.exit_code == 0
    assert "Skipped: Can't use the model 'artifacts/b/model.h5'" in result.stderr
    assert "Model: artifacts/a/model.h5" in result.stderr

    shutil.copy(in_tmp / "artifacts/a/model.h5", model)
    with h5py.File(model, "r+") as file:
        del file.attrs["inkhook"]
    assert "accuracy unknown) wasn't written by inkhook" in run_small(*look).stderr


@pytest.mark.parametrize("text", ["", "[", "[]", "3", '{"status": 3}', "[" * 100_000])
def test_a_broken_record_is_passed_over(run_small: Run, in_tmp: Path, text: str) -> None:
    folder = in_tmp / "artifacts" / "odd"
    folder.mkdir(parents=True)
    shutil.copy(SHIPPED, folder / "model.h5")
    (folder / "run.json").write_text(text)
    result = run_small("--plugins", "errors", "-o", "looked")
    assert "Model: pretrained" in result.stderr


def test_settings_that_are_not_known_are_refused(run: Run, shipped: Path) -> None:
    edit_card(shipped, preprocess={"version": 99})
    result = run("run", "--plugins", "errors", "--model", shipped, "-o", "out")
    assert result.exit_code == 2
    assert "prepared in a way that isn't known here" in result.stderr
    assert artifact.read_artifact(SHIPPED).settings == SETTINGS


def test_show_is_quick_to_import(run_process: RunProcess) -> None:
    result = run_process("models", "show", "pretrained", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert result.returncode == 0
    imported = {line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines()}
    assert "h5py" in imported
    assert not imported & {"tensorflow", "keras", "cv2", "matplotlib", "rich"}
