"""How many of inkhook's source files a job goes through: what a newcomer must read to follow it.

Counted with `sys.setprofile`, in every thread and in the processes that read files: a source file
counts when one of its functions is called, not when it is only imported. Two jobs are counted: an
image file's way from the listing to its row in `predict-dir`'s table, and a whole `run`.

Usage: python benchmarks/files_touched.py [--list]
"""

import argparse
import os
import sys
import tempfile
import threading
from inspect import CO_OPTIMIZED  # of functions, not of modules and classes
from pathlib import Path
from types import FrameType
from typing import Any

from click.testing import CliRunner
from PIL import Image

import inkhook
from inkhook.cli import cli
from inkhook.testing.tiny import dataset

ROOT = str(Path(inkhook.__file__).parent) + os.sep
OWN = str(Path(__file__))

IN_WORKERS = """
import os, sys
found = set()
def note(frame, event, argument):
    code = frame.f_code
    if event != "call" or not code.co_flags & {function}:
        return
    if code.co_qualname == "Predictor.__call__":
        found.add("begun")
    path = code.co_filename
    if "begun" in found and path not in found and path.startswith({root!r}):
        found.add(path)
        with open({log!r}, "a") as log:
            log.write(path + "\\n")
if "inkhook.core.reading.worker" in sys.orig_argv:
    sys.setprofile(note)
"""
"""For `sitecustomize.py`, which Python imports when it starts: notes what a file goes through."""


class Touched:
    """Notes source files while it is on; a context manager."""

    def __init__(self, *, of_a_file: bool) -> None:
        """Note all files, or those from the listing on until a row has been written."""
        self.files: set[str] = set()
        self._of_a_file, self._on = of_a_file, not of_a_file

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        """See sys.setprofile."""
        code = frame.f_code
        if not code.co_filename.startswith(ROOT) or code.co_filename == OWN:
            return
        if self._of_a_file and code.co_qualname == "Listing.names":
            self._on = True
        if self._on and event == "call" and code.co_flags & CO_OPTIMIZED:
            self.files.add(code.co_filename)
        if self._of_a_file and event == "return" and code.co_qualname == "_Csv.write":
            self._on = False

    def __enter__(self) -> "Touched":
        threading.setprofile(self.note)
        sys.setprofile(self.note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="print the files, too")
    shown = parser.parse_args().list
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("site").mkdir()
        Path("site/sitecustomize.py").write_text(
            IN_WORKERS.format(function=CO_OPTIMIZED, root=ROOT, log=f"{folder}/workers.txt")
        )
        os.environ["PYTHONPATH"] = os.pathsep.join(
            [f"{folder}/site", *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        Path("d").mkdir()
        Image.fromarray(dataset().test.images[0]).resize((90, 90)).save("d/a.png")
        jobs = {
            "an image file's way to its row": ["predict-dir", "d", "--model", "pretrained"],
            "a run": ["run", "--epochs", "1", "--hidden", "16"],
        }
        for job, words in jobs.items():
            with Touched(of_a_file=words[0] != "run") as touched:
                done = CliRunner().invoke(cli, words)
            if done.exit_code != 0:
                raise SystemExit(done.output)
            log = Path("workers.txt")
            files = touched.files | (set(log.read_text().split()) if log.exists() else set())
            log.unlink(missing_ok=True)
            print(f"{job}: {len(files)} source files")
            if shown:
                print(*sorted(path.removeprefix(ROOT) for path in files), sep="\n")


if __name__ == "__main__":
    main()
