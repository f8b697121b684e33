"""Run the benchmarks, and make docs/benchmarks.md of what they find.

Each benchmark is a process of its own, and compares with its peers by itself. What it hands over is
kept in benchmarks/figures.json with the date and the machine's cores; the page is made of that and
of page.md, which has the prose. What isn't measured this time, because there is no data or no time
for it, keeps its figures of an earlier day. All of it takes at most half an hour on two cores.

Usage: python benchmarks/all.py [--strokes FILE] [--images FILE] [--strings DIR] [--minutes 30]
           [--only NAME,…] [--page]
"""

import argparse
import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from figures import VARIABLE, from_json
from train import AUGMENTED
from train import TUTORIAL_MODEL as TUTORIAL

HERE = Path(__file__).parent
TEMPLATE, KEPT = HERE / "page.md", HERE / "figures.json"
PAGE = HERE.parent / "docs" / "benchmarks.md"

HEAD = "| what | measured | beside it, in the same run | bar | on |\n|---|---|---|---|---|\n"

Kept = dict[str, dict[str, Any]]
"""By benchmark: its figures, the day, and the number of cores."""


@dataclass(frozen=True)
class Part:
    """One benchmark.

    Attributes
    ----------
    name : str
        The program's, and that of its place in the page.
    words : tuple of str
        What it is started with; {work} is a folder that all share, in their order.
    made : mapping of str to str
        Options that take files which an earlier one may have left there.
    data : mapping of str to str
        The options that take data, each with the option of this program that names it.
    needed : bool
        Whether it measures nothing without.
    """

    name: str
    words: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False
    made: Mapping[str, str] = field(default_factory=dict)


STROKES, IMAGES = {"--strokes": "strokes"}, {"--images": "images"}
STRINGS = {"--strings": "strings"}
PARTS = (
    Part("train", ("1", "--keep", "{work}")),
    Part("accuracy", (), STROKES | IMAGES, made={"--tutorial": TUTORIAL, "--small": AUGMENTED}),
    Part("preprocess"),
    Part("classify"),
    Part("paint"),
    Part("predict_dir", ("--scale", "0.2", "--rounds", "1")),
    Part("hooks", ("--pairs", "40")),
    Part("clusters", ("--scale", "0.3", "--rounds", "1", "--listed", "100000")),
    Part("serve", ("--requests", "4000", "--photos", "40")),
    Part("read_numbers", ("--speed",), STRINGS),
    Part("watch", ("--count", "10"), STRINGS, needed=True),
    Part("scenes", ("--count", "20"), STROKES),
    Part("learn", ("--hands", "1"), {"--devset": "strokes"}, needed=True),
)


def words_of(part: Part, given: Mapping[str, Path | None], work: str) -> list[str] | None:
    """Return the words to start a benchmark with; None where it lacks its data."""
    words = [word.replace("{work}", work) for word in part.words]
    for option, name in part.made.items():
        if Path(work, name).exists():
            words += [option, str(Path(work, name))]
    for option, name in part.data.items():
        path = given[name]
        if path is None and part.needed:
            return None
        if path is not None:
            words += [option, str(path)]
    return words


def run(part: Part, words: list[str], seconds: float) -> list[dict[str, Any]] | str:
    """Run a benchmark; return what it hands over, or why it doesn't."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.json")
        command = [sys.executable, str(HERE / f"{part.name}.py"), *words]
        variables = os.environ | {VARIABLE: str(path)}
        with subprocess.Popen(command, env=variables, start_new_session=True) as process:
            try:
                process.wait(seconds)  # the exit code says only that a bar is missed
            except subprocess.TimeoutExpired:
                return "no time was left for it"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # also what it has started
        if not path.exists():
            return "it failed"
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return rows


def measure(
    parts: list[Part], given: Mapping[str, Path | None], minutes: float, kept: Kept
) -> Iterator[str]:
    """Run benchmarks and keep their figures; yield a sentence for each that has none today."""
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as work:
        for part in parts:
            words = words_of(part, given, work)
            if words is None:
                yield f"{part.name}: not measured, for it needs {' and '.join(part.data)}."
                continue
            print(f"\n── {part.name} {' '.join(words)}", flush=True)
            found = run(part, words, max(end - time.monotonic(), 1))
            if isinstance(found, str):
                yield f"{part.name}: not measured: {found}."
                continue
            kept[part.name] = {
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                "cores": len(os.sched_getaffinity(0)),
                "figures": found,
            }


def table(name: str, kept: Kept) -> str:
    """Return a benchmark's figures as a table, or that there are none."""
    if name not in kept:
        return "Not measured.\n"
    on = f"{kept[name]['date']}, {kept[name]['cores']} cores"
    rows = [
        f"| {figure.what} | {figure.text} | {figure.peer or '–'} | {figure.bar or '–'} | {on} |\n"
        for figure in from_json(kept[name]["figures"])
    ]
    return HEAD + "".join(rows)


def summary(kept: Kept) -> str:
    """Say how many bars there are, and name those that aren't met."""
    figures = [figure for each in kept.values() for figure in from_json(each["figures"])]
    bars = [figure for figure in figures if figure.bar]
    missed = [figure for figure in bars if not figure.met]
    said = f"{len(bars) - len(missed)} of {len(bars)} bars are met."
    lines = [f"- {figure.what}: {figure.text}, {figure.bar}\n" for figure in missed]
    return f"{said}{' These are not:' if missed else ''}\n" + "\n" * bool(missed) + "".join(lines)


def page(template: str, kept: Kept) -> str:
    """Return the page: the template with a table for each {{name}}."""

    def filled(found: "re.Match[str]") -> str:
        name = found[1]
        return (summary(kept) if name == "summary" else table(name, kept)).rstrip("\n")

    return re.sub(r"\{\{(\w+)\}\}", filled, template)


def main() -> None:
    """Read the arguments, measure, and write the page."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--strokes", type=Path, help="pen strokes, as `drawings` reads them")
    reader.add_argument("--images", type=Path, help="scanned digits, as `drawings` reads them")
    reader.add_argument("--strings", type=Path, help="pictures of numbers, for `read_numbers`")
    reader.add_argument("--minutes", type=float, default=30.0, help="when to stop")
    reader.add_argument("--only", default="", help="these benchmarks, with commas between them")
    reader.add_argument("--page", action="store_true", help="only make the page again")
    options = reader.parse_args()
    kept: Kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    chosen = options.only.split(",") if options.only else [part.name for part in PARTS]
    if unknown := set(chosen) - {part.name for part in PARTS}:
        reader.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if not options.page:
        parts = [part for part in PARTS if part.name in chosen]
        sentences = list(measure(parts, vars(options), options.minutes, kept))
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print("", *sentences, sep="\n")
    PAGE.write_text(page(TEMPLATE.read_text(encoding="utf-8"), kept), encoding="utf-8")


if __name__ == "__main__":
    main()
