"""Choose the images of digits that one hand writes with.

See docs/decisions/056-longer-context.md.
"""

import numpy as np

from ...core.base.types import FloatArray, UInt8Array
from .traits import breadth_of, lean_of, looks_of, pens_of

MEASURED = 300
"""Images of each digit, to see how far it leans in most hands: a 7 does, whoever writes it."""

CHOICE = 5
"""Images from which a hand that isn't redrawn takes the one whose pen is most like its own."""

FILLED = 0.93
"""A stroke's full ink by `pens_of`, which takes soft edges for more of it."""

NARROW = 0.55
"""A 7 that is not as broad, by its height, is left out: it is most often somebody's 1."""

ALIKE, SEEN = 0.6, 4
"""The share of the hands that write a digit alike each time, and from how many images such a hand
takes the one that is most like its first."""

FLAGGED = 0.4
"""A 1 that is as broad, by its height, has a flag or a foot; who writes it so makes broad 7s."""

Rng = np.random.Generator


class Glyphs:
    """Images of digits, and what hands want to know of them.

    Attributes
    ----------
    images : uint8 (N, 28, 28)
    by_class : list of int (M,)
        The places of each digit's images; of a 7 those that are broad.
    leans : list of float
        How far each digit leans in most hands.
    pens : float32 (N,)
        Of each image, in pixels.
    looks : float32 (N, 49)
    """

    def __init__(self, images: UInt8Array, labels: UInt8Array) -> None:
        """Take images and their labels, uint8 (N,); some of each digit."""
        self.images = images
        self.by_class = [np.flatnonzero(labels == digit) for digit in range(10)]
        broad = [place for place in self.by_class[7] if breadth_of(images[place]) >= NARROW]
        self.by_class[7] = np.array(broad) if broad else self.by_class[7]
        self.leans = [_usual_lean(images[own[:MEASURED]]) for own in self.by_class]
        self.pens, self.looks = pens_of(images), looks_of(images)

    def some(self, digit: int, count: int, rng: Rng) -> np.ndarray:
        """Return the places of images of a digit: int (count,)."""
        places = self.by_class[digit]
        return np.asarray(places[rng.integers(len(places), size=count)])


class Choice:
    """The images of one hand.

    Most hands that are redrawn write a digit alike each time, and who writes 1s with a flag makes
    broad 7s. Of the others, each digit has about the same pen.
    """

    def __init__(self, glyphs: Glyphs, rng: Rng, pen: float, *, redrawn: bool) -> None:
        """Take the images, and the hand's pen in pixels."""
        self._glyphs, self._rng, self._pen, self._redrawn = glyphs, rng, pen, redrawn
        self._first: dict[int, int] = {}
        if redrawn and rng.random() < ALIKE:
            self._first = {digit: int(glyphs.some(digit, 1, rng)[0]) for digit in range(10)}
            if breadth_of(glyphs.images[self._first[1]]) > FLAGGED:
                sevens = glyphs.some(7, SEEN, rng)
                broad = np.argmax([breadth_of(glyphs.images[place]) for place in sevens])
                self._first[7] = int(sevens[broad])

    def image_of(self, digit: int) -> UInt8Array:
        """Return an image of a digit, uint8 (28, 28)."""
        glyphs = self._glyphs
        if not self._redrawn:
            some = glyphs.some(digit, CHOICE, self._rng)
            best = self._unlike_pen(some).argmin()
        elif digit in self._first:
            some = glyphs.some(digit, SEEN, self._rng)
            best = self._unlike_first(some, digit).argmin()
        else:
            some, best = glyphs.some(digit, 1, self._rng), np.intp(0)
        return np.asarray(glyphs.images[some[best]])

    def _unlike_pen(self, some: np.ndarray) -> FloatArray:
        return np.asarray(np.abs(FILLED * self._glyphs.pens[some] - self._pen))

    def _unlike_first(self, some: np.ndarray, digit: int) -> FloatArray:
        off = self._glyphs.looks[some] - self._glyphs.looks[self._first[digit]]
        return np.asarray((off**2).sum(axis=1))


def _usual_lean(images: UInt8Array) -> float:
    """Return the mean lean of images; 0 of none."""
    return float(np.mean([lean_of(image) for image in images])) if len(images) else 0.0
