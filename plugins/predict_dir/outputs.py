"""Write the answers wherever they go: the table, the sheet, the sorted folders, the plugins."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...core.base import files, streams
from ...core.events.session import CommandSession
from ...core.judging.score import Score
from ...core.reading import table
from ...core.reading.answers import Batch
from ...core.reading.truth import Truth
from .sheet import ContactSheet
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
            stream = streams.binary(self._session.stdout)
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
