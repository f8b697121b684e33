"""Which answer is steady: the same for half a second, whatever single frames say.

Not for where frames come from, nor for how they are read. See docs/decisions/047-watching.md.
"""

from collections import deque

from ...core.numbers.number import Numbers

SECONDS = 0.5
"""An answer counts once it has been the same for so long."""

AGREE = 0.7
"""The share of the frames in that time that must say the same."""

FEWEST = 3
"""Frames that must say so, even if it takes longer because reading is slow."""

SLACK = 0.005
"""Seconds by which times may be rounded."""

GONE = 1.0
"""Seconds, and at least FEWEST frames, without the last answer after which the same one is said
again: it may be another paper."""


class Steady:
    """Hears what is read frame by frame, and tells when an answer is steady."""

    def __init__(self) -> None:
        self._heard: deque[tuple[float, str]] = deque()
        self._said = ""
        self._seen = 0.0
        self._without = 0

    def hear(self, at: float, numbers: Numbers) -> bool:
        """Take what was read in the next frame; tell whether it is now a steady, new answer.

        Parameters
        ----------
        at : float
            The frame's time, in seconds.
        numbers : Numbers
        """
        text = text_of(numbers)
        self._heard.append((at, text))
        while len(self._heard) > FEWEST and self._heard[0][0] < at - 2 * SECONDS:
            self._heard.popleft()
        self._without = 0 if text == self._said else self._without + 1
        if not self._without:
            self._seen = at
        elif self._without >= FEWEST and at - self._seen > GONE:
            self._said = ""
        if not text or text == self._said or not self._is_steady(at, text):
            return False
        self._said, self._seen, self._without = text, at, 0
        return True

    def _is_steady(self, at: float, text: str) -> bool:
        """Tell whether most frames say this since one that did, half a second ago or earlier."""
        same = 0
        for total, (when, heard) in enumerate(reversed(self._heard), 1):
            same += heard == text
            enough = same >= max(FEWEST, AGREE * total)
            if heard == text and enough and at - when >= SECONDS - SLACK:
                return True
        return False


def text_of(numbers: Numbers) -> str:
    """Return what is compared: all numbers with their signs, in reading order."""
    return " ".join(number.text for number in numbers.numbers)
