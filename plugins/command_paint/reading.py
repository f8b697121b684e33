"""From a drawing to an answer, on the same road as every other image; no window in sight."""

from dataclasses import dataclass

import numpy as np

from ...core.base.problems import Problem
from ...core.base.types import FloatArray, UInt8Array
from ...core.events.session import CommandSession
from ...core.images.preprocess import prepare
from ...core.jobs import find_model
from ...core.judging.score import sure_from
from ...core.modelfile.artifact import Artifact
from ...core.network.classifier import Classifier


@dataclass(frozen=True, eq=False)
class Reading:
    """What the model makes of a drawing.

    Attributes
    ----------
    image : float32 (28, 28)
        What the model saw, 0 (paper) to 1 (ink).
    probabilities : float32 (10,)
    sure : bool
        Whether the answer's confidence is one to rely on.
    """

    image: FloatArray
    probabilities: FloatArray
    sure: bool

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def second(self) -> int:
        """The digit that is next likely."""
        return int(np.argsort(self.probabilities)[-2])

    @property
    def confidence(self) -> float:
        """The probability of the likeliest digit, 0 to 1."""
        return float(self.probabilities.max())


class Reader:
    """Reads drawings with one model.

    Attributes
    ----------
    problem : str
        Why plugins no longer prepare the drawings; empty while all is well.
    facts : dict
        Which model it is, for JSON.
    """

    def __init__(self, model: Artifact, session: CommandSession, *, strict: bool = False) -> None:
        self.problem = ""
        self.facts = find_model.facts(model)
        self._session = session
        self._strict = strict
        self._classify = classifier_of(model)
        self._sure_from = sure_from(model)

    @property
    def has_plugins(self) -> bool:
        """Whether plugins prepare the drawings, and so may take their time."""
        return self._session.has("prepare_image") and not self.problem

    def __call__(self, canvas: UInt8Array) -> Reading | None:
        """Read a drawing.

        Parameters
        ----------
        canvas : uint8 (H, W)
            0 is paper, 255 is ink.

        Returns
        -------
        Reading or None
            None where there is nothing to read.

        Raises
        ------
        Problem
            When the model's numbers overflow; with `--strict`, when a plugin fails.
        """
        image = prepare(self._prepared(canvas))
        if image is None:
            return None
        probabilities = self._classify(image[np.newaxis])[0]
        return Reading(image, probabilities, float(probabilities.max()) >= self._sure_from)

    def _prepared(self, canvas: UInt8Array) -> UInt8Array:
        """Let plugins prepare the drawing; after a failure they are left out.

        Elsewhere a failing `prepare_image` ends the command. Here it would end the drawing.
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


def use_one_thread() -> None:
    """Let OpenCV work without helpers of its own, in the whole process.

    What a drawing needs is a hundred calls of some microseconds each. To wake another thread for
    half of such a call gains nothing, and now and then costs ten milliseconds.
    """
    import cv2

    cv2.setNumThreads(1)


def classifier_of(model: Artifact) -> Classifier:
    """Return the classifier of a model file."""
    return Classifier(model.network, model.temperature)
