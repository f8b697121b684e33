"""The right answers for a folder of images: from the folders' names, or from a table."""

import hashlib
import os
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...core.base.problems import DataProblem
from ...core.base.types import DIGITS
from ...core.data.labelled import read_labels
from ...core.reading.listing import slashed

PARENT = "parent"


class Truth:
    """Looks up labels by file name.

    Attributes
    ----------
    known : int
        How many files had a label so far.
    """

    def __init__(self, source: str, root: str) -> None:
        """Read the table, where there is one.

        Parameters
        ----------
        source : str
            "parent", or the path of a CSV file with the columns `file` and `label`.
        root : str
            The folder that the names are relative to; empty where they stand for themselves.

        Raises
        ------
        DataProblem
            When the table can't be read.
        """
        self.known = 0
        self._above = os.path.basename(os.path.abspath(root))
        self._table = None if source == PARENT else _Table(Path(source))

    def of(self, names: Sequence[str]) -> list[int | None]:
        """Return the label of each file, None where it isn't known."""
        labels = self._table.find(names) if self._table else [self._parent(n) for n in names]
        self.known += sum(label is not None for label in labels)
        return labels

    def _parent(self, name: str) -> int | None:
        parent = os.path.basename(os.path.dirname(name)) or self._above
        return int(parent) if parent in DIGITS else None


class _Table:
    """Labels by file, in nine bytes for each: a table may have millions."""

    def __init__(self, path: Path) -> None:
        keys, labels = array("Q"), bytearray()
        for _, name, label in read_labels(path):
            keys.append(_key(name))
            labels.append(label)
        if not labels:
            raise DataProblem(f"'{path}' names no files.")
        order = np.argsort(np.frombuffer(keys, np.uint64), kind="stable")
        self._keys = np.frombuffer(keys, np.uint64)[order]
        self._labels = np.frombuffer(labels, np.uint8)[order]

    def find(self, names: Sequence[str]) -> list[int | None]:
        wanted = np.array([_key(name) for name in names], np.uint64)
        places = np.searchsorted(self._keys, wanted).clip(max=len(self._keys) - 1)
        found = self._keys[places] == wanted
        return [
            int(label) if is_there else None
            for label, is_there in zip(self._labels[places], found, strict=True)
        ]


def _key(name: str) -> int:
    """Return 64 bits for a name; the chance that any two of ten million agree is 1 : 300,000."""
    name = slashed(os.path.normpath(name))
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).digest()
    return int.from_bytes(digest, "big")
