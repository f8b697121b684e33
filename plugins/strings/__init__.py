"""Train a network that reads rows of numbers, on strips composed of the dataset's digits.

Every epoch composes new strips (`compose`) from images that the `augment` plugins have varied. The
network (`layers`) slides along the strip. At first it is told where each sign stands, which it
learns fast; then only what is written (connectionist temporal classification), so that it finds its
own places for signs that touch. See docs/decisions/043-numbers.md.
"""

from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ...core.base.problems import ModelProblem
from ...core.base.quiet_keras import import_keras
from ...core.base.types import Dataset, FloatArray, Split, Trained
from ...core.data.progress import TrainingProgress
from ...core.data.training import epoch_pixels, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.jobs.find_model import read_named
from ...core.modelfile.artifact import ModelFile
from ...core.network.keras_model import build_model
from ...core.network.network import STRIP_HEIGHT, Network
from ...core.numbers.strip import BLANK
from .believable import believable
from .layers import WINDOWS, chain

if TYPE_CHECKING:
    from .batches import Batch
    from .compose import Strips

BATCH = 32
"""Strips of a training step, all of about the same length."""

HELD_OUT = 0.05
"""The share of the digits of which only strips for measuring are composed."""

TOLD_WHERE = 0.2
"""The share of the training for which the network is told where the signs stand."""

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
        learner = _Learner(keras, self.name, self.rate, steps * self.epochs)
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


class _Learner:
    """The Keras model and one step of its training."""

    def __init__(self, keras: Any, name: str, rate: float, steps: int) -> None:
        import tensorflow as tf

        self._keras, self._name, self._window = keras, name, WINDOWS[name]
        self._chain = chain(keras.layers, name)
        self.model = keras.Sequential([keras.Input((STRIP_HEIGHT, None, 1)), *self._chain])
        optimizer = keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(rate, steps), beta_2=0.98
        )
        model = self.model

        def told(strips: Any, batch: Any) -> Any:
            known = tf.cast(batch["where"] >= 0, tf.float32)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.maximum(batch["where"], 0), model(strips, training=True)
            )
            return tf.reduce_sum(losses * known) / BATCH

        def untold(strips: Any, batch: Any) -> Any:
            logits = model(strips, training=True)
            losses = tf.nn.ctc_loss(
                batch["texts"], logits, batch["lengths"], batch["places"],
                logits_time_major=False, blank_index=BLANK,
            )  # fmt: skip
            return tf.reduce_mean(losses)

        def step_for(loss_of: Any) -> Any:
            def step(strips: Any, batch: Any) -> Any:
                with tf.GradientTape() as tape:
                    loss = loss_of(strips, batch)
                gradients = tape.gradient(loss, model.trainable_variables)
                gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
                optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
                return loss

            return tf.function(step, reduce_retracing=True)

        self._told, self._untold = step_for(told), step_for(untold)
        self._tensor = tf.constant
        self._left_to_tell = round(TOLD_WHERE * steps)
        self._given: list[FloatArray] = []

    def go_on_from(self, network: Network) -> None:
        """Take what a network has learnt; raises ModelProblem if it is built in another way."""
        weights = build_model(network).get_weights()
        if [each.shape for each in weights] != [each.shape for each in self.model.get_weights()]:
            raise ModelProblem(
                f"--strings-from takes a {self._name} model that 'strings' has trained; this one "
                f"is {network.architecture}."
            )
        self.model.set_weights(weights)
        self._given, self._left_to_tell = weights, 0

    def keep(self, share: float) -> None:
        """Take a mean of the weights that were given, by their share, and what they have become.

        What the first training knew and the second forgets stays (Wortsman et al. 2022).
        """
        both = zip(self._given, self.model.get_weights(), strict=True)
        self.model.set_weights([share * old + (1 - share) * new for old, new in both])

    def step(self, batch: "Batch") -> float:
        """Learn from one batch; return the loss for each strip."""
        known = self._left_to_tell > 0
        self._left_to_tell -= 1
        names = ("where",) if known else ("texts", "lengths", "places")
        given = {name: self._tensor(getattr(batch, name)) for name in names}
        return float((self._told if known else self._untold)(self._tensor(batch.strips), given))

    def finished(self) -> Any:
        """Return the model for one window, with probabilities, as it is saved."""
        window = self._keras.Input((STRIP_HEIGHT, self._window, 1))
        return self._keras.Sequential([window, *self._chain, self._keras.layers.Softmax()])

    def network(self) -> Network:
        """Return what is learnt so far."""
        return ModelFile(self.finished()).network


def _has_all(split: Split) -> bool:
    return len(np.unique(split.labels)) == 10


def _composed(held: Split, seed: int, count: int) -> "Strips":
    from .compose import compose

    return compose(held.images, held.labels, np.random.default_rng([seed, 2]), count)
