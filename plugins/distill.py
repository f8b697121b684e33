"""Train a dense network to answer as convolutional ones do: distillation.

Networks with convolutions read better than dense ones, but they take Keras and more time for every
image. So a few of them, the teachers, are trained first. Then the dense network, the student,
learns from new images each epoch, and from the teachers' mean answer to each: which says more than
a label, as that a 7 is nearly a 1 (Hinton, Vinyals and Dean, arXiv 1503.02531). Only the student is
kept. See docs/decisions/053-distillation.md.
"""

from collections.abc import Callable, Iterator
from typing import Any

import click
import numpy as np

from ..core.base.problems import ModelProblem
from ..core.base.quiet_keras import import_keras
from ..core.base.types import DIGITS, SIDE, Dataset, FloatArray, Split, Trained, UInt8Array
from ..core.data.dense import build_dense, parse_sizes
from ..core.data.progress import TrainingProgress
from ..core.data.training import epoch_images, flat, hold_back, prepare_split
from ..core.events.hooks import hookimpl
from ..core.events.protocol import Session

BATCH = 256
"""Images of a training step."""

RATE = 0.002
"""Adam's initial rate, of the teachers and of the student; it falls to zero along a cosine."""

TEMPERATURE = 2.0
"""The teachers' logits are divided by this, so that the student sees which digits come next."""

TRUTH = 0.1
"""The share of the label in what the student is to answer."""

HELD_OUT = 0.05
"""The share of the training images to watch the training with, and to calibrate the confidence."""

Step = Callable[[Any, Any], Any]
"""One training step: images (n, 784) and labels (n,) in, the loss out."""


class Distill:
    """Trains convolutional networks, and a dense one to answer as they do."""

    options = (
        click.Option(
            ["--distill-teachers"],
            metavar="N",
            type=click.IntRange(1, 20),
            default=3,
            show_default=True,
            help="How many convolutional networks to train first.",
        ),
        click.Option(
            ["--distill-teacher-epochs"],
            metavar="N",
            type=click.IntRange(1, 10_000),
            default=8,
            show_default=True,
            help="How many passes over the training images each of these makes.",
        ),
        click.Option(
            ["--distill-epochs"],
            metavar="N",
            type=click.IntRange(1, 10_000),
            default=60,
            show_default=True,
            help="How many passes the dense network makes.",
        ),
        click.Option(
            ["--distill-hidden"],
            type=parse_sizes,
            metavar="N,N,…",
            default="1024,1024",
            show_default=True,
            help="Sizes of the dense network's hidden layers.",
        ),
    )

    def __init__(
        self,
        distill_teachers: int,
        distill_teacher_epochs: int,
        distill_epochs: int,
        distill_hidden: tuple[int, ...],
    ) -> None:
        self.teachers = distill_teachers
        self.teacher_epochs = distill_teacher_epochs
        self.epochs = distill_epochs
        self.hidden = distill_hidden

    @hookimpl
    def train_model(self, session: Session, dataset: Dataset) -> Trained | None:
        """Train the teachers, then the student; an early stop keeps what the student has learnt."""
        train, held = hold_back(prepare_split(dataset.train), HELD_OUT, session.seed)
        keras = import_keras()
        if session.stop_requested:
            return None
        keras.utils.set_random_seed(session.seed)
        steps = -(-len(train) // BATCH)
        student = build_dense(keras, self.hidden, "--distill-hidden")
        teachers = [build_teacher(keras) for _ in range(self.teachers)]
        lessons = [
            _step(keras, teacher, _labels_only, self.teacher_epochs * steps) for teacher in teachers
        ]
        own = _step(keras, student, _mean_answer(teachers), self.epochs * steps)
        done = 0
        epochs = self.teacher_epochs + self.epochs
        with TrainingProgress(session, epochs, len(train), BATCH) as progress:
            for epoch, images in enumerate(epoch_images(session, train, epochs)):
                teaching = epoch < self.teacher_epochs
                rng = np.random.default_rng([session.seed, epoch, 3])
                losses: list[float] = []
                for batch in _batches(images, train.labels, rng, len(lessons) if teaching else 1):
                    taken = lessons if teaching else [own]
                    found = [float(step(*part)) for step, part in zip(taken, batch, strict=True)]
                    losses.append(float(np.mean(found)))
                    progress.batch(len(losses), {"loss": np.mean(losses[-50:])})
                    if session.stop_requested:
                        break
                logs = {"loss": float(np.mean(losses))}
                if not np.isfinite(logs["loss"]):
                    raise ModelProblem("The loss is no longer a number; a seed may be unlucky.")
                logs |= _watch(teachers if teaching else [student], held)
                progress.epoch(epoch, logs)
                if not teaching:
                    done += 1
                    session.tell("on_epoch_end", epoch=done - 1, logs=logs, model=student)
                if session.stop_requested:
                    break
        if not done:
            return None
        return Trained(student, self._arguments(done), held)

    def _arguments(self, done: int) -> dict[str, Any]:
        return {
            "trainer": "distill",
            "optimizer": "adam",
            "teachers": self.teachers,
            "teacher_epochs": self.teacher_epochs,
            "epochs": self.epochs,
            "epochs_done": done,
            "batch_size": BATCH,
            "learning_rate": RATE,
            "hidden": list(self.hidden),
            "teachers_temperature": TEMPERATURE,
            "labels_share": TRUTH,
            "validation_split": HELD_OUT,
        }


def build_teacher(keras: Any) -> Any:
    """Return a convolutional network: (N, 784) in, logits (N, 10) out."""
    layers = keras.layers
    chain: list[Any] = [keras.Input((SIDE * SIDE,)), layers.Reshape((SIDE, SIDE, 1))]
    for filters in (32, 64):
        chain += [layers.Conv2D(filters, 3, activation="relu") for _ in range(2)]
        chain += [layers.MaxPooling2D(), layers.Dropout(0.2)]
    chain += [layers.Flatten(), layers.Dense(256, activation="relu"), layers.Dropout(0.4)]
    return keras.Sequential([*chain, layers.Dense(len(DIGITS))])


def _labels_only(images: Any, truth: Any) -> Any:
    """Return what a teacher is to answer."""
    return truth


def _mean_answer(teachers: list[Any]) -> Step:
    """Return what says what the student is to answer: (n, 784) and (n, 10) to (n, 10)."""
    import tensorflow as tf

    def wanted(images: Any, truth: Any) -> Any:
        logits = tf.add_n([teacher(images, training=False) for teacher in teachers])
        soft = tf.nn.softmax(logits / (TEMPERATURE * len(teachers)))
        return (1 - TRUTH) * soft + TRUTH * truth

    return wanted


def _step(keras: Any, model: Any, wanted: Step, steps: int) -> Step:
    """Return the training step of a model that is to answer as `wanted` says."""
    import tensorflow as tf

    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    optimizer = keras.optimizers.Adam(rate, beta_2=0.98)
    chain, last = model.layers[:-1], model.layers[-1]

    def logits_of(images: Any) -> Any:
        for layer in chain:
            images = layer(images, training=True)
        return images @ last.kernel + last.bias

    def step(images: Any, labels: Any) -> Any:
        answers = wanted(images, tf.one_hot(labels, len(DIGITS)))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                tf.nn.softmax_cross_entropy_with_logits(answers, logits_of(images))
            )
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    signature = [
        tf.TensorSpec((None, SIDE * SIDE), tf.float32),
        tf.TensorSpec((None,), tf.uint8),
    ]
    function: Step = tf.function(step, input_signature=signature)
    return function


def _batches(
    images: FloatArray, labels: UInt8Array, rng: np.random.Generator, learners: int
) -> Iterator[list[tuple[FloatArray, UInt8Array]]]:
    """Yield a batch for each learner at a time, all images once, each learner in its own order."""
    orders = [rng.permutation(len(images)) for _ in range(learners)]
    for start in range(0, len(images), BATCH):
        chosen = [order[start : start + BATCH] for order in orders]
        yield [(images[places], labels[places]) for places in chosen]


def _watch(models: list[Any], held: Split) -> dict[str, float]:
    """Return how many of the held-back images are read right, by models together."""
    if not len(held):
        return {}
    answers = [model.predict(flat(held.images), batch_size=2500, verbose=0) for model in models]
    right = np.mean(answers, axis=0).argmax(axis=1) == held.labels
    return {"val_accuracy": float(right.mean())}
