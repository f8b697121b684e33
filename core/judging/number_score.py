"""How many numbers were read wholly right, how many digits weren't, and what went wrong.

Only digits are compared, all of a picture in reading order. Adds up pictures; who reads them is for
others. `slips` says what went wrong in one.
"""

from collections import Counter
from typing import Any

from ..numbers.number import Numbers, digits_of
from ..reading.rows import Status
from . import calibration
from .slips import KINDS, Slip, slips

MOST_NAMED = 8
"""How many of the commonest mistakes are named."""

NO_ANSWER = (Status.BLANK, Status.NO_NUMBER)


class NumberScore:
    """Adds up pictures whose numbers are known.

    Attributes
    ----------
    count, right : int
        How many pictures there were, and how many of them were read wholly right. Those that
        couldn't be read aren't counted; one without an answer is wrong, unless nothing is written.
    digits, changes : int
        How many digits are written on them, and how many have to be changed, inserted or deleted to
        make what was read right.
    unsure : int
        How many answers aren't sure.
    without : Counter of str
        How many pictures have no answer, by status.
    slips : Counter of Slip
        What went wrong, and how often.
    """

    def __init__(self) -> None:
        self.count = self.right = self.digits = self.changes = self.unsure = 0
        self.without: Counter[str] = Counter()
        self.slips: Counter[Slip] = Counter()
        self._sure_and_right = 0
        self._relative = 0.0

    def add(self, found: Numbers) -> list[Slip]:
        """Count a picture, and return what went wrong in it.

        It isn't counted where its truth isn't known, or it couldn't be read.
        """
        status = Status.of(found.status)
        if found.truth is None or status.failed:
            return []
        wanted, read = digits_of(found.truth), found.digits
        made = slips(wanted, read) if wanted != read else []
        changes = sum(slip.cost for slip in made)
        self.count += 1
        self.right += not made
        self.digits += len(wanted)
        self.changes += changes
        self._relative += changes / max(len(wanted), 1)
        self.slips.update(made)
        if status in NO_ANSWER:
            self.without[status.word] += 1
        elif status == Status.UNSURE:
            self.unsure += 1
        else:
            self._sure_and_right += not made
        return made

    @property
    def accuracy(self) -> float:
        """The share of pictures whose digits are all right, 0 to 1."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval."""
        return calibration.wilson(self.right, self.count)

    @property
    def error_rate(self) -> float:
        """How many digits have to be changed, as a share of those that are written."""
        return self.changes / max(self.digits, 1)

    @property
    def distance(self) -> float:
        """The mean of that share over the pictures: the normalised edit distance (ANLD)."""
        return self._relative / self.count

    @property
    def sure(self) -> int:
        """How many answers are sure."""
        return self.count - self.unsure - self.without.total()

    @property
    def precision(self) -> float:
        """The share of the sure answers that are right, 0 to 1; 0 if there are none."""
        return self._sure_and_right / max(self.sure, 1)

    @property
    def kinds(self) -> dict[str, int]:
        """How often each kind of mistake was made."""
        counted: Counter[str] = Counter()
        for slip, count in self.slips.items():
            counted[slip.kind] += count
        return {kind: counted[kind] for kind in KINDS}


def number_score_as_dict(score: NumberScore) -> dict[str, Any]:
    """Return a score's figures as JSON values."""
    low, high = score.interval
    return {
        "count": score.count,
        "right": score.right,
        "accuracy": score.accuracy,
        "low": low,
        "high": high,
        "digits": score.digits,
        "digit_error_rate": score.error_rate,
        "mean_distance": score.distance,
        "blank": score.without[Status.BLANK.word],
        "no_number": score.without[Status.NO_NUMBER.word],
        "unsure": score.unsure,
        "precision": score.precision,
        "mistakes": score.kinds,
        "commonest": {str(slip): count for slip, count in _commonest(score)},
    }


def format_number_score(score: NumberScore) -> str:
    """Return a score as lines of text."""
    low, high = score.interval
    lines = [
        f"All digits right: {score.accuracy * 100:.2f} % "
        f"(95 % interval {low * 100:.2f} to {high * 100:.2f} %), "
        f"{score.right:,} of {score.count:,}",
        f"Digit error rate: {score.error_rate * 100:.2f} %, "
        f"{score.changes:,} of {score.digits:,} digits",
    ]
    if score.unsure:
        others = f"; {score.precision * 100:.2f} % of the other answers are right"
        lines.append(f"Not sure: {score.unsure:,}{others if score.sure else ''}")
    for word, count in sorted(score.without.items()):
        lines.append(f"{_NAMES[word]}: {count:,}, counted as no digits")
    if score.slips:
        kinds = ", ".join(f"{kind} ({count:,})" for kind, count in score.kinds.items() if count)
        lines.append(f"Mistakes: {kinds}")
        most = ", ".join(f"{slip} ({count:,})" for slip, count in _commonest(score))
        lines.append(f"Most often: {most}")
    return "\n".join(lines)


_NAMES = {Status.BLANK.word: "Blank", Status.NO_NUMBER.word: "No number"}


def _commonest(score: NumberScore) -> list[tuple[Slip, int]]:
    """Return the commonest mistakes; of equally common ones, in the order of their digits."""
    order = sorted(score.slips.items(), key=lambda each: (-each[1], each[0]))
    return order[:MOST_NAMED]
