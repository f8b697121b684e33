"""Watch a run in TensorBoard: figures by epoch, mistakes, the confusion matrix, hyperparameters.

The files are written as the run goes, to `tensorboard/` in its folder, so that a TensorBoard on the
folder of all runs shows them beside each other. `events` writes them.
"""

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from ...core.base.problems import PluginProblem
from ...core.base.types import Predictions
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.judging.figures import plot_confusion, plot_errors
from ...core.judging.mistakes import Mistakes

if TYPE_CHECKING:
    from .events import EventFile


class TensorBoard:
    """Writes what TensorBoard shows: scalars an epoch, mistakes, confusion, hyperparameters."""

    inkhook_contract = "1.0"
    options = (
        click.Option(
            ["--tensorboard-errors"],
            type=click.IntRange(1, 400),
            default=36,
            show_default=True,
            metavar="N",
            help="How many mistakes to show, the most confident first.",
        ),
    )

    def __init__(self, tensorboard_errors: int) -> None:
        if importlib.util.find_spec("tensorboard") is None:
            raise PluginProblem(
                "TensorBoard isn't installed; run: pip install 'inkhook[tensorboard]'."
            )
        self.epoch = 0
        self.mistakes = Mistakes(tensorboard_errors)
        self._events: EventFile | None = None

    def _file(self, session: Session) -> "EventFile | None":
        """Return this run's file; the first event creates it."""
        if self._events is None and session.run is not None:
            from .events import EventFile

            self._events = EventFile(session.run.path / "tensorboard")
        return self._events

    @hookimpl
    def on_run_start(self, session: Session) -> None:
        """Say so if there is nowhere to write."""
        if session.run is None:
            session.note("TensorBoard: this command has no folder for results; nothing is written.")

    @hookimpl
    def on_epoch_end(self, session: Session, epoch: int, logs: Mapping[str, float]) -> None:
        """Write the epoch's metrics, for TensorBoard to show at once."""
        self.epoch = epoch + 1
        if file := self._file(session):
            for name, value in logs.items():
                split = "validation" if name.startswith("val_") else "train"
                file.scalar(f"{name.removeprefix('val_')}/{split}", value, self.epoch)
            file.flush()

    @hookimpl
    def on_prediction(self, session: Session, predictions: Predictions) -> None:
        """Count, and keep the most confident mistakes."""
        self.mistakes.add(predictions)

    @hookimpl
    def on_run_end(self, session: Session) -> None:
        """Write the pictures, the test figures and the hyperparameters."""
        file = self._file(session) if self.mistakes.total or self._events else None
        if file is None:
            return
        if session.training:
            file.hyperparameters(session.training | {"seed": session.seed}, session.status)
        for name, value in session.metrics.items():
            file.scalar(f"{name.removeprefix('test_')}/test", value, self.epoch)
        if self.mistakes.total:
            file.image("errors", plot_errors(self.mistakes).to_png(), self.epoch)
            file.image("confusion", plot_confusion(self.mistakes).to_png(), self.epoch)
        file.close()
        session.note(f"TensorBoard: tensorboard --logdir {file.path.parent.parent}")
