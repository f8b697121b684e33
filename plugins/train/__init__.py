"""Train a dense Keras network: 784 inputs, ReLU hidden layers, ten probabilities.

What trains it is `core.network.descent`, which takes the steps that Keras would take without the
seconds that TensorFlow needs to start. The schedule (large batches, few epochs, softened labels, a
rate that falls to zero along a cosine, a second moment that forgets sooner) was chosen by
measuring: see docs/decisions/001-training-schedule.md.
"""

from typing import Any

import click
import numpy as np

from ...core.base.problems import ModelProblem
from ...core.base.types import DIGITS, SIDE, Dataset, FloatArray, Split, Trained, UInt8Array
from ...core.data.dense import check_sizes, parse_sizes
from ...core.data.progress import TrainingProgress
from ...core.data.training import epoch_pixels, hold_back, prepare_split
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.images import preprocess
from ...core.judging.calibration import standard_error
from ...core.network.adam import falling
from ...core.network.classifier import Classifier
from ...core.network.descent import Descent, dense_network
from ...core.network.keras_model import follow
from ...core.network.network import Network

EPOCHS, RATE = 6, 0.01
EPOCHS_AUGMENTED, RATE_AUGMENTED = 26, 0.004
"""Images that differ from epoch to epoch support longer training."""

PASSES_AUGMENTED = 2
"""Over each epoch's images, which take longer to make than to learn (Choi et al. 2019, data
echoing)."""

PLAIN_EPOCHS = 0.1
"""The share of the epochs, at the end, in which augmentation leaves most images as they are: see
docs/decisions/061-plain-last-epochs.md."""

SQUARE = 0.98
"""Adam's usual 0.999 would remember the first, large gradients until the end."""

DOUBT, DOUBT_AUGMENTED = 0.05, 0.0
"""The share of a label that is divided among all digits (Szegedy et al. 2016, label smoothing)."""

PARTS = 2
"""Threads that share the work of a batch."""


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
        passes = PASSES_AUGMENTED if augmented else 1
        plain_epochs = round(PLAIN_EPOCHS * epochs) if augmented else 0
        doubt = DOUBT_AUGMENTED if augmented else DOUBT
        arguments: dict[str, Any] = {
            "trainer": "train",
            "optimizer": "adam",
            "epochs": epochs,
            "passes": passes,
            "plain_epochs": plain_epochs,
            "batch_size": self.batch_size,
            "learning_rate": rate,
            "hidden": list(self.hidden),
            "label_smoothing": doubt,
            "validation_split": self.validation_split,
        }
        train, held = hold_back(prepare_split(dataset.train), self.validation_split, session.seed)
        if session.stop_requested:
            return None
        rng = np.random.default_rng([session.seed, 1])
        check_sizes(self.hidden, "--hidden")
        start = dense_network(self.hidden, rng)
        best = _Best(start, held)
        watched, model = session.has("on_epoch_end", "model"), None
        with (
            TrainingProgress(session, epochs, len(train) * passes, self.batch_size) as progress,
            Descent(start, square=SQUARE, parts=PARTS) as descent,
        ):
            course = _Course(session, progress, descent, self.batch_size, rate, epochs, doubt, rng)
            coming = epoch_pixels(session, train, epochs, plain_epochs=plain_epochs)
            for epoch, images in enumerate(coming):
                logs = course.epoch(images, train.labels, passes)
                if not np.isfinite(logs["loss"]):
                    raise ModelProblem(
                        f"The loss is no longer a number in epoch {epoch + 1}; "
                        "try a smaller --learning-rate."
                    )
                network = descent.network()
                logs |= best.judge(network, epoch)
                progress.epoch(epoch, logs)
                if watched:
                    model = follow(model, network)
                session.tell("on_epoch_end", epoch=epoch, logs=logs, model=model)
                arguments["epochs_done"] = epoch + 1
                if session.stop_requested:
                    break
        if len(held):
            arguments["best_epoch"] = best.epoch + 1
        return Trained(best.network, arguments, held)


class _Course:
    """The epochs of one training: batches, and the rate that falls from the first to the last."""

    def __init__(
        self,
        session: Session,
        progress: TrainingProgress,
        descent: Descent,
        batch_size: int,
        rate: float,
        epochs: int,
        doubt: float,
        rng: np.random.Generator,
    ) -> None:
        self._session, self._progress, self._descent = session, progress, descent
        self._batch_size, self._rate, self._epochs = batch_size, rate, epochs
        self._rng, self._wanted = rng, _softened(doubt)
        self._done = 0

    def epoch(self, images: UInt8Array, labels: UInt8Array, passes: int) -> dict[str, float]:
        """Train on all images so often, or until a stop is asked for; return loss and accuracy."""
        order = np.concatenate([self._rng.permutation(len(labels)) for _ in range(passes)])
        inputs = images.reshape(len(images), SIDE * SIDE)
        starts = range(0, len(order), self._batch_size)
        loss, right, seen = 0.0, 0, 0
        for number, start in enumerate(starts, 1):
            chosen = order[start : start + self._batch_size]
            truth = labels[chosen]
            rate = falling(self._rate, self._done, len(starts) * self._epochs)
            found = self._descent.step(inputs[chosen], self._wanted[truth], rate)
            self._done += 1
            seen += len(chosen)
            loss += cross_entropy(found, truth) * len(chosen)
            right += int((found.argmax(axis=1) == truth).sum())
            logs = {"accuracy": right / seen, "loss": loss / seen}
            self._progress.batch(number, logs)
            if self._session.stop_requested or not np.isfinite(loss):
                break
        return logs


class _Best:
    """The last epoch whose accuracy on the held-back images is as good as the best one's.

    See docs/decisions/016-which-epoch-is-kept.md.
    """

    def __init__(self, start: Network, held: Split) -> None:
        self.network, self.epoch = start, 0
        self._images, self._labels = preprocess.scale(held.images), held.labels
        self._accuracy = 0.0

    def judge(self, network: Network, epoch: int) -> dict[str, float]:
        """Return an epoch's figures; without held-back images there are none, and it is best."""
        figures = {}
        if count := len(self._labels):
            found = Classifier(network)(self._images)
            accuracy = float((found.argmax(axis=1) == self._labels).mean())
            figures = {
                "val_accuracy": accuracy,
                "val_loss": cross_entropy(found, self._labels),
            }
            self._accuracy = max(self._accuracy, accuracy)
            if accuracy < self._accuracy - standard_error(self._accuracy, count):
                return figures
        self.network, self.epoch = network, epoch
        return figures


def cross_entropy(found: FloatArray, truth: UInt8Array) -> float:
    """Return the mean loss of probabilities, (N, 10), in nats."""
    likely = found[np.arange(len(truth)), truth]
    return float(-np.log(likely.clip(1e-7)).mean())


def _softened(doubt: float) -> FloatArray:
    """Return what the network should say of an image, by its label: float32 (10, 10)."""
    count = len(DIGITS)
    return np.asarray(np.eye(count) * (1 - doubt) + doubt / count, np.float32)
