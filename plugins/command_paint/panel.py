"""One frame of the window: the canvas on the left, the model's view of it on the right.

From a `View` to an image, and nothing else: no window, no state but what is kept to be quick. What
never changes is drawn once. `style` has the measures, `column` draws what is on the right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...core.base.types import DIGITS, FloatArray, UInt8Array
from ...core.drawing.answer import DrawingAnswer
from ...core.drawing.colours import FADED, GROUND, INK, LINE, QUIET, SURFACE, TROUBLE
from ...core.drawing.lettering import BOLD, draw_text, fill, shorten, width_of
from ...core.drawing.reading import Found, Reading
from ...core.numbers.number import Numbers
from ...core.reading.rows import Status
from .column import Column, ShownDigit, shown_digits
from .style import ALL_KEYS, BOTTOM, GAP, HELP, KEYS, LOWEST, MARGIN, PANEL, STATUS


@dataclass(frozen=True, eq=False)
class View:
    """What a frame shows.

    Attributes
    ----------
    canvas : uint8 (height, width)
    reading : Reading, Numbers, Status or None
        What was read, or why there is no digit; None where nothing was drawn.
    status : str
    trouble : bool
        Whether the status reports a fault.
    brush : float
        Its thickness in canvas pixels.
    pointer : (x, y) or None
        Where the brush hovers over the canvas, in canvas pixels.
    empty : bool
        Whether nothing is drawn.
    help : bool
        Whether all keys are shown in place of the answer.
    why : float32 (28, 28) or None
        How much each pixel speaks for the digit, if that is to be shown.
    answer : DrawingAnswer or None
        The last answer; if it is a number, it is shown on an empty canvas, for its labels.
    """

    canvas: UInt8Array
    reading: Found | None = None
    status: str = ""
    trouble: bool = False
    brush: float = 28.0
    pointer: tuple[int, int] | None = None
    empty: bool = False
    help: bool = False
    why: FloatArray | None = None
    answer: DrawingAnswer | None = None


class Panel:
    """Draws frames for a canvas of one size.

    Attributes
    ----------
    left, top : int
        Where the canvas begins in the frame, in pixels.
    width, height : int
        The canvas's.
    """

    def __init__(self, width: int, height: int, scale: float = 1.0) -> None:
        """Draw what never changes.

        Parameters
        ----------
        width, height : int
            Of the canvas, in pixels of the screen.
        scale : float
            The size of everything else; 2 for a screen of twice the usual resolution.
        """
        self.width, self.height = width, height
        self._scale = scale
        self.left = self.top = self._px(MARGIN)
        x = self.left + width + self._px(GAP)
        self._end = x + self._px(PANEL)
        self._floor = self.top + max(height, self._px(LOWEST))
        self._column = Column(x, self._end, self.top, self._floor, scale)
        shape = (self._floor + self._px(BOTTOM), self._end + self._px(MARGIN), 3)
        self._blank: UInt8Array = np.empty(shape, np.uint8)
        self._blank[:] = GROUND
        self._inks, self._faded = (
            np.linspace(SURFACE, full, 256).round().astype(np.uint8)[:, np.newaxis]
            for full in (INK, FADED)
        )
        self._draw_fixed(self._blank)
        self._for_numbers, self._with_help = self._blank.copy(), self._blank.copy()
        self._column.draw_frame(self._blank)
        self._draw_all_keys(self._with_help)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a frame in pixels."""
        return self._blank.shape[0], self._blank.shape[1]

    def draw(self, view: View) -> UInt8Array:
        """Draw a frame: uint8 (H, W, 3), blue, green and red."""
        answer = view.answer if view.empty else None
        found = answer.reading if answer else view.reading
        numbers = found if isinstance(found, Numbers) else None
        answer = answer if numbers else None
        blank = self._for_numbers if numbers else self._blank
        frame = (self._with_help if view.help else blank).copy()
        digits = shown_digits(numbers, answer) if numbers else []
        self._draw_canvas(frame, view, answer, digits)
        if view.help:
            pass
        elif numbers:
            self._column.draw_numbers(frame, numbers)
            self._column.draw_digits(frame, digits)
        else:
            self._draw_single(frame, view)
        self._draw_status(frame, view)
        return frame

    def _px(self, units: float) -> int:
        return round(units * self._scale)

    # What changes

    def _draw_canvas(
        self,
        frame: UInt8Array,
        view: View,
        answer: DrawingAnswer | None,
        digits: Sequence[ShownDigit],
    ) -> None:
        import cv2

        window = frame[self.top : self.top + self.height, self.left : self.left + self.width]
        if answer:
            window[:] = cv2.applyColorMap(answer.canvas, self._faded)
        elif not view.empty:
            window[:] = cv2.applyColorMap(view.canvas, self._inks)
        for digit in digits:
            self._draw_box(window, digit)
        if view.pointer is not None:
            ring = max(2, round(view.brush / 2))
            # on a piece of its own, so that the ring is cut off at the canvas's edge
            cv2.circle(window, view.pointer, ring, QUIET, max(1, self._px(1)), cv2.LINE_AA)

    def _draw_box(self, window: UInt8Array, digit: ShownDigit) -> None:
        """Draw a digit's box, and above it, or else below, what was read or what it was."""
        import cv2

        px = self._px
        x, y, width, height = digit.digit.box
        pad, line = px(3), max(1, px(2 if digit.chosen else 1))
        colour = INK if digit.chosen else digit.colour if digit.doubtful else QUIET
        corner = x + width + pad, y + height + pad
        cv2.rectangle(window, (x - pad, y - pad), corner, colour, line)
        text = DIGITS[digit.digit.digit if digit.label is None else digit.label]
        size = px(18)
        base = y - pad - px(6)
        if base < size:
            base = min(y + height + pad + size, self.height - px(4))
        draw_text(window, text, x + width // 2, base, size, digit.colour, weight=BOLD, align=0.5)

    def _draw_single(self, frame: UInt8Array, view: View) -> None:
        """Draw the answer for one digit, or why there is none."""
        reading = view.reading
        if isinstance(reading, Reading):
            self._column.draw_digit(frame, reading, self._inks, view.why)
            self._column.draw_probabilities(frame, reading)
            return
        text = "waiting for a digit" if view.empty else "not a digit yet"
        if reading is Status.SEVERAL:
            text = "several digits"
        self._column.draw_remark(frame, text)
        self._column.draw_probabilities(frame, None)

    def _draw_status(self, frame: UInt8Array, view: View) -> None:
        if view.status:
            wide = self.top + self.height < self._floor  # then it is beside the column, not below
            y = (self.top + self.height if wide else self._floor) + self._px(STATUS)
            room = self.width if wide else self._end - self.left
            text = shorten(view.status, self._px(15), room)
            colour = TROUBLE if view.trouble else INK
            draw_text(frame, text, self.left, y, self._px(15), colour, ground=GROUND)

    # What stays

    def _draw_fixed(self, frame: UInt8Array) -> None:
        px = self._px
        edge = px(1)
        outer = self.width + 2 * edge, self.height + 2 * edge
        fill(frame, self.left - edge, self.top - edge, *outer, LINE)
        fill(frame, self.left, self.top, self.width, self.height, SURFACE)
        middle = self.left + self.width // 2
        y = self.top + self.height // 2 + px(7)
        text = "Draw a digit or a number here"
        room = 0.9 * self.width
        size = next((n for n in (20, 16, 12) if width_of(text, px(n)) < room), 8)
        draw_text(frame, text, middle, y, px(size), QUIET, align=0.5)
        y = self._floor + px(STATUS + 18)
        fill(frame, self.left, y, self._end - self.left, edge, LINE)
        self._draw_help_line(frame, self._floor + px(HELP))

    def _draw_help_line(self, frame: UInt8Array, middle: int) -> None:
        px = self._px
        x = self.left
        for keys, action in KEYS:
            room = width_of(keys, px(13), BOLD) + px(24) + width_of(action, px(14))
            if x + room > self._end:
                break
            x = self._draw_key(frame, keys, x, middle)
            x = draw_text(frame, action, x + px(8), middle + px(5), px(14), QUIET) + px(22)

    def _draw_key(self, frame: UInt8Array, keys: str, x: int, middle: int) -> int:
        """Draw the name of a key as a keycap; returns where it ends."""
        px = self._px
        width, height = width_of(keys, px(13), BOLD) + px(14), px(24)
        fill(frame, x, middle - height // 2, width, height, LINE, px(6))
        at = x + width // 2, middle + px(5)
        draw_text(frame, keys, *at, px(13), INK, weight=BOLD, align=0.5)
        return x + width

    def _draw_all_keys(self, frame: UInt8Array) -> None:
        px, x = self._px, self._column.x
        draw_text(frame, "Keys", x, self.top + px(20), px(24), INK, weight=BOLD)
        row = min(px(44), (self._floor - self.top - px(50)) // len(ALL_KEYS))
        for place, (keys, action) in enumerate(ALL_KEYS):
            middle = self.top + px(54) + place * row + row // 2
            self._draw_key(frame, keys, x, middle)
            draw_text(frame, action, x + px(172), middle + px(5), px(14), QUIET)
