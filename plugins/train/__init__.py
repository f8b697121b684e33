"""Train a dense network with Keras: 784 inputs, ReLU hidden layers, ten probabilities.

The default schedule (large batches, few epochs, a rate that falls to zero along a cosine, and a
second moment that forgets sooner) was chosen by measuring: see
docs/decisions/001-training-schedule.md.
"""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import click
import numpy as np

from ...core.base.live_line import Figure, LiveLine, duration
from ...core.base.problems import ModelProblem
from ...core.base.quiet_keras import import_keras
from ...core.base.types import DIGITS, SIDE, Dataset, Trained
from ...core.data.training import epoch_images, flat, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.judging.calibration import standard_error
from ...core.modelfile.h5guard import MOST_PARAMETERS

_PERCENT = ("accuracy", "val_accuracy")

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


EPOCHS, RATE = 10, 0.01
EPOCHS_AUGMENTED, RATE_AUGMENTED = 30, 0.004
"""Images that differ from epoch to epoch support longer training."""

STEPS_PER_CALL = 20
"""Batches that Keras runs in one call: enough to hide its overhead per batch, and few enough that
Ctrl-C and the progress bar respond within half a second."""


def _sizes(text: str) -> tuple[int, ...]:
    """Parse a comma-separated list of layer sizes, such as "512" or "1024,512"."""
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or not all(1 <= size <= 16384 for size in sizes):
        raise click.BadParameter(
            f"'{text}' isn't a list of layer sizes from 1 to 16384, such as 512 or 512,256"
        )
    return sizes


class Train:
    """Trains a dense Keras network on the dataset."""

    options = (
        click.Option(
            ["--epochs"],
            metavar="N",
            type=click.IntRange(1, 10_000),
            help="How many passes to make over the training images.  "
            f"[default: {EPOCHS}; {EPOCHS_AUGMENTED} with augmentation]",
        ),
        click.Option(
            ["--batch-size"],
            metavar="N",
            type=click.IntRange(1, 1_000_000),
            default=512,
            show_default=True,
            help="Images per training step.",
        ),
        click.Option(
            ["--learning-rate"],
            metavar="R",
            type=click.FloatRange(0, min_open=True),
            help="Adam's initial rate; it falls to zero along a cosine.  "
            f"[default: {RATE}; {RATE_AUGMENTED} with augmentation]",
        ),
        click.Option(
            ["--hidden"],
            type=_sizes,
            metavar="N,N,…",
            default="512",
            show_default=True,
            help="Sizes of the hidden layers, such as 512 or 512,256.",
        ),
        click.Option(
            ["--validation-split"],
            metavar="S",
            type=click.FloatRange(0, 0.9),
            default=0.05,
            show_default=True,
            help="The share of the training images to hold back, to choose the best epoch and "
            "calibrate the confidence.",
        ),
    )

    def __init__(
        self,
        epochs: int | None,
        batch_size: int,
        learning_rate: float | None,
        hidden: tuple[int, ...],
        validation_split: float,
    ) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.hidden = hidden
        self.validation_split = validation_split

    @hookimpl
    def train_model(self, session: Session, dataset: Dataset) -> Trained | None:
        """Train, and return the best epoch's model, even after an early stop."""
        augmented = session.has("augment")
        epochs = self.epochs or (EPOCHS_AUGMENTED if augmented else EPOCHS)
        rate = self.learning_rate or (RATE_AUGMENTED if augmented else RATE)
        arguments: dict[str, Any] = {
            "trainer": "train",
            "optimizer": "adam",
            "epochs": epochs,
            "batch_size": self.batch_size,
            "learning_rate": rate,
            "hidden": list(self.hidden),
            "validation_split": self.validation_split,
        }
        train, held = hold_back(prepare_split(dataset.train), self.validation_split, session.seed)
        keras = import_keras()
        if session.stop_requested:
            return None
        keras.utils.set_random_seed(session.seed)
        model = self._build(keras)
        self._compile(keras, model, rate, -(-len(train) // self.batch_size) * epochs)
        validation = (flat(held.images), held.labels) if len(held) else None
        with TrainingProgress(session, epochs, len(train), self.batch_size) as progress:
            callback = _callback(keras, session, progress, len(held))
            for epoch, images in enumerate(epoch_images(session, train, epochs)):
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
                arguments["epochs_done"] = epoch + 1
                if session.stop_requested:
                    break
        if callback.best_weights:
            model.set_weights(callback.best_weights)
            arguments["best_epoch"] = callback.best_epoch
        return Trained(model, arguments, held)

    def _build(self, keras: Any) -> Any:
        layers = [keras.Input((SIDE * SIDE,))]
        layers += [keras.layers.Dense(size, activation="relu") for size in self.hidden]
        model = keras.Sequential([*layers, keras.layers.Dense(len(DIGITS), activation="softmax")])
        if (count := model.count_params()) > MOST_PARAMETERS:
            raise ModelProblem(
                f"The network would have {count:,} parameters, but a model file holds at most "
                f"{MOST_PARAMETERS:,}; choose a smaller --hidden."
            )
        return model

    def _compile(self, keras: Any, model: Any, rate: float, steps: int) -> None:
        schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
        model.compile(
            optimizer=keras.optimizers.Adam(schedule, beta_2=0.98),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            steps_per_execution=STEPS_PER_CALL,
        )


def _callback(keras: Any, session: Session, progress: TrainingProgress, held: int) -> Any:
    """Return the Keras callback that reports batches and epochs and keeps the best weights.

    See docs/decisions/016-which-epoch-is-kept.md.
    """

    class SessionCallback(keras.callbacks.Callback):  # type: ignore[misc]
        best_accuracy = 0.0
        best_epoch = 0
        best_weights: list[np.ndarray] | None = None

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
            accuracy = figures.get("val_accuracy")
            if accuracy is not None:
                self.best_accuracy = max(self.best_accuracy, accuracy)
                if accuracy >= self.best_accuracy - standard_error(self.best_accuracy, held):
                    self.best_weights = self.model.get_weights()
                    self.best_epoch = epoch + 1
            progress.epoch(epoch, figures)
            session.tell("on_epoch_end", epoch=epoch, logs=figures, model=self.model)

    return SessionCallback()
