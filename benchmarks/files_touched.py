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
from inkhook.testing.tiny import dataset, write_dataset

ROOT = str(Path(inkhook.__file__).parent) + os.sep
OWN = str(Path(__file__))

IN_WORKERS = """
import os, sys
found = set()
def note(frame, event, argument):
    path = frame.f_code.co_filename
    if event == "call" and path not in found and frame.f_code.co_flags & {function}:
        found.add(path)
        if path.startswith({root!r}):
            with open({log!r}, "a") as log:
                log.write(path + "\\n")
if "inkhook.core.reading.worker" in sys.orig_argv:
    sys.setprofile(note)
"""
"""For `sitecustomize.py`, which Python imports when it starts."""


class Touched:
    """Notes source files while it is on; a context manager."""

    def __init__(self) -> None:
        self.files: set[str] = set()

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        """See sys.setprofile."""
        code = frame.f_code
        if event != "call" or not code.co_flags & CO_OPTIMIZED or code.co_filename == OWN:
            return
        if code.co_filename.startswith(ROOT):
            self.files.add(code.co_filename)
            if code.co_qualname == "Listing.__init__":  # what comes before isn't the file's way
                self.files = {code.co_filename}

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
            "a run": ["run", "--data", str(write_dataset(Path("few.npz"))), "--epochs", "1"],
        }
        for job, words in jobs.items():
            with Touched() as touched:
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
