"""The page of figures: made of what benchmarks hand over, with a mark where a bar is missed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

BENCHMARKS = ROOT / "benchmarks"


def figure(what: str, value: float, **rest: object) -> dict[str, object]:
    nothing = {"peer": "", "most": None, "least": None, "digits": 2}
    return {"what": what, "value": value, "unit": "×", **nothing, **rest}


def python(code: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run code that imports from the folder of benchmarks."""
    head = f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
    run = [sys.executable, "-c", head + code, *words]
    return subprocess.run(run, capture_output=True, text=True, check=True)


def made(template: str, kept: object) -> str:
    code = "import json, all; print(all.page(sys.argv[1], json.loads(sys.argv[2])))"
    return python(code, template, json.dumps(kept)).stdout


def test_a_missed_bar_is_marked_and_named_at_the_top() -> None:
    figures = [
        figure("quick", 0.1449, most=0.15, peer="the tutorial: 97.7 s"),
        figure("slow", 0.1551, most=0.15),
        figure("right", 1234.5, unit="%", least=98, digits=1),
        figure("free", 2.0, unit="ms", digits=0),
    ]
    kept = {"train": {"date": "2026-11-26", "cores": 2, "figures": figures}}
    lines = made("{{summary}}\n\n{{train}}\n\n{{paint}}", kept).splitlines()
    assert lines[0] == "2 of 3 bars are met. These are not:"
    assert lines[2] == "- slow: 0.16×, **missed: at most 0.15**"
    assert [line for line in lines if line.startswith("| ")][1:] == [
        "| quick | 0.14× | the tutorial: 97.7 s | at most 0.15 | 2026-11-26, 2 cores |",
        "| slow | 0.16× | – | **missed: at most 0.15** | 2026-11-26, 2 cores |",
        "| right | 1,234.5 % | – | at least 98 | 2026-11-26, 2 cores |",
        "| free | 2 ms | – | – | 2026-11-26, 2 cores |",
    ]
    assert lines[-1] == "Not measured."


def test_every_benchmark_has_its_place_in_the_page() -> None:
    names = python("import all; print(*(part.name for part in all.PARTS))").stdout.split()
    places = re.findall(r"\{\{(\w+)\}\}", (BENCHMARKS / "page.md").read_text())
    assert sorted([*names, "summary"]) == sorted(places)
    assert all((BENCHMARKS / f"{name}.py").exists() for name in names)


def test_what_is_not_measured_keeps_its_figures(tmp_path: Path) -> None:
    """One part hands figures over, one fails, one lacks its data, one takes too long."""
    (tmp_path / "good.py").write_text(
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "from figures import Figure, hand_over\n"
        "hand_over([Figure(' '.join(sys.argv[1:]), 1, 's')])\n"
        "sys.exit(1)\n"
    )
    (tmp_path / "bad.py").write_text("raise SystemExit('no')")
    (tmp_path / "long.py").write_text("import time; time.sleep(60)")
    done = python(
        "import all, json, pathlib\n"
        f"all.HERE = pathlib.Path({str(tmp_path)!r})\n"
        "parts = [all.Part('good', ('{work}', '--x')), all.Part('bad'),\n"
        "    all.Part('lacking', data={'--strings': 'strings'}, needed=True)]\n"
        "kept = {'bad': 'as before'}\n"
        "said = list(all.measure(parts, {'strings': None}, 1, kept))\n"
        "said += all.measure([all.Part('long')], {}, 0, kept)\n"
        "print(json.dumps([said, kept]))"
    )
    said, kept = json.loads(done.stdout.splitlines()[-1])
    assert said == [
        "bad: not measured: it failed.",
        "lacking: not measured, for it needs --strings.",
        "long: not measured: no time was left for it.",
    ]
    assert kept["bad"] == "as before"
    (found,) = kept["good"]["figures"]
    folder, option = found["what"].split()
    assert (Path(folder).is_absolute(), option) == (True, "--x")


@pytest.mark.skipif(not (BENCHMARKS / "figures.json").exists(), reason="nothing is measured yet")
def test_the_page_is_made_of_the_kept_figures() -> None:
    kept = json.loads((BENCHMARKS / "figures.json").read_text())
    page = made((BENCHMARKS / "page.md").read_text(), kept)
    assert page.rstrip("\n") == (ROOT / "docs" / "benchmarks.md").read_text().rstrip("\n")
