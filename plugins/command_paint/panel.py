"""One frame of the window: the canvas on the left, the model's view of it on the right.

From a `View` to an image, and nothing else: no window, no state but what is kept to be quick. What
never changes is drawn once. `style` has the colours and the measures.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...core.base.types import DIGITS, UInt8Array
from ...core.drawing.colours import (
    GROUND,
    INK,
    LINE,
    QUIET,
    SURE,
    SURFACE,
    TRACK,
    TROUBLE,
    UNSURE,
)
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
from ...core.reading.rows import Status
from .style import ALL_KEYS, BARS, BOTTOM, GAP, HELP, KEYS, LOWEST, MARGIN, PANEL, STATUS, TILE


@dataclass(frozen=True, eq=False)
class View:
    """What a frame shows.

    Attributes
    ----------
    canvas : uint8 (side, side)
    reading : Reading, Status or None
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
    """

    canvas: UInt8Array
    reading: Reading | Status | None = None
    status: str = ""
    trouble: bool = False
    brush: float = 28.0
    pointer: tuple[int, int] | None = None
    empty: bool = False
    help: bool = False


@lru_cache(maxsize=2048)
def _bar(length: int, width: int, height: int, colour: Colour) -> UInt8Array:
    """Return a bar on its track: uint8 (height, width, 3)."""
    image: UInt8Array = np.empty((height, width, 3), np.uint8)
    image[:] = GROUND
    fill(image, 0, 0, width, height, TRACK, height)
    # a bar shorter than its round ends is clipped, so that its length stays true
    blend(image, rounded(max(length, height), height, height)[:, :length], 0, 0, colour)
    return image


class Panel:
    """Draws frames for a canvas of one size.

    Attributes
    ----------
    left, top : int
        Where the canvas begins in the frame, in pixels.
    side : int
        The canvas's height and width.
    """

    def __init__(self, side: int, scale: float = 1.0) -> None:
        """Draw what never changes.

        Parameters
        ----------
        side : int
            Of the canvas, in pixels of the screen.
        scale : float
            The size of everything else; 2 for a screen of twice the usual resolution.
        """
        self.side = side
        self._scale = scale
        self.left = self.top = self._px(MARGIN)
        self._x = self.left + side + self._px(GAP)
        self._end = self._x + self._px(PANEL)
        self._floor = self.top + max(side, self._px(LOWEST))
        shape = (self._floor + self._px(BOTTOM), self._end + self._px(MARGIN), 3)
        self._blank: UInt8Array = np.empty(shape, np.uint8)
        self._blank[:] = GROUND
        self._inks = np.linspace(SURFACE, INK, 256).round().astype(np.uint8)[:, np.newaxis]
        self._draw_fixed(self._blank)
        self._with_help = self._blank.copy()
        self._draw_answer_frame(self._blank)
        self._draw_all_keys(self._with_help)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a frame in pixels."""
        return self._blank.shape[0], self._blank.shape[1]

    def draw(self, view: View) -> UInt8Array:
        """Draw a frame: uint8 (H, W, 3), blue, green and red."""
        frame = (self._with_help if view.help else self._blank).copy()
        self._draw_canvas(frame, view)
        if not view.help:
            self._draw_answer(frame, view)
            self._draw_bars(frame, view.reading if isinstance(view.reading, Reading) else None)
        self._draw_status(frame, view)
        return frame

    def _px(self, units: float) -> int:
        return round(units * self._scale)

    # What changes

    def _draw_canvas(self, frame: UInt8Array, view: View) -> None:
        import cv2

        window = frame[self.top : self.top + self.side, self.left : self.left + self.side]
        if not view.empty:
            window[:] = cv2.applyColorMap(view.canvas, self._inks)
        if view.pointer is not None:
            ring = max(2, round(view.brush / 2))
            # on a piece of its own, so that the ring is cut off at the canvas's edge
            cv2.circle(window, view.pointer, ring, QUIET, max(1, self._px(1)), cv2.LINE_AA)

    def _draw_answer(self, frame: UInt8Array, view: View) -> None:
        import cv2

        reading = view.reading
        px, base = self._px, self.top + self._px(TILE)
        if not isinstance(reading, Reading):
            text = "waiting for a digit" if view.empty else "not a digit yet"
            if reading is Status.SEVERAL:
                text = "several digits"
            draw_text(frame, text, self._x, base + px(34), px(15), QUIET, ground=GROUND)
            return
        colour = INK if reading.sure else UNSURE
        digit = DIGITS[reading.digit]
        # 148, so that it is as high as the picture beside it
        draw_text(
            frame,
            digit,
            self._x - px(6),
            base,
            px(148),
            colour,
            weight=BOLD,
            ground=GROUND,
        )
        if reading.sure:
            text = f"{int(reading.confidence * 100)} % sure"
        else:
            text = f"not sure: {reading.digit} or {reading.second}?"
        colour = SURE if reading.sure else UNSURE
        draw_text(frame, text, self._x, base + px(34), px(15), colour, ground=GROUND)
        seen = (reading.image * 255).astype(np.uint8)
        size = px(TILE)
        tile = cv2.resize(seen, (size, size), interpolation=cv2.INTER_NEAREST)
        frame[self.top : base, self._end - size : self._end] = cv2.applyColorMap(tile, self._inks)

    def _draw_bars(self, frame: UInt8Array, reading: Reading | None) -> None:
        px = self._px
        for digit in range(len(DIGITS)):
            middle, x, width, height = self._bar(digit)
            share = float(reading.probabilities[digit]) if reading else 0.0
            best = reading is not None and digit == reading.digit
            colour = (SURE if reading and reading.sure else UNSURE) if best else QUIET
            length = round(share * width)
            top = middle - height // 2
            frame[top : top + height, x : x + width] = _bar(length, width, height, colour)
            label = INK if best else QUIET
            baseline = middle + px(5)
            weight = BOLD if best else REGULAR
            texts = [(DIGITS[digit], self._x, 15, 0)]
            if share >= 0.01:
                texts.append((f"{int(share * 100)} %", self._end, 14, 1))
            for text, at, size, align in texts:
                draw_text(
                    frame, text, at, baseline, px(size), label,
                    weight=weight, align=align, ground=GROUND,
                )  # fmt: skip

    def _draw_status(self, frame: UInt8Array, view: View) -> None:
        if view.status:
            y = self._floor + self._px(STATUS)
            text = shorten(view.status, self._px(15), self._end - self.left)
            colour = TROUBLE if view.trouble else INK
            draw_text(frame, text, self.left, y, self._px(15), colour, ground=GROUND)

    def _bar(self, digit: int) -> tuple[int, int, int, int]:
        """Return a bar's middle row, its left, its full width and its height."""
        first = self.top + self._px(BARS)
        row = (self._floor - first) / len(DIGITS)
        height = min(self._px(12), round(row * 0.5))
        x = self._x + self._px(28)
        return (
            round(first + (digit + 0.5) * row),
            x,
            self._end - self._px(58) - x,
            height,
        )

    # What stays

    def _draw_fixed(self, frame: UInt8Array) -> None:
        px = self._px
        edge = px(1)
        size = self.side + 2 * edge
        fill(frame, self.left - edge, self.top - edge, size, size, LINE)
        fill(frame, self.left, self.top, self.side, self.side, SURFACE)
        middle = self.left + self.side // 2
        y = self.top + self.side // 2 + px(7)
        text = "Draw a digit here"
        size = next((n for n in (20, 16, 12) if width_of(text, px(n)) < 0.9 * self.side), 10)
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
        draw_text(
            frame,
            keys,
            x + width // 2,
            middle + px(5),
            px(13),
            INK,
            weight=BOLD,
            align=0.5,
        )
        return x + width

    def _draw_answer_frame(self, frame: UInt8Array) -> None:
        px = self._px
        size = px(TILE)
        left, edge = self._end - size, px(1)
        outer = size + 2 * edge
        fill(frame, left - edge, self.top - edge, outer, outer, LINE)
        fill(frame, left, self.top, size, size, SURFACE)
        y = self.top + size + px(34)
        draw_text(frame, "what the model sees", self._end, y, px(12), QUIET, align=1)

    def _draw_all_keys(self, frame: UInt8Array) -> None:
        px = self._px
        draw_text(frame, "Keys", self._x, self.top + px(20), px(24), INK, weight=BOLD)
        row = min(px(44), (self._floor - self.top - px(50)) // len(ALL_KEYS))
        for place, (keys, action) in enumerate(ALL_KEYS):
            middle = self.top + px(54) + place * row + row // 2
            self._draw_key(frame, keys, self._x, middle)
            draw_text(frame, action, self._x + px(172), middle + px(5), px(14), QUIET)
