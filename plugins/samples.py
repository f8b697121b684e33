"""Own samples among the training images, for `run --plugins samples,train`.

`inkhook learn` trains a model on in seconds; this trains one anew, with samples as part of the
dataset.
"""

from pathlib import Path

import click
import numpy as np

from ..core.base.types import Dataset, Split
from ..core.data.datasets import with_splits
from ..core.events.hooks import hookimpl
from ..core.events.protocol import Session
from ..core.jobs.samples import DRAWINGS, read_samples
from ..core.reading.answers import change_by


class Samples:
    """Adds your own samples to the training images of whatever dataset is loaded."""

    options = (
        click.Option(
            ["--samples-from"],
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="A source of samples, as for 'inkhook learn'; may be repeated.  "
            f"[default: {DRAWINGS.as_posix()}]",
        ),
        click.Option(
            ["--samples-weight"],
            type=click.IntRange(1, 10_000),
            default=30,
            show_default=True,
            metavar="N",
            help="How many times each sample is there.",
        ),
        click.Option(
            ["--samples-share"],
            type=click.FloatRange(0, 0.9, min_open=True),
            default=0.2,
            show_default=True,
            metavar="S",
            help="The largest share of the training images that may be samples.",
        ),
    )

    def __init__(
        self, samples_from: tuple[Path, ...], samples_weight: int, samples_share: float
    ) -> None:
        self.sources = samples_from or (DRAWINGS,)
        self.weight = samples_weight
        self.share = samples_share
        self._asking = False

    @hookimpl(tryfirst=True)
    def load_dataset(self, session: Session, name: str) -> Dataset | None:
        """Return the dataset that another plugin loads, with the samples."""
        if self._asking:  # by this very method
            return None
        self._asking = True
        try:
            dataset = session.ask("load_dataset", name=name)
        finally:
            self._asking = False
        if not isinstance(dataset, Dataset):
            return None
        samples = read_samples(self.sources, session.note, change=change_by(session))
        room = int(len(dataset.train) * self.share / (1 - self.share))
        count = min(self.weight * len(samples), room)
        places = np.arange(count) % len(samples)
        added = samples.take(places).split
        session.note(f"Samples: {len(samples):,}, {count:,} of the training images.")
        session.training["samples"] = {"count": len(samples), "sha256": samples.sha256}
        train = Split(
            np.concatenate([dataset.train.images, added.images]),
            np.concatenate([dataset.train.labels, added.labels]),
        )
        return with_splits(dataset, train, dataset.test)
