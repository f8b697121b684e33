"""Show on a terminal how far the work is: files, files a second, time left."""

import sys
from types import TracebackType
from typing import Any, Self


class Progress:
    """A context manager around the work; elsewhere than on a terminal it shows nothing."""

    def __init__(self, count: int, *, shown: bool) -> None:
        """Prepare to show the way to `count` files."""
        self._count = count
        self._shown = shown and sys.stderr.isatty()
        self._bar: Any = None
        self._task: Any = None

    def advance(self, count: int) -> None:
        """Note that so many more files are done; on any thread."""
        if self._bar:
            self._bar.advance(self._task, count)

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                ProgressColumn,
                Task,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bars
            from rich.text import Text

            class Speed(ProgressColumn):
                def render(self, task: Task) -> Text:
                    return Text(f"{task.speed:,.0f} a second" if task.speed else "")

            self._bar = Bars(
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TextColumn("files ·"),
                Speed(),
                TextColumn("·"),
                TimeRemainingColumn(compact=True),
                TextColumn("left"),
                console=Console(stderr=True, highlight=False),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=self._count)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None
