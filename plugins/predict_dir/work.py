"""The work of `inkhook predict-dir`: list the files, have them read, bring the answers away."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...core import files, models, table
from ...core.answers import Answers, Batch
from ...core.artifact import Artifact
from ...core.crew import Crew
from ...core.imagefile import Limits
from ...core.journal import BATCH, Journal
from ...core.listing import STDIN, Listing
from ...core.predictor import Job
from ...core.problems import DataProblem, OutputProblem
from ...core.session import Session
from ...core.types import Predictions, UInt8Array
from .. import ALWAYS
from .progress import Progress
from .sheet import Sheet, pages_at
from .sorting import Sorter
from .summary import Summary, left_out
from .truth import Truth

FILES_A_WORKER = 100
"""Fewer don't pay for starting one more process."""

WIDEST_NAME = 60


@dataclass(frozen=True)
class Request:
    """What the command line asks for; see `command` for what each means."""

    inputs: tuple[str, ...]
    recursive: bool
    nulls: bool
    model: str | None
    output: Path | None
    form: str
    top: int
    probabilities: bool
    reject_below: float | None
    truth: str | None
    sheet: Path | None
    sort_into: Path | None
    sort_how: str
    resume: bool
    restart: bool
    workers: int
    limits: Limits
    plugins: Sequence[str]

    @property
    def journal(self) -> Path | None:
        """Where progress is kept."""
        return self.output.with_name(f"{self.output.name}.journal") if self.output else None

    @property
    def own_files(self) -> list[Path]:
        """What is written, and so is never read."""
        paths = [self.output, self.journal, self.sort_into]
        pages = pages_at(self.sheet) if self.sheet else []
        return [path for path in paths if path is not None] + pages


def do(request: Request, session: Session, crew: Crew) -> bool:
    """Do what is asked for; tells whether all files could be read.

    Raises
    ------
    Problem
        When there is nothing to read, or something can't be written.
    """
    with session.stage("load_model"):
        model = models.choose(request.model, session.note, ALWAYS)
    reject_below = model.reject_below if request.reject_below is None else request.reject_below
    job = Job(
        model.network,
        model.temperature,
        reject_below,
        request.limits,
        images=session.has("on_prediction"),
        thumbs=request.sheet is not None,
    )
    journal = _open_journal(request, _header(request, model, job))
    try:
        with session.stage("list_files"):
            root = _list(request, journal)
        if journal.done:
            done = min(journal.done * BATCH, journal.count)
            session.note(f"Resumed: {done:,} of {journal.count:,} files are done.")
        crew.hire(job, _workers(request, journal.count), _change(session))
        with session.stage("predict"):
            return _Pass(request, session, journal, root).run(crew, job)
    except BaseException:
        if not journal.done:  # there is nothing to resume
            journal.remove()
        raise
    finally:
        journal.close()


def _workers(request: Request, count: int) -> int:
    return max(1, min(request.workers, -(-count // FILES_A_WORKER)))


def _change(session: Session) -> Callable[[UInt8Array], UInt8Array] | None:
    if not session.has("prepare_image"):
        return None
    return lambda image: session.chain("prepare_image", image, same_shape=False, source="folder")


def _header(request: Request, model: Artifact, job: Job) -> dict[str, Any]:
    """Return what must be the same for the work to be resumed, by the name that a user knows."""
    return {
        "version of inkhook": version("inkhook"),
        "version of the libraries": {
            name: version(name) for name in ("numpy", "opencv-python", "pillow")
        },
        "model": model.sha256,
        "preprocessing": model.settings.as_dict(),
        "input": [os.path.abspath(text) if text != STDIN else STDIN for text in request.inputs],
        "--recursive": request.recursive,
        "--reject-below": job.reject_below,
        "--max-file": request.limits.most_bytes,
        "--max-pixels": request.limits.most_pixels,
        "--sheet": job.thumbs,
        "--plugins": list(request.plugins),
    }


def _open_journal(request: Request, header: dict[str, Any]) -> Journal:
    path = request.journal
    if path is None or request.output is None:
        return Journal(None, header)
    files.clear_strays(request.output.parent)
    if path.exists() and not (request.resume or request.restart):
        raise OutputProblem(
            f"Earlier work on '{request.output}' was cut off; "
            "finish it with --resume, or begin anew with --restart."
        )
    return Journal(path, header, resume=request.resume)


def _list(request: Request, journal: Journal) -> str:
    """List the files, where that isn't done yet, and return the folder they are relative to."""
    if journal.batches:
        return str(journal.facts["root"])
    listing = Listing(
        request.inputs,
        recursive=request.recursive,
        nulls=request.nulls,
        left_out=map(os.fspath, request.own_files),
    )
    widest = 0

    def names() -> Iterator[str]:
        nonlocal widest
        for name in listing.names():
            widest = max(widest, len(table.visible(name)))
            yield name

    journal.list_files(
        names(),
        lambda: {
            "root": listing.root,
            "skipped": dict(listing.skipped),
            "unlisted": listing.unlisted,
            "widest": widest,
        },
    )
    if not journal.count:
        reasons = f"; left out: {left_out(listing.skipped)}" if listing.skipped else ""
        raise DataProblem(f"There are no files to read{reasons}.")
    return listing.root


class _Pass:
    """One way through all batches, in order; every output gets each of them."""

    def __init__(self, request: Request, session: Session, journal: Journal, root: str) -> None:
        self._request, self._session, self._journal, self._root = request, session, journal, root
        self._truth = Truth(request.truth, root) if request.truth else None
        self._summary = Summary()
        self._done = 0

    def run(self, crew: Crew, job: Job) -> bool:
        """Do all that is left to do; tells whether all files could be read."""
        request, journal = self._request, self._journal
        start = time.perf_counter()
        # a bar and a table on one terminal would write over each other
        shown = request.output is not None or not sys.stdout.isatty()
        try:
            with self._table() as writer, Progress(journal.count, shown=shown) as progress:
                answers = Answers(
                    journal,
                    crew,
                    self._path_of,
                    images=job.images,
                    thumbs=job.thumbs,
                    on_read=progress.advance,
                )
                self._bring(answers, writer)
        except KeyboardInterrupt:
            self._say_what_is_kept()
            raise
        self._summary.tell(
            self._session.note, journal.facts, answers.read, time.perf_counter() - start
        )
        if self._truth:
            self._summary.tell_score(self._session.note)
        journal.remove()
        return not (self._summary.failed or journal.facts["unlisted"])

    def _path_of(self, name: str) -> str:
        return os.path.join(self._root, name)

    def _bring(self, answers: Answers, writer: table.Writer) -> None:
        request, layout = self._request, self._layout
        sheet = sorter = None
        if request.sheet:
            title = f"{self._root or 'Files'} · {self._journal.count:,} files"
            sheet = Sheet(request.sheet, title, self._journal.count)
        if request.sort_into:
            sorter = Sorter(request.sort_into, request.sort_how, self._path_of)
        for batch in answers:
            truth = self._truth.of(batch.names) if self._truth else []
            writer.write(layout.cells(batch.names, batch.rows, truth))
            self._summary.add(batch.names, batch.rows, truth)
            if sorter:
                sorter.add(batch.names, batch.rows)
            if sheet:
                sheet.add(batch.names, batch.rows)
            self._tell(batch, truth)
            self._done += len(batch.names)
        if sheet:
            sheet.close()

    def _tell(self, batch: Batch, truth: Sequence[int | None]) -> None:
        """Tell the plugins; those with and those without a truth are told apart, in order."""
        if batch.rows.images is None:
            return
        labels = truth or [None] * len(batch.names)
        answered = np.flatnonzero(batch.rows.answered).tolist()
        for known, group in groupby(answered, lambda place: labels[place] is not None):
            places = list(group)
            self._session.tell(
                "on_prediction",
                predictions=Predictions(
                    "folder",
                    tuple(batch.names[place] for place in places),
                    batch.rows.images[places],
                    batch.rows.probabilities[places],
                    np.array([labels[p] for p in places], np.uint8) if known else None,
                ),
            )

    @property
    def _layout(self) -> table.Layout:
        request = self._request
        return table.Layout(request.top, request.probabilities, self._truth is not None)

    @contextlib.contextmanager
    def _table(self) -> Iterator[table.Writer]:
        """Open the table, and finish it where all goes well."""
        if self._request.output is None:
            writer = self._writer(sys.stdout.buffer)
            yield writer
            writer.close()
            sys.stdout.buffer.flush()
        else:
            with (
                files.replacing(self._request.output) as temporary,
                temporary.open("wb") as stream,
            ):
                writer = self._writer(stream)
                yield writer
                writer.close()

    def _writer(self, stream: IO[bytes]) -> table.Writer:
        widest = min(self._journal.facts["widest"], WIDEST_NAME)
        return table.open_writer(self._request.form, stream, self._layout, widest)

    def _say_what_is_kept(self) -> None:
        request, count = self._request, self._journal.count
        if request.output is None:
            self._session.note(f"{self._done:,} of {count:,} files are done.")
            return
        if not self._journal.done:
            return
        self._journal.sync()
        kept = min(self._journal.done * BATCH, count)
        self._session.note(
            f"{kept:,} of {count:,} files are done; finish with the same command and --resume."
        )
