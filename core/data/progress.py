"""The progress of a training: a line that is redrawn, and one for each epoch that stays."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from ..base.live_line import Figure, LiveLine, duration
from ..events.protocol import Session

_PERCENT = ("accuracy", "val_accuracy", "val_exact")

LOSS, SECONDS = 2, 1
"""What a narrow terminal leaves out first, and second; see `Figure`."""


class TrainingProgress:
    """A context manager around the training; it shows everything on stderr."""

    def __init__(self, session: Session, epochs: int, images: int, batch_size: int) -> None:
        """Prepare to show `epochs` epochs of `images` images in batches of `batch_size`."""
        self._session = session
        self._epochs = epochs
        self._batches = -(-images // batch_size)
        self._done = 0
        self._line = LiveLine(session.note)
        self._start = self._epoch_start = time.monotonic()

    def batch(self, batch: int, logs: Mapping[str, Any]) -> None:
        """Show that `batch` batches of this epoch are done."""
        share = batch / self._batches
        self._line.draw(self._title, share, _figures(logs), self._left(self._done + share))

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Show that an epoch (counted from 0) has ended; its line stays."""
        now = time.monotonic()
        figures = [*_figures(logs), Figure(f"{now - self._epoch_start:.1f} s", SECONDS)]
        title, self._done, self._epoch_start = self._title, epoch + 1, now
        self._line.keep(title, figures, self._left(self._done))
        self._line.draw(self._title, 0, (), self._left(self._done))

    @property
    def _title(self) -> str:
        """The present epoch's."""
        number, width = min(self._done + 1, self._epochs), len(str(self._epochs))
        return f"Epoch {number:>{width}}/{self._epochs}"

    def _left(self, done: float) -> str:
        """Say how long the training will go on, after so many epochs."""
        if not done or done >= self._epochs or self._session.stop_requested:
            return ""
        spent = time.monotonic() - self._start
        return f"{duration(spent / done * (self._epochs - done))} left"

    def __enter__(self) -> Self:
        self._start = self._epoch_start = time.monotonic()
        self._line.draw(self._title, 0, (), "")
        self._line.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.__exit__(kind, error, trace)


def _figures(logs: Mapping[str, Any]) -> list[Figure]:
    """Return figures as they are shown, those of the validation last: they stay longest."""
    return [
        Figure(f"{name} {float(value) * 100:.2f} %")
        if name in _PERCENT
        else Figure(f"{name} {float(value):.4f}", LOSS)
        for name, value in sorted(logs.items(), key=lambda item: item[0].startswith("val_"))
    ]
