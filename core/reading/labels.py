"""Labels that people give: tables in the forms people write them, and names of folders.

`truth` finds out which file a label belongs to.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..base.problems import DataProblem
from ..base.text import quote, unescape

FILE_COLUMNS = (
    "file", "filename", "file_name", "path", "image", "image_name", "name", "id", "imageid",
)  # fmt: skip
"""The names that a column of files may have; if there are several, the first counts."""

LABEL_COLUMNS = ("truth", "label", "labels", "digit", "number", "class", "text")
"""The names that a column of labels may have; if there are several, the first counts."""

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_FOLDER = re.compile(
    rf"(?:(?:digit|class|label|number)s?[\s_-]*)?(?:0*([0-9])|({'|'.join(_WORDS)}))"
)

_CELL = re.compile(r"0*([0-9])(?:\.0*)?")
"""A spreadsheet that only knows numbers turns 7 into 7.0."""

_NUMBER = re.compile(r"[^0-9]*[0-9].*", re.DOTALL)
"""As it is written: with any signs; only its digits are compared."""

_NUMBER_FOLDER = re.compile(r"[0-9][0-9 .,:_-]*")


class LabelLine(NamedTuple):
    """One line of a table.

    Attributes
    ----------
    where : str
        Where it stands, for messages.
    name : str
        The file, as it is written there.
    label : str or None
        "0" to "9", or a number as it is written; None where a table of answers has none.
    """

    where: str
    name: str
    label: str | None


def digit_of_folder(name: str) -> int | None:
    """Return the digit that a folder is named after, as in "7", "07", "seven" or "digit 7"."""
    match = _FOLDER.fullmatch(name.strip().lower())
    if not match:
        return None
    return int(match[1]) if match[1] else _WORDS.index(match[2])


def number_of_folder(name: str) -> str | None:
    """Return the number that a folder is named after, as in "2026", "007" or "27.50"."""
    return name if _NUMBER_FOLDER.fullmatch(name) else None


NO_DIGIT = "none"
"""What a corrected table says of a picture that shows no digit."""


def read_labels(
    path: Path, *, numbers: bool = False, columns: tuple[str, ...] = LABEL_COLUMNS
) -> Iterator[LabelLine]:
    """Read a table of files and labels: digits, or numbers of any length.

    Its first line names the columns, in any case: one of FILE_COLUMNS and one of `columns`.
    They are separated by commas, semicolons or tabs; the text is UTF-8 or UTF-16. A table that
    `predict-dir` wrote will do, in which files without an answer have no label; so will a corrected
    one, in which files without a digit have the truth NO_DIGIT.

    Raises
    ------
    DataProblem
        When it can't be read, a column is missing, or a label isn't a digit or has none.
    """
    try:
        with path.open("rb") as file:
            encoding = _encoding(file.read(2))
        with path.open(newline="", encoding=encoding) as text:
            head = text.readline()
            delimiter = max(",;\t", key=head.count)
            text.seek(0)
            table = csv.DictReader(text, delimiter=delimiter, skipinitialspace=True)
            known = {name.strip().lower(): name for name in table.fieldnames or ()}
            file_column = next((name for name in FILE_COLUMNS if name in known), None)
            label_column = next((name for name in columns if name in known), None)
            if file_column is None or label_column is None:
                what = "label" if "label" in columns else columns[0]
                wanted = [("file", file_column), (what, label_column)]
                missing = " and ".join(name for name, found in wanted if found is None)
                raise DataProblem(f"'{path}' has no column {missing}; its first line names them.")
            ours = "status" in known
            for row in table:
                where = f"Line {table.line_num} of '{path}'"
                name = row[known[file_column]] or ""
                cell = (row[known[label_column]] or "").strip()
                match = _NUMBER.fullmatch(cell) if numbers else _CELL.fullmatch(cell)
                if not match and not (ours and cell.lower() in ("", NO_DIGIT)):
                    what = "a number has digits" if numbers else "digits are 0 to 9"
                    raise DataProblem(f"{where} has the label {quote(cell)}; {what}.")
                label = match[0 if numbers else 1] if match else None
                yield LabelLine(where, unescape(name) if ours else name, label)
    except OSError as error:
        raise DataProblem(f"'{path}' can't be read: {error.strerror}.") from error
    except (csv.Error, UnicodeError) as error:
        raise DataProblem(f"'{path}' isn't a CSV file in UTF-8 or UTF-16.") from error


def _encoding(start: bytes) -> str:
    """Guess the encoding of a text from its first two bytes."""
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if b"\0" in start:  # a letter of ASCII, without a mark before it
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig"
