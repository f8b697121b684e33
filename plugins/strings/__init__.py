"""Train a network that reads rows of numbers, on strips composed of the dataset's digits.

Every epoch composes new strips (`compose`) from images that the `augment` plugins have varied. The
network (`layers`) slides along the strip. At first it is told where each sign stands, which it
learns fast; then only what is written (connectionist temporal classification), so that it finds its
own places for signs that touch. See docs/decisions/043-numbers.md.
"""

from typing import TYPE_CHECKING

import click
import numpy as np

from ...core.base.problems import ModelProblem
from ...core.base.quiet_keras import import_keras
from ...core.base.types import Dataset, Split, Trained
from ...core.data.progress import TrainingProgress
from ...core.data.training import epoch_pixels, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.jobs.find_model import read_named
from .believable import believable
from .layers import WINDOWS

if TYPE_CHECKING:
    from .compose import Strips

BATCH = 32
"""Strips of a training step, all of about the same length."""

HELD_OUT = 0.05
"""The share of the digits of which only strips for measuring are composed."""

MEASURED = 12_000
"""Strips to measure and calibrate with, unless few are trained on: the last few mistakes among them
set the confidence from which on a number is sure."""


class Strings:
    """Trains a network that reads numbers."""

    options = (
        click.Option(
            ["--strings-epochs"],
            metavar="N",
            type=click.IntRange(1, 10_000),
            default=40,
            show_default=True,
            help="How many times to compose strips and learn from them.",
        ),
        click.Option(
            ["--strings-count"],
            metavar="N",
            type=click.IntRange(BATCH, 1_000_000),
            default=16_000,
            show_default=True,
            help="Strips to compose for an epoch.",
        ),
        click.Option(
            ["--strings-rate"],
            metavar="R",
            type=click.FloatRange(0, min_open=True),
            default=0.002,
            show_default=True,
            help="Adam's initial rate; it falls to zero along a cosine.",
        ),
        click.Option(
            ["--strings-network"],
            type=click.Choice(sorted(WINDOWS, reverse=True)),
            default="dense",
            show_default=True,
            help="What to train: dense layers alone, or convolutions before them.",
        ),
        click.Option(
            ["--strings-from"],
            metavar="M",
            help="A model for numbers that is trained on, in place of a new one.",
        ),
        click.Option(
            ["--strings-keep"],
            metavar="S",
            type=click.FloatRange(0, 1),
            default=0.5,
            show_default=True,
            help="With --strings-from: the share of the old weights in the result, which is a mean "
            "of old and new.",
        ),
    )

    def __init__(
        self,
        strings_epochs: int,
        strings_count: int,
        strings_rate: float,
        strings_network: str,
        strings_from: str | None,
        strings_keep: float,
    ) -> None:
        self.epochs, self.count, self.rate = strings_epochs, strings_count, strings_rate
        self.name, self.given, self.keep = strings_network, strings_from, strings_keep

    @hookimpl
    def train_model(self, session: Session, dataset: Dataset) -> Trained | None:
        """Compose, train and measure; an early stop keeps what was learnt."""
        from .batches import batches
        from .compose import Strips
        from .learner import Learner
        from .measure import measure

        if len(dataset.class_names) != 10 or not dataset.holds_digits:
            raise ModelProblem(f"'{dataset.name}' doesn't hold digits, so numbers can't be made.")
        given = read_named(self.given, session.note) if self.given else None
        train, held = hold_back(prepare_split(dataset.train), HELD_OUT, session.seed)
        keras = import_keras()
        if session.stop_requested:
            return None
        keras.utils.set_random_seed(session.seed)
        steps = self.count // BATCH
        learner = Learner(keras, self.name, self.rate, steps * self.epochs)
        if given is not None:
            learner.go_on_from(given.network)
        if not _has_all(train):
            raise ModelProblem("Too few images are left to train with: a digit isn't among them.")
        # of a few images, a digit may be lacking
        judged = next((each for each in (believable(held), held) if _has_all(each)), train)
        measured = _composed(judged, session.seed, min(MEASURED, self.epochs * self.count))
        watched = Strips(measured.images[:500], measured.texts[:500], measured.places[:500])
        with TrainingProgress(session, self.epochs, steps, 1) as progress:
            for epoch, images in enumerate(epoch_pixels(session, train, self.epochs)):
                losses: list[float] = []
                rng = np.random.default_rng([session.seed, epoch, 1])
                each = batches(images, train.labels, rng, steps, BATCH, WINDOWS[self.name])
                for place, batch in enumerate(each):
                    losses.append(learner.step(batch))
                    progress.batch(place + 1, {"loss": np.mean(losses[-100:])})
                    if session.stop_requested:
                        break
                exact = measure(learner.network(), watched, calibrate=False).exact
                logs = {"loss": float(np.mean(losses)), "val_exact": exact}
                if not np.isfinite(logs["loss"]):
                    raise ModelProblem("The loss is no longer a number; try a smaller rate.")
                progress.epoch(epoch, logs)
                session.tell("on_epoch_end", epoch=epoch, logs=logs, model=learner.model)
                if session.stop_requested:
                    break
        origin = {}
        if given is not None:
            learner.keep(self.keep)
            origin = {"from_sha256": given.sha256, "kept": self.keep}
        found = measure(learner.network(), measured)
        session.say(f"Composed numbers read wholly right: {found.exact * 100:.1f} %")
        return Trained(
            learner.finished(),
            {
                "trainer": "strings",
                "epochs": self.epochs,
                "epochs_done": epoch + 1,
                "strips": self.count,
                "learning_rate": self.rate,
                **origin,
            },
            metrics={"test_exact": found.exact},
            temperature=found.temperature,
            reject_below=found.reject_below,
        )


def _has_all(split: Split) -> bool:
    return len(np.unique(split.labels)) == 10


def _composed(held: Split, seed: int, count: int) -> "Strips":
    from .compose import compose

    return compose(held.images, held.labels, np.random.default_rng([seed, 2]), count)
