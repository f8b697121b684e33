"""What a benchmark hands over to `all`: figures, each with its peer in the same run and its bar.

A benchmark that is run by hand prints its lines and hands over nothing.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

VARIABLE = "INKHOOK_FIGURES"
"""Names the file that takes the figures."""


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    what : str
        What was measured; a line of the page.
    value : float
    unit : str
        Such as "ms", "%" or "×".
    peer : str
        What was measured beside it in the same run, with its number.
    most, least : float or None
        The bar, if there is one.
    digits : int
        After the point.
    """

    what: str
    value: float
    unit: str
    peer: str = ""
    most: float | None = None
    least: float | None = None
    digits: int = 2

    @property
    def met(self) -> bool:
        """Whether the bar is met, in what the page shows; true if there is none."""
        shown = round(self.value, self.digits)
        return (self.most is None or shown <= self.most) and (
            self.least is None or shown >= self.least
        )

    @property
    def text(self) -> str:
        """The number with its unit."""
        space = "" if self.unit == "×" else " "
        return f"{self.value:,.{self.digits}f}{space}{self.unit}"

    @property
    def bar(self) -> str:
        """The bar in words, marked where it isn't met; empty if there is none."""
        parts = []
        if self.most is not None:
            parts.append(f"at most {self.most:,g}")
        if self.least is not None:
            parts.append(f"at least {self.least:,g}")
        words = ", ".join(parts)
        return words if self.met else f"**missed: {words}**"


def hand_over(figures: Sequence[Figure]) -> None:
    """Give figures to `all`, if that is who has started this program."""
    if path := os.environ.get(VARIABLE):
        Path(path).write_text(json.dumps([asdict(figure) for figure in figures]), encoding="utf-8")


def from_json(rows: list[dict[str, Any]]) -> list[Figure]:
    """Return the figures of what was handed over."""
    return [Figure(**row) for row in rows]
