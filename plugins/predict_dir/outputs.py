"""Write the answers wherever they go: the table, the sheet, the sorted folders, the plugins.

At the end, say what became of the files (`summary`).
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...core.base import files
from ...core.base.problems import OptionProblem
from ...core.base.text import binary
from ...core.events.session import CommandSession
from ...core.jobs.read_numbers import tell
from ...core.judging.number_score import NumberScore
from ...core.judging.score import Score
from ...core.reading import table
from ...core.reading.answers import Batch
from ...core.reading.columns import (
    USUAL,
    Chosen,
    DigitLayout,
    Layout,
    NumberLayout,
    PageLayout,
)
from ...core.reading.truth import Truth
from .number_sheet import NumberSheet
from .sheet import DigitSheet
from .sorting import Sorter
from .summary import Summary

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
    columns: tuple[str, ...] = ()
    pages: bool = False
    sheet: Path | None = None
    sort_into: Path | None = None
    sort_how: str = "copy"

    def layout(self, *, numbers: bool) -> Layout:
        """Return the table's columns, for numbers or for single digits.

        Raises
        ------
        OptionProblem
            When an option is for the other kind, or a chosen column isn't there.
        """
        if numbers and (self.top > 1 or self.probabilities or self.form == KAGGLE):
            raise OptionProblem(
                "--top-k, --probabilities and --format kaggle are for single digits; leave them "
                "out where numbers are read."
            )
        if self.pages and not numbers:
            raise OptionProblem("--pages is for numbers; read the files with --numbers.")
        known, lists = self.truth is not None, self.form == "jsonl"
        layout: Layout
        if not numbers:
            layout = DigitLayout(self.top, self.probabilities, known)
            return Chosen(layout, self.columns) if self.columns else layout
        layout = PageLayout(lists) if self.pages else NumberLayout(known, lists)
        usual = [name for name in layout.kinds if name not in ("text", "row") or lists]
        if not self.pages:
            usual = [*USUAL, *(name for name in layout.kinds if name in ("truth", *NESTED))]
        return Chosen(layout, self.columns or tuple(usual))


NESTED = ("size", "numbers")


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
        *,
        numbers: bool = False,
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
            The model's name, for the sheet.
        numbers : bool
            Whether numbers are read, and not single digits.

        Raises
        ------
        DataProblem
            When there is a table of labels that can't be used.
        OptionProblem
            As for `Wanted.layout`.
        """
        self.done = 0
        self._wanted, self._session, self._facts, self._count = wanted, session, facts, count
        self._model, self._numbers = model, numbers
        self._layout = wanted.layout(numbers=numbers)
        self._root = str(facts["root"])
        self._truth = (
            Truth(wanted.truth, self._root, names, numbers=numbers) if wanted.truth else None
        )
        score = NumberScore() if numbers else Score(reject_below)
        self._summary = Summary(score if self._truth else None)

    @property
    def all_well(self) -> bool:
        """Whether all files could be read, all folders listed, and all labels matched."""
        unmatched = self._truth is not None and self._truth.unmatched
        zeros = self._wanted.form == KAGGLE and self._summary.without_digit
        return not (self._summary.failed or self._facts["unlisted"] or unmatched or zeros)

    def write_all(self, batches: Iterable[Batch]) -> None:
        """Write all batches and finish every output; raises OutputProblem."""
        wanted = self._wanted
        sheet = sorter = None
        if wanted.sheet:
            title = f"{self._root or 'Files'} · {self._count:,} files · {self._model}"
            sheet = (
                NumberSheet(wanted.sheet, title, self._count)
                if self._numbers
                else DigitSheet(wanted.sheet, title, self._count)
            )
        if wanted.sort_into:
            sorter = Sorter(
                wanted.sort_into, wanted.sort_how, self._path_of, by_digit=not self._numbers
            )
        with self._table() as writer:
            for batch in batches:
                truth = self._labels(batch.names)
                found = batch.numbers(truth) if self._numbers else []
                if writer:
                    writer.write(self._layout.cells(batch.names, batch.rows, truth))
                self._summary.add(batch.names, batch.rows, truth, found)
                if sorter:
                    sorter.add(batch.names, batch.rows)
                if isinstance(sheet, NumberSheet):
                    sheet.add(found)
                elif sheet:
                    sheet.add(batch.names, batch.rows)
                for numbers in found:
                    tell(self._session, numbers)
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

    def _labels(self, names: Sequence[str]) -> Sequence[Any]:
        """Return the files' labels: numbers as they are written, or single digits."""
        if not self._truth:
            return []
        return self._truth.texts(names) if self._numbers else self._truth.of(names)

    def _path_of(self, name: str) -> str:
        return os.path.join(self._root, name)

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
