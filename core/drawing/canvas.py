"""The canvas: strokes become an image, with undo. Not for windows or models.

`core.images.strokes` turns a stroke into ink; plugins' tests use it, too.
"""

from collections import deque

import numpy as np

from ..base.types import Stroke, UInt8Array
from ..images.strokes import Points, draw_bend, draw_line, draw_stroke, draw_tail

MOST_UNDO = 500
"""How many changes can be undone."""


class Canvas:
    """A drawing.

    Attributes
    ----------
    width, height : int
        In pixels.
    image : uint8 (height, width)
        0 is paper, 255 is ink. Changed in place; copy it to keep it.
    brush : float
        The thickness of the next stroke in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image: UInt8Array = np.zeros((height, width), np.uint8)
        self.brush = self.default_brush
        self._drawn: tuple[tuple[Stroke, float], ...] = ()
        self._before: deque[tuple[tuple[Stroke, float], ...]] = deque(maxlen=MOST_UNDO)
        self._points: Points = []
        self._times: list[float] = []
        self._widths: list[float] = []

    @property
    def default_brush(self) -> float:
        """A twentieth of the shorter side, about like a felt pen on a note."""
        return min(self.width, self.height) / 20

    @property
    def drawn(self) -> tuple[tuple[Stroke, float], ...]:
        """The finished strokes, each with the thickness of its brush."""
        return self._drawn

    @property
    def drawing(self) -> bool:
        """Whether the pen is down."""
        return bool(self._points)

    @property
    def begun(self) -> bool:
        """Whether the first stroke is being drawn."""
        return self.drawing and not self._drawn

    @property
    def empty(self) -> bool:
        """Whether there is no stroke, finished or not."""
        return not self._drawn and not self._points

    def begin(self, x: float, y: float, time: float, width: float | None = None) -> None:
        """Put the pen down at (x, y), in pixels; `time` is in seconds by any clock.

        A `width` in pixels, of a pen that is pressed more or less, is used in place of the brush's.
        """
        self._points, self._times = [(x, y)], [time]
        self._widths = [self.brush if width is None else width]
        draw_line(self.image, (x, y), (x, y), self._widths[0])

    def extend(self, x: float, y: float, time: float, width: float | None = None) -> None:
        """Draw on to (x, y); does nothing while the pen is up."""
        if self._points:
            self._points.append((x, y))
            self._widths.append(self.brush if width is None else width)
            draw_bend(self.image, self._points[-3:], self._widths[-3:])
            self._times.append(time)

    def end(self) -> Stroke | None:
        """Lift the pen and return the stroke; None if it was up already."""
        if not self._points:
            return None
        draw_tail(self.image, self._points[-2:], self._widths[-2:])
        times = np.array(self._times, np.float64)
        even = all(width == self.brush for width in self._widths)
        stroke = Stroke(
            np.array(self._points, np.float32),
            (times - times[0]).astype(np.float32),
            None if even else np.array(self._widths, np.float32),
        )
        self._points, self._times, self._widths = [], [], []
        self._change((*self._drawn, (stroke, self.brush)))
        return stroke

    def clear(self) -> bool:
        """Clear the canvas; return whether there was anything on it."""
        self.end()
        if not self._drawn:
            return False
        self._change(())
        self.image[:] = 0
        return True

    def undo(self) -> bool:
        """Undo the last stroke or the last clearing; return whether there was one."""
        self.end()
        if not self._before:
            return False
        self._drawn = self._before.pop()
        self.image[:] = 0
        for stroke, brush in self._drawn:
            draw_stroke(self.image, stroke, brush)
        return True

    def resize_brush(self, steps: int) -> None:
        """Make the brush thicker, or thinner for negative steps, but not within a stroke."""
        if self.drawing:
            return
        thickness = self.brush * 1.15**steps
        side = min(self.width, self.height)
        self.brush = min(max(thickness, side / 100), side / 6)

    def _change(self, drawn: tuple[tuple[Stroke, float], ...]) -> None:
        self._before.append(self._drawn)
        self._drawn = drawn
