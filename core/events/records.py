"""What runs have left behind: their records, their models, and how each ended."""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..base import files

ROOT = Path("artifacts")
"""Where runs go without `-o`, below the current folder."""

MODEL, RECORD, METRICS, LOCK = "model.h5", "run.json", "metrics.jsonl", ".lock"

MODELS = (MODEL, "model.keras")
"""What a folder's model may be called; a run writes the first."""

ENDED_WELL = ("complete", "stopped")
"""How a run has ended whose results are whole."""

LARGEST_RECORD = 16_000_000
"""Bytes; a record has about a thousand, and the name of each file that the run wrote."""


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
            found.append((when, os.fspath(model), status_of(model.parent)))
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


def status_of(folder: Path) -> str:
    """Return how a run ended: `complete`, `stopped`, `interrupted` or `failed`, or `running`.

    One that was killed couldn't write that down: nobody has its lock any more, so it counts as
    interrupted. `unknown` is said where there is no record.
    """
    status = str(read_record(folder).get("status", "unknown"))
    lock = folder / LOCK
    if status == "running" and (not lock.exists() or files.is_locked(lock) is False):
        return "interrupted"
    return status
