"""From a drawing to an answer, in the same way as for every other image. Not for windows."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..base.problems import Problem
from ..base.types import FloatArray, UInt8Array
from ..events.session import CommandSession
from ..images.layout import DIGIT
from ..images.preprocess import find_digit, scale
from ..network.classifier import Classifier
from ..network.second_look import look_again
from ..numbers.number import Numbers
from ..reading.predictor import status_of
from ..reading.rows import Status
from .digits import around_ink


@dataclass(frozen=True, eq=False)
class Reading:
    """What the model makes of a drawing of one digit.

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


Found = Reading | Numbers | Status
"""One digit; a number, or several; BLANK where there is nothing, SEVERAL for unreadable digits."""


class DrawingReader:
    """Reads drawings: of one digit with a classifier, of several as numbers.

    A drawing is of several digits if the gaps between them say so. Where the classifier isn't sure
    of one digit, the reader of numbers decides: see docs/decisions/046-numbers-drawn.md.

    Attributes
    ----------
    problems : list of str
        Sentences on plugins that failed, and are no longer called.
    """

    def __init__(
        self,
        classify: Classifier,
        sure_from: float,
        read_numbers: Callable[[UInt8Array], Numbers],
        session: CommandSession,
        *,
        strict: bool = False,
    ) -> None:
        """Take what reads.

        Parameters
        ----------
        classify : Classifier
        sure_from : float
            The confidence from which a digit is sure, 0 to 1.
        read_numbers : callable
            Reads the numbers of a drawing, uint8 (H, W). It may raise Problem.
        session : CommandSession
            Its plugins prepare the drawings.
        strict : bool
            Whether a failing plugin ends the command.
        """
        self.problems: list[str] = []
        self._classify = classify
        self._sure_from = sure_from
        self._read_numbers = read_numbers
        self._session = session
        self._strict = strict
        self._prepares = self._numbers_read = True

    def use(self, classify: Classifier, sure_from: float) -> None:
        """Read single digits with another classifier from now on."""
        self._classify, self._sure_from = classify, sure_from

    @property
    def has_plugins(self) -> bool:
        """Whether plugins take part in the reading, which may take time."""
        prepared = self._prepares and self._session.has("prepare_image")
        return prepared or (self._numbers_read and self._session.has("find_numbers"))

    def __call__(self, canvas: UInt8Array) -> Found:
        """Read a drawing.

        Parameters
        ----------
        canvas : uint8 (H, W)
            0 is paper, 255 is ink.

        Raises
        ------
        Problem
            When the model's numbers overflow; with `--strict`, when a plugin fails.
        """
        canvas = self._prepared(canvas)
        found, certain = self._as_digit(canvas)
        if certain or not self._numbers_read:
            return found
        try:
            numbers = self._read_numbers(canvas)
        except Problem as problem:
            if self._strict:
                raise
            self._numbers_read = False
            self.problems.append(f"{problem} Numbers are no longer read.")
            return found
        several = sum(len(number.digits) for number in numbers.numbers) > 1
        if several and not self.has_plugins:  # whose own boxes, or drawings, may be others
            numbers = _fitted(numbers, canvas)
        return numbers if several else found

    def quickly(self, canvas: UInt8Array, *, begun: bool = False) -> Found | None:
        """Read a drawing of one digit, in a millisecond; None if it may take more than that.

        While its first stroke is being drawn, it is `begun`, and no number is looked for.
        """
        if self.has_plugins:
            return None
        found, certain = self._as_digit(canvas)
        return found if certain or begun or not self._numbers_read else None

    def glance(self, canvas: UInt8Array) -> Reading | Status:
        """Read an unfinished drawing as one digit, in a millisecond and without plugins.

        Without a second look, which costs four more: what is half drawn is rarely sure.
        """
        return self._as_digit(canvas, once=True)[0]

    def explain(self, found: Found | None) -> FloatArray | None:
        """Return how much each pixel speaks for a digit, float32 (28, 28), if that was read."""
        from ..network.saliency import contributions

        if not isinstance(found, Reading):
            return None
        images, digits = found.image[np.newaxis], np.array([found.digit])
        return np.asarray(contributions(self._classify.network, images, digits)[0])

    def _as_digit(self, canvas: UInt8Array, *, once: bool = False) -> tuple[Reading | Status, bool]:
        """Read a drawing as one digit; tell whether that settles it."""
        picture = find_digit(canvas)
        status = status_of(picture, self._classify)
        if status is not Status.OK or picture.digit is None:
            return status, status is Status.BLANK
        image = scale(*picture.digit)
        found = self._classify(image[np.newaxis])
        if not once:
            look_again(self._classify, image[np.newaxis], found)
        probabilities = found[0]
        confidence = float(probabilities.max())
        return Reading(image, probabilities, confidence >= self._sure_from), confidence >= DIGIT

    def _prepared(self, canvas: UInt8Array) -> UInt8Array:
        """Let plugins prepare the drawing; after a failure, they are no longer called.

        Elsewhere a failing `prepare_image` ends the command. Here it would interrupt drawing.
        """
        if not self._prepares or not self._session.has("prepare_image"):
            return canvas
        try:
            image: UInt8Array = self._session.chain(
                "prepare_image", canvas, same_shape=False, source="canvas"
            )
        except Problem as problem:
            if self._strict:
                raise
            self._prepares = False
            self.problems.append(f"{problem} It is no longer used to prepare drawings.")
            return canvas
        return image


def _fitted(numbers: Numbers, canvas: UInt8Array) -> Numbers:
    """Return numbers whose digits' boxes fit their ink; on a canvas, others would overlap."""
    boxes = [digit.box for number in numbers.numbers for digit in number.digits]
    left = iter(around_ink(canvas, boxes))
    return replace(
        numbers,
        numbers=tuple(
            replace(
                number,
                digits=tuple(replace(digit, box=next(left)) for digit in number.digits),
            )
            for number in numbers.numbers
        ),
    )
