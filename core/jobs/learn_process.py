"""Learning in a process of its own, at low priority, for windows and pages that go on meanwhile.

The process is the command `inkhook learn`. If it is killed, nothing has changed: the model that was
in use is whole, and the other is written at the very end.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..base.threads import ONE_THREAD
from ..events import records
from ..events.runs import new_folder
from ..modelfile.artifact import Artifact, read_artifact
from .find_model import model_name

LOWEST_PRIORITY = 19

_START = f"""
import os, sys
if hasattr(os, "nice"):
    os.nice({LOWEST_PRIORITY})
from inkhook.__main__ import main
main()
"""


class Outcome(NamedTuple):
    """How learning has ended.

    Attributes
    ----------
    model : Artifact or None
        The new model, if it is better.
    sentence : str
        For the user.
    """

    model: Artifact | None
    sentence: str


class LearnProcess:
    """One run of learning, from its start to its outcome."""

    def __init__(self, model: Artifact, sources: Sequence[Path], seed: int | None = None) -> None:
        """Start the process.

        Parameters
        ----------
        model : Artifact
            What is trained on.
        sources : sequence of pathlib.Path
            See `samples.read_samples`.
        seed : int, optional

        Raises
        ------
        OutputProblem
            When the run's folder can't be made.
        """
        self._folder = new_folder()
        words = ["learn", *map(str, sources), "--model", model_name(model), "-o"]
        words += [str(self._folder), *(("--seed", str(seed)) if seed is not None else ())]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - until the process has ended
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            # -P: a file in the current folder must not be imported as a module
            [sys.executable, "-P", "-c", _START, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            # the window keeps a core for itself; Ctrl-C is the window's
            env=os.environ | ONE_THREAD,
            process_group=0 if os.name == "posix" else None,
        )

    def poll(self) -> Outcome | None:
        """Return the outcome; None while the process is at work."""
        if self._process.poll() is None:
            return None
        with contextlib.suppress(OSError):  # there is something in it
            self._folder.rmdir()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        self._said.close()
        record = records.read_record(self._folder)
        learnt = record.get("learnt")
        learnt = learnt if isinstance(learnt, dict) else {}
        path = self._folder / records.MODEL
        if record.get("status") in records.ENDED_WELL and path.exists():
            own = learnt["samples"]
            was, now = (own[time]["accuracy"] * 100 for time in ("before", "after"))
            figures = f"{was:.0f} → {now:.0f} % of" if now > was else "as many right, and surer, of"
            figures += f" {own['count']:,} samples"
            return Outcome(read_artifact(path), f"Better: {figures}; {self._folder.name} reads now")
        if objection := learnt.get("objection"):
            return Outcome(None, f"Nothing learnt. {objection}")
        reason = lines[-1].removeprefix("Error: ") if lines else "The process was ended."
        return Outcome(None, reason)

    def stop(self) -> None:
        """End the process, which leaves nothing behind."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
            self.poll()
