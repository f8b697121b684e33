"""Show on a terminal how far the work is: files or shards, files a second, time left."""

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
        self._shards = self._count_shards = 0

    def advance(self, count: int, *, shards: int = 0, workers: int = 0) -> None:
        """Note that so many more files, and shards, are done; on any thread."""
        if self._bar:
            self._shards += shards
            self._bar.update(self._task, advance=count, what=self._what(workers))

    def show_shards(self, count: int, workers: int) -> None:
        """Show how many shards are done, of so many, and the workers, in place of files."""
        self._count_shards = count
        self.advance(0, workers=workers)

    def _what(self, workers: int) -> str:
        if not self._count_shards:
            return ""
        seen = f" · {workers} worker{'s' if workers != 1 else ''}"
        return f"{self._shards:,}/{self._count_shards:,} shards{seen}"

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                ProgressColumn,
                Task,
                TextColumn,
                TimeRemainingColumn,
            )
            from rich.progress import Progress as Bars
            from rich.text import Text

            class Done(ProgressColumn):
                def render(self, task: Task) -> Text:
                    files = f"{task.completed:,.0f}/{task.total:,.0f} files"
                    return Text(task.fields["what"] or files)

            class Speed(ProgressColumn):
                def render(self, task: Task) -> Text:
                    return Text(f"{task.speed:,.0f} a second" if task.speed else "")

            self._bar = Bars(
                BarColumn(bar_width=30),
                Done(),
                TextColumn("·"),
                Speed(),
                TextColumn("·"),
                TimeRemainingColumn(compact=True),
                TextColumn("left"),
                console=Console(stderr=True, highlight=False),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=self._count, what="")
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
