r"""Rows as a table: CSV, lines of JSON, Parquet, or text for people.

A file's name may contain any bytes. In CSV, Parquet and text, a byte that isn't UTF-8 is written as
\xNN, and a backslash is doubled. In JSON such a byte is a lone surrogate, as in Python, so that
`os.fsencode(json.loads(line)["path"])` is the name. `text.unescape` reverses both.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

import click
import numpy as np

from ..base.problems import OutputProblem
from ..base.text import escape, takes_colours, visible
from ..base.types import DIGITS
from .rows import WORDS, Rows, Status

Cell = str | int | float | None

ROW_GROUP = 65_536
"""Rows in one row group of a Parquet file; a reader needs memory for one group."""

_BARE = re.compile(r"[\w./-]*", re.ASCII)
_TO_QUOTE = re.compile(r'[",\r\n]|^\s|\s$')


@dataclass(frozen=True)
class Layout:
    """Which columns a table has.

    Attributes
    ----------
    top : int
        How many digits, the most likely first.
    probabilities : bool
        Whether all ten probabilities are given.
    truth : bool
        Whether the truth is given.
    """

    top: int = 1
    probabilities: bool = False
    truth: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        names = ["path", "status", "digit", "confidence"]
        for place in range(2, self.top + 1):
            names += [f"digit{place}", f"confidence{place}"]
        if self.probabilities:
            names += [f"p{digit}" for digit in DIGITS]
        return (*names, "truth") if self.truth else tuple(names)

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[int | None] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """Yield each row's values; None for a missing value."""
        probabilities = rows.probabilities
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, : self.top]
        sure = np.take_along_axis(probabilities, order, axis=1)
        digits, confidences, every = order.tolist(), sure.tolist(), probabilities.tolist()
        nothing = [None] * (len(self.columns) - 2 - self.truth)
        for i, (name, status, answered) in enumerate(
            zip(names, rows.status.tolist(), rows.answered.tolist(), strict=True)
        ):
            values: list[Cell] = [name, WORDS[status]]
            if answered:
                for pair in zip(digits[i], confidences[i], strict=True):
                    values += pair
                if self.probabilities:
                    values += every[i]
            else:
                values += nothing
            if self.truth:
                values.append(truth[i])
            yield tuple(values)


class Writer(Protocol):
    """Writes rows, a few at a time."""

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write what is left; the stream stays open."""


def open_writer(form: str, stream: IO[bytes], layout: Layout, widest: int = 40) -> Writer:
    """Begin a table.

    Parameters
    ----------
    form : {"table", "csv", "jsonl", "parquet"}
    stream : binary file
    layout : Layout
    widest : int
        The width of names in a text table, in characters.

    Raises
    ------
    OutputProblem
        For Parquet, if its library isn't installed.
    """
    if form == "parquet":
        return _Parquet(stream, layout)
    if form == "jsonl":
        return _JsonLines(stream, layout)
    if form == "kaggle":
        return _Kaggle(stream)
    return _Text(stream, layout, widest) if form == "table" else _Csv(stream, layout)


class _Csv:
    def __init__(self, stream: IO[bytes], layout: Layout) -> None:
        self._stream = stream
        self._stream.write(f"{','.join(layout.columns)}\n".encode())

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        lines = (",".join(map(_csv_field, values)) for values in cells)
        self._stream.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        self._stream.flush()


def _csv_field(value: Cell) -> str:
    """Return a value as in RFC 4180; Python's own writer doesn't quote a carriage return."""
    if type(value) is float:
        return f"{value:.6f}"
    if type(value) is int:
        return str(value)
    if value is None:
        return ""
    text = str(value)
    if not text.isascii() or not _BARE.fullmatch(text):
        text = escape(text).replace('"', '""')
        return f'"{text}"' if _TO_QUOTE.search(text) else text
    return text


class _Kaggle:
    """Kaggle's submission: ImageId, counted from 1, and Label, which is 0 if there is no digit."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._count = stream, 0
        self._stream.write(b"ImageId,Label\n")

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        for _, _, digit, *_ in cells:
            self._count += 1
            self._stream.write(f"{self._count},{digit or 0}\n".encode())

    def close(self) -> None:
        self._stream.flush()


class _JsonLines:
    def __init__(self, stream: IO[bytes], layout: Layout) -> None:
        self._stream, self._columns = stream, layout.columns

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        lines = []
        for values in cells:
            short = [round(value, 6) if type(value) is float else value for value in values]
            row = dict(zip(self._columns, short, strict=True))
            lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        # only lone surrogates can't be encoded, and for them this writes JSON's own escape
        self._stream.write("".join(lines).encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        self._stream.flush()


class _Parquet:
    def __init__(self, stream: IO[bytes], layout: Layout) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise OutputProblem(
                "Parquet needs an extra library: pip install 'inkhook[parquet]'."
            ) from error
        kinds = {"path": pa.string(), "status": pa.string(), "truth": pa.int8()}
        self._schema = pa.schema(
            [
                (name, kinds.get(name, pa.int8() if name.startswith("digit") else pa.float32()))
                for name in layout.columns
            ]
        )
        self._arrow, self._writer = pa, pq.ParquetWriter(stream, self._schema)
        self._rows: list[tuple[Cell, ...]] = []

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        self._rows += ((escape(path), *values) for path, *values in cells)  # type: ignore[arg-type]
        if len(self._rows) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        arrays = [
            self._arrow.array(values, kind)
            for values, kind in zip(columns, self._schema.types, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()


class _Text:
    """Aligned columns; on a terminal, rows that need a look are coloured."""

    def __init__(self, stream: IO[bytes], layout: Layout, widest: int) -> None:
        self._stream, self._width = stream, max(widest, len("path"))
        self._colour = takes_colours(stream)
        titles = (self._align(name, name) for name in layout.columns)
        self._columns = layout.columns
        self._line("  ".join(titles), "bold")

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        for values in cells:
            texts = (
                self._align(name, _readable(name, value))
                for name, value in zip(self._columns, values, strict=True)
            )
            self._line("  ".join(texts), _look(str(values[1])))
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()

    def _align(self, name: str, text: str) -> str:
        if name == "path":
            return _fit(text, self._width)
        if name == "status":
            return text.ljust(max(map(len, WORDS.values())))
        return text.rjust(max(len(name), 7 if name.startswith(("confidence", "p")) else 1))

    def _line(self, text: str, look: str) -> None:
        text = text.rstrip()
        if self._colour and look:
            text = click.style(text, fg=None if look == "bold" else look, bold=look == "bold")
        self._stream.write((text + "\n").encode())


def _look(status: str) -> str:
    if Status.of(status).failed:
        return "red"
    return "" if status == "ok" else "yellow"


def _readable(name: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{math.floor(value * 10_000) / 100:.2f} %"  # rounded down: 100 % means certain
    return visible(str(value)) if name == "path" else str(value)


def _fit(text: str, width: int) -> str:
    """Return text padded to a width; of a longer one only the end, which tells names apart."""
    from rich.cells import cell_len

    room = cell_len(text)
    if room <= width:
        return text + " " * (width - room)
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return f"…{text}" + " " * (width - 1 - cell_len(text))
