"""Train a dense network with Keras: 784 inputs, hidden layers of relu, ten probabilities.

The default schedule (large batches, few epochs, a rate that falls to zero along a cosine, a
second moment that forgets sooner) was chosen by measuring; see docs/decisions.md.
`progress` shows how it goes.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
import numpy as np

from ...core import preprocess
from ...core.h5guard import MOST_PARAMETERS
from ...core.hooks import hookimpl
from ...core.keras_import import import_keras
from ...core.problems import ModelProblem, Problem
from ...core.session import Session
from ...core.types import DIGITS, SIDE, Dataset, FloatArray, Split, UInt8Array
from .progress import Progress

CHUNK = 20
"""Batches that Keras runs in one go: enough to hide its overhead a batch, and little enough
that Ctrl-C and the progress bar answer within half a second."""


def _sizes(text: str) -> tuple[int, ...]:
    """Read a comma list of layer sizes: "512" or "1024,512"."""
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or not all(1 <= size <= 16384 for size in sizes):
        raise click.BadParameter(
            f"'{text}' is no list of layer sizes from 1 to 16384, such as 512 or 512,256"
        )
    return sizes


class Train:
    """Trains a dense Keras network on the dataset."""

    options = (
        click.Option(
            ["--epochs"],
            metavar="N",
            type=click.IntRange(1, 10_000),
            default=10,
            show_default=True,
            help="How often to go through the training images.",
        ),
        click.Option(
            ["--batch-size"],
            metavar="N",
            type=click.IntRange(1, 1_000_000),
            default=512,
            show_default=True,
            help="Images a step.",
        ),
        click.Option(
            ["--learning-rate"],
            metavar="R",
            type=click.FloatRange(0, min_open=True),
            default=0.01,
            show_default=True,
            help="Adam's rate at the start; it falls to zero along a cosine.",
        ),
        click.Option(
            ["--hidden"],
            type=_sizes,
            metavar="N,N,…",
            default="512",
            show_default=True,
            help="Sizes of the hidden layers, as in 512 or 512,256.",
        ),
        click.Option(
            ["--validation-split"],
            metavar="S",
            type=click.FloatRange(0, 0.9),
            default=0.05,
            show_default=True,
            help="The share of the training images to hold back, for the validation figures.",
        ),
    )

    def __init__(
        self,
        epochs: int,
        batch_size: int,
        learning_rate: float,
        hidden: tuple[int, ...],
        validation_split: float,
    ) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.hidden = hidden
        self.validation_split = validation_split

    @hookimpl
    def train_model(self, session: Session, dataset: Dataset) -> Any:
        """Train, and return the model; also when it was stopped early."""
        session.training.update(
            trainer="train",
            optimizer="adam",
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            hidden=list(self.hidden),
            validation_split=self.validation_split,
        )
        train, held = split(dataset.train, self.validation_split, session.seed)
        keras = import_keras()
        if session.stop_requested:
            return None
        keras.utils.set_random_seed(session.seed)
        model = self._build(keras, len(train))
        validation = (flat(held.images), held.labels) if len(held) else None
        with Progress(session, self.epochs, len(train), self.batch_size) as progress:
            callback = _callback(keras, session, progress)
            for epoch, images in enumerate(epoch_images(session, train, self.epochs)):
                model.fit(
                    images,
                    train.labels,
                    batch_size=self.batch_size,
                    initial_epoch=epoch,
                    epochs=epoch + 1,
                    validation_data=validation,
                    validation_batch_size=2500,
                    callbacks=[callback],
                    verbose=0,
                )
                session.training["epochs_done"] = epoch + 1
                if session.stop_requested:
                    break
        return model

    def _build(self, keras: Any, images: int) -> Any:
        layers = [keras.Input((SIDE * SIDE,))]
        layers += [keras.layers.Dense(size, activation="relu") for size in self.hidden]
        model = keras.Sequential([*layers, keras.layers.Dense(len(DIGITS), activation="softmax")])
        if (count := model.count_params()) > MOST_PARAMETERS:
            raise ModelProblem(
                f"The network would have {count:,} parameters and {MOST_PARAMETERS:,} are the "
                "most that a model file holds; choose a smaller --hidden."
            )
        steps = -(-images // self.batch_size) * self.epochs
        schedule = keras.optimizers.schedules.CosineDecay(self.learning_rate, steps)
        model.compile(
            optimizer=keras.optimizers.Adam(schedule, beta_2=0.98),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            steps_per_execution=CHUNK,
        )
        return model


def split(train: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Hold back a share of the images, drawn by chance; return the rest and those.

    Raises
    ------
    ModelProblem
        When nothing would be left to train with.
    """
    count = round(len(train) * share)
    if count == 0:
        return train, Split(train.images[:0], train.labels[:0])
    if count == len(train):
        raise ModelProblem(
            f"A validation split of {share} leaves none of {len(train)} images to train with."
        )
    order = np.random.default_rng(seed).permutation(len(train))
    held, rest = np.sort(order[:count]), np.sort(order[count:])
    return (
        Split(train.images[rest], train.labels[rest]),
        Split(train.images[held], train.labels[held]),
    )


def flat(images: UInt8Array) -> FloatArray:
    """Return uint8 (N, 28, 28) as the network's input, float32 (N, 784)."""
    return preprocess.to_model_input(images).reshape(len(images), SIDE * SIDE)


def epoch_images(session: Session, train: Split, epochs: int) -> Iterator[FloatArray]:
    """Yield each epoch's images, made by the `augment` plugins while the epoch before trains.

    A plugin that fails ends the training; where an epoch has been trained by then, that much is
    kept, and the error is raised once it is safe.
    """
    if not session.has("augment"):
        images = flat(train.images)
        for _ in range(epochs):
            yield images
        return

    def prepare(epoch: int) -> FloatArray:
        rng = np.random.default_rng([session.seed, epoch])
        return flat(
            session.chain(
                "augment", train.images, same_shape=True, labels=train.labels, epoch=epoch, rng=rng
            )
        )

    with ThreadPoolExecutor(1, thread_name_prefix="augment") as worker:
        coming = worker.submit(prepare, 0)
        for epoch in range(epochs):
            try:
                images = coming.result()
            except Problem as problem:
                if epoch == 0:
                    raise
                session.request_stop(str(problem), problem)
                return
            if epoch + 1 < epochs:
                coming = worker.submit(prepare, epoch + 1)
            yield images


def _callback(keras: Any, session: Session, progress: Progress) -> Any:
    """Return the Keras callback that carries batches and epochs to the session."""

    class SessionCallback(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            progress.batch(batch + 1, logs or {})
            if session.stop_requested:
                self.model.stop_training = True

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            figures = {name: float(value) for name, value in (logs or {}).items()}
            if not np.isfinite(figures["loss"]):
                raise ModelProblem(
                    f"The loss is no longer a number in epoch {epoch + 1}; "
                    "try a smaller --learning-rate."
                )
            progress.epoch(epoch, figures)
            session.tell("on_epoch_end", epoch=epoch, logs=figures, model=self.model)

    return SessionCallback()
