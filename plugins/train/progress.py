"""Show how a training goes: a bar for each epoch on a terminal, a line for each elsewhere."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from ...core.events.protocol import Session

_PERCENT = ("accuracy", "val_accuracy")


class TrainingProgress:
    """A context manager around a training; everything is shown on stderr."""

    def __init__(self, session: Session, epochs: int, images: int, batch_size: int) -> None:
        """Prepare to show `epochs` epochs of `images` images in batches of `batch_size`."""
        self._session = session
        self._epochs = epochs
        self._batches = -(-images // batch_size)
        self._done = 0
        self._start = self._epoch_start = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def batch(self, batch: int, logs: Mapping[str, Any]) -> None:
        """Note that `batch` batches of this epoch are done."""
        if self._bar:
            self._bar.update(self._task, completed=batch, figures=_text(logs))

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Note that an epoch (from 0) has ended; its line stays."""
        now = time.monotonic()
        self._done += 1
        left = (now - self._start) / self._done * (self._epochs - epoch - 1)
        line = f"{_text(logs)} · {now - self._epoch_start:.1f} s"
        if left:
            line += f", {_duration(left)} left"
        self._epoch_start = now
        if self._bar:
            self._bar.update(self._task, completed=self._batches, figures=line)
            if epoch + 1 < self._epochs and not self._session.stop_requested:
                self._add_bar(epoch + 1)
        else:
            self._session.note(f"{self._title(epoch)}  {line}")

    def _title(self, epoch: int) -> str:
        width = len(str(self._epochs))
        return f"Epoch {epoch + 1:>{width}}/{self._epochs}"

    def _add_bar(self, epoch: int) -> None:
        self._task = self._bar.add_task(self._title(epoch), total=self._batches, figures="")

    def __enter__(self) -> Self:
        self._start = self._epoch_start = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bars

            self._bar = Bars(
                TextColumn("{task.description}"),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[figures]}"),
                console=Console(stderr=True, highlight=False),
            )
            self._bar.start()
            self._add_bar(0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()


def _text(logs: Mapping[str, Any]) -> str:
    return " · ".join(
        f"{name} {float(value) * 100:.2f} %" if name in _PERCENT else f"{name} {float(value):.4f}"
        for name, value in sorted(logs.items(), key=lambda item: item[0].startswith("val_"))
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
