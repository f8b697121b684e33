"""The work of `inkhook predict-dir`: list the files, have them read, write the results."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...core.base import files
from ...core.base.problems import DataProblem, OutputProblem, Problem
from ...core.base.text import visible
from ...core.events.session import CommandSession
from ...core.images.imagefile import Limits
from ...core.jobs import find_model
from ...core.jobs.read_numbers import FOR_PLUGINS, numbers_job
from ...core.judging.score import sure_from
from ...core.modelfile.artifact import Artifact
from ...core.reading.answers import change_by, find_by
from ...core.reading.listing import STDIN, Listing
from ...core.reading.predictor import Job
from ...core.reading.rows import BATCH
from .cluster import shards
from .engines import Engine, Task
from .header import identity_of, versions
from .journal import Journal
from .number_sheet import SIDE
from .outputs import PART_ONLY, Outputs, Wanted
from .sheet import pages_at


class Part(NamedTuple):
    """One of `of` parts of a listing, counted from 1; it takes every N-th batch."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class Request:
    """What the command line asks for; `command` explains each field."""

    inputs: tuple[str, ...]
    recursive: bool
    nulls: bool
    model: str | None
    numbers: bool
    reject_below: float | None
    part: Part | None
    resume: bool
    restart: bool
    limits: Limits
    plugins: Sequence[str]
    plugin_options: Mapping[str, str]
    wanted: Wanted

    @property
    def journal(self) -> Path | None:
        """The file that keeps progress."""
        return self._beside("journal")

    @property
    def folder(self) -> Path | None:
        """The folder for the rows of shards."""
        return self._beside("shards")

    @property
    def own_files(self) -> list[Path]:
        """What the command writes, and so never reads."""
        paths = [self.wanted.output, self.journal, self.folder, self.wanted.sort_into]
        pages = pages_at(self.wanted.sheet) if self.wanted.sheet else []
        return [path for path in paths if path is not None] + pages

    def _beside(self, suffix: str) -> Path | None:
        output = self.wanted.output
        return output.with_name(f"{output.name}.{suffix}") if output else None


def predict_folder(request: Request, session: CommandSession, engine: Engine) -> bool:
    """Do what is asked for; tells whether all is well with the files.

    Raises
    ------
    Problem
        When there is nothing to read, or something can't be written.
    """
    request.wanted.layout(numbers=request.numbers)  # what can't be done is said at once
    with session.stage("load_model"):
        model = find_model.read_chosen(request.model, session.note, numbers=request.numbers)
    job = _job(request, model, session)
    header = _header(request, model, job)
    journal, folder = _open_journal(request, header), request.folder
    try:
        with session.stage("list_files"):
            root = _list(request, journal)
        if folder and folder.is_dir():
            shards.gather(journal, folder, identity_of(header, journal.facts["listing"]))
        if journal.done:
            done = min(journal.done * BATCH, journal.count)
            session.note(f"Resumed: {done:,} of {journal.count:,} files are done.")
        change = change_by(session, "number" if request.numbers else "folder")
        find = find_by(session) if request.numbers else None
        task = Task(job, model, journal, root, folder, change, find, session.note)
        with session.stage("predict"):
            all_well = _predict(request, session, engine, task)
        if request.part and request.wanted.output:
            journal.finish(request.wanted.output)
        else:
            journal.remove()
        _clear(folder)
    except BaseException:
        if not journal.done:  # there is nothing to resume
            journal.remove()
            _clear(folder)
        raise
    finally:
        journal.close()
    return all_well


def _job(request: Request, model: Artifact, session: CommandSession) -> Job:
    drawn, asked = request.wanted.sheet is not None, request.reject_below
    if request.numbers:
        pages = FOR_PLUGINS if session.has("on_number") else SIDE if drawn else 0
        cuts = session.has("on_prediction")
        return numbers_job(model, asked=asked, limits=request.limits, pages=pages, cuts=cuts)
    return Job(
        model.network,
        model.temperature,
        sure_from(model, asked),
        request.limits,
        images=session.has("on_prediction"),
        thumbs=drawn,
    )


def _predict(request: Request, session: CommandSession, engine: Engine, task: Task) -> bool:
    """Have the files read and write the results; return whether all is well with them."""
    start, journal = time.perf_counter(), task.journal
    outputs = Outputs(
        request.wanted,
        session,
        journal.facts,
        journal.count,
        task.job.reject_below,
        journal.all_names(),
        find_model.title_of(task.model) if request.wanted.sheet else "",
        numbers=request.numbers,
    )
    # a bar and a table on one terminal would overwrite each other
    shown = request.wanted.output is not None or not session.stdout.isatty()
    try:
        with engine.reading(task, shown=shown) as batches:
            outputs.write_all(batches)
    except (KeyboardInterrupt, Problem):
        _say_what_is_kept(request, session, journal, outputs.done)
        raise
    outputs.report(batches.read, time.perf_counter() - start)
    return outputs.all_well


def _say_what_is_kept(
    request: Request, session: CommandSession, journal: Journal, told: int
) -> None:
    count = journal.count
    if request.wanted.output is None:
        session.note(f"{told:,} of {count:,} files are done.")
    elif journal.done:
        journal.sync()
        kept = min(journal.done * BATCH, count)
        session.note(
            f"{kept:,} of {count:,} files are done; finish with the same command and --resume."
        )


def _clear(folder: Path | None) -> None:
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _header(request: Request, model: Artifact, job: Job) -> dict[str, Any]:
    """Return what must be the same for the work to be resumed; see `header.USER_NAMES`."""
    libraries = versions()
    kind = {"numbers": True, "pages": job.pages} if request.numbers else {}
    return {
        "inkhook": libraries.pop("inkhook"),
        "libraries": libraries,
        "model": model.sha256,
        "preprocessing": model.settings.as_dict(),
        "input": [os.path.abspath(text) if text != STDIN else STDIN for text in request.inputs],
        "recursive": request.recursive,
        "reject_below": job.reject_below,
        "max_bytes": request.limits.most_bytes,
        "max_pixels": request.limits.most_pixels,
        "thumbs": job.thumbs,
        "plugins": list(request.plugins),
        "plugin_options": dict(request.plugin_options),
        "part": str(request.part) if request.part else None,
    } | kind


def _open_journal(request: Request, header: dict[str, Any]) -> Journal:
    path, output = request.journal, request.wanted.output
    if path is None or output is None:
        return Journal(None, header)
    if not request.part:  # other machines' unfinished files may be beside a part
        files.clear_strays(output.parent)
    if path.exists() and not (request.resume or request.restart):
        raise OutputProblem(
            f"Another process is writing '{output}'; wait until it is done."
            if files.is_locked(path)
            else f"Earlier work on '{output}' was interrupted; "
            "finish it with --resume, or start over with --restart."
        )
    if not request.resume:
        _clear(request.folder)
    elif request.wanted.form == PART_ONLY and not path.exists() and _is_ours(output, header):
        with files.reporting(path):
            output.replace(path)
    return Journal(path, header, resume=request.resume, output=output)


def _is_ours(path: Path, header: dict[str, Any]) -> bool:
    """Tell whether a path holds the requested part, finished earlier."""
    try:
        part = Journal.open(path)
    except DataProblem:
        return False
    part.close()
    return part.header == header


def _list(request: Request, journal: Journal) -> str:
    """List the files, unless that is done, and return the folder they are relative to."""
    if journal.facts:
        return str(journal.facts["root"])
    listing = Listing(
        request.inputs,
        recursive=request.recursive,
        nulls=request.nulls,
        left_out=map(os.fspath, request.own_files),
    )
    part, digest = request.part or Part(1, 1), hashlib.sha256()
    count = widest = 0

    def names() -> Iterator[str]:
        nonlocal count, widest
        for name in listing.names():
            widest = max(widest, len(visible(name)))
            digest.update(os.fsencode(name) + b"\0")
            if count // BATCH % part.of == part.number - 1:
                yield name
            count += 1

    journal.list_files(
        names(),
        lambda: {
            "root": listing.root,
            "skipped": dict(listing.skipped),
            "unlisted": listing.unlisted,
            "widest": widest,
            "listing": digest.hexdigest(),
            "listed": count,
        },
    )
    if not count:
        raise listing.nothing
    return listing.root
