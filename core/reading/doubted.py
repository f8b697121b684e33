"""Which images a table of `inkhook suspects` names, for whoever shows mistakes."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

from ..base.problems import DataProblem
from ..base.text import unescape


def read_doubted(table: Path) -> Callable[[str], bool]:
    """Return a function that tells whether the label of an image is doubted.

    Parameters
    ----------
    table : pathlib.Path
        With the columns `path` and `index`.

    Returns
    -------
    callable
        From an image's id in predictions, which is a number in an array or a file's path, of which
        parts may be missing at the beginning.

    Raises
    ------
    DataProblem
        When it isn't such a table.
    """
    try:
        with table.open(newline="", encoding="utf-8") as text:
            rows = csv.DictReader(text)
            if not {"path", "index"} <= set(rows.fieldnames or ()):
                raise DataProblem(f"'{table}' isn't a table that 'inkhook suspects' wrote.")
            found = [(row["index"] or "", unescape(row["path"] or "")) for row in rows]
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataProblem(f"'{table}' can't be read as a CSV file in UTF-8.") from error
    numbers = {index for index, _ in found if index}
    paths = {os.path.normpath(path) for index, path in found if not index}
    tails = {path[place:] for path in paths for place in _begins(path)}
    return lambda name: name in numbers or os.path.normpath(name) in tails


def _begins(path: str) -> list[int]:
    """Return the places at which the parts of a path begin."""
    return [0, *(place + 1 for place, sign in enumerate(path) if sign == os.sep)]
