"""The labels of files: from the names of their folders, or from a table.

Both commands that compare answers with labels use it: `predict-dir --truth` and `evaluate`.
"""

import hashlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..base.problems import DataProblem
from ..base.text import quote
from .entries import TABLE, file_of, split_entry
from .labels import digit_of_folder, number_of_folder, read_labels
from .listing import slashed

PARENT = "parent"

MOST_NAMED = 5


class Truth:
    """Looks up labels by file name.

    Attributes
    ----------
    unmatched : str
        A sentence about names in the table that match no file; empty if all do.
    """

    def __init__(
        self, source: str, root: str, names: Iterable[Sequence[str]], *, numbers: bool = False
    ) -> None:
        """Read the table, if there is one, and match it with the files.

        Parameters
        ----------
        source : str
            "parent", or the path of a table; see `labels.read_labels`.
        root : str
            The folder that names are relative to; empty if they are the paths as given.
        names : iterable of sequence of str
            All files, a batch at a time; only used if there is a table.
        numbers : bool
            Whether labels are numbers, and not single digits.

        Raises
        ------
        DataProblem
            When the table can't be read, or labels a file twice in different ways.
        """
        self._above = os.path.basename(os.path.abspath(root))
        self._numbers = numbers
        self._table = None if source == PARENT else _Table(Path(source), root, numbers=numbers)
        self.unmatched = self._table.match(names) if self._table else ""

    def of(self, names: Sequence[str]) -> list[int | None]:
        """Return the digit of each file, or None if it isn't known."""
        return [None if text is None else int(text) for text in self.texts(names)]

    def texts(self, names: Sequence[str]) -> list[str | None]:
        """Return the label of each file as it is written, or None if it isn't known."""
        if self._table:
            return self._table.find(names)
        return [self._parent(name) for name in names]

    def _parent(self, name: str) -> str | None:
        folder = os.path.basename(os.path.dirname(name)) or self._above
        if self._numbers:
            return number_of_folder(folder)
        digit = digit_of_folder(folder)
        return None if digit is None else str(digit)


class _Table:
    """Labels by file, in few bytes each, because a table may have millions."""

    def __init__(self, path: Path, root: str, *, numbers: bool) -> None:
        self._path, self._root = path, root
        self._lines = partial(read_labels, path, numbers=numbers)
        keys, labels = array("Q"), list[str]()
        bare = False
        for _, name, label in self._lines():
            if label is not None:
                keys.append(_key(name))
                labels.append(label)
                bare |= not os.path.splitext(name)[1]
        if not labels:
            raise DataProblem(f"'{path}' names no file with a label.")
        order = np.argsort(np.frombuffer(keys, np.uint64), kind="stable")
        self._keys = np.frombuffer(keys, np.uint64)[order]
        self._labels = np.array(labels, object)[order]
        twice = self._keys[1:] == self._keys[:-1]
        differ = np.flatnonzero(twice & (self._labels[1:] != self._labels[:-1]))
        if len(differ):
            self._refuse([int(differ[0])])
        self._has_bare = bare
        self._files = np.zeros(len(self._keys), np.uint8)  # that fit loosely: 0, 1 or 2 for more

    def match(self, names: Iterable[Sequence[str]]) -> str:
        """Match the table with the files; return a sentence about names that don't match."""
        used = np.zeros(len(self._keys), bool)
        rivals = np.full(len(self._keys), -1)  # where else the file is that a row fits loosely
        for batch in names:
            places = np.full(len(batch), -1)
            for exact in self._exact(batch):
                both = np.flatnonzero((exact >= 0) & (places >= 0))
                self._check_alike(places[both], exact[both])
                used[exact[exact >= 0]] = True
                places = np.where(places < 0, exact, places)
            for loose in self._loose(batch):
                found, counts = np.unique(loose[loose >= 0], return_counts=True)
                self._files[found] = np.minimum(self._files[found] + counts, 2)
                rivals[loose[loose >= 0]] = places[loose >= 0]
        clear = np.flatnonzero((self._files == 1) & (rivals >= 0))
        self._check_alike(clear, rivals[clear])
        # if a name is there twice, the first is found
        first = np.flatnonzero(np.append(True, self._keys[1:] != self._keys[:-1]))
        nothing = first[~used[first] & (self._files[first] == 0)]
        unclear = first[~used[first] & (self._files[first] > 1)]
        sentences = []
        for rows, what in ((nothing, "no file"), (unclear, "several files")):
            if len(rows):
                match = "matches" if len(rows) == 1 else "match"
                sentences.append(f"{len(rows):,} {match} {what}: {self._spelled(rows)}")
        return f"Of the names in '{self._path}', {'; '.join(sentences)}." if sentences else ""

    def find(self, names: Sequence[str]) -> list[str | None]:
        """Return each file's label."""
        places = self._places(names)
        missing = np.flatnonzero(places < 0)
        for loose in self._loose([names[i] for i in missing.tolist()]):
            clear = (places[missing] < 0) & (loose >= 0) & (self._files[loose] == 1)
            places[missing[clear]] = loose[clear]
        labels = self._labels[places].tolist()
        return [label if place >= 0 else None for label, place in zip(labels, places, strict=True)]

    def _exact(self, names: Sequence[str]) -> Iterator[npt.NDArray[np.intp]]:
        """Give the files' places in the table, -1 for none: by their names, then by their paths."""
        yield self._lookup([_key(name) for name in names])
        for above in filter(None, (self._root, os.path.abspath(self._root))):
            yield self._lookup([_key(os.path.join(above, name)) for name in names])

    def _places(self, names: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the first of the places that `_exact` gives."""
        places = np.full(len(names), -1)
        for exact in self._exact(names):
            places = np.where(places < 0, exact, places)
        return places

    def _loose(self, names: Sequence[str]) -> Iterator[npt.NDArray[np.intp]]:
        """Give the files' places in the table, -1 for none, by what stands in for their names.

        That is the name without its suffix, or for an entry its file's name or a line's number.
        """
        ways: list[Callable[[str], str | None]] = [_without_suffix] if self._has_bare else []
        if any(map(split_entry, names)):
            ways += [_file_or_number]
        for way in ways:
            found = np.full(len(names), -1)
            pairs = [(i, text) for i, name in enumerate(names) if (text := way(name)) is not None]
            found[[i for i, _ in pairs]] = self._places([text for _, text in pairs])
            yield found

    def _check_alike(self, one: npt.NDArray[np.intp], other: npt.NDArray[np.intp]) -> None:
        """Refuse rows of the same files whose labels differ."""
        differ = np.flatnonzero(self._labels[one] != self._labels[other])
        if len(differ):
            self._refuse([int(one[differ[0]]), int(other[differ[0]])])

    def _lookup(self, keys: Sequence[int]) -> npt.NDArray[np.intp]:
        wanted = np.array(keys, np.uint64)
        places = np.searchsorted(self._keys, wanted).clip(max=len(self._keys) - 1)
        return np.where(self._keys[places] == wanted, places, -1)

    def _refuse(self, rows: Sequence[int]) -> None:
        """Raise DataProblem for a file with two labels, which are in rows with these keys."""
        keys = set(self._keys[list(rows)].tolist())
        lines = (line for line in self._lines() if line.label is not None)
        first, *others = (line for line in lines if _key(line.name) in keys)
        other = next(line for line in others if line.label != first.label)
        raise DataProblem(
            f"{other.where} gives {quote(other.name)} the label {other.label}, but "
            f"an earlier line gives {first.label}; remove one of them."
        )

    def _spelled(self, rows: npt.NDArray[np.intp]) -> str:
        """Return the first few of these rows' names, as written in the table."""
        wanted, found = set(self._keys[rows].tolist()), []
        for _, name, label in self._lines():
            if label is not None and _key(name) in wanted:
                wanted.discard(_key(name))
                found.append(quote(name))
                if len(found) == MOST_NAMED:
                    break
        return ", ".join(found) + (" …" if wanted else "")


def _without_suffix(name: str) -> str:
    return os.path.splitext(file_of(name))[0]


def _file_or_number(name: str) -> str | None:
    entry = split_entry(name)
    if entry is None:
        return None
    return str(entry[1]) if entry[0].lower().endswith(TABLE) else entry[0]


def _key(name: str) -> int:
    """Return a 64-bit key for a name; any two of ten million collide with a chance of 1:300,000."""
    name = slashed(os.path.normpath(name))
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).digest()
    return int.from_bytes(digest, "big")
