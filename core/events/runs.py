"""A run's folder: its contents, its name, and how to find the newest.

The folder holds `model.h5`, `run.json`, `metrics.jsonl` and what plugins add. `run.json` says
`running` from the start, so that a killed run can be told from one that ended.
"""

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..base import files
from ..base.problems import OutputProblem
from ..base.text import now, to_json

ROOT = Path("artifacts")
"""Where runs go without `-o`, below the current folder."""

MODEL, RECORD, METRICS = "model.h5", "run.json", "metrics.jsonl"

LARGEST_RECORD = 1_000_000
"""In bytes; a record has about a thousand."""

NEEDED_BYTES = 8_000_000
"""A run of the default network writes about 2.5 MB. Checked at the start, so that nobody trains for
minutes and then can't save."""


class RunFolder:
    """One run's folder, and the record of the run in it."""

    def __init__(self, path: Path, record: Mapping[str, Any]) -> None:
        """Make the folder and write the first `run.json`.

        Parameters
        ----------
        path : pathlib.Path
            Made if it doesn't exist; an earlier run's files in it are replaced one by one.
        record : mapping
            What is known at the start: command, plugins, seed …

        Raises
        ------
        OutputProblem
            When the folder can't be made or written, or its disk is nearly full.
        """
        self.path = path
        self._record = dict(record) | {"started": now(), "status": "running"}
        with files.reporting(path):
            self._is_new = not path.exists() or not any(path.iterdir())
            path.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(path).free
        if free < NEEDED_BYTES:
            raise OutputProblem(
                f"Only {free / 1e6:.1f} MB are free for '{path}' and a run needs "
                f"{NEEDED_BYTES / 1e6:.0f} MB; free some space or choose another folder with -o."
            )
        for folder in (path, *ROOT.glob("*/")):
            files.clear_strays(folder)
        self._save()
        files.write_file(path / METRICS, "")

    @property
    def model_path(self) -> Path:
        """Where the run's model goes."""
        return self.path / MODEL

    def add_metrics(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Append one epoch's metrics to `metrics.jsonl` as a line of JSON."""
        with (
            files.reporting(self.path / METRICS),
            (self.path / METRICS).open("a", encoding="utf-8") as file,
        ):
            file.write(to_json({"epoch": epoch, **logs}) + "\n")

    def add_to_record(self, **values: Any) -> None:
        """Add JSON values to the final `run.json`."""
        self._record |= values

    def finish(self, status: str, record: Mapping[str, Any]) -> None:
        """Write the final `run.json`, or remove the folder if nothing was done.

        Raises
        ------
        OutputProblem
            When it can't be written.
        """
        ours = (self.path / RECORD, self.path / METRICS)
        if status in ("failed", "interrupted") and self._is_new:
            with files.reporting(self.path):
                if set(self.path.iterdir()) == set(ours) and not ours[1].stat().st_size:
                    for path in ours:
                        path.unlink()
                    self.path.rmdir()
                    return
        self._record |= dict(record) | {"status": status, "finished": now()}
        self._save()

    def _save(self) -> None:
        files.write_file(self.path / RECORD, to_json(self._record, indent=2) + "\n")


def new_folder(root: Path = ROOT) -> Path:
    """Make a folder below `root`, named after the local time and unique.

    Raises
    ------
    OutputProblem
        When it can't be made.
    """
    name = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    with files.reporting(root):
        root.mkdir(parents=True, exist_ok=True)
        for count in itertools.count(1):
            path = root / (name if count == 1 else f"{name}-{count}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                break
    return path


def ended_models(root: Path = ROOT) -> list[tuple[Path, str]]:
    """Return the runs' models and how each run ended, the newest first.

    A run that was interrupted or killed, or has no record, is dated by its model file.
    """
    found = []
    for model in root.glob(f"*/{MODEL}"):
        record = read_record(model.parent)
        with contextlib.suppress(OSError):
            written = datetime.fromtimestamp(model.stat().st_mtime, UTC).isoformat()
            when = str(record.get("finished", written))
            found.append((when, os.fspath(model), str(record.get("status", "unknown"))))
    return [(Path(model), status) for _, model, status in sorted(found, reverse=True)]


def read_record(folder: Path) -> dict[str, Any]:
    """Return the contents of a run's `run.json`; empty if it is missing, broken or huge."""
    path = folder / RECORD
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_RECORD:
            return {}
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
