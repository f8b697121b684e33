"""The folder of a run: what is in it, how it is named, and how it takes an earlier run's place.

A run's folder holds `model.h5`, `run.json`, `metrics.jsonl` and what plugins add; `run.json` lists
them all. It says `running` from the start, and `.lock` is held until the end, so that a run that
was killed can be told from one that goes on. Where there is something in the folder already, the
run is written into `unfinished` in it, and moved from there when it has ended well. See
docs/decisions/039-a-run-takes-a-place.md.

`records` reads what runs have left behind.
"""

import contextlib
import itertools
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from ..base import files, signals
from ..base.files import Busy, Lock
from ..base.problems import OutputProblem
from ..base.text import now, to_json
from .records import ENDED_WELL, LOCK, METRICS, MODEL, RECORD, ROOT, read_record

UNFINISHED, FINISHED = "unfinished", ".finished"
"""Where a run is written that is to take an earlier one's place, and what that is called while its
files are moved; a move that was cut off is finished by the next run."""

NEEDED_BYTES = 8_000_000
"""A run of the default network writes about 2.5 MB. Checked at the start, so that nobody trains for
minutes and then can't save."""


class RunFolder:
    """One run's folder, and the record of the run in it.

    Attributes
    ----------
    path : pathlib.Path
        Where the run's files are: the folder itself, or `unfinished` in it, until the run ends.
    """

    def __init__(
        self,
        path: Path,
        record: Mapping[str, Any],
        *,
        force: bool | None = None,
        option: str = "-o",
    ) -> None:
        """Make the folder and write the first `run.json`.

        Parameters
        ----------
        path : pathlib.Path
            Made if it isn't there. No other run can write there until this one has ended.
        record : mapping
            What is known at the start: command, plugins, seed …
        force : bool or None
            Whether a model that is there may be replaced when this run has ended well; None where
            the command has no such option.
        option : str
            What the command calls the option for another folder.

        Raises
        ------
        OutputProblem
            When there is a model, another run is writing, the folder can't be made or written, or
            its disk is nearly full.
        """
        self.path = self._place = path
        self._record = dict(record) | {"started": now(), "status": "running"}
        with files.reporting(path):
            path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock = Lock(path / LOCK)
            except Busy as other:
                raise OutputProblem(
                    f"Another run is writing to '{path}' (process {other}); wait until it has "
                    f"ended, or choose another folder with {option}."
                ) from other
        try:
            self._begin(force, option)
        except BaseException:
            self._leave()
            raise

    def _begin(self, force: bool | None, option: str) -> None:
        path = self._place
        with files.reporting(path):
            if (path / MODEL).exists() and not force:
                instead = "" if force is None else ", or replace that run with --force"
                raise OutputProblem(
                    f"'{path}' holds a model; choose another folder with {option}{instead}."
                )
            free = shutil.disk_usage(path).free
        if free < NEEDED_BYTES:
            raise OutputProblem(
                f"Only {free / 1e6:.1f} MB are free for '{path}' and a run needs "
                f"{NEEDED_BYTES / 1e6:.0f} MB; free some space or choose another folder with "
                f"{option}."
            )
        for folder in (path, *ROOT.glob("*/")):
            files.clear_strays(folder)
        with files.reporting(path):
            if (path / FINISHED).exists():
                move_into(path, path / FINISHED)
            if any(place.name != LOCK for place in path.iterdir()):
                self.path = new_folder(path, UNFINISHED)
        self._save()
        files.write_file(self.path / METRICS, "")

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

    def finish(self, status: str, record: Mapping[str, Any], *, well: bool) -> None:
        """Write the last `run.json`, or take away again what is of no use.

        Parameters
        ----------
        status : str
            For the record.
        record : mapping
        well : bool
            Whether the run may take an earlier one's place. If it may not, only a model is worth
            keeping beside that one.

        Raises
        ------
        OutputProblem
            When something can't be written.
        """
        try:
            with files.reporting(self.path):
                if self._is_useless(status, well):
                    shutil.rmtree(self.path) if self._is_beside else self._remove_own()
                    return
                names = {*files_in(self.path), RECORD} - {LOCK}
            self._record |= dict(record) | {"status": status, "finished": now()}
            self._record["files"] = sorted(names)
            self._save()
            if well and self._is_beside:
                with files.reporting(self._place):
                    move_into(self._place, self.path.rename(self._place / FINISHED))
                self.path = self._place
        finally:
            self._leave()

    @property
    def _is_beside(self) -> bool:
        """Whether the run is written beside an earlier one."""
        return self.path != self._place

    def _is_useless(self, status: str, well: bool) -> bool:
        if self._is_beside:
            return not well and not self.model_path.exists()
        nothing = set(files_in(self.path)) <= {RECORD, METRICS, LOCK}
        return status not in ENDED_WELL and nothing and not (self.path / METRICS).stat().st_size

    def _remove_own(self) -> None:
        for name in (RECORD, METRICS):
            (self.path / name).unlink()

    def _leave(self) -> None:
        """Let others write here; a folder that was made in vain goes."""
        self._lock.release()
        with contextlib.suppress(OSError):  # there is something in it
            self._place.rmdir()

    def _save(self) -> None:
        files.write_file(self.path / RECORD, to_json(self._record, indent=2) + "\n")


def new_folder(root: Path = ROOT, name: str = "") -> Path:
    """Make a folder below `root` that nobody else gets.

    Parameters
    ----------
    root : pathlib.Path
    name : str
        What to call it if nothing else is called so; by default the local time.

    Raises
    ------
    OutputProblem
        When it can't be made.
    """
    name = name or datetime.now().strftime("%Y-%m-%d-%H%M%S")
    with files.reporting(root):
        root.mkdir(parents=True, exist_ok=True)
        for count in itertools.count(1):
            path = root / (name if count == 1 else f"{name}-{count}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                break
    return path


def files_in(folder: Path) -> list[str]:
    """Return the files below a folder, relative to it and with /."""
    found = []
    for place, _, names in os.walk(folder):
        found += [(Path(place) / name).relative_to(folder).as_posix() for name in names]
    return found


def move_into(folder: Path, source: Path) -> None:
    """Move a run's files into a folder, in place of those that its record lists.

    Others stay: one of the same name as a new one gets another name. The record comes last, so that
    a move that was cut off can be finished.

    Raises
    ------
    OSError
        When a file can't be moved; it and those after it are then still in `source`.
    """
    with signals.held():
        new = _listed(source)
        old = _listed(folder) if "files" in read_record(folder) else _unlisted(folder, new)
        for name in old - new:
            (folder / name).unlink(missing_ok=True)
            _remove_empty((folder / name).parent, folder)
        for name in sorted(files_in(source), key=lambda name: (name == RECORD, name)):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if name not in old and place.exists():
                place.rename(_free(place))
            (source / name).replace(place)
            _remove_empty((source / name).parent, source.parent)


def _listed(folder: Path) -> set[str]:
    """Return the files that a run wrote, by its record, which is text from outside."""
    listed = read_record(folder).get("files")
    names = listed if isinstance(listed, list) else []
    return {name for name in names if isinstance(name, str) and _is_below(name)}


def _unlisted(folder: Path, new: set[str]) -> set[str]:
    """Return what a run of inkhook 0.1, which listed nothing, is taken to have written."""
    return new | {METRICS, MODEL} if read_record(folder) else set()


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return name != "" and not path.is_absolute() and ".." not in path.parts


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder that has become empty, and those around it, up to `top`."""
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _free(place: Path) -> Path:
    """Return a name beside a file that isn't taken."""
    count = 1
    while (other := place.with_name(f"{place.name}.{count}")).exists():
        count += 1
    return other
