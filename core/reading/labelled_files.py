"""A labelled set from outside: what a path holds, and files with their labels.

Files are listed here and their labels looked up, from their folders' names or from a table; they
are read like all others, by `answers`. Arrays are `data.labelled`'s concern.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..base.problems import DataProblem
from ..base.text import visible
from ..data.labelled import LabelledArrays, open_arrays
from ..images import imageheader
from .entries import file_of
from .listing import Listing, left_out
from .rows import BATCH
from .truth import MOST_NAMED, PARENT, Truth


def open_set(data: Path, table: Path | None = None) -> "LabelledArrays | LabelledFiles":
    """Find out what a path holds.

    Parameters
    ----------
    data : pathlib.Path
        A folder of images in folders named after digits; or what `data.labelled` opens.
    table : pathlib.Path, optional
        Has the labels of the images in a folder; see `labels.read_labels`.

    Raises
    ------
    DataProblem
        When it is none of these, or a label isn't a digit.
    """
    if not os.path.exists(data):  # Path.exists raises where a name is too long
        raise DataProblem(f"There is no file or folder '{data}'.")
    if table is not None:
        if not data.is_dir():
            raise DataProblem(f"--labels names files in a folder, but '{data}' isn't one.")
        return LabelledFiles(data, table)
    return open_arrays(data) or LabelledFiles(data)


def open_numbers(folder: Path, table: Path | None = None) -> "LabelledFiles":
    """List the pictures in a folder that are labelled with numbers.

    Parameters
    ----------
    folder : pathlib.Path
    table : pathlib.Path, optional
        Has the labels; by default the names of the files' folders say them, as in 2026/a.png.

    Raises
    ------
    DataProblem
        When there is no such folder, or no file has a label.
    """
    if not os.path.isdir(folder):
        raise DataProblem(f"--numbers needs a folder of pictures, but '{folder}' isn't one.")
    return LabelledFiles(folder, table, numbers=True)


class LabelledFiles:
    """The files below a folder that have a label.

    Attributes
    ----------
    notice : str
        What was taken, as a sentence for the user.
    """

    def __init__(self, folder: Path, table: Path | None = None, *, numbers: bool = False) -> None:
        """List the files.

        Parameters
        ----------
        folder : pathlib.Path
        table : pathlib.Path, optional
            Has the labels; by default the names of the files' folders say them, as in
            digits/7/a.png.
        numbers : bool
            Whether the labels are numbers, and not single digits.

        Raises
        ------
        DataProblem
            When the folder can't be listed, the table can't be used, or no file has a label.
        """
        own = [os.fspath(table)] if table else []
        self._listing = Listing([os.fspath(folder)], recursive=True, left_out=own)
        names = list(self._listing.names())
        batches = [names[start : start + BATCH] for start in range(0, len(names), BATCH)]
        source = os.fspath(table) if table else PARENT
        self._truth = Truth(source, self._listing.root, batches, numbers=numbers)
        self._what = "a number" if numbers else "a digit"
        self._names: list[str] = []
        self._without: Counter[str] = Counter()
        for batch in batches:
            for name, label in zip(batch, self._truth.texts(batch), strict=True):
                if label is not None:
                    self._names.append(name)
                elif not table and imageheader.looks_like_image(file_of(self.path_of(name))):
                    self._without[os.path.dirname(name)] += 1
        if not self._names:
            raise DataProblem(
                f"'{table}' names no file in '{folder}'."
                if table
                else f"'{folder}' has no images in folders named after numbers; give a table of "
                "files and numbers with --labels."
                if numbers
                else f"'{folder}' has no digits: no images in folders named 0 to 9, no IDX or .npz "
                "files, and no table of pixels; 'evaluate' also takes a table with --labels."
            )
        by = f"by '{table}'" if table else "by the names of their folders"
        skipped = self._listing.skipped
        also = f" Skipped: {left_out(skipped)}." if skipped else ""
        self.notice = (
            f"{len(self._names):,} file{'s' if len(self._names) != 1 else ''}, labelled {by}.{also}"
        )

    def __len__(self) -> int:
        return len(self._names)

    def names(self) -> Iterator[str]:
        """Yield the files' names relative to the folder, with /."""
        return iter(self._names)

    def path_of(self, name: str) -> str:
        """Return the path of a file."""
        return os.path.join(self._listing.root, name)

    def labels(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the labels of some of the files, 0 to 9."""
        return np.array(self._truth.of(names), np.int64)

    def numbers(self, names: Sequence[str]) -> list[str | None]:
        """Return the labels of some of the files, as they are written."""
        return self._truth.texts(names)

    @property
    def problems(self) -> list[str]:
        """What should have been measured but isn't, one sentence each."""
        sentences = [f"Can't list the folder {reason}." for reason in self._listing.unlisted]
        if self._truth.unmatched:
            sentences.append(self._truth.unmatched)
        if self._without:
            some = sorted(self._without.items())[:MOST_NAMED]
            folders = ", ".join(f"'{visible(name) or '.'}' ({count:,})" for name, count in some)
            more = " …" if len(self._without) > MOST_NAMED else ""
            count = self._without.total()
            sentences.append(
                f"Skipped: {count:,} image{'s' if count != 1 else ''} in folders that aren't "
                f"named after {self._what}: {folders}{more}."
            )
        return sentences
