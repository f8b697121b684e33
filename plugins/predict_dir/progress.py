"""Show progress on a terminal: files or shards, files per second, time left."""

import threading
import time
from types import TracebackType
from typing import Self

from ...core.base.live_line import Figure, LiveLine, duration


class Progress:
    """A context manager around the work; it shows nothing unless stderr is a terminal."""

    def __init__(self, count: int, *, shown: bool) -> None:
        """Prepare to show progress towards `count` files."""
        self._count = count
        self._line = LiveLine(wanted=shown)
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._done = self._shards = self._count_shards = 0

    def advance(self, count: int, *, shards: int = 0, workers: int = 0) -> None:
        """Add to the files and shards that are done; on any thread."""
        with self._lock:
            self._done += count
            self._shards += shards
            self._draw(workers)

    def show_shards(self, count: int, workers: int) -> None:
        """Show how many of `count` shards are done, and the workers, instead of files."""
        self._count_shards = count
        self.advance(0, workers=workers)

    def _draw(self, workers: int) -> None:
        head, figures, left = f"{self._done:,}/{self._count:,} files", [], ""
        if self._count_shards:
            head = f"{self._shards:,}/{self._count_shards:,} shards"
            figures.append(Figure(f"{workers} worker{'s' if workers != 1 else ''}"))
        if self._done:
            speed = self._done / max(time.monotonic() - self._start, 1e-9)
            figures.append(Figure(f"{speed:,.0f} a second", 1))
            left = f"{duration((self._count - self._done) / speed)} left"
        self._line.draw(head, self._done / max(self._count, 1), figures, left)

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        self._draw(0)
        self._line.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.__exit__(kind, error, trace)
