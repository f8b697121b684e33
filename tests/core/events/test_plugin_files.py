"""Plugins by path: what a file may import from beside it, and where its prints go."""

import json
import sys
from pathlib import Path

import cv2
import pytest
from helpers import Run, RunProcess, WritePlugin

from inkhook.testing import draw

NEIGHBOURLY = """
from inkhook import hookimpl
import helper_of_mine
from a_package.inner import WORD

@hookimpl
def on_run_end(session):
    session.say(f"{helper_of_mine.NAME} {WORD}")
"""

LOUD = """
import threading
print("loud at import")

class Loud:
    def __init__(self):
        print("loud when made")
    @hookimpl
    def on_run_start(self):
        print("loud at the start")
    @hookimpl
    def on_prediction(self):
        thread = threading.Thread(target=print, args=("loud on a thread",))
        thread.start()
        thread.join()
    @hookimpl
    def on_run_end(self, session):
        session.say("said at the end")
"""


RECORDING = """\
{"inkhook": "drawing", "version": 1, "side": 280}
{"at": 0, "do": "stroke", "points": [[140, 60], [140, 220]], "times": [0, 0.1], "brush": 14}
{"at": 1, "do": "answer"}
"""


def write_neighbours(folder: Path, name: str) -> str:
    (folder / "a_package").mkdir(parents=True)
    (folder / "a_package" / "inner.py").write_text(f"WORD = 'in {name}'")
    (folder / "helper_of_mine.py").write_text(f"NAME = 'beside {name}'")
    (folder / f"{name}.py").write_text(NEIGHBOURLY)
    return str(folder / f"{name}.py")


def test_a_plugin_imports_what_lies_beside_it(
    run: Run, in_tmp: Path, tiny_data: Path, tiny_model: Path
) -> None:
    one, two = (write_neighbours(in_tmp / name, name) for name in ("one", "two"))
    path = list(sys.path)
    words = ("run", "--data", tiny_data, "--model", tiny_model, "--plugins")
    result = run(*words, f"{one},{two}")
    assert result.exit_code == 0, result.stderr
    assert "beside one in one\nbeside two in two\n" in result.stdout
    assert sys.path == path


def test_it_does_so_in_both_ways_to_start(run_process: RunProcess, in_tmp: Path) -> None:
    write_neighbours(in_tmp / "mine", "mine")
    done = run_process("plugins", "show", "mine/mine.py")
    assert done.returncode == 0, done.stderr
    assert "on_run_end(session)" in done.stdout


@pytest.mark.parametrize("command", ["evaluate", "predict-dir", "paint", "show"])
def test_prints_of_a_plugin_never_end_up_in_a_commands_data(
    run: Run, write_plugin: WritePlugin, in_tmp: Path, tiny_model: Path, tiny_data: Path,
    command: str,
) -> None:  # fmt: skip
    drawing = cv2.imencode(".png", draw([(140, 60), (140, 220)]).canvas)[1]
    Path("one.png").write_bytes(drawing.tobytes())
    words = {
        "evaluate": ("evaluate", tiny_data, "--json", "--model", tiny_model),
        "predict-dir": ("predict-dir", "one.png", "--format", "jsonl", "--model", tiny_model),
        "paint": ("paint", "--json", "--replay", "one.jsonl", "--headless", "--model", tiny_model),
        "show": ("plugins", "show", "./loud.py", "--json"),
    }
    Path("one.jsonl").write_text(RECORDING)
    path = write_plugin(LOUD, "loud")
    plugins = () if command == "show" else ("--plugins", path)
    result = run(*words[command], *plugins)
    assert result.exit_code == 0, result.stderr
    assert isinstance(json.loads(result.stdout), dict)
    heard = [line for line in result.stderr.splitlines() if line.startswith(("loud", "said"))]
    while_loaded = ["loud at import"]
    in_session = ["loud when made", "loud at the start", "loud on a thread", "said at the end"]
    assert heard == (while_loaded if command == "show" else while_loaded + in_session)
