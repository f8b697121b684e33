"""What became of the files: how many have each status, which ones failed, how many are right."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...core.base.text import visible
from ...core.base.types import DIGITS
from ...core.judging.number_score import NumberScore, format_number_score
from ...core.judging.score import Score, format_score
from ...core.numbers.number import Numbers
from ...core.reading.listing import left_out
from ...core.reading.rows import Rows, Status

MOST_NAMED = 5
HINTS = {
    Status.SEVERAL: "Only pictures of a single digit are read; --numbers reads all digits.",
    Status.TOO_LARGE: "Raise --max-file (MB) or --max-pixels (megapixels).",
}
"""What the user can do about a status."""

LEAST_TIMED = 50
"""How many files must be read for their speed to mean anything."""


class Summary:
    """Counts rows, and names the first few problem files."""

    def __init__(self, score: Score | NumberScore | None) -> None:
        """Prepare to count, and to add up a score where right answers are known."""
        self.score = score
        self._counts: Counter[Status] = Counter()
        self._named: list[str] = []
        self._zeros: list[str] = []
        self._more = 0

    @property
    def failed(self) -> int:
        """How many files couldn't be read."""
        return sum(count for status, count in self._counts.items() if status.failed)

    def add(
        self,
        names: Sequence[str],
        rows: Rows,
        truth: Sequence[Any],
        found: Sequence[Numbers] = (),
    ) -> None:
        """Count a batch; `found` are its numbers with their truth, where numbers are read."""
        for status in Status:
            self._counts[status] += int(np.count_nonzero(rows.status == status))
        without = np.flatnonzero(~rows.answered)[: MOST_NAMED - len(self._zeros)]
        self._zeros += [visible(names[place]) for place in without.tolist()]
        for place, remark in rows.remarks.items():
            if len(self._named) < MOST_NAMED:
                self._named.append(f"  {visible(names[place])}: {remark}")
            else:
                self._more += 1
        if isinstance(self.score, NumberScore):
            for numbers in found:
                self.score.add(numbers)
        elif self.score is not None:
            labels = np.array([-1 if label is None else label for label in truth])
            self.score.add_rows(rows, labels)

    @property
    def without_digit(self) -> int:
        """The number of files without a digit."""
        return sum(count for status, count in self._counts.items() if not status.answered)

    def report(
        self, note: Callable[[str], None], facts: Mapping[str, Any], read: int, seconds: float
    ) -> None:
        """Report everything but the accuracy.

        Parameters
        ----------
        note : callable
            Takes lines.
        facts : mapping
            What is known about the listing.
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
            note(f"Skipped: {left_out(facts['skipped'])}")
        for status, hint in HINTS.items():
            if self._counts[status]:
                note(f"{status.word}: {hint}")
        total = self._counts.total()
        parts = (f"{self._counts[s]:,} {s.word}" for s in Status if self._counts[s])
        speed = f" · {seconds:.1f} s, {read / max(seconds, 1e-9):,.0f} a second"
        speed = speed if read >= LEAST_TIMED else ""
        note(f"{total:,} file{'s' if total != 1 else ''}: {', '.join(parts)}{speed}")

    def report_zeros(self, note: Callable[[str], None]) -> None:
        """Name images without a digit, for which the table has a 0."""
        if self.without_digit:
            more = " …" if self.without_digit > len(self._zeros) else ""
            names = ", ".join(self._zeros)
            note(f"No digit, so the label is 0 ({self.without_digit:,}): {names}{more}")

    def report_score(self, note: Callable[[str], None]) -> None:
        """Report how many answers were right, and which digits were confused."""
        if self.score is None:
            return
        if not self.score.count:
            note("No file has a label, so there is no accuracy.")
            return
        if isinstance(self.score, NumberScore):
            note(format_number_score(self.score))
            return
        note(format_score(self.score))
        note("")
        note("label   as " + "".join(f"{digit:>6}" for digit in DIGITS))
        for digit, row in zip(DIGITS, self.score.confusion.tolist(), strict=True):
            note(f"{digit:>5}      " + "".join(f"{count or '·':>6}" for count in row))
