"""Train a dense network with Keras: 784 inputs, ReLU hidden layers, ten probabilities.

The default schedule (large batches, few epochs, a rate that falls to zero along a cosine, and a
second moment that forgets sooner) was chosen by measuring: see
docs/decisions/001-training-schedule.md.
"""

from typing import Any

import click
import numpy as np

from ...core.base.problems import ModelProblem
from ...core.base.quiet_keras import import_keras
from ...core.base.types import Dataset, Trained
from ...core.data.dense import build_dense, parse_sizes
from ...core.data.progress import TrainingProgress
from ...core.data.training import epoch_images, flat, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.judging.calibration import standard_error

EPOCHS, RATE = 10, 0.01
EPOCHS_AUGMENTED, RATE_AUGMENTED = 30, 0.004
"""Images that differ from epoch to epoch support longer training."""

STEPS_PER_CALL = 20
"""Batches that Keras runs in one call: enough to hide its overhead per batch, and few enough that
Ctrl-C and the progress bar respond within half a second."""


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
            type=parse_sizes,
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
        model = build_dense(keras, self.hidden, "--hidden")
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
