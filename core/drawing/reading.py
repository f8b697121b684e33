"""From a drawing to an answer, in the same way as for every other image. Not for windows."""

from dataclasses import dataclass

import numpy as np

from ..base.problems import Problem
from ..base.types import FloatArray, UInt8Array
from ..events.session import CommandSession
from ..images.preprocess import find_digit, scale
from ..network.classifier import Classifier
from ..reading.predictor import status_of
from ..reading.rows import Status


@dataclass(frozen=True, eq=False)
class Reading:
    """What the model makes of a drawing.

    Attributes
    ----------
    image : float32 (28, 28)
        What the model saw, 0 (paper) to 1 (ink).
    probabilities : float32 (10,)
    sure : bool
        Whether the answer is confident enough to rely on.
    """

    image: FloatArray
    probabilities: FloatArray
    sure: bool

    @property
    def digit(self) -> int:
        """The most likely digit."""
        return int(self.probabilities.argmax())

    @property
    def second(self) -> int:
        """The second most likely digit."""
        return int(np.argsort(self.probabilities)[-2])

    @property
    def confidence(self) -> float:
        """The probability of the most likely digit, 0 to 1."""
        return float(self.probabilities.max())


class DrawingReader:
    """Reads drawings with one model.

    Attributes
    ----------
    problem : str
        Why plugins no longer prepare the drawings; empty if they do.
    """

    def __init__(
        self,
        classify: Classifier,
        sure_from: float,
        session: CommandSession,
        *,
        strict: bool = False,
    ) -> None:
        """Take what reads.

        Parameters
        ----------
        classify : Classifier
        sure_from : float
            The confidence from which an answer is sure, 0 to 1.
        session : CommandSession
            Its plugins prepare the drawings.
        strict : bool
            Whether a failing plugin ends the command.
        """
        self.problem = ""
        self._session = session
        self._strict = strict
        self._classify = classify
        self._sure_from = sure_from

    @property
    def has_plugins(self) -> bool:
        """Whether plugins prepare the drawings, which may take time."""
        return self._session.has("prepare_image") and not self.problem

    def __call__(self, canvas: UInt8Array) -> Reading | Status:
        """Read a drawing.

        Parameters
        ----------
        canvas : uint8 (H, W)
            0 is paper, 255 is ink.

        Returns
        -------
        Reading or Status
            BLANK where there is nothing to read, SEVERAL where there is more than one digit.

        Raises
        ------
        Problem
            When the model's numbers overflow; with `--strict`, when a plugin fails.
        """
        picture = find_digit(self._prepared(canvas))
        status = status_of(picture, self._classify)
        if status is not Status.OK or picture.digit is None:
            return status
        image = scale(*picture.digit)
        probabilities = self._classify(image[np.newaxis])[0]
        return Reading(image, probabilities, float(probabilities.max()) >= self._sure_from)

    def _prepared(self, canvas: UInt8Array) -> UInt8Array:
        """Let plugins prepare the drawing; after a failure, they are no longer called.

        Elsewhere a failing `prepare_image` ends the command. Here it would interrupt drawing.
        """
        if not self.has_plugins:
            return canvas
        try:
            image: UInt8Array = self._session.chain(
                "prepare_image", canvas, same_shape=False, source="canvas"
            )
        except Problem as problem:
            if self._strict:
                raise
            self.problem = str(problem)
            return canvas
        return image
