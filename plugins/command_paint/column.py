"""The column beside the canvas: the answer, what the model sees, and bars.

`panel` makes the frame around it. `style` has the measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...core.base.types import DIGITS, FloatArray, UInt8Array
from ...core.drawing.answer import DrawingAnswer
from ...core.drawing.colours import (
    GROUND,
    INK,
    LINE,
    QUIET,
    SURE,
    SURFACE,
    TRACK,
    UNSURE,
)
from ...core.drawing.doubt import doubtful
from ...core.drawing.lettering import (
    BOLD,
    REGULAR,
    Colour,
    blend,
    draw_text,
    fill,
    rounded,
    shorten,
    width_of,
)
from ...core.drawing.reading import Reading
from ...core.numbers.number import Digit, Numbers
from .style import BARS, NUMBER_SIZES, TILE

ROWS = 10
"""Of bars; the digits of a longer number are in two columns."""


@dataclass(frozen=True)
class ShownDigit:
    """One digit of a number as it is shown.

    Attributes
    ----------
    digit : Digit
    doubtful : bool
    label : int or None
        What the user says that it was.
    chosen : bool
        Whether the next label is for it.
    """

    digit: Digit
    doubtful: bool
    label: int | None = None
    chosen: bool = False

    @property
    def colour(self) -> Colour:
        """The colour of its bar and its answer."""
        return INK if self.label is not None else UNSURE if self.doubtful else SURE


def shown_digits(numbers: Numbers, answer: DrawingAnswer | None = None) -> list[ShownDigit]:
    """Return the digits of some numbers, with the labels of the answer if they are one."""
    digits = [
        ShownDigit(digit, doubt)
        for number in numbers.numbers
        for digit, doubt in zip(number.digits, doubtful(number), strict=True)
    ]
    if answer is None:
        return digits
    return [
        ShownDigit(each.digit, each.doubtful, drawn.label, place == answer.chosen)
        for place, (each, drawn) in enumerate(zip(digits, answer.digits, strict=True))
    ]


@lru_cache(maxsize=2048)
def _bar(length: int, width: int, height: int, colour: Colour, ground: Colour) -> UInt8Array:
    """Return a bar on its track: uint8 (height, width, 3)."""
    image: UInt8Array = np.empty((height, width, 3), np.uint8)
    image[:] = ground
    fill(image, 0, 0, width, height, TRACK, height)
    # a bar shorter than its round ends is clipped, so that its length stays true
    blend(image, rounded(max(length, height), height, height)[:, :length], 0, 0, colour)
    return image


def _explained(picture: UInt8Array, why: FloatArray) -> UInt8Array:
    """Colour a picture, uint8 (28, 28, 3), by what its pixels speak for or against."""
    share = np.abs(why) / max(float(np.abs(why).max()), 1e-9)
    colour = np.where((why > 0)[..., np.newaxis], SURE, UNSURE)
    cover = np.sqrt(share)[..., np.newaxis]  # what says little can be seen, too
    faded = picture * 0.35 + np.array(SURFACE) * 0.65
    mixed = np.where(why[..., np.newaxis] != 0, faded * (1 - cover) + colour * cover, picture)
    return np.asarray(mixed.round().astype(np.uint8))


@dataclass(frozen=True, eq=False)
class Column:
    """Where the column is, in pixels of the frame, and how to draw in it.

    Attributes
    ----------
    x, end, top, floor : int
        Left, right, top and bottom.
    scale : float
        The size of letters and bars; 2 for a screen of twice the usual resolution.
    """

    x: int
    end: int
    top: int
    floor: int
    scale: float

    def _px(self, units: float) -> int:
        return round(units * self.scale)

    def draw_frame(self, frame: UInt8Array) -> None:
        """Draw the empty frame of what the model sees; it never changes."""
        px = self._px
        size = px(TILE)
        left, edge = self.end - size, px(1)
        outer = size + 2 * edge
        fill(frame, left - edge, self.top - edge, outer, outer, LINE)
        fill(frame, left, self.top, size, size, SURFACE)
        y = self.top + size + px(34)
        draw_text(frame, "what the model sees", self.end, y, px(12), QUIET, align=1)

    def draw_remark(self, frame: UInt8Array, text: str) -> None:
        """Draw why there is no answer."""
        px = self._px
        y = self.top + px(TILE + 34)
        draw_text(frame, text, self.x, y, px(15), QUIET, ground=GROUND)

    def draw_digit(
        self,
        frame: UInt8Array,
        reading: Reading,
        inks: UInt8Array,
        why: FloatArray | None = None,
    ) -> None:
        """Draw a digit, what the model sees of it in a palette of `inks`, and how sure it is.

        With `why`, float32 (28, 28), ink that speaks for the digit has the colour of a sure answer,
        and ink that speaks against it that of an unsure one.
        """
        import cv2

        px, base = self._px, self.top + self._px(TILE)
        colour = INK if reading.sure else UNSURE
        # 148, so that it is as high as the picture beside it
        draw_text(
            frame, DIGITS[reading.digit], self.x - px(6), base, px(148), colour,
            weight=BOLD, ground=GROUND,
        )  # fmt: skip
        if reading.sure:
            text = f"{int(reading.confidence * 100)} % sure"
        else:
            text = f"not sure: {reading.digit} or {reading.second}?"
        colour = SURE if reading.sure else UNSURE
        draw_text(frame, text, self.x, base + px(34), px(15), colour, ground=GROUND)
        seen = (reading.image * 255).astype(np.uint8)
        size = px(TILE)
        picture = np.asarray(cv2.applyColorMap(seen, inks))
        if why is not None:
            picture = _explained(picture, why)
        tile = cv2.resize(picture, (size, size), interpolation=cv2.INTER_NEAREST)
        frame[self.top : base, self.end - size : self.end] = tile

    def draw_probabilities(self, frame: UInt8Array, reading: Reading | None) -> None:
        """Draw a bar for each of the ten digits."""
        for digit in range(len(DIGITS)):
            share = float(reading.probabilities[digit]) if reading else 0.0
            best = reading is not None and digit == reading.digit
            colour = (SURE if reading and reading.sure else UNSURE) if best else QUIET
            text = f"{int(share * 100)} %" if share >= 0.01 else ""
            self._draw_bar(
                frame, digit, DIGITS[digit], share, text, colour,
                label=INK if best else QUIET, weight=BOLD if best else REGULAR,
            )  # fmt: skip

    def draw_numbers(self, frame: UInt8Array, numbers: Numbers) -> None:
        """Draw what numbers were read, and how sure they are."""
        px, width = self._px, self.end - self.x
        lines = [number.text for number in numbers.numbers[: len(NUMBER_SIZES)]]
        base = self.top + px(TILE)
        size = px(
            next(
                (
                    size
                    for size in NUMBER_SIZES
                    if 0.9 * size * len(lines) <= TILE
                    and all(width_of(line, px(size), BOLD) <= width for line in lines)
                ),
                NUMBER_SIZES[-1],
            )
        )
        for place, number in enumerate(numbers.numbers[: len(lines)]):
            y = base - round(0.95 * size) * (len(lines) - 1 - place)
            text = shorten(number.text, size, width)
            colour = INK if number.sure else UNSURE
            draw_text(frame, text, self.x, y, size, colour, weight=BOLD, ground=GROUND)
        least = min(numbers.numbers, key=lambda number: (number.sure, number.confidence))
        doubt = "not sure" if len(lines) == 1 else "not sure of all"
        text = f"{int(least.confidence * 100)} % sure" if least.sure else doubt
        colour = SURE if least.sure else UNSURE
        draw_text(frame, text, self.x, base + px(34), px(15), colour, ground=GROUND)

    def draw_digits(self, frame: UInt8Array, digits: Sequence[ShownDigit]) -> None:
        """Draw a bar for each digit of a number, as long as its confidence."""
        first = next((place for place, each in enumerate(digits) if each.chosen), 0)
        first = max(0, min(first - ROWS, len(digits) - 2 * ROWS))
        digits = digits[first : first + 2 * ROWS]
        columns = 1 if len(digits) <= ROWS else 2
        for place, each in enumerate(digits):
            text = f"{int(each.digit.confidence * 100)} %"
            if each.label is not None:
                text = f"is {each.label}"
            self._draw_bar(
                frame, place % ROWS, DIGITS[each.digit.digit], each.digit.confidence, text,
                QUIET if each.label is not None else each.colour,
                label=each.colour if each.doubtful else INK, weight=BOLD,
                column=place // ROWS, columns=columns, chosen=each.chosen,
            )  # fmt: skip

    def _draw_bar(
        self,
        frame: UInt8Array,
        row: int,
        name: str,
        share: float,
        text: str,
        colour: Colour,
        *,
        label: Colour,
        weight: int,
        column: int = 0,
        columns: int = 1,
        chosen: bool = False,
    ) -> None:
        """Draw a row: a name, a bar, and what is said at its end."""
        px = self._px
        first = self.top + px(BARS)
        high = (self.floor - first) / ROWS
        middle, height = round(first + (row + 0.5) * high), min(px(12), round(high * 0.5))
        width = (self.end - self.x - (columns - 1) * px(20)) // columns
        x = self.x + column * (width + px(20))
        end = x + width
        ground = GROUND
        if chosen:
            ground = LINE
            pad, tall = px(6), round(high) - px(1)
            fill(frame, x - pad, middle - tall // 2, width + 2 * pad, tall, LINE, px(5))
        start, top = x + px(28), middle - height // 2
        long = end - px(58) - start
        frame[top : top + height, start : start + long] = _bar(
            round(share * long), long, height, colour, ground
        )
        for said, at, size, align in ((name, x, 15, 0), (text, end, 14, 1)):
            if said:
                draw_text(
                    frame, said, at, middle + px(5), px(size), label,
                    weight=weight, align=align, ground=ground,
                )  # fmt: skip
