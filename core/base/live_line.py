"""A progress line on stderr, redrawn in place on a real terminal.

The caller says what the line shows; this module fits it to the terminal. `redraws` tells
where there is such a line: elsewhere nothing is drawn, and `keep` writes plain lines.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from .text import note, redraws

if TYPE_CHECKING:
    from rich.text import Text

WIDEST_BAR, NARROWEST_BAR = 20, 8
"""In columns."""

REFRESHES = 8
"""Per second."""


class Figure(NamedTuple):
    """A part of the line that may be left out: the highest rank first, and of equals the first."""

    text: str
    rank: int = 0


class LiveLine:
    """A context manager around the work.

    Attributes
    ----------
    shown : bool
        Whether there is a line to draw.
    """

    def __init__(self, note: Callable[[str], None] = note) -> None:
        """Prepare a line.

        Parameters
        ----------
        note : callable
            Takes the lines that stay, where nothing is drawn.
        """
        self._note = note
        self.shown = redraws(sys.stderr)
        self._lock = threading.Lock()
        self._state: tuple[str, float, Sequence[Figure], str] = ("", 0.0, (), "")
        self._console: Any = None
        self._live: Any = None

    def draw(self, head: str, share: float, figures: Sequence[Figure], tail: str) -> None:
        """Show progress: head, bar, figures, tail; a narrow terminal gets fewer figures.

        Parameters
        ----------
        head, tail : str
            Always shown.
        share : float
            How much of the bar is full, 0 to 1.
        figures : sequence of Figure
        """
        with self._lock:
            self._state = head, share, figures, tail

    def keep(self, head: str, figures: Sequence[Figure], tail: str) -> None:
        """Write a line that stays, without a bar; with all figures if nothing is redrawn."""
        if self._live:
            self._console.print(fit_line(head, figures, tail, self._width), overflow="crop")
        else:
            self._note(fit_line(head, figures, tail))

    @property
    def _width(self) -> int:
        return int(self._console.width) - 1  # some terminals wrap after the last column

    def _render(self) -> "Text":
        from rich.text import Text

        with self._lock:
            head, share, figures, tail = self._state
        room = self._width - len(head) - 1
        rest = fit_line("", figures, tail, room - NARROWEST_BAR)
        bar = min(WIDEST_BAR, room - len(rest))
        full = round(bar * min(share, 1.0))
        sign = "━" if self._console.encoding.startswith("utf") else "="
        parts = (f"{head} ", (sign * full, "green"), (sign * (bar - full), "bright_black"), rest)
        return Text.assemble(*parts, no_wrap=True, overflow="crop")

    def __enter__(self) -> Self:
        if self.shown:
            from rich.console import Console
            from rich.live import Live

            self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
            self._live = Live(
                get_renderable=self._render,
                console=self._console,
                refresh_per_second=REFRESHES,
                transient=True,
                # results that go to a file mustn't be redirected to the terminal
                redirect_stdout=sys.stdout.isatty(),
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()
            self._live = None


def fit_line(head: str, figures: Sequence[Figure], tail: str, width: int | None = None) -> str:
    """Return a line with as many figures as fit; the head and the tail are always there.

    Parameters
    ----------
    head, tail : str
    figures : sequence of Figure
        In the order in which they are shown.
    width : int, optional
        Columns; without it all figures are shown.
    """
    shown = list(figures)
    while True:
        rest = " · ".join(filter(None, [*(figure.text for figure in shown), tail]))
        line = f"{head}  {rest}".rstrip() if head else f" {rest}".rstrip()
        if width is None or len(line) <= width or not shown:
            return line
        shown.remove(max(shown, key=lambda figure: figure.rank))


def duration(seconds: float) -> str:
    """Return a time as text: "40 s", "12 min 5 s", "3 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
