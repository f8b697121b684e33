"""A table of answers that is being put right: its rows, their order, and the file that is kept.

The corrected table is written whole and synced before an answer counts as accepted, so that a kill
loses none. Answers that come while it is written are written together. Not for pictures nor HTTP.
"""

import asyncio
import csv
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ...core.base import files
from ...core.base.problems import DataProblem, OutputProblem
from ...core.base.text import unescape
from ...core.base.types import NO_DIGIT
from ...core.reading.rows import Status
from .problems import Refused

TRUTH, LABEL = "truth", "label"
ENDING = ".reviewed"
MOST_BYTES = 500_000_000
LOOKED_FOR = 20
"""Pictures of the table that are looked for; if none is there, the folder is the wrong one."""

_TRUTHS = {
    "digit": re.compile(rf"\d|{NO_DIGIT}|", re.ASCII),
    "number": re.compile(rf"\d{{1,40}}( \d{{1,40}}){{0,20}}|{NO_DIGIT}|", re.ASCII),
}
_TO_QUOTE = re.compile(r'[",\r\n]|^\s|\s$')


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    path : str
        The picture's name, relative to the folder of pictures.
    status : str
        `ok`, `unsure` and so on; empty where the table doesn't say.
    read : str
        The digit or the number; empty if there is none.
    confidence : float or None
        0 to 1.
    label : str
        The label that is in doubt, in a table of `inkhook suspects`; else empty.
    before, after : str
        The row's text as CSV, on either side of its truth.
    """

    path: str
    status: str
    read: str
    confidence: float | None
    label: str
    before: str
    after: str

    @property
    def urgency(self) -> tuple[int, float]:
        """The smaller, the sooner it should be looked at."""
        sure = 1.0 if self.confidence is None else self.confidence
        try:
            status = Status.of(self.status)
        except KeyError:
            return (3 if self.read else 0), sure
        if status.failed:
            return 0, sure
        if status is Status.OK:
            return 4, sure
        return {Status.SEVERAL: 1, Status.UNSURE: 2}.get(status, 3), sure


class Review:
    """A table, what is known to be right, and the file with both.

    Attributes
    ----------
    path, kept : pathlib.Path
        The table, which stays as it is, and the corrected one.
    kind : {"digit", "number"}
    rows : list of Row
        In the table's order.
    truths : list of str
        For each row what is right: digits, `none` for no digit, or empty if nobody has looked.
    order : list of int
        Numbers of rows, those that need a look first.
    """

    def __init__(self, path: Path, images: Path | None = None) -> None:
        """Read a table and what has been answered so far.

        Parameters
        ----------
        path : pathlib.Path
            A CSV table of predict-dir.
        images : pathlib.Path, optional
            The folder of its pictures, in place of the table's own.

        Raises
        ------
        DataProblem
            When it isn't such a table, its pictures aren't there, or it is under review already.
        OutputProblem
            When the corrected table can't be written.
        """
        self.path, self.kept = path, kept_path(path)
        self._images = path.parent if images is None else images
        header, lines = _read(path)
        self.kind, self._header = _kind(path, header), header
        self.rows = [_row(header, line, self.kind) for line in lines]
        place = header.index(TRUTH) if TRUTH in header else None
        self.truths = ["" if place is None else line[place] for line in lines]
        self._check_pictures()
        try:
            self._lock = files.Lock(self.kept.with_name(f".{self.kept.name}.lock"))
        except files.Busy as busy:
            raise DataProblem(
                f"'{path}' is being reviewed by another 'inkhook serve' (process {busy}); use its "
                "page, or end it."
            ) from busy
        except OSError as error:
            raise OutputProblem(f"Can't write '{self.kept}': {error.strerror}.") from error
        self._resume()
        self.order = list(range(len(self.rows)))
        if LABEL not in header:  # a table of doubted labels has the most doubtful first
            self.order.sort(key=lambda row: self.rows[row].urgency)
        self._changes: list[int] = []
        self._durable = 0
        self._writing = asyncio.Lock()

    @property
    def done(self) -> int:
        """How many rows have been looked at."""
        return len(self.truths) - self.truths.count("")

    @property
    def revision(self) -> int:
        """How many changes there were since the server started."""
        return len(self._changes)

    def changes(self, since: int) -> dict[int, str]:
        """Return the truth of each row that has changed after a revision."""
        return {row: self.truths[row] for row in self._changes[max(since, 0) :]}

    def picture(self, row: int) -> str:
        """Return the path of a row's picture; raises Refused if there is no such row."""
        if not 0 <= row < len(self.rows):
            raise Refused(404, f"The table has {len(self.rows):,} rows.")
        return os.path.join(self._images, self.rows[row].path)

    async def answer(self, row: int, truth: str, was: str) -> None:
        """Keep what is right, durably; raises Refused.

        Parameters
        ----------
        row : int
        truth : str
            Digits, `none`, or empty to take an answer back.
        was : str
            What the sender takes for the row's truth so far; if that has changed in another
            window, nothing is done.
        """
        self.picture(row)
        if not _TRUTHS[self.kind].fullmatch(truth):
            what = "a digit" if self.kind == "digit" else "digits"
            raise Refused(400, f"'truth' must be {what}, '{NO_DIGIT}' or empty.")
        now = self.truths[row]
        if now not in (was, truth):
            raise Refused(
                409, "This row was answered in another window.", facts={"row": row, "truth": now}
            )
        if now != truth:
            self.truths[row] = truth
            self._changes.append(row)
        await self._keep(self.revision)

    async def _keep(self, revision: int) -> None:
        """Return when a revision is on disk; one write serves all that wait for it."""
        async with self._writing:
            if self._durable >= revision:
                return
            revision, truths = self.revision, list(self.truths)
            # shielded, so that a sender that gives up doesn't leave a write without its lock
            write = asyncio.ensure_future(asyncio.to_thread(self._write, truths))
            try:
                await asyncio.shield(write)
            except asyncio.CancelledError:
                await write
                raise
            except OutputProblem as problem:
                raise Refused(503, str(problem)) from problem
            self._durable = revision

    def close(self) -> None:
        """Let others review the table."""
        self._lock.release()

    def _write(self, truths: list[str]) -> None:
        head = ",".join(map(_field, self._header))
        if TRUTH not in self._header:
            head += f",{TRUTH}"
        lines = (
            f"{row.before}{truth}{row.after}\n"
            for row, truth in zip(self.rows, truths, strict=True)
        )
        files.write_file(self.kept, f"{head}\n{''.join(lines)}")

    def _resume(self) -> None:
        """Take over what an earlier review has found, by the pictures' names."""
        files.clear_strays(self.kept.parent)
        if self.kept == self.path or not self.kept.exists():
            return
        header, lines = _read(self.kept)
        if TRUTH not in header:
            raise DataProblem(f"'{self.kept}' isn't a corrected table; rename it.")
        known: dict[str, list[str]] = {}
        for line in reversed(lines):
            known.setdefault(_path(header, line), []).append(line[header.index(TRUTH)])
        for place, row in enumerate(self.rows):
            if found := known.get(row.path):
                self.truths[place] = found.pop() or self.truths[place]

    def _check_pictures(self) -> None:
        few = [self.picture(row) for row in range(min(LOOKED_FOR, len(self.rows)))]
        if few and not any(os.path.exists(_file_of(path)) for path in few):
            raise DataProblem(
                f"None of the table's pictures is in '{self._images}'; name their folder with "
                "--images DIR."
            )


def kept_path(path: Path) -> Path:
    """Return where a table's corrections are kept; for a corrected table, that itself."""
    if path.stem.endswith(ENDING):
        return path
    return path.with_name(f"{path.stem}{ENDING}.csv")


def _file_of(path: str) -> str:
    return path if os.path.exists(path) else re.sub(r"#\d+$", "", path)


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return a table's header and its rows; raises DataProblem."""
    try:
        if not path.is_file():
            raise DataProblem(f"There is no table '{path}'.")
        if path.stat().st_size > MOST_BYTES:
            raise DataProblem(f"'{path}' is larger than {MOST_BYTES // 1_000_000} MB.")
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *lines = [*csv.reader(file, strict=True)] or [[]]
    except OSError as error:
        raise DataProblem(f"Can't read '{path}': {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataProblem(
            f"'{path}' isn't a CSV table; 'inkhook predict-dir DIR -o answers.csv' writes one."
        ) from error
    for number, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise DataProblem(
                f"Row {number:,} of '{path}' has {len(line)} columns in place of {len(header)}."
            )
    return header, lines


def _kind(path: Path, header: list[str]) -> str:
    if "path" in header:
        for kind in ("digit", "number"):
            if kind in header:
                return kind
    raise DataProblem(
        f"'{path}' needs the columns 'path' and 'digit' or 'number', as predict-dir writes them."
    )


def _path(header: list[str], line: list[str]) -> str:
    return unescape(line[header.index("path")])


def _row(header: list[str], line: list[str], kind: str) -> Row:
    values = dict(zip(header, line, strict=True))
    try:
        confidence = float(values.get("confidence", ""))
    except ValueError:
        confidence = None
    place = header.index(TRUTH) if TRUTH in header else len(header)
    before, after = (",".join(map(_field, part)) for part in (line[:place], line[place + 1 :]))
    return Row(
        _path(header, line),
        values.get("status", ""),
        values[kind],
        confidence,
        values.get(LABEL, ""),
        f"{before}," if place else "",
        f",{after}" if line[place + 1 :] else "",
    )


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text
