"""A table of answers as it is read: its columns, its rows, and which needs a look first."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from ...core.base.problems import DataProblem
from ...core.base.text import unescape
from ...core.reading.rows import Status

TRUTH, LABEL = "truth", "label"
MOST_BYTES = 500_000_000

PLACE = ("x", "y", "width", "height")
"""Columns of a table with a row for each number."""

Box = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the picture."""

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
    box : tuple of int or None
        Where the number is, in a table with a row for each; None for the whole picture.
    """

    path: str
    status: str
    read: str
    confidence: float | None
    label: str
    before: str
    after: str
    box: Box | None = None

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


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
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


def kind_of(path: Path, header: list[str]) -> str:
    """Return whether a table has digits or numbers; raises DataProblem if neither."""
    if "path" in header:
        for kind in ("digit", "number"):
            if kind in header:
                return kind
    raise DataProblem(
        f"'{path}' needs the columns 'path' and 'digit' or 'number', as predict-dir writes them."
    )


def path_of(header: list[str], line: list[str]) -> str:
    """Return a row's path."""
    return unescape(line[header.index("path")])


def row_of(header: list[str], line: list[str], kind: str) -> Row:
    """Return a row of a table whose kind is `digit` or `number`."""
    values = dict(zip(header, line, strict=True))
    try:
        confidence = float(values.get("confidence", ""))
    except ValueError:
        confidence = None
    place = header.index(TRUTH) if TRUTH in header else len(header)
    before, after = (",".join(map(field, part)) for part in (line[:place], line[place + 1 :]))
    return Row(
        path_of(header, line),
        values.get("status", ""),
        values[kind],
        confidence,
        values.get(LABEL, ""),
        f"{before}," if place else "",
        f",{after}" if line[place + 1 :] else "",
        _box(values),
    )


def _box(values: dict[str, str]) -> Box | None:
    texts = [values.get(name, "") for name in PLACE]
    if not all(text.isdecimal() and len(text) < 7 for text in texts):
        return None
    x, y, width, height = map(int, texts)
    return (x, y, width, height) if width and height else None


def field(text: str) -> str:
    """Return a value as it stands in a CSV table."""
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text
