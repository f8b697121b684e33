"""Count answers whose truth is known, and keep the mistakes worth drawing.

`figures` draws them; `score` computes shares and losses.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from ..base.types import DIGITS, FloatArray, Predictions


@dataclass(frozen=True, eq=False)
class Mistake:
    """One wrong answer.

    Attributes
    ----------
    name : str
        Its id in the predictions.
    image : float32 (28, 28)
        What the model saw, 0 (paper) to 1 (ink).
    label, predicted : int
        The right digit, and the model's answer.
    confidence, label_probability : float
        The probabilities of the two, 0 to 1.
    """

    name: str
    image: FloatArray
    label: int
    predicted: int
    confidence: float
    label_probability: float


class Mistakes:
    """Adds up batches of predictions.

    Only the mistakes to be drawn keep their images, so that a million predictions need no more
    memory than a thousand.

    Attributes
    ----------
    confusion : int64 (10, 10)
        Rows are labels, columns are predictions.
    """

    def __init__(self, most: int) -> None:
        """Prepare to keep this many mistakes."""
        self.confusion = np.zeros((len(DIGITS), len(DIGITS)), np.int64)
        self._most = most
        self._found = 0
        self._best: list[tuple[float, int, Mistake]] = []  # a heap of (rank, place, mistake)

    @property
    def total(self) -> int:
        """How many answers there were."""
        return int(self.confusion.sum())

    @property
    def wrong(self) -> int:
        """How many of them were wrong."""
        return self.total - int(np.trace(self.confusion))

    @property
    def best(self) -> list[Mistake]:
        """The kept mistakes, the most confident first."""
        return [mistake for _, _, mistake in sorted(self._best, reverse=True)]

    def add(
        self, predictions: Predictions, chance: np.random.Generator | None = None
    ) -> list[Mistake]:
        """Count a batch; one without truth is ignored.

        Parameters
        ----------
        predictions : Predictions
        chance : numpy.random.Generator, optional
            Keeps random mistakes; without it, the most confident ones are kept.

        Returns
        -------
        list of Mistake
            All in this batch, in order.
        """
        if predictions.truth is None:
            return []
        truth, digits = predictions.truth, predictions.digits
        np.add.at(self.confusion, (truth, digits), 1)
        found = []
        for i in np.flatnonzero(truth != digits):
            label, predicted = int(truth[i]), int(digits[i])
            mistake = Mistake(
                predictions.ids[i],
                predictions.images[i].copy(),
                label,
                predicted,
                float(predictions.probabilities[i, predicted]),
                float(predictions.probabilities[i, label]),
            )
            self._found += 1
            rank = chance.random() if chance else mistake.confidence
            heapq.heappush(self._best, (rank, -self._found, mistake))
            if len(self._best) > self._most:
                heapq.heappop(self._best)
            found.append(mistake)
        return found
