"""A table of answers that is being put right: its rows, their order, and the file that is kept.

The corrected table is written whole and synced before an answer counts as accepted, so that a kill
loses none. Answers that come while it is written are written together. Not for pictures nor HTTP.
"""

import asyncio
import os
import re
from pathlib import Path

from ...core.base import files
from ...core.base.problems import DataProblem, OutputProblem
from ...core.base.types import NO_DIGIT
from .problems import Refused
from .review_table import LABEL, TRUTH, field, kind_of, path_of, read_table, row_of

ENDING = ".reviewed"
LOOKED_FOR = 20
"""Pictures of the table that are looked for; if none is there, the folder is the wrong one."""

_TRUTHS = {
    "digit": re.compile(rf"\d|{NO_DIGIT}|", re.ASCII),
    "number": re.compile(rf"\d{{1,40}}( \d{{1,40}}){{0,20}}|{NO_DIGIT}|", re.ASCII),
}


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
        header, lines = read_table(path)
        self.kind, self._header = kind_of(path, header), header
        self.rows = [row_of(header, line, self.kind) for line in lines]
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
        head = ",".join(map(field, self._header))
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
        header, lines = read_table(self.kept)
        if TRUTH not in header:
            raise DataProblem(f"'{self.kept}' isn't a corrected table; rename it.")
        known: dict[str, list[str]] = {}
        for line in reversed(lines):
            known.setdefault(path_of(header, line), []).append(line[header.index(TRUTH)])
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
