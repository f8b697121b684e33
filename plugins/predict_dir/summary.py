"""What is said on stderr when the files are done: how many of what, how fast, how right."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...core.base.types import DIGITS
from ...core.judging.score import Score, format_score
from ...core.reading.rows import READ, STATUSES, Rows
from ...core.reading.table import visible

MOST_NAMED = 5
LEAST_TIMED = 50
"""So many files must be read for their speed to mean something."""


class Summary:
    """Counts rows, and names the first few files that something is the matter with."""

    def __init__(self) -> None:
        self.score = Score()
        self._counts = np.zeros(len(STATUSES), np.int64)
        self._named: list[str] = []
        self._more = 0

    @property
    def failed(self) -> int:
        """How many files couldn't be read."""
        return int(self._counts[READ:].sum())

    def add(self, names: Sequence[str], rows: Rows, truth: Sequence[int | None]) -> None:
        """Count a batch."""
        self._counts += np.bincount(rows.status, minlength=len(STATUSES))
        for place, remark in rows.remarks.items():
            if len(self._named) < MOST_NAMED:
                self._named.append(f"  {visible(names[place])}: {remark}")
            else:
                self._more += 1
        if truth:
            labels = np.array([-1 if label is None else label for label in truth])
            known = rows.answered & (labels >= 0)
            self.score.add_answers(rows.probabilities[known], labels[known].astype(np.uint8))
            blank = rows.status == STATUSES.index("blank")
            self.score.blank += int((blank & (labels >= 0)).sum())

    def tell(
        self, note: Callable[[str], None], facts: Mapping[str, Any], read: int, seconds: float
    ) -> None:
        """Say it all.

        Parameters
        ----------
        note : callable
            Takes lines.
        facts : mapping
            What the listing left out.
        read : int
            How many files were read now.
        seconds : float
            How long that took.
        """
        for line in self._named:
            note(line)
        if self._more:
            note(f"  … and {self._more:,} more; see the table")
        for reason in facts["unlisted"][:MOST_NAMED]:
            note(f"Can't list the folder {reason}")
        if facts["skipped"]:
            note(f"Left out: {left_out(facts['skipped'])}")
        total = int(self._counts.sum())
        counted = zip(STATUSES, self._counts.tolist(), strict=True)
        parts = (f"{count:,} {word}" for word, count in counted if count)
        speed = f" · {seconds:.1f} s, {read / max(seconds, 1e-9):,.0f} a second"
        speed = speed if read >= LEAST_TIMED else ""
        note(f"{total:,} file{'s' if total != 1 else ''}: {', '.join(parts)}{speed}")

    def tell_score(self, note: Callable[[str], None]) -> None:
        """Say how many answers were right, and which digits were taken for which."""
        if not self.score.count:
            note("No file has a label, so there is no accuracy.")
            return
        note(format_score(self.score))
        note("")
        note("label   as " + "".join(f"{digit:>6}" for digit in DIGITS))
        for digit, row in zip(DIGITS, self.score.confusion.tolist(), strict=True):
            note(f"{digit:>5}      " + "".join(f"{count or '·':>6}" for count in row))


def left_out(skipped: Mapping[str, int]) -> str:
    """Return what wasn't read, and how many of it."""
    return ", ".join(f"{what} ({count:,})" for what, count in sorted(skipped.items()))
