"""A run's folder: who may write there, and what becomes of what is there already."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from inkhook.core.base.problems import OutputProblem
from inkhook.core.events.records import read_record, status_of
from inkhook.core.events.runs import RunFolder


def begin(path: Path, **how: Any) -> RunFolder:
    return RunFolder(path, {"command": ["test"]}, **how)


def write(run: RunFolder, **contents: str) -> None:
    for name, text in contents.items():
        place = run.path / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


def whole(path: Path, **contents: str) -> None:
    """Do a run that ends well."""
    run = begin(path, force=True)
    write(run, **contents)
    run.finish("complete", {}, well=True)


def content(folder: Path) -> dict[str, str]:
    """Return what is in a folder, without what each run writes for itself."""
    found = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.*")}
    return {name: text for name, text in found.items() if name not in ("run.json", "metrics.jsonl")}


def test_a_run_lists_what_it_wrote(tmp_path: Path) -> None:
    whole(tmp_path / "new" / "run", model_h5="m", errors_csv="e", logs__a_txt="a")
    record = read_record(tmp_path / "new" / "run")
    assert record["status"] == "complete"
    assert record["files"] == [
        "errors.csv", "logs/a.txt", "metrics.jsonl", "model.h5", "run.json",
    ]  # fmt: skip
    assert not (tmp_path / "new" / "run" / ".lock").exists()


@pytest.mark.parametrize(
    ("force", "hint"), [(False, ", or replace that run with --force."), (None, ".")]
)
def test_a_model_is_not_replaced_unasked(tmp_path: Path, force: bool | None, hint: str) -> None:
    whole(tmp_path, model_h5="old")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OutputProblem) as problem:
        begin(tmp_path, force=force)
    sentence = f"'{tmp_path}' holds a model; choose another folder with -o{hint}"
    assert str(problem.value) == sentence
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_an_earlier_run_wrote_is_replaced_together_at_the_end(tmp_path: Path) -> None:
    whole(tmp_path, model_h5="old", errors_png="old", pictures__a_png="old", same_txt="old")
    mine = {"notes.txt": "mine", "pictures/b.png": "mine", "unfinished.txt": "mine"}
    for name, text in mine.items():
        (tmp_path / name).write_text(text)
    run = begin(tmp_path, force=True)
    write(run, model_h5="new", same_txt="new", notes_txt="new", sub__deep_txt="new")
    assert content(tmp_path)["model.h5"] == "old"
    run.finish("stopped", {"metrics": 1}, well=True)
    new = {"model.h5": "new", "same.txt": "new", "sub/deep.txt": "new", "notes.txt": "new"}
    assert content(tmp_path) == mine | {"notes.txt.1": "mine"} | new
    assert run.path == tmp_path
    assert read_record(tmp_path)["metrics"] == 1
    whole(tmp_path, model_h5="newer")
    left = {"notes.txt.1": "mine", "pictures/b.png": "mine", "unfinished.txt": "mine"}
    assert content(tmp_path) == left | {"model.h5": "newer"}
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["pictures"]


def test_an_evaluation_replaces_an_earlier_one_without_being_asked(tmp_path: Path) -> None:
    whole(tmp_path, errors_png="old")
    run = begin(tmp_path)
    write(run, errors_csv="new")
    run.finish("complete", {}, well=True)
    assert content(tmp_path) == {"errors.csv": "new"}


@pytest.mark.parametrize("status", ["failed", "interrupted", "complete"])
def test_a_run_that_does_not_end_well_leaves_the_old_one_whole(tmp_path: Path, status: str) -> None:
    whole(tmp_path, model_h5="old", errors_png="old")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*")}
    run = begin(tmp_path, force=True)
    write(run, errors_png="new")
    run.finish(status, {}, well=False)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*")} == before

    run = begin(tmp_path, force=True)
    write(run, model_h5="new")
    run.finish(status, {}, well=False)
    assert run.model_path.read_text() == "new"
    assert read_record(run.path)["status"] == status
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before.items() <= after.items()
    assert {path.parent for path in after.keys() - before.keys()} == {tmp_path / "unfinished"}

    run = begin(tmp_path, force=True)
    assert run.path == tmp_path / "unfinished-2", "what was learnt isn't lost either"
    run.finish("failed", {}, well=False)


def test_a_move_that_was_cut_off_is_finished_by_the_next_run(tmp_path: Path) -> None:
    whole(tmp_path, model_h5="old", errors_png="old", same_txt="old")
    run = begin(tmp_path, force=True)
    write(run, model_h5="new", same_txt="new")
    run.finish("complete", {}, well=False)
    run.path.rename(tmp_path / ".finished")
    (tmp_path / ".finished" / "model.h5").replace(tmp_path / "model.h5")
    begin(tmp_path, force=True).finish("failed", {}, well=False)
    assert content(tmp_path) == {"model.h5": "new", "same.txt": "new"}
    assert sorted(os.listdir(tmp_path)) == ["metrics.jsonl", "model.h5", "run.json", "same.txt"]


@pytest.mark.parametrize("listed", [["../mine.txt", "/mine.txt", "", "..", 3], "mine.txt", None])
def test_a_record_from_elsewhere_removes_nothing_outside(tmp_path: Path, listed: object) -> None:
    folder = tmp_path / "run"
    whole(folder, model_h5="old")
    (tmp_path / "mine.txt").write_text("mine")
    record = read_record(folder) | {"files": listed}
    (folder / "run.json").write_text(json.dumps(record))
    whole(folder, model_h5="new")
    assert (folder / "model.h5").read_text() == "new"
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_run_of_inkhook_01_is_replaced_although_it_lists_nothing(tmp_path: Path) -> None:
    whole(tmp_path, model_h5="old", errors_png="old", mine_txt="mine")
    record = read_record(tmp_path)
    del record["files"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    whole(tmp_path, errors_png="new")
    assert content(tmp_path) == {"errors.png": "new", "mine.txt": "mine"}


def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    run = begin(tmp_path / "out")
    for _ in range(2):
        with pytest.raises(OutputProblem) as problem:
            begin(tmp_path / "out", force=True)
        assert f"Another run is writing to '{tmp_path / 'out'}' (process {os.getpid()})" in str(
            problem.value
        )
    run.finish("complete", {}, well=True)
    begin(tmp_path / "out").finish("failed", {}, well=False)


def test_only_one_of_many_that_begin_at_once_gets_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from inkhook.core.events.runs import RunFolder\n"
        "from inkhook.core.base.problems import OutputProblem\n"
        "while not Path('go').exists(): time.sleep(0.001)\n"
        "try: run = RunFolder(Path('out'), {})\n"
        "except OutputProblem: sys.exit(2)\n"
        "time.sleep(2); run.finish('complete', {}, well=True)\n"
    )
    racing = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) for _ in range(4)]
    (tmp_path / "go").touch()
    assert sorted(process.wait(60) for process in racing) == [0, 2, 2, 2]


def test_a_killed_run_is_shown_as_interrupted(tmp_path: Path) -> None:
    code = (
        "import time; from pathlib import Path\n"
        "from inkhook.core.events.runs import RunFolder\n"
        "run = RunFolder(Path('out'), {}); print('begun', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    assert status_of(tmp_path / "out") == "running"
    process.kill()
    process.communicate()
    assert read_record(tmp_path / "out")["status"] == "running"
    assert status_of(tmp_path / "out") == "interrupted"
    start = time.monotonic()
    begin(tmp_path / "out").finish("complete", {}, well=True)
    assert status_of(tmp_path / "out") == "complete"
    assert time.monotonic() - start < 10
