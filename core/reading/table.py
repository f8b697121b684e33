r"""Rows as a table: CSV, lines of JSON, Parquet, or text for people; `columns` says what is in it.

A file's name may contain any bytes. In CSV, Parquet and text, a byte that isn't UTF-8 is written as
\xNN, and a backslash is doubled. In JSON such a byte is a lone surrogate, as in Python, so that
`os.fsencode(json.loads(line)["path"])` is the name. `text.unescape` reverses both.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import IO, Protocol

import click

from ..base.problems import OutputProblem
from ..base.text import escape, takes_colours, visible
from .columns import REAL, TEXT, TINY, WHOLE, Cell, Layout
from .rows import WORDS, Status

ROW_GROUP = 65_536
"""Rows in one row group of a Parquet file; a reader needs memory for one group."""

NUMBER_WIDTH = 16
"""Characters of a number in a text table; a longer one moves the rest of its line."""

_BARE = re.compile(r"[\w./-]*", re.ASCII)
_TO_QUOTE = re.compile(r'[",\r\n]|^\s|\s$')


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
        self._stream.write(f"{','.join(layout.kinds)}\n".encode())

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
        self._stream, self._columns = stream, tuple(layout.kinds)

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
        types = {TEXT: pa.string(), TINY: pa.int8(), WHOLE: pa.int32(), REAL: pa.float32()}
        self._schema = pa.schema([(name, types[kind]) for name, kind in layout.kinds.items()])
        self._arrow, self._writer = pa, pq.ParquetWriter(stream, self._schema)
        self._rows: list[tuple[Cell, ...]] = []

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        self._rows += (tuple(map(_escaped, values)) for values in cells)
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


def _escaped(value: Cell) -> Cell:
    return escape(value) if isinstance(value, str) else value


class _Text:
    """Aligned columns; on a terminal, rows that need a look are coloured."""

    def __init__(self, stream: IO[bytes], layout: Layout, widest: int) -> None:
        self._stream, self._width = stream, max(widest, len("path"))
        self._colour = takes_colours(stream)
        self._kinds = layout.kinds
        titles = (self._align(name, name) for name in self._kinds)
        self._line("  ".join(titles), "bold")

    def write(self, cells: Iterator[tuple[Cell, ...]]) -> None:
        for values in cells:
            texts = (
                self._align(name, _readable(value))
                for name, value in zip(self._kinds, values, strict=True)
            )
            self._line("  ".join(texts), self._look(values))
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()

    def _align(self, name: str, text: str) -> str:
        if name == "path":
            return _fit(text, self._width)
        if name == "status":
            return text.ljust(max(map(len, WORDS.values())))
        if self._kinds[name] == TEXT:
            return text.ljust(NUMBER_WIDTH)
        least = {REAL: 7, WHOLE: 5}.get(self._kinds[name], 1)
        return text.rjust(max(len(name), least))

    def _look(self, values: tuple[Cell, ...]) -> str:
        status = dict(zip(self._kinds, values, strict=True)).get("status", "ok")
        if Status.of(status).failed:
            return "red"
        return "" if status == "ok" else "yellow"

    def _line(self, text: str, look: str) -> None:
        text = text.rstrip()
        if self._colour and look:
            text = click.style(text, fg=None if look == "bold" else look, bold=look == "bold")
        self._stream.write((text + "\n").encode())


def _readable(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{math.floor(value * 10_000) / 100:.2f} %"  # rounded down: 100 % means certain
    return visible(str(value))


def _fit(text: str, width: int) -> str:
    """Return text padded to a width; of a longer one only the end, which tells names apart."""
    from rich.cells import cell_len

    room = cell_len(text)
    if room <= width:
        return text + " " * (width - room)
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return f"…{text}" + " " * (width - 1 - cell_len(text))
