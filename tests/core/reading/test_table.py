"""Tables: every name comes back out of every format, and numbers are what they were."""

import csv
import io
import json
import os
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.problems import OutputProblem
from inkhook.core.base.text import escape, unescape
from inkhook.core.reading import rows, table
from inkhook.core.reading.columns import DigitLayout, Layout
from inkhook.core.reading.rows import Rows, Status
from inkhook.core.reading.table import open_writer

FILE_NAMES = st.binary(min_size=1, max_size=30).map(
    lambda raw: os.fsdecode(raw.replace(b"\0", b""))
)


def found(count: int) -> Rows:
    answers = rows.empty(count)
    answers.status[:] = np.resize(list(Status), count)
    power = np.random.default_rng(0).random((count, 10)).astype(np.float32) ** 8
    answers.probabilities[:] = power / power.sum(axis=1, keepdims=True)
    answers.probabilities[~answers.answered] = 0
    return answers


def written(form: str, names: list[str], layout: Layout, truth: list[int | None] = []) -> bytes:  # noqa: B006
    stream = io.BytesIO()
    writer = open_writer(form, stream, layout)
    writer.write(layout.cells(names, found(len(names)), truth))
    writer.close()
    return stream.getvalue()


@given(FILE_NAMES)
def test_a_name_can_be_turned_back(name: str) -> None:
    text = escape(name)
    text.encode("utf-8")
    assert unescape(text) == name
    assert escape("scan 7/日.png") == "scan 7/日.png", "a usual name is left as it is"


@given(st.lists(FILE_NAMES, min_size=1, max_size=5))
def test_names_come_back_out_of_csv_and_json(names: list[str]) -> None:
    text = written("csv", names, DigitLayout()).decode("utf-8")
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [unescape(row["path"]) for row in read] == names
    lines = written("jsonl", names, DigitLayout()).decode("utf-8").split("\n")[:-1]
    paths = [json.loads(line)["path"] for line in lines]
    assert list(map(os.fsencode, paths)) == list(map(os.fsencode, names))


LAYOUTS = [
    DigitLayout(),
    DigitLayout(3),
    DigitLayout(10, True, True),
    DigitLayout(1, True),
    DigitLayout(2, False, True),
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_format_says_the_same(form: str, layout: DigitLayout) -> None:
    names = [f"{i}.png" for i in range(40)]
    truth: list[int | None] = [None if i % 7 == 0 else i % 10 for i in range(40)]
    data = written(form, names, layout, truth)
    read: list[dict[str, Any]]
    if form == "csv":
        raw = csv.DictReader(io.StringIO(data.decode()))
        read = [{k: v if v != "" else None for k, v in row.items()} for row in raw]
    elif form == "jsonl":
        read = [json.loads(line) for line in data.splitlines()]
    else:
        parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow isn't installed")
        read = parquet.read_table(io.BytesIO(data)).to_pylist()
    expected = found(40)
    assert [row["path"] for row in read] == names
    for i, row in enumerate(read):
        assert tuple(row) == tuple(layout.kinds)
        assert row["status"] == Status(expected.status[i]).word
        if layout.truth:
            assert row["truth"] == (
                truth[i] if form != "csv" or truth[i] is None else str(truth[i])
            )
        if not expected.answered[i]:
            numbers = set(layout.kinds) - {"path", "status", "truth"}
            assert all(row[name] is None for name in numbers)
            continue
        order = np.argsort(-expected.probabilities[i])
        for place in range(layout.top):
            end = "" if place == 0 else str(place + 1)
            assert int(row[f"digit{end}"]) == order[place]
            sure = expected.probabilities[i, order[place]]
            assert float(row[f"confidence{end}"]) == pytest.approx(sure, abs=6e-7)
        if layout.probabilities:
            every = [float(row[f"p{digit}"]) for digit in range(10)]
            assert every == pytest.approx(expected.probabilities[i], abs=6e-7)


def test_columns_are_those_that_the_documentation_names() -> None:
    assert ",".join(DigitLayout().kinds) == "path,status,digit,confidence"
    assert ",".join(DigitLayout(2, True, True).kinds) == (
        "path,status,digit,confidence,digit2,confidence2,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,truth"
    )


def test_a_table_for_the_eye_lines_up(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["a.png", "日本語.png", "x\n\x1b[31m.png", "l" * 50]
    lines = written("table", names, DigitLayout()).decode().split("\n")
    assert len(lines) == 6
    assert lines[4].startswith("…" + "l" * 39 + "  ")
    assert "\x1b" not in "".join(lines)
    assert re.fullmatch(r"x\\n\\x1b\[31m\.png +blank", lines[3])

    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    for no_color, term, coloured in (
        ("", "xterm", True),
        ("1", "xterm", False),
        ("", "dumb", False),
    ):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("TERM", term)
        stream = Terminal()
        open_writer("table", stream, DigitLayout()).write(
            DigitLayout().cells(["a"] * 10, found(10))
        )
        assert (b"\x1b[" in stream.getvalue()) == coloured


def test_the_surest_answer_isnt_rounded_up() -> None:
    answers = rows.empty(1)
    answers.probabilities[0, 3] = 0.99999
    stream = io.BytesIO()
    open_writer("table", stream, DigitLayout()).write(DigitLayout().cells(["a"], answers))
    assert b"99.99 %" in stream.getvalue()


def test_parquet_without_its_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(OutputProblem, match=r"pip install 'inkhook\[parquet\]'"):
        table.open_writer("parquet", io.BytesIO(), DigitLayout())
