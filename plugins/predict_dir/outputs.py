"""Write the answers wherever they go: the table, the sheet, the sorted folders, the plugins.

At the end, say what became of the files.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...core.base import files
from ...core.base.text import binary, visible
from ...core.base.types import DIGITS
from ...core.events.session import CommandSession
from ...core.judging.score import Score, format_score
from ...core.reading import table
from ...core.reading.answers import Batch
from ...core.reading.listing import left_out
from ...core.reading.rows import Rows, Status
from ...core.reading.truth import Truth
from .sheet import ContactSheet
from .sorting import Sorter

MOST_NAMED = 5
HINTS = {
    Status.SEVERAL: "Only pictures of a single digit are read; cut the digits apart.",
    Status.TOO_LARGE: "Raise --max-file (MB) or --max-pixels (megapixels).",
}
"""What the user can do about a status."""

LEAST_TIMED = 50
"""How many files must be read for their speed to mean anything."""


class Summary:
    """Counts rows, and names the first few problem files."""

    def __init__(self, score: Score | None) -> None:
        """Prepare to count, and to add up a score where right answers are known."""
        self.score = score
        self._counts: Counter[Status] = Counter()
        self._named: list[str] = []
        self._zeros: list[str] = []
        self._more = 0

    @property
    def failed(self) -> int:
        """How many files couldn't be read."""
        return sum(count for status, count in self._counts.items() if status.failed)

    def add(self, names: Sequence[str], rows: Rows, truth: Sequence[int | None]) -> None:
        """Count a batch."""
        for status in Status:
            self._counts[status] += int(np.count_nonzero(rows.status == status))
        without = np.flatnonzero(~rows.answered)[: MOST_NAMED - len(self._zeros)]
        self._zeros += [visible(names[place]) for place in without.tolist()]
        for place, remark in rows.remarks.items():
            if len(self._named) < MOST_NAMED:
                self._named.append(f"  {visible(names[place])}: {remark}")
            else:
                self._more += 1
        if self.score is not None:
            labels = np.array([-1 if label is None else label for label in truth])
            self.score.add_rows(rows, labels)

    @property
    def without_digit(self) -> int:
        """The number of files without a digit."""
        return sum(count for status, count in self._counts.items() if not status.answered)

    def report(
        self, note: Callable[[str], None], facts: Mapping[str, Any], read: int, seconds: float
    ) -> None:
        """Report everything but the accuracy.

        Parameters
        ----------
        note : callable
            Takes lines.
        facts : mapping
            What is known about the listing.
        read : int
            How many files were read now.
        seconds : float
            How long that took.
        """
        for line in self._named:
            note(line)
        if self._more:
            note(f"  … and {self._more:,} more; see the table")
        for reason in facts["unlisted"][:MOST_NAMED]:
            note(f"Can't list the folder {reason}")
        if facts["skipped"]:
            note(f"Skipped: {left_out(facts['skipped'])}")
        for status, hint in HINTS.items():
            if self._counts[status]:
                note(f"{status.word}: {hint}")
        total = self._counts.total()
        parts = (f"{self._counts[s]:,} {s.word}" for s in Status if self._counts[s])
        speed = f" · {seconds:.1f} s, {read / max(seconds, 1e-9):,.0f} a second"
        speed = speed if read >= LEAST_TIMED else ""
        note(f"{total:,} file{'s' if total != 1 else ''}: {', '.join(parts)}{speed}")

    def report_zeros(self, note: Callable[[str], None]) -> None:
        """Name images without a digit, for which the table has a 0."""
        if self.without_digit:
            more = " …" if self.without_digit > len(self._zeros) else ""
            names = ", ".join(self._zeros)
            note(f"No digit, so the label is 0 ({self.without_digit:,}): {names}{more}")

    def report_score(self, note: Callable[[str], None]) -> None:
        """Report how many answers were right, and which digits were confused."""
        if self.score is None:
            return
        if not self.score.count:
            note("No file has a label, so there is no accuracy.")
            return
        note(format_score(self.score))
        note("")
        note("label   as " + "".join(f"{digit:>6}" for digit in DIGITS))
        for digit, row in zip(DIGITS, self.score.confusion.tolist(), strict=True):
            note(f"{digit:>5}      " + "".join(f"{count or '·':>6}" for count in row))


WIDEST_NAME = 60

KAGGLE = "kaggle"

PART_ONLY = "part"
"""In place of a format: write no table, because the journal itself is wanted."""


@dataclass(frozen=True)
class Wanted:
    """What to make of the answers; `command` explains each field."""

    output: Path | None
    form: str
    top: int = 1
    probabilities: bool = False
    truth: str | None = None
    sheet: Path | None = None
    sort_into: Path | None = None
    sort_how: str = "copy"


class Outputs:
    """One pass over all batches, in order; every output gets each of them.

    Attributes
    ----------
    done : int
        How many files' answers have been written.
    """

    def __init__(
        self,
        wanted: Wanted,
        session: CommandSession,
        facts: Mapping[str, Any],
        count: int,
        reject_below: float,
        names: Iterable[Sequence[str]] = (),
        model: str = "",
    ) -> None:
        """Read the labels, if there are any.

        Parameters
        ----------
        wanted : Wanted
        session : CommandSession
        facts : mapping
            What is known about the listing.
        count : int
            The number of files.
        reject_below : float
            The confidence below which answers are `unsure`.
        names : iterable of sequence of str, optional
            The names of all files, a batch at a time, for the right answers.
        model : str
            Which model reads them, for the sheet's title; there is none without a sheet.
        """
        self.done = 0
        self._wanted, self._session, self._facts, self._count = wanted, session, facts, count
        self._model = model
        self._root = str(facts["root"])
        self._truth = Truth(wanted.truth, self._root, names) if wanted.truth else None
        self._summary = Summary(Score(reject_below) if self._truth else None)

    @property
    def all_well(self) -> bool:
        """Whether all files could be read, all folders listed, and all labels matched."""
        unmatched = self._truth is not None and self._truth.unmatched
        zeros = self._wanted.form == KAGGLE and self._summary.without_digit
        return not (self._summary.failed or self._facts["unlisted"] or unmatched or zeros)

    def write_all(self, batches: Iterable[Batch]) -> None:
        """Write all batches and finish every output; raises OutputProblem."""
        wanted, layout = self._wanted, self._layout
        sheet = sorter = None
        if wanted.sheet:
            title = f"{self._root or 'Files'} · {self._count:,} files · {self._model}"
            sheet = ContactSheet(wanted.sheet, title, self._count)
        if wanted.sort_into:
            sorter = Sorter(wanted.sort_into, wanted.sort_how, self._path_of)
        with self._table() as writer:
            for batch in batches:
                truth = self._truth.of(batch.names) if self._truth else []
                if writer:
                    writer.write(layout.cells(batch.names, batch.rows, truth))
                self._summary.add(batch.names, batch.rows, truth)
                if sorter:
                    sorter.add(batch.names, batch.rows)
                if sheet:
                    sheet.add(batch.names, batch.rows)
                if batch.rows.pixels is not None:
                    for predictions in batch.predictions(truth):
                        self._session.tell("on_prediction", predictions=predictions)
                self.done += len(batch.names)
            if sheet:
                sheet.close()
        if sorter and sorter.left_out:
            self._session.note(
                f"Not sorted: {sorter.left_out:,} pages and table lines, which aren't files."
            )

    def report(self, read: int, seconds: float) -> None:
        """Report on stderr how many files have each status, and how fast `read` of them went."""
        self._summary.report(self._session.note, self._facts, read, seconds)
        if self._wanted.form == KAGGLE:
            self._summary.report_zeros(self._session.note)
        self._summary.report_score(self._session.note)
        if self._truth and self._truth.unmatched:
            self._session.note(self._truth.unmatched)

    def _path_of(self, name: str) -> str:
        return os.path.join(self._root, name)

    @property
    def _layout(self) -> table.Layout:
        wanted = self._wanted
        return table.Layout(wanted.top, wanted.probabilities, self._truth is not None)

    @contextlib.contextmanager
    def _table(self) -> Iterator[table.Writer | None]:
        """Open the table, and finish it if all goes well."""
        if self._wanted.form == PART_ONLY:
            yield None
        elif self._wanted.output is None:
            stream = binary(self._session.stdout)
            writer = self._writer(stream)
            yield writer
            writer.close()
            stream.flush()
        else:
            with (
                files.replacing(self._wanted.output) as temporary,
                temporary.open("wb") as stream,
            ):
                writer = self._writer(stream)
                yield writer
                writer.close()

    def _writer(self, stream: IO[bytes]) -> table.Writer:
        widest = min(self._facts["widest"], WIDEST_NAME)
        return table.open_writer(self._wanted.form, stream, self._layout, widest)
