"""Every block of shell, TOML and JSON in the documentation is run or compared.

Lines of shell run one after the other in a folder that has what they name. Where a line would train
for minutes or open a window, it is run on a few digits, or on a recording.
"""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
import small_videos
import yaml  # Dask brings it
from click.testing import CliRunner
from helpers import ROOT, blocks, write_idx

from inkhook.cli import cli
from inkhook.core.events.sources import COMMAND_GROUP, installed
from inkhook.testing import draw, tiny

BY_HAND = re.compile(r"(python3 -m venv|\. |(\S*/)?pip install|\S*python -m pytest|\.ci/run)")
"""Commands that .ci/run runs, or that install things."""


SHORT = {
    "train": "--epochs 1 --validation-split 0",
    "strings": "--strings-epochs 1 --strings-count 32",
    "distill": "--distill-teachers 1 --distill-teacher-epochs 1 --distill-epochs 1"
    " --distill-hidden 8",
}
"""What makes a training take a second, by its plugin."""


@pytest.mark.parametrize("text", blocks("toml"))
def test_toml_is_toml(text: str) -> None:
    assert tomllib.loads(text)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_is_yaml(text: str) -> None:
    assert yaml.safe_load(text)


@pytest.fixture
def workshop(
    in_tmp: Path, forked_workers: None, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with what the pages' lines name; lines that name no plugins only train."""
    monkeypatch.setenv("INKHOOK_PLUGINS", "train")
    digits = tiny.dataset()
    seven, other = (
        cv2.imencode(".png", image)[1].tobytes()
        for image in digits.train.images[digits.train.labels == 7][:2]
    )
    for name in (
        "digits/7/a.png",
        "digits/7/b.png",
        "scans/7/a.png",
        "scans/b.png",
        "page1.png",
        "page.png",
        "amount.jpg",
        "meter.jpg",
        "amounts/b.png",
        "forms/a.png",
        "more/c.jpg",
    ):
        (in_tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (in_tmp / name).write_bytes(seven)
    for name in ("scans/b.png", "artifacts/drawings/7/a.png", "digits/3/a.png", "digits/3/b.png"):
        (in_tmp / name).parent.mkdir(parents=True, exist_ok=True)
        (in_tmp / name).write_bytes(other)
    (in_tmp / "artifacts" / "drawings" / "7" / "b.png").write_bytes(seven)
    (in_tmp / "answers.reviewed.csv").write_text("path,truth\n7/a.png,7\nb.png,7\n")
    head = [f"pixel{place}" for place in range(784)]
    kaggle = digits.train.images.reshape(-1, 784)
    np.savetxt(in_tmp / "test.csv", kaggle[:1], "%d", ",", header=",".join(head), comments="")
    labelled = np.column_stack([digits.train.labels, kaggle])
    head = ["label", *head]
    np.savetxt(in_tmp / "train.csv", labelled, "%d", ",", header=",".join(head), comments="")
    (in_tmp / "labels.csv").write_text("file,label\nb.png,7\n")
    write_idx(in_tmp / "path" / "to" / "fashion-mnist", digits, 400, 100)
    write_idx(in_tmp / "kmnist", digits, 400, 100)
    tiny.write_dataset(in_tmp / "tiny.npz")
    (in_tmp / "artifacts" / "first").mkdir(parents=True)
    tiny.write_model(in_tmp / "artifacts" / "first" / "model.h5")
    with h5py.File(tiny.write_model(in_tmp / "old.h5"), "a") as file:
        del file.attrs["inkhook"]  # as another program would have written it
    shutil.copy(in_tmp / "old.h5", in_tmp / "their.h5")
    keras_files = ROOT / "tests" / "support" / "keras_files"
    shutil.copy(keras_files / "functional.keras", in_tmp / "today.keras")
    kernel, bias = tiny.weights()
    arrays: dict[str, np.ndarray] = {  # wide enough for the line, and relu lets everything pass
        "dense/dense/kernel:0": np.pad(kernel, ((0, 0), (0, 502))),
        "dense/dense/bias:0": np.pad(bias + 100, (0, 502)),
        "dense_1/dense_1/kernel:0": np.eye(512, 10),
        "dense_1/dense_1/bias:0": np.zeros(10),
    }
    with h5py.File(in_tmp / "weights.h5", "w") as file:
        for path, array in arrays.items():
            file[path] = array.astype(np.float32)
    (in_tmp / "artifacts" / "first" / "run.json").write_text('{"status": "complete"}')
    plugin = "from inkhook import hookimpl\n@hookimpl\ndef on_run_start(session): pass\n"
    for name in ("mine", "unsure"):
        (in_tmp / f"{name}.py").write_text(plugin)
    shutil.copytree(ROOT / "examples", in_tmp / "examples")
    note = list(digits.test.images[:4])
    small_videos.write(in_tmp / "note.avi", small_videos.moving(note, 7))
    stroke = draw([(140, 60), (140, 220)]).stroke
    lines = [
        {"inkhook": "drawing", "version": 1, "side": 280},
        {"at": 0, "do": "stroke", "brush": 28}
        | {"points": stroke.points.tolist(), "times": stroke.times.tolist()},
        {"at": 1, "do": "answer"},
    ]
    (in_tmp / "lesson.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def quick(words: list[str]) -> list[str]:  # noqa: PLR0911
    """Return a command's words so that it takes a second: few digits, one epoch, no window."""
    if words[0] == "paint":
        recorded = [] if "--replay" in words else ["--replay", "lesson.jsonl"]
        return [*words, *recorded] if "--headless" in words else [*words, *recorded, "--headless"]
    if words[0] == "serve":  # tests/plugins/serve starts it
        return [*words, "--help"]
    if words[0] == "watch":
        source = {words[1]} & {"1", "note.avi"} if len(words) > 1 else set()
        return ["watch", "note.avi", *words[1 + len(source) :], "--headless"]
    if words[0] == "learn":
        return [*words, "--model", "artifacts/first", "--data", "tiny.npz", "--keep-anyway"]
    if words[0] == "suspects":
        return ["tiny.npz" if word == "mnist" else word for word in words]
    if words[0] == "run" and "--help" not in words:
        if "--data" not in words:
            words = [*words, "--data", "tiny.npz"]
        plugins = words[words.index("--plugins") + 1] if "--plugins" in words else "train"
        for name in plugins.split(","):
            words = [*words, *SHORT.get(name, "").split()]
        return words
    return words


def run_line(line: str) -> None:
    """Run a command, or two with a pipe between them; each ends well."""
    sent = b""
    for part in line.split(" | "):
        words = shlex.split(part, comments=True)
        if words[:2] == [".venv/bin/python", "cli.py"]:
            words = ["inkhook", *words[2:]]
        if words[0] == "inkhook":
            assert words[1] in installed(COMMAND_GROUP), line
            result = CliRunner().invoke(cli, quick(words[1:]), input=sent)
            assert result.exit_code == 0, f"{line}: {result.output}"
        else:
            assert words[0] in ("cp", "cat", "find"), f"what is {line}?"
            done = subprocess.run(words, capture_output=True, check=False)
            assert done.returncode == 0, f"{line}: {done.stderr.decode()}"
            sent = done.stdout


@pytest.mark.parametrize("text", blocks("sh"))
@pytest.mark.usefixtures("workshop")
def test_shell_runs(text: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        for command in line.split(" && "):
            if shlex.split(command, comments=True) and not BY_HAND.match(command):
                run_line(command)


@pytest.mark.parametrize("text", blocks("json"))
@pytest.mark.usefixtures("workshop")
def test_json_is_what_is_written(text: str) -> None:
    words = ["paint", "--replay", "lesson.jsonl", "--headless", "--json"]
    written = json.loads(CliRunner().invoke(cli, words).stdout)
    shown = json.loads(text.replace(", …", ""))
    assert [(name, type(value)) for name, value in shown.items()] == [
        (name, type(value)) for name, value in written.items()
    ]
