"""End training when a metric stops improving.

`train` keeps the best epoch anyway, so waiting a few more epochs loses nothing; what this plugin
saves is time.
"""

from collections.abc import Mapping

import click

from ..core.base.problems import ModelProblem
from ..core.events.hooks import hookimpl
from ..core.events.protocol import Session


class EarlyStop:
    """Ends training when a metric hasn't improved for some epochs."""

    inkhook_contract = "1.0"
    options = (
        click.Option(
            ["--early-stop-metric"],
            default="val_accuracy",
            show_default=True,
            metavar="NAME",
            help="The metric to watch. Lower is better if its name contains 'loss' or 'error', "
            "otherwise higher.",
        ),
        click.Option(
            ["--early-stop-patience"],
            type=click.IntRange(1),
            default=3,
            show_default=True,
            metavar="N",
            help="How many epochs in a row may pass without an improvement.",
        ),
    )

    def __init__(self, early_stop_metric: str, early_stop_patience: int) -> None:
        self.metric = early_stop_metric
        self.patience = early_stop_patience
        self.sign = -1 if "loss" in self.metric or "error" in self.metric else 1
        self.best = float("-inf")
        self.waited = 0

    @hookimpl
    def on_epoch_end(self, session: Session, logs: Mapping[str, float]) -> None:
        """Compare the metric with the best so far, and request a stop when patience runs out."""
        if self.metric not in logs:
            problem = ModelProblem(
                f"This training has no metric '{self.metric}' (--early-stop-metric); "
                f"it has {', '.join(sorted(logs))}."
            )
            session.request_stop(str(problem), problem)
            return
        session.training["early_stop"] = {"metric": self.metric, "patience": self.patience}
        value = self.sign * logs[self.metric]
        if value > self.best:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            epochs = "epoch" if self.patience == 1 else "epochs"
            session.request_stop(
                f"{self.metric} hasn't improved on {self.sign * self.best:.4f} "
                f"for {self.patience} {epochs}"
            )
