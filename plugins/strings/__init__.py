"""Train a network that reads rows of numbers, on strips composed of the dataset's digits.

Every epoch composes new strips (`compose`) from images that the `augment` plugins have varied. The
network is a chain of dense layers, each slid along the strip, and learns with connectionist
temporal classification: it is told what is written, not where. See docs/decisions/043-numbers.md.
"""

from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ...core.base.problems import ModelProblem
from ...core.base.quiet_keras import import_keras
from ...core.base.types import SIDE, Dataset, FloatArray, Split, Trained, UInt8Array
from ...core.data.progress import TrainingProgress
from ...core.data.training import epoch_images, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.modelfile.artifact import ModelFile
from ...core.network.network import STRIP_HEIGHT, Network
from ...core.numbers.strip import BLANK, CLASSES, STEP, WINDOW

if TYPE_CHECKING:
    from .compose import Strips

LAYERS = ((128, 9), (256, 5), (320, 5), (320, 5))
"""Units and width of each sliding layer; the first takes steps of STEP columns. Together they see
WINDOW columns: 9 + 3 × (4 + 4 + 4)."""

BATCH = 32
"""Strips of a training step, all of about the same length."""

HELD_OUT = 0.05
"""The share of the digits of which only strips for measuring are composed."""

EARLY = 400
"""Steps for which strips have three digits at most: long ones teach nothing at first."""

LONGEST = 10
"""Digits on a strip."""

ROUNDED = 24
"""Strips of a batch are widened to a multiple of this many columns."""

MEASURED = 2000
"""Strips to measure and calibrate with, unless few are trained on."""


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
    )

    def __init__(self, strings_epochs: int, strings_count: int, strings_rate: float) -> None:
        self.epochs, self.count, self.rate = strings_epochs, strings_count, strings_rate

    @hookimpl
    def train_model(self, session: Session, dataset: Dataset) -> Trained | None:
        """Compose, train and measure; an early stop keeps what was learnt."""
        from .compose import Strips
        from .measure import measure

        if len(dataset.class_names) != 10 or not dataset.holds_digits:
            raise ModelProblem(f"'{dataset.name}' doesn't hold digits, so numbers can't be made.")
        train, held = hold_back(prepare_split(dataset.train), HELD_OUT, session.seed)
        keras = import_keras()
        if session.stop_requested:
            return None
        keras.utils.set_random_seed(session.seed)
        steps = self.count // BATCH
        learner = _Learner(keras, self.rate, steps * self.epochs)
        measured = _composed(held, session.seed, min(MEASURED, self.epochs * self.count))
        watched = Strips(measured.images[:500], measured.texts[:500])
        done = 0
        with TrainingProgress(session, self.epochs, steps, 1) as progress:
            for epoch, images in enumerate(epoch_images(session, train, self.epochs)):
                losses: list[float] = []
                rng = np.random.default_rng([session.seed, epoch, 1])
                pixels = _pixels(images)
                for place in range(steps):
                    if place % 100 == 0:
                        batches = _batches(pixels, train.labels, rng, min(100, steps - place), done)
                    losses.append(learner.step(*batches.pop()))
                    done += 1
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
            },
            metrics={"test_exact": found.exact},
            temperature=found.temperature,
            reject_below=found.reject_below,
        )


class _Learner:
    """The Keras model and one step of its training."""

    def __init__(self, keras: Any, rate: float, steps: int) -> None:
        import tensorflow as tf

        layers = keras.layers
        chain: list[Any] = [layers.Rescaling(1 / 255)]
        for place, (units, wide) in enumerate(LAYERS):
            stride = 1 if place else STEP
            chain.append(layers.Conv1D(units, wide, strides=stride, use_bias=False))
            chain += [layers.BatchNormalization(momentum=0.98), layers.ReLU()]
        self._keras = keras
        self._chain = [*chain, layers.Dense(CLASSES)]
        self.model = keras.Sequential([keras.Input((None, STRIP_HEIGHT)), *self._chain])
        optimizer = keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(rate, steps), beta_2=0.98
        )
        model = self.model

        def step(strips: Any, texts: Any, lengths: Any, places: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = model(strips, training=True)
                losses = tf.nn.ctc_loss(
                    texts, logits, lengths, places, logits_time_major=False, blank_index=BLANK
                )
                loss = tf.reduce_mean(losses)
            gradients = tape.gradient(loss, model.trainable_variables)
            gradients, _ = tf.clip_by_global_norm(gradients, 5.0)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            return loss

        shapes: list[tuple[tuple[int | None, ...], Any]] = [
            ((BATCH, None, STRIP_HEIGHT), tf.float32),
            ((BATCH, None), tf.int32),
            ((BATCH,), tf.int32),
            ((BATCH,), tf.int32),
        ]
        self._step = tf.function(step, input_signature=[tf.TensorSpec(*each) for each in shapes])
        self._tensor = tf.constant

    def step(self, *batch: np.ndarray) -> float:
        """Learn from one batch, as `_batches` makes it; return the loss for each strip."""
        return float(self._step(*map(self._tensor, batch)))

    def finished(self) -> Any:
        """Return the model for one window, with probabilities, as it is saved."""
        window = self._keras.Input((WINDOW, STRIP_HEIGHT))
        return self._keras.Sequential([window, *self._chain, self._keras.layers.Softmax()])

    def network(self) -> Network:
        """Return what is learnt so far."""
        return ModelFile(self.finished()).network


def _pixels(images: FloatArray) -> UInt8Array:
    """Return an epoch's images as bytes: uint8 (N, 28, 28)."""
    return np.rint(images * 255).astype(np.uint8).reshape(-1, SIDE, SIDE)


def _composed(held: Split, seed: int, count: int) -> "Strips":
    from .compose import compose

    return compose(held.images, held.labels, np.random.default_rng([seed, 2]), count, LONGEST)


def _batches(
    digits: UInt8Array, labels: UInt8Array, rng: np.random.Generator, count: int, done: int
) -> list[tuple[np.ndarray, ...]]:
    """Compose `count` batches of strips of similar lengths, in any order."""
    from .compose import compose

    longest = 3 if done < EARLY else LONGEST
    strips = compose(digits, labels, rng, count * BATCH, longest)
    order = np.argsort([image.shape[1] for image in strips.images], kind="stable")
    groups = order.reshape(count, BATCH)
    rng.shuffle(groups)
    return [
        _batch([strips.images[i] for i in group], [strips.texts[i] for i in group])
        for group in groups
    ]


def _batch(images: list[UInt8Array], texts: list[tuple[int, ...]]) -> tuple[np.ndarray, ...]:
    """Return strips as float32 (B, columns, 32), texts, and the lengths of texts and strips.

    The columns are rounded up, so that TensorFlow meets few shapes.
    """
    half = WINDOW // 2
    wide = -(-max(image.shape[1] for image in images) // ROUNDED) * ROUNDED
    strips = np.zeros((len(images), wide + 2 * half, STRIP_HEIGHT), np.float32)
    written = np.zeros((len(images), max(map(len, texts))), np.int32)
    for i, (image, text) in enumerate(zip(images, texts, strict=True)):
        strips[i, half : half + image.shape[1]] = image.T
        written[i, : len(text)] = text
    lengths = np.array([len(text) for text in texts], np.int32)
    places = np.array([image.shape[1] // STEP + 1 for image in images], np.int32)
    return strips, written, lengths, places
