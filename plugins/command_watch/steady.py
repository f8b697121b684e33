"""Which answer is steady: the same for half a second, whatever single frames say.

Not for where frames come from, nor for how they are read.
"""

from collections import deque

from ...core.numbers.number import Numbers

SECONDS = 0.5
"""An answer counts once it has been the same for so long."""

AGREE = 0.7
"""The share of the frames in that time that must say the same."""

FEWEST = 3
"""Frames that must say so."""

GONE = 1.0
"""Seconds without an answer after which the same one is said again: it may be another paper."""


class Steady:
    """Hears what is read frame by frame, and tells when an answer is steady."""

    def __init__(self) -> None:
        self._heard: deque[tuple[float, str]] = deque()
        self._began = 0.0
        self._said = ""
        self._seen = 0.0

    def hear(self, at: float, numbers: Numbers) -> bool:
        """Take what was read in the next frame; tell whether it is now a steady, new answer.

        Parameters
        ----------
        at : float
            The frame's time, in seconds.
        numbers : Numbers
        """
        text = text_of(numbers)
        if not self._heard:
            self._began = at
        self._heard.append((at, text))
        while self._heard[0][0] < at - SECONDS:
            self._heard.popleft()
        if at - self._seen > GONE:
            self._said = ""
        if text and text == self._said:
            self._seen = at
        if not text or text == self._said or at - self._began < SECONDS:
            return False
        agreeing = [when for when, heard in self._heard if heard == text]
        most = len(agreeing) >= max(FEWEST, AGREE * len(self._heard))
        if not most or at - agreeing[0] < AGREE * SECONDS:
            return False
        self._said, self._seen = text, at
        return True


def text_of(numbers: Numbers) -> str:
    """Return what is compared: all numbers with their signs, in reading order."""
    return " ".join(number.text for number in numbers.numbers)
