"""The separately finished parts of one listing, joined: all of them, each once, of the same work.

Part I of N is a finished journal with every N-th batch, from the I-th on. So the parts are of
similar size, however many files there are, and none has to know about the others. See
docs/decisions/029-many-machines.md.
"""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...core.base.problems import DataProblem
from ...core.reading.answers import Batch
from .header import difference
from .journal import Journal

PART = "part"
"""Where a journal's header says which part it is: "3/8", or null."""

SPARE_FILES = 100

Place = tuple[int, int]
"""I and N, from 1 to N."""


class Parts:
    """All parts of a listing; a context manager that closes them.

    Attributes
    ----------
    facts : dict
        What is known about the listing.
    count, batches : int
        The number of files and batches in all parts.
    read : int
        0: no files are read now.
    reject_below : float
        The confidence below which answers are `unsure`.
    numbers : bool
        Whether numbers were read, and not single digits.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the parts and check that they belong together.

        Parameters
        ----------
        paths : sequence of pathlib.Path
            In any order.

        Raises
        ------
        DataProblem
            When one is missing, repeated, unfinished, or of other work; the message names it.
        """
        self.read = 0
        _allow_open_files(len(paths) + SPARE_FILES)
        with contextlib.ExitStack() as stack:
            journals = [(path, stack.enter_context(_open(path))) for path in paths]
            _check_same_work(journals)
            self._parts = [journal for _, journal in _in_order(journals)]
            self._stack = stack.pop_all()
        self.facts: dict[str, Any] = self._parts[0].facts
        self.reject_below = float(self._parts[0].header["reject_below"])
        self.numbers = bool(self._parts[0].header.get("numbers"))
        self.batches = sum(part.batches for part in self._parts)
        self.count = sum(part.count for part in self._parts)

    def all_names(self) -> Iterator[list[str]]:
        """Give the names of all files, a batch at a time."""
        for number in range(self.batches):
            part, within = self._place(number)
            yield part.names(within)

    def _place(self, number: int) -> tuple[Journal, int]:
        """Return the part that has a batch, and the batch's number in it."""
        within, place = divmod(number, len(self._parts))
        return self._parts[place], within

    def __iter__(self) -> Iterator[Batch]:
        """Yield all batches in the order of the listing."""
        for number in range(self.batches):
            part, within = self._place(number)
            rows = part.rows(within)
            if rows is None:
                raise DataProblem(f"'{part.path}' was changed while in use.")
            yield Batch(number, part.names(within), rows, is_new=False)

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Journal]:
    journal = Journal.open(path)
    try:
        if not journal.header.get(PART):
            raise DataProblem(f"'{path}' isn't a part made by 'inkhook predict-dir --shard'.")
        if journal.done < journal.batches:
            raise DataProblem(
                f"'{path}' is unfinished; finish it with the command that began it and --resume."
            )
        yield journal
    finally:
        journal.close()


def _place(journal: Journal) -> Place:
    number, _, of = journal.header[PART].partition("/")
    return int(number), int(of)


def _check_same_work(journals: Sequence[tuple[Path, Journal]]) -> None:
    """Raise DataProblem if a part isn't of the same work as most; the message says why."""
    works = [_work(journal) for _, journal in journals]
    texts = [json.dumps(work, sort_keys=True) for work in works]
    most = texts.index(Counter(texts).most_common(1)[0][0])
    pairs = [
        (path, difference(work, works[most]))
        for (path, _), work in zip(journals, works, strict=True)
    ]
    foreign = [(path, found) for path, found in pairs if found]
    if foreign:
        what, here, there = foreign[0][1]
        names = ", ".join(f"'{path}'" for path, _ in foreign)
        raise DataProblem(
            f"These parts aren't of the same work as '{journals[most][0]}': {names}; "
            f"the first has another {what} ({here}, there {there})."
        )


def _work(journal: Journal) -> dict[str, Any]:
    """Return what all parts have in common."""
    common = {key: value for key, value in journal.header.items() if key != PART}
    return common | {"parts": _place(journal)[1], "listing": journal.facts.get("listing")}


def _in_order(journals: Sequence[tuple[Path, Journal]]) -> list[tuple[Path, Journal]]:
    """Return the parts from 1 to N; raises DataProblem if one is missing or repeated."""
    found: dict[int, tuple[Path, Journal]] = {}
    of = _place(journals[0][1])[1]
    for path, journal in journals:
        number = _place(journal)[0]
        if number in found:
            raise DataProblem(
                f"Part {number} of {of} was given twice: '{found[number][0]}' and '{path}'."
            )
        found[number] = path, journal
    missing = [number for number in range(1, of + 1) if number not in found]
    if missing:
        first = ", ".join(map(str, missing[:20])) + (" …" if len(missing) > 20 else "")
        what = f"Part {first} of {of} is" if len(missing) == 1 else f"Parts {first} of {of} are"
        raise DataProblem(f"{what} missing.")
    return [found[number] for number in sorted(found)]


def _allow_open_files(count: int) -> None:
    """Allow this process to have `count` files open, as far as the system permits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < count:
            most = count if hard == resource.RLIM_INFINITY else min(count, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
