"""Which columns a table of answers has, and what stands in them.

`table` writes tables. For single digits there is a row for each file, for numbers a row for each
file or for each number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..base.problems import OptionProblem
from ..base.types import DIGITS
from ..numbers.number import Number, Numbers, as_dict
from .rows import WORDS, Rows

Cell = Any
"""str, int, float, or None for a missing value; in lines of JSON also lists."""

TEXT, TINY, WHOLE, REAL = "text", "tiny", "whole", "real"
"""What a column holds: text, numbers from -128 to 127, other whole numbers, fractions."""

FIRST = {"path": TEXT, "status": TEXT}

PLACE = dict.fromkeys(("x", "y", "width", "height"), WHOLE)


class Layout(Protocol):
    """A table's columns."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """What each column holds, by its name, in order."""

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[Any] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """Yield each row's values.

        Parameters
        ----------
        names : sequence of str
            The files.
        rows : Rows
            One for each.
        truth : sequence
            The labels, if the layout has them.
        """


@dataclass(frozen=True)
class DigitLayout:
    """A row for each file, with its digit.

    Attributes
    ----------
    top : int
        How many digits, the most likely first.
    probabilities : bool
        Whether all ten probabilities are given.
    truth : bool
        Whether the truth is given.
    """

    top: int = 1
    probabilities: bool = False
    truth: bool = False

    @property
    def kinds(self) -> dict[str, str]:
        """See Layout."""
        kinds = FIRST | {"digit": TINY, "confidence": REAL}
        for place in range(2, self.top + 1):
            kinds |= {f"digit{place}": TINY, f"confidence{place}": REAL}
        if self.probabilities:
            kinds |= {f"p{digit}": REAL for digit in DIGITS}
        return kinds | {"truth": TINY} if self.truth else kinds

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[Any] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """See Layout."""
        probabilities = rows.probabilities
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, : self.top]
        sure = np.take_along_axis(probabilities, order, axis=1)
        digits, confidences, every = order.tolist(), sure.tolist(), probabilities.tolist()
        nothing = [None] * (len(self.kinds) - len(FIRST) - self.truth)
        for i, (name, status, answered) in enumerate(
            zip(names, rows.status.tolist(), rows.answered.tolist(), strict=True)
        ):
            values: list[Cell] = [name, WORDS[status]]
            if answered:
                for pair in zip(digits[i], confidences[i], strict=True):
                    values += pair
                if self.probabilities:
                    values += every[i]
            else:
                values += nothing
            if self.truth:
                values.append(truth[i])
            yield tuple(values)


NUMBER = {"number": TEXT, "confidence": REAL}

USUAL = (*FIRST, *NUMBER, "count")
"""The columns of a table of numbers where none are chosen, and `truth` where it is known."""


@dataclass(frozen=True)
class NumberLayout:
    """A row for each file, with its numbers.

    Attributes
    ----------
    truth : bool
        Whether the truth is given.
    nested : bool
        Whether there are columns of lists: the picture's size, and everything about its numbers.
    """

    truth: bool = False
    nested: bool = False

    @property
    def kinds(self) -> dict[str, str]:
        """See Layout."""
        kinds = FIRST | NUMBER | {"count": WHOLE, "text": TEXT}
        kinds |= {"truth": TEXT} if self.truth else {}
        return kinds | ({"size": TEXT, "numbers": TEXT} if self.nested else {})

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[Any] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """See Layout."""
        for place, name in enumerate(names):
            found = rows.numbers_of(place, name)
            values: list[Cell] = [name, found.status, _joined(found, "number"), found.confidence]
            count = len(found.numbers) if found.size != (0, 0) else None
            values += [count, _joined(found, "text")]
            values += [truth[place]] if self.truth else []
            if self.nested:
                values += [list(found.size), [as_dict(number) for number in found.numbers]]
            yield tuple(values)


@dataclass(frozen=True)
class PageLayout:
    """A row for each number, and one for a file without numbers.

    Attributes
    ----------
    nested : bool
        Whether there is a column of lists: the number's digits.
    """

    nested: bool = False

    @property
    def kinds(self) -> dict[str, str]:
        """See Layout."""
        kinds = {"path": TEXT, "index": WHOLE, "status": TEXT} | NUMBER | PLACE
        return kinds | {"text": TEXT, "row": WHOLE} | ({"digits": TEXT} if self.nested else {})

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[Any] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """See Layout."""
        nothing = (None,) * (len(self.kinds) - 3)
        for place, name in enumerate(names):
            found = rows.numbers_of(place, name)
            for index, number in enumerate(found.numbers, 1):
                yield name, index, *self._values(number)
            if not found.numbers:
                yield name, None, found.status, *nothing

    def _values(self, number: Number) -> Iterator[Cell]:
        yield "ok" if number.sure else "unsure"
        yield number.number
        yield float(number.confidence)
        yield from number.box
        yield from (number.text, number.row)
        if self.nested:
            yield as_dict(number)["digits"]


def _joined(found: Numbers, what: str) -> str | None:
    return " ".join(getattr(number, what) for number in found.numbers) or None


@dataclass(frozen=True)
class Chosen:
    """Some of a layout's columns, in any order.

    Attributes
    ----------
    layout : Layout
    names : tuple of str
        Of columns.

    Raises
    ------
    OptionProblem
        When there is no such column, or one is named twice.
    """

    layout: Layout
    names: tuple[str, ...]
    _places: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = list(self.layout.kinds)
        for name in self.names:
            if name not in known:
                more = "; 'truth' needs --truth" if name == "truth" else ""
                raise OptionProblem(
                    f"There is no column '{name}'; there are {', '.join(known)}{more}."
                )
        if len(set(self.names)) < len(self.names):
            raise OptionProblem("A column is named twice.")
        object.__setattr__(self, "_places", [known.index(name) for name in self.names])

    @property
    def kinds(self) -> dict[str, str]:
        """See Layout."""
        return {name: self.layout.kinds[name] for name in self.names}

    def cells(
        self, names: Sequence[str], rows: Rows, truth: Sequence[Any] = ()
    ) -> Iterator[tuple[Cell, ...]]:
        """See Layout."""
        for values in self.layout.cells(names, rows, truth):
            yield tuple(values[place] for place in self._places)
