"""The command `inkhook serve`: its options, its start and its end, and its page in the docs."""

import contextlib
import http.client
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from helpers import BLOCK, ROOT, Run, command
from served import Served, serving

from inkhook.cli import cli
from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.types import Dataset
from inkhook.core.jobs import find_model
from inkhook.plugins.serve.command import address_of
from inkhook.plugins.serve.guard import Access
from inkhook.plugins.serve.server import listen

POINTS = [[140.0, 60.0], [141.0, 120.0], [140.0, 220.0]]
ONE = {"points": POINTS, "times": [0, 0.2, 0.5]}
PAGE = (ROOT / "docs" / "serve.md").read_text()


def stroke(at: float, **more: Any) -> dict[str, Any]:
    return {"at": at, "do": "stroke", "brush": 14, **ONE, **more}


def drawn(page: str, first: int, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    size = {"width": 280, "height": 280}
    return {"page": page, **size, "first": first, "events": events, **more}


def test_it_starts_and_ends(in_tmp: Path) -> None:
    """With Ctrl-C; test_serve_browser ends one with SIGTERM."""
    words = [*command(), "serve", "--port", "0", "--json", "--model", "pretrained"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())
    assert facts["url"] == f"http://127.0.0.1:{facts['port']}/"
    assert facts["model"] == "pretrained"
    served = Served("127.0.0.1", facts["port"], None)  # type: ignore[arg-type]
    assert b"<title>inkhook</title>" in served.get("/").body
    maps = Path(f"/proc/{process.pid}/maps")
    assert not maps.exists() or "tensorflow" not in maps.read_text()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said


# The command, in which a model is never loaded: that for digits, or that for numbers.
STUCK = """
import sys, threading
from inkhook.core.base import signals
from inkhook.core.jobs import find_model

read, stuck = find_model.read_chosen, sys.argv.pop(1)

def stay(*words, **more):
    if stuck == ("numbers" if more.get("numbers") else "digits"):
        print("stuck", file=sys.__stdout__, flush=True)
        threading.Event().wait()
    return read(*words, **more)

find_model.read_chosen = stay
signals.listen()
from inkhook.cli import cli
cli()
"""


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stuck", ["digits", "numbers"])
def test_it_ends_while_a_model_is_being_loaded(
    in_tmp: Path, stuck: str, number: signal.Signals
) -> None:
    words = [sys.executable, "-c", STUCK, stuck, "serve", "--port", "0", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert "stuck\n" in iter(process.stdout.readline, "")
        children = _children_of(process.pid)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in said
    assert not [each for each in children if each.exists()], "nothing is left running"


def _children_of(number: int) -> list[Path]:
    tasks = Path(f"/proc/{number}/task").glob("*/children")
    return [Path("/proc") / child for task in tasks for child in task.read_text().split()]


def test_requests_that_wait_for_a_model_dont_hold_up_the_end(
    in_tmp: Path, forked_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, asked, released = find_model.read_chosen, threading.Event(), threading.Event()

    def stay(*words: Any, numbers: bool = False, **more: Any) -> Any:
        if numbers:
            asked.set()
            released.wait()
        return read(*words, numbers=numbers, **more)

    def number_of(served: Served, path: str, content: Any) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert served.post(path, content).status == 503

    monkeypatch.setattr(find_model, "read_chosen", stay)
    two = [{"points": [[x + dx, y] for x, y in POINTS]} for dx in (-60, 60)]
    drawing = {"width": 280, "height": 280, "strokes": two}
    image = cv2.imencode(".png", np.full((90, 90), 255, np.uint8))[1].tobytes()
    with ThreadPoolExecutor() as senders:
        try:
            with serving(model="pretrained") as served:  # waits for its end
                assert asked.wait(30)
                sent = [
                    senders.submit(number_of, served, "/api/read?mode=number", image),
                    senders.submit(number_of, served, "/api/strokes", drawing),
                ]
                wait(sent, timeout=1)
                assert not any(each.done() for each in sent)
        finally:
            released.set()
    for each in sent:
        each.result()


def test_a_taken_port(run: Run, in_tmp: Path) -> None:
    with listen("127.0.0.1", 0, exactly=True) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", port)
        assert done.exit_code == 2
        assert f"Port {port} is taken; choose another" in done.stderr
        with listen("127.0.0.1", port, exactly=False) as other:
            assert other.getsockname()[1] != port


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--images", "."], "--images needs --review"),
        (["--review", "none.csv"], "There is no table 'none.csv'"),
        (["--model", "none.h5"], "There is no model file"),
        (["--host", "no such host"], "There is no host 'no such host'"),
        (["--record", "there.jsonl"], "'there.jsonl' exists already"),
        (["--token-file", "there.jsonl"], "must have 16 to 200 characters"),
        (["--token-file", "none"], "Can't read the token in 'none'"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Run, in_tmp: Path, words: list[str], sentence: str
) -> None:
    (in_tmp / "there.jsonl").write_text("x\n")
    done = run("serve", "--port", "0", *words)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not done.stdout


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name)
    )
    done = run("serve")
    assert done.exit_code == 2
    assert done.stderr == "Error: serve needs extra libraries: pip install 'inkhook[web]'.\n"


def test_the_address_has_the_token_and_a_name() -> None:
    assert address_of(Access("127.0.0.1", port=80)) == "http://127.0.0.1:80/"
    assert address_of(Access("::1", port=80)) == "http://[::1]:80/"
    everywhere = address_of(Access("0.0.0.0", (), "abc", 80))  # noqa: S104
    assert everywhere == f"http://{socket.gethostname()}:80/?token=abc"


def test_a_model_that_cannot_be_used_ends_it(in_tmp: Path, forked_workers: None) -> None:
    with pytest.raises(ModelProblem), serving(model="none.h5"):
        pass


def test_recordings_play_in_paint(run: Run, in_tmp: Path) -> None:
    key = {"do": "answer", "at": 1.0}
    with serving(model="pretrained", record=Path("a.jsonl"), samples=Path("kept")) as served:
        served.post("/api/strokes", drawn("p", 0, stroke(0.25)))
        served.post("/api/strokes", drawn("q", 0, stroke(0.5)))
        label = {"do": "label", "at": 2.0, "digit": 1}
        found = served.post("/api/strokes", drawn("p", 1, key, label)).json
        assert found["last"]["text"] == "1"
        assert found["saved"] == 1
    assert len(list(Path("kept/1").glob("*.png"))) == 1
    lines = [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    assert [line.get("do") for line in lines] == [None, "stroke", "answer", "label"]
    assert (lines[1]["at"], lines[1]["points"]) == (0.25, POINTS)
    assert Path("a-2.jsonl").exists()
    done = run("paint", "--model", "pretrained", "--replay", "a.jsonl", "--headless")
    assert done.stdout.startswith("1 (")


def test_a_pens_widths_come_in_parts_and_are_recorded(in_tmp: Path) -> None:
    widths = [8.5, 20.25, 30.0]
    with serving(model="pretrained", record=Path("a.jsonl")) as served:
        part = {"at": 0.5, "brush": 14, "from": 0, "points": POINTS[:2], "times": [0, 0.2]}
        found = served.post("/api/strokes", drawn("p", 0, pen={**part, "widths": widths[:2]}))
        assert found.status == 200
        whole = drawn("p", 0, stroke(0.5, widths=widths), strokes=1)
        by_parts = served.post("/api/strokes", whole).json
        restored = drawn("q", 1, restore=[stroke(0.5, widths=widths)], strokes=1)
        assert served.post("/api/strokes", restored).json["digits"] == by_parts["digits"]
        bad = drawn("p", 1, pen={**part, "widths": [9]})
        error = served.post("/api/strokes", bad).error
    assert error == "Event 1 needs as many 'widths' as 'points', or none."
    line = json.loads(Path("a.jsonl").read_text().splitlines()[1])
    assert (line["points"], line["widths"], line["brush"]) == (POINTS, widths, 14)


def test_a_page_whose_answer_was_lost_says_it_again(in_tmp: Path, forked_workers: None) -> None:
    with serving(model="pretrained", samples=Path("kept")) as served:
        event = drawn(
            "p", 0, stroke(0), {"do": "answer", "at": 1}, {"do": "label", "digit": 1, "at": 2}
        )
        for _ in range(2):
            assert served.post("/api/strokes", event).json["saved"] == 1
        assert len(list(Path("kept/1").glob("*.png"))) == 1
        part = {"at": 3, "brush": 14, "from": 0, "points": POINTS[:2], "times": [0, 0.2]}
        assert served.post("/api/strokes", drawn("p", 3, pen=part)).status == 200
        assert served.post("/api/strokes", drawn("p", 3, pen=part)).json["lost"]
        assert served.post("/api/strokes", drawn("p", 9)).json["lost"]
        assert served.post("/api/strokes", drawn("new", 0, strokes=1)).json["lost"]
        whole = drawn("new", 5, restore=[stroke(0)], strokes=1)
        assert served.post("/api/strokes", whole).json["text"] == "1"
        assert served.post("/api/strokes", drawn("new", 5, drop=True)).json["text"] == "1"


def test_the_docs_examples_run(
    in_tmp: Path, forked_workers: None, digits: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    data = cv2.imencode(".jpg", 255 - cv2.resize(digits.test.images[0], (140, 140)))[1].tobytes()
    for name in ("meter.jpg", "page.png"):
        Path(name).write_bytes(data)
    blocks = BLOCK.findall(PAGE)
    with serving(model="pretrained") as served:
        for language, text in blocks:
            mine = text.replace(":8765", f":{served.port}")
            if language == "python":
                exec(compile(mine, "serve.md", "exec"), {})  # noqa: S102
                assert re.match(r"7 0\.\d+\n", capsys.readouterr().out)
            if language == "bash" and shutil.which("curl"):
                for line in filter(None, mine.splitlines()):
                    done = subprocess.run(line, shell=True, capture_output=True, check=True)  # noqa: S602
                    assert '"error"' not in done.stdout.decode()
                    assert "7" in done.stdout.decode()
    shown = next(text for language, text in blocks if language == "text")
    assert list(json.loads(shown.replace("[…]", "[]"))) == [
        *("path", "status", "digit", "confidence", "sure", "remark", "probabilities"),
        *("model", "model_accuracy"),
    ]


def test_the_docs_name_every_option_and_status() -> None:
    options = {
        option
        for parameter in cli.get_command(None, "serve").params  # type: ignore[union-attr, arg-type]
        for option in parameter.opts
        if option not in ("--strict", "--debug", "--trace")
    }
    assert {option for option in options if option not in PAGE} == set()
    assert CliRunner().invoke(cli, ["serve", "--help"]).exit_code == 0
    assert os.path.exists(ROOT / "docs" / "serve.png")
