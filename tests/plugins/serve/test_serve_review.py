"""Reviewing a table with `inkhook serve`: its order, what is kept, and that nothing is lost."""

import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import Run, command
from served import Answer, Served, serving

from inkhook.core.base.problems import DataProblem, Problem
from inkhook.core.base.types import Correction, Dataset
from inkhook.core.events.hooks import hookimpl
from inkhook.plugins.serve.review import Review

LINES = """path,status,digit,confidence
a.png,ok,7,0.999000
b.png,unsure,2,0.600000
"c,d.png",several,,
e.png,corrupt,,
f.png,ok,1,0.910000
g.png,blank,,
h.png,unsure,4,0.500000
"""


@pytest.fixture
def answers(tmp_path: Path, digits: Dataset) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(LINES)
    for place, name in enumerate(("a", "b", "c,d", "f", "g", "h")):
        data = cv2.imencode(".png", 255 - digits.test.images[place])[1].tobytes()
        (tmp_path / f"{name}.png").write_bytes(data)
    (tmp_path / "e.png").write_bytes(b"nothing")
    return path


@pytest.fixture
def reviewing(answers: Path) -> Iterator[Served]:
    with serving(model="pretrained", table=answers) as served:
        yield served


def kept(path: Path) -> dict[str, str]:
    """Return the truths of a corrected table, by the pictures' names."""
    with path.with_name("answers.reviewed.csv").open(newline="") as file:
        return {row["path"]: row["truth"] for row in csv.DictReader(file)}


def accept(served: Served, row: int, truth: str, was: str = "", **more: Any) -> Answer:
    return served.post("/api/review", {"row": row, "truth": truth, "was": was, **more})


def test_what_needs_a_look_comes_first(reviewing: Served) -> None:
    found = reviewing.get("/api/review").json
    assert [row["path"][0] for row in found["rows"]] == list("echbgfa")
    assert (found["kind"], found["count"], found["done"], found["first"]) == ("digit", 7, 0, 0)
    assert found["rows"][3] == {
        "row": 1,
        "path": "b.png",
        "status": "unsure",
        "read": "2",
        "confidence": 0.6,
        "label": "",
        "truth": "",
    }
    part = reviewing.get("/api/review?start=5&count=1").json
    assert [row["path"] for row in part["rows"]] == ["f.png"]
    assert reviewing.get("/api/review?start=-1").status == 400


def test_answers_are_on_disk_when_they_are_accepted(reviewing: Served, answers: Path) -> None:
    assert accept(reviewing, 1, "3").json["done"] == 1
    assert accept(reviewing, 2, "none").json["done"] == 2
    assert kept(answers) == dict.fromkeys(("a.png", "e.png", "f.png", "g.png", "h.png"), "") | {
        "b.png": "3",
        "c,d.png": "none",
    }
    assert answers.read_text() == LINES
    lines = answers.with_name("answers.reviewed.csv").read_text().splitlines()
    assert lines[0] == "path,status,digit,confidence,truth"
    assert lines[1:4] == [
        "a.png,ok,7,0.999000,",
        "b.png,unsure,2,0.600000,3",
        '"c,d.png",several,,,none',
    ]
    assert accept(reviewing, 1, "", was="3").json["done"] == 1  # undone
    assert kept(answers)["b.png"] == ""


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"row": 1, "truth": "x", "was": ""}, 400),
        ({"row": 1, "truth": "12", "was": ""}, 400),
        ({"row": 1, "truth": "٣", "was": ""}, 400),
        ({"row": 99, "truth": "1", "was": ""}, 404),
        ({"row": -1, "truth": "1", "was": ""}, 404),
        ({"row": "1", "truth": "1", "was": ""}, 400),
        ({"row": 1, "truth": "1"}, 400),
        ([], 400),
    ],
)
def test_answers_that_are_none(reviewing: Served, content: Any, status: int) -> None:
    assert reviewing.post("/api/review", content).status == status


def test_two_windows_dont_lose_each_others_work(reviewing: Served) -> None:
    one = reviewing.get("/api/review").json["revision"]
    accept(reviewing, 0, "7")
    answer = accept(reviewing, 0, "9")  # of a window that hasn't heard of it
    assert (answer.status, answer.json["truth"]) == (409, "7")
    assert accept(reviewing, 0, "9", was="7").status == 200
    assert accept(reviewing, 0, "9", was="7").status == 200  # sent again, since its answer was lost
    heard = reviewing.get(f"/api/review?count=0&since={one}").json
    assert heard["changes"] == [[0, "9"]]
    assert heard["rows"] == []


def test_it_goes_on_where_it_ended(answers: Path) -> None:
    with serving(model="pretrained", table=answers) as served:
        accept(served, 3, "none")
        accept(served, 2, "5")
    answers.write_text(LINES.replace("a.png,ok,7,0.999000\n", ""))  # answered anew meanwhile
    with serving(model="pretrained", table=answers) as served:
        found = served.get("/api/review").json
        assert (found["done"], found["first"]) == (2, 2)
        assert {row["path"]: row["truth"] for row in found["rows"] if row["truth"]} == {
            "e.png": "none",
            "c,d.png": "5",
        }


def test_a_number_among_others_is_shown_with_its_box(tmp_path: Path) -> None:
    page = np.full((3000, 2000), 255, np.uint8)
    page[1000:1040, 500:620] = 0
    (tmp_path / "page.png").write_bytes(cv2.imencode(".png", page)[1].tobytes())
    place = "500,1000,120,40"
    (tmp_path / "answers.csv").write_text(
        "path,index,status,number,confidence,x,y,width,height\n"
        f"page.png,1,ok,123,0.9,{place}\npage.png,2,ok,4,0.95,9000,1000,20,40\n"
        "page.png,3,ok,5,0.96,,,,\n"
    )
    with serving(model="pretrained", table=tmp_path / "answers.csv") as served:
        bodies = [served.get(f"/api/review/pictures/{row}").body for row in range(3)]
    files = (np.frombuffer(body, np.uint8) for body in bodies)
    shown, elsewhere, whole = (np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR)) for file in files)
    assert shown.shape[:2] == (40 * 9, 120 + 40 * 8), "what is around it"
    coloured = np.argwhere(np.ptp(shown.astype(int), axis=2) > 50)
    (top, left), (bottom, right) = coloured.min(axis=0), coloured.max(axis=0)
    assert abs(np.array([top, left, bottom, right]) - (160, 160, 200, 280)).max() <= 4
    assert elsewhere.shape == whole.shape == (1600, 1067, 3), "the whole picture"


def test_pictures_are_numbered(reviewing: Served) -> None:
    answer = reviewing.get("/api/review/pictures/0")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.body.startswith(b"\x89PNG")
    broken = reviewing.get("/api/review/pictures/3")
    assert broken.status == 404
    assert broken.error.startswith("It isn't a PNG")
    for path in ("7", "-1", "../../setup.cfg", "a.png", "0/../../x"):
        assert reviewing.get(f"/api/review/pictures/{path}").status == 404


def test_plugins_hear_of_corrections(answers: Path) -> None:
    heard = []

    class Hears:
        @hookimpl
        def on_correction(self, correction: Correction) -> None:
            heard.append(correction)

    with serving(Hears(), model="pretrained", table=answers) as served:
        accept(served, 1, "3")
        accept(served, 1, "", was="3")
        accept(served, 0, "7")
    assert heard == [
        Correction("review", "b.png", "2", "3"),
        Correction("review", "a.png", "7", "7"),
    ]


def test_a_table_of_predict_dir(run: Run, in_tmp: Path, digits: Dataset) -> None:
    folder = in_tmp / "scans"
    folder.mkdir()
    for place in range(3):
        data = cv2.imencode(".png", 255 - digits.test.images[place])[1].tobytes()
        (folder / f"{place}, ü.png").write_bytes(data)
    assert run("predict-dir", "scans", "-o", "answers.csv").exit_code == 0
    review = Review(Path("answers.csv"), folder)
    assert [row.read for row in review.rows] == ["7", "2", "1"]
    assert os.path.exists(review.picture(2))
    review.close()


def test_a_table_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "path,status,number,confidence,count\na.png,ok,2026,0.9,1\nb.png,ok,1 22,0.8,2\n"
    )
    (tmp_path / "a.png").write_bytes(b"")
    with serving(model="pretrained", table=path) as served:
        assert served.get("/api/review").json["kind"] == "number"
        assert accept(served, 0, "2025").status == 200
        assert accept(served, 1, "1 23").status == 200
        assert accept(served, 1, "1,23", was="1 23").status == 400


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "There is no table"),
        ("a,b\n1,2\n", "needs the columns 'path' and 'digit' or 'number'"),
        ("path,digit\na.png,1\n", "None of the table's pictures"),
        ("path,digit\na.png\n", "Row 2 of .* has 1 columns in place of 2"),
        ('path,digit\n"a.png,1\n', "isn't a CSV table"),
        ("", "needs the columns"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str | None, sentence: str) -> None:
    path = tmp_path / "answers.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataProblem, match=sentence), serving(model="pretrained", table=path):
        pass


def test_doubted_labels_keep_their_order(answers: Path) -> None:
    lines = ("path,status,digit,confidence,label,index,truth", "a.png,ok,7,0.99,1,,")
    answers.write_text("\n".join([*lines, "b.png,ok,2,0.4,5,,"]))
    with serving(model="pretrained", table=answers) as served:
        found = served.get("/api/review").json["rows"]
    assert [(row["path"], row["label"]) for row in found] == [("a.png", "1"), ("b.png", "5")]


def test_another_server_on_the_same_table(reviewing: Served, answers: Path) -> None:
    with pytest.raises(DataProblem, match="is being reviewed by another"):
        Review(answers)


def test_a_truth_that_the_table_has_already(answers: Path) -> None:
    answers.write_text("truth,path,digit\n7,a.png,7\n,b.png,2\n")
    with serving(model="pretrained", table=answers) as served:
        assert served.get("/api/review").json["done"] == 1
        accept(served, 1, "2")
    text = answers.with_name("answers.reviewed.csv").read_text()
    assert text == "truth,path,digit\n7,a.png,7\n2,b.png,2\n"


def fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**16))


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Path, digits: Dataset) -> None:
    path = small_disk / "answers.csv"
    path.write_text("path,digit\na.png,7\nb.png,2\n")
    (small_disk / "a.png").write_bytes(b"")
    with serving(model="pretrained", table=path) as served:
        accept(served, 0, "7")
        fill(small_disk / "full")
        answer = accept(served, 1, "2")
        assert answer.status == 503
        assert "No space left" in answer.error
        assert kept(path) == {"a.png": "7", "b.png": ""}
        (small_disk / "full").unlink()
        assert accept(served, 1, "2").status == 200
        assert kept(path) == {"a.png": "7", "b.png": "2"}


@pytest.mark.soak
def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    """What was accepted is there, whenever the server is killed."""
    rows = 2000
    path = tmp_path / "answers.csv"
    names = "".join(f"{row}.png,{row % 10}\n" for row in range(rows))
    path.write_text(f"path,digit\n{names}")
    (tmp_path / "0.png").write_bytes(b"")
    known: dict[str, str] = {}
    rng = random.Random(7)
    for _ in range(20):
        words = [*command(), "serve", "--review", str(path), "--port", "0", "--json"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert server.stdout is not None
        port = json.loads(server.stdout.readline())["port"]
        served = Served("127.0.0.1", port, None)  # type: ignore[arg-type]
        state = {
            row["row"]: row["truth"] for row in served.get("/api/review?count=1000").json["rows"]
        }
        assert {
            f"{row}.png": truth for row, truth in state.items() if truth
        }.items() <= known.items()
        killer = threading.Timer(rng.uniform(0.05, 0.6), server.kill)
        killer.start()
        sent = ("", "")
        try:
            while True:
                row = rng.randrange(rows)
                name = f"{row}.png"
                sent = name, str(rng.randrange(10))
                if accept(served, row, sent[1], was=known.get(name, "")).status == 200:
                    known[name] = sent[1]
        except (OSError, HTTPException, ValueError, Problem):  # it was killed in an answer
            pass
        killer.join()
        assert server.wait() == -signal.SIGKILL
        server.stdout.close()
        on_disk = kept(path)
        assert len(on_disk) == rows
        lost = {name for name, truth in known.items() if on_disk[name] != truth}
        assert lost <= {sent[0]}  # which may have been written, but not answered
        known = {name: truth for name, truth in on_disk.items() if truth}
        time.sleep(0.05)
