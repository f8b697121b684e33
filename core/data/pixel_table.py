"""A CSV file of 28×28 images, one per line, as in Kaggle's MNIST.

Its columns are 784 pixels, row by row, and often a label or a number before or after them; a first
line may name them. Images can be had one by one: only their places are kept in memory.
"""

import csv
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.types import SIDE, UInt8Array
from . import forms

PIXELS = SIDE * SIDE

LABEL_COLUMNS = ("label", "labels", "class", "digit", "target", "y", "truth", "number")
"""The names that a column of labels may have; one with another name is a running number."""

LONGEST_LINE = 32_768
"""In bytes; 784 pixels of 10 characters make 8,624."""

SAMPLE = 100
"""How many images decide whether pixels range from 0 to 1 or to 255."""

_CHUNK = 4096


class PixelTable:
    """The images in a file, counted from 1 like Kaggle's ImageId.

    Attributes
    ----------
    path : pathlib.Path
    has_labels : bool
    """

    def __init__(self, path: Path) -> None:
        """Find the lines.

        Raises
        ------
        DataProblem
            When the file can't be read, or isn't such a table.
        """
        self.path = path
        self._places = array("Q")
        place = 0
        try:
            with path.open("rb") as file:
                head = _first_fields(file.readline(LONGEST_LINE))
                if head is None:
                    raise DataProblem(f"'{path}' isn't a table of 28×28 images, one per line.")
                file.seek(0)
                for line in file:
                    if not line.isspace():
                        self._places.append(place)
                    place += len(line)
        except OSError as error:
            raise DataProblem(f"'{path}' can't be read: {error.strerror}.") from error
        if not _is_number(head[-1]):
            self._places.pop(0)
        if not self._places:
            raise DataProblem(f"'{path}' has no images.")
        self._find_columns(head)
        some = self._read(range(1, min(len(self), SAMPLE) + 1))[:, self._pixels]
        self._times = forms.factor(forms.range_of(some), f"'{path}'")

    def __len__(self) -> int:
        return len(self._places)

    def images(self, numbers: Sequence[int]) -> UInt8Array:
        """Return images by their numbers, from 1: uint8 (n, 28, 28); raises DataProblem."""
        pixels = self._read(numbers)[:, self._pixels]
        forms.factor(forms.range_of(pixels), f"'{self.path}'")
        return forms.as_bytes(pixels, self._times).reshape(-1, SIDE, SIDE)

    def labels(self) -> UInt8Array:
        """Return the labels of all images, uint8 (N,); raises DataProblem."""
        if not self.has_labels:
            raise DataProblem(f"'{self.path}' has no labels; use a table with a column 'label'.")
        parts = [self._read(numbers)[:, self._extra] for numbers in self.chunks(_CHUNK)]
        return forms.as_labels(np.concatenate(parts), f"'{self.path}'")

    def load(self) -> UInt8Array:
        """Return all images, uint8 (N, 28, 28); raises DataProblem."""
        return np.concatenate([self.images(numbers) for numbers in self.chunks(_CHUNK)])

    def chunks(self, size: int) -> list[range]:
        """Yield the pixels of all images, a few at a time."""
        return [
            range(start, min(start + size, len(self) + 1))
            for start in range(1, len(self) + 1, size)
        ]

    def _find_columns(self, head: Sequence[str]) -> None:
        """Find out which column isn't a pixel, and whether it has labels."""
        self._extra = 0 if len(head) > PIXELS else -1
        if len(head) > PIXELS and not _is_number(head[-1]):
            names = [name.lower() for name in head]
            named = [i for i in (0, PIXELS) if names[i] in LABEL_COLUMNS]
            last = "pixel" in names[0] and "pixel" not in names[-1]
            self._extra = named[0] if named else PIXELS if last else 0
            self.has_labels = bool(named) or names[self._extra] == ""
        else:
            self.has_labels = len(head) > PIXELS
        self._pixels = slice(1, None) if self._extra == 0 else slice(0, PIXELS)

    def _read(self, numbers: Sequence[int]) -> np.ndarray:
        """Return the numbers of some lines, (n, columns)."""
        with self.path.open("rb") as file:
            lines = []
            for number in numbers:
                file.seek(self._places[number - 1])
                lines.append(file.readline(LONGEST_LINE).decode("ascii", "replace"))
        for dtype in (np.uint8, np.float32):  # integers are read seven times as fast
            try:
                found = np.loadtxt(lines, dtype, delimiter=",", quotechar='"', ndmin=2)
            except ValueError:
                continue
            if found.shape[1] == PIXELS + (self._extra >= 0):
                return found
        if len(numbers) > 1:  # find the line
            return np.concatenate([self._read([number]) for number in numbers])
        raise DataProblem(f"'{self.path}' has an incomplete line for image {numbers[0]}.")


def is_pixel_table(path: Path) -> bool:
    """Tell from its first line whether a file is such a table; False if it can't be read."""
    try:
        with path.open("rb") as file:
            return _first_fields(file.readline(LONGEST_LINE)) is not None
    except OSError:
        return False


def _first_fields(line: bytes) -> list[str] | None:
    """Return the fields of a table's first line; None if there are too many or too few."""
    if line.count(b",") not in (PIXELS - 1, PIXELS):
        return None
    text = line.decode("utf-8-sig", "replace").strip()
    try:
        return [field.strip() for field in next(csv.reader([text]))]
    except csv.Error:  # a carriage return on its own
        return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
