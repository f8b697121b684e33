"""sample: an inkhook plugin that lists the answers that the model isn't sure of."""

import csv

import click
from inkhook import hookimpl


class Sample:
    """Lists the answers that the model isn't sure of."""

    inkhook_contract = "1.4"
    options = (
        click.Option(
            ["--sample-below"],
            type=click.FloatRange(0, 1),
            default=0.6,
            show_default=True,
            metavar="P",
            help="List the answers with less confidence than this.",
        ),
    )

    def __init__(self, sample_below):
        self.below = sample_below
        self.total = 0
        self.unsure = []

    @hookimpl
    def on_prediction(self, predictions):
        """Note the answers of a batch that aren't sure."""
        self.total += len(predictions)
        for i in (predictions.confidence < self.below).nonzero()[0]:
            confidence = f"{predictions.confidence[i]:.4f}"
            self.unsure.append((predictions.ids[i], int(predictions.digits[i]), confidence))

    @hookimpl
    def on_run_end(self, session):
        """Print how many there were, and list them in the run's folder."""
        if not self.total:
            return
        session.say(f"Unsure: {len(self.unsure)} of {self.total}")
        if session.run:
            with (session.run.path / "sample.csv").open("w", newline="") as file:
                csv.writer(file).writerows([("index", "digit", "confidence"), *self.unsure])
