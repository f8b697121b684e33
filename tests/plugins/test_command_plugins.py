"""`inkhook plugins show` and `new`; the list itself is tested with the manager."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import Run, WritePlugin

from inkhook.plugins.command_plugins.new import rendered


def test_show_says_all_there_is(run: Run) -> None:
    import distributed  # noqa: F401 - it brings entry points of a class of their own

    result = run("plugins", "show", "train")
    assert result.exit_code == 0
    assert "train (inkhook 0.1.0, inkhook.plugins.train:Train)" in result.stdout
    assert "Trains a dense Keras network on the dataset." in result.stdout
    assert "train_model(session, dataset)  ask" in result.stdout
    assert "--batch-size N" in result.stdout
    content = json.loads(run("plugins", "show", "errors", "--json").stdout)
    assert content["hooks"]["on_prediction"] == ["session", "predictions"]
    assert set(content["options"]) == {
        "--errors-count",
        "--errors-pick",
        "--explain",
        "--show",
        "--suspects",
    }


def test_show_takes_a_path(run: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin("@hookimpl\ndef on_run_start(session): pass")
    page = run("plugins", "show", path).stdout
    assert page.startswith("mine (./mine.py)\n")
    assert "on_run_start(session)  tell" in page
    assert "Options" not in page


def test_show_of_what_is_not_there_or_broken(run: Run, write_plugin: WritePlugin) -> None:
    result = run("plugins", "show", "erors")
    assert result.exit_code == 2
    assert result.stderr == "Error: There is no plugin 'erors'; did you mean errors?\n"
    assert "can't be imported" in run("plugins", "show", write_plugin("1 / 0")).stderr


def test_new_writes_a_package_that_ruff_likes(run: Run, in_tmp: Path) -> None:
    result = run("plugins", "new", "my-look")
    assert result.exit_code == 0
    assert result.stdout == "inkhook-my-look\n"
    folder = in_tmp / "inkhook-my-look"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == set(rendered("my-look"))
    code = (folder / "src/inkhook_my_look/__init__.py").read_text()
    assert "class MyLook:" in code
    assert "def __init__(self, my_look_below):" in code
    assert not any("@" in path for path in written)
    for words in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *words, str(folder)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        if "No module named ruff" in done.stderr:
            pytest.skip("needs ruff")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("train", "There is already a plugin 'train', from inkhook 0.1.0; choose another name."),
        ("paint", "There is already a command 'paint', from inkhook 0.1.0; choose another name."),
        (
            "My",
            "'My' can't be a plugin's name; use at most 40 lower-case letters, digits and hyphens",
        ),
        ("9x", "can't be a plugin's name"),
        ("../up", "can't be a plugin's name"),
        ("a--b", "can't be a plugin's name"),
        ("a" * 41, "use at most 40 lower-case letters"),
        ("", "can't be a plugin's name"),
        ("none", "can't be a plugin's name"),
    ],
)
def test_new_refuses_names(run: Run, in_tmp: Path, name: str, sentence: str) -> None:
    result = run("plugins", "new", name)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not list(in_tmp.iterdir())


def test_new_overwrites_nothing(run: Run, in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (in_tmp / "inkhook-mine").mkdir()
    result = run("plugins", "new", "mine")
    assert result.exit_code == 2
    assert "'inkhook-mine' exists already; nothing was written." in result.stderr
    assert not list((in_tmp / "inkhook-mine").iterdir())

    (in_tmp / "inkhook_other.py").write_text("")
    monkeypatch.syspath_prepend(str(in_tmp))
    assert "already a package 'inkhook_other'" in run("plugins", "new", "other").stderr
