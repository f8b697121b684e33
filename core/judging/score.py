"""How many answers were right, how confident they were, and which digits were confused.

Adds up batches of answers; `evaluation` gets the answers.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.types import DIGITS, FloatArray, Predictions, UInt8Array
from ..modelfile.artifact import Artifact
from ..reading.rows import Rows, Status
from . import calibration

UNSURE_BELOW = 0.5
"""The threshold if a model file has none: below it, an answer is more likely wrong than right."""


def sure_from(model: Artifact, asked: float | None = None) -> float:
    """Return the confidence from which an answer is sure; the one rule for all commands.

    Parameters
    ----------
    model : Artifact
    asked : float, optional
        The user's threshold, 0 to 1, which overrides the one in the model's card. An imported
        model's card has none.
    """
    if asked is not None:
        return asked
    return (model.card.reject_below if model.card else 0.0) or UNSURE_BELOW


class Score:
    """Adds up predictions whose truth is known.

    Attributes
    ----------
    confusion : int (10, 10)
        Rows are labels, columns are predictions. Images without an answer aren't in it.
    blank, several : int
        How many images had no ink, or several digits; they count as wrong.
    unsure : int
        How many answers have a confidence below `reject_below`.
    """

    def __init__(self, reject_below: float = 0.0) -> None:
        self.reject_below = reject_below
        self.unsure = 0
        self._sure_and_right = 0
        self.confusion = np.zeros((len(DIGITS), len(DIGITS)), np.int64)
        self.blank = self.several = 0
        self._loss = 0.0
        self._surplus = np.zeros(calibration.BINS)

    def add(self, predictions: Predictions) -> None:
        """Add a batch whose truth is known."""
        if predictions.truth is None:
            raise TypeError("a score needs the truth")
        self.add_answers(predictions.probabilities, predictions.truth)

    def add_answers(self, probabilities: FloatArray, truth: UInt8Array) -> None:
        """Add N answers, float32 (N, 10), with the right digits, uint8 (N,)."""
        digits, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
        sure = confidence >= self.reject_below
        self.unsure += int((~sure).sum())
        self._sure_and_right += int((sure & (digits == truth)).sum())
        np.add.at(self.confusion, (truth, digits), 1)
        likelihood = probabilities[np.arange(len(truth)), truth]
        # Keras clips probabilities at 1e-7, too, so this is the loss that it reports
        self._loss -= float(np.log(likelihood.clip(1e-7)).sum(dtype=np.float64))
        self._surplus += calibration.surplus(confidence, digits == truth)

    def add_rows(self, rows: Rows, labels: npt.NDArray[np.integer]) -> None:
        """Add the rows of N files.

        Parameters
        ----------
        rows : Rows
        labels : int (N,)
            The right digits; -1 if unknown. Those aren't counted, nor are files that couldn't be
            read.
        """
        known = labels >= 0
        chosen = known & rows.answered
        self.add_answers(rows.probabilities[chosen], labels[chosen].astype(np.uint8))
        self.blank += int(np.count_nonzero(known & (rows.status == Status.BLANK)))
        self.several += int(np.count_nonzero(known & (rows.status == Status.SEVERAL)))

    @property
    def answered(self) -> int:
        """The number of images with an answer."""
        return int(self.confusion.sum())

    @property
    def count(self) -> int:
        """The number of images, including those without an answer."""
        return self.answered + self.blank + self.several

    @property
    def right(self) -> int:
        """The number of right answers."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of the images with a right answer, 0 to 1."""
        return self.right / self.count

    @property
    def precision(self) -> float:
        """The share of the sure answers that are right, 0 to 1; 0 if there are none."""
        return self._sure_and_right / max(self.answered - self.unsure, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval."""
        return calibration.wilson(self.right, self.count)

    @property
    def loss(self) -> float:
        """The mean cross-entropy of the answers, in nats."""
        return self._loss / self.answered

    @property
    def calibration_error(self) -> float:
        """The expected calibration error of the answers, 0 to 1."""
        return float(np.abs(self._surplus).sum() / self.answered)


def score_as_dict(score: Score) -> dict[str, Any]:
    """Return a score's figures as JSON values; None if there was no answer to measure."""
    low, high = score.interval
    answered = score.answered > 0
    return {
        "count": score.count,
        "right": score.right,
        "accuracy": score.accuracy,
        "low": low,
        "high": high,
        "blank": score.blank,
        "several": score.several,
        "loss": score.loss if answered else None,
        "calibration_error": score.calibration_error if answered else None,
        "reject_below": score.reject_below,
        "unsure": score.unsure,
        "precision": score.precision,
        "confusion": score.confusion.tolist(),
    }


def format_score(score: Score) -> str:
    """Return a score as lines of text."""
    low, high = score.interval
    lines = [
        f"Accuracy: {score.accuracy * 100:.2f} % "
        f"(95 % interval {low * 100:.2f} to {high * 100:.2f} %), "
        f"{score.right:,} of {score.count:,}"
    ]
    if score.answered:
        lines.append(f"Expected calibration error: {score.calibration_error * 100:.1f} %")
    if score.unsure:
        lines.append(
            f"Not sure (confidence below {score.reject_below:.2f}): {score.unsure:,}; "
            f"{score.precision * 100:.2f} % of the other answers are right"
        )
    if score.blank:
        lines.append(f"Blank: {score.blank:,}, counted as wrong")
    if score.several:
        lines.append(f"Several digits: {score.several:,}, counted as wrong")
    return "\n".join(lines)
