"""The picture in the window: a frame, a box around each number with its text, and the answer."""

from dataclasses import dataclass

import numpy as np

from ...core.base.types import UInt8Array
from ...core.drawing.colours import GROUND, INK, QUIET, SURE, TROUBLE, UNSURE
from ...core.drawing.lettering import BOLD, Colour, draw_text, fill, shorten, width_of
from .frames import Seen

BAR = 64
"""Pixels above the frame, for the answer."""

PAD = 18


@dataclass(frozen=True, eq=False)
class View:
    """What is shown.

    Attributes
    ----------
    frame : uint8 (H, W, 3)
        Blue, green and red.
    seen : Seen or None
        What was read last, perhaps a frame or two before.
    answer : str
        The last steady answer; empty before.
    sure : bool
        Whether that is sure.
    trouble : str
        What is wrong with the source; usually empty.
    """

    frame: UInt8Array
    seen: Seen | None = None
    answer: str = ""
    sure: bool = True
    trouble: str = ""


def draw(view: View, factor: float = 1.0) -> UInt8Array:
    """Return a picture: uint8 (H, W, 3), the frame made smaller by a `factor` of at most 1."""
    import cv2

    frame = view.frame
    if factor < 1:
        size = max(1, round(frame.shape[1] * factor)), max(1, round(frame.shape[0] * factor))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    image: UInt8Array = np.empty((frame.shape[0] + BAR, *frame.shape[1:]), np.uint8)
    image[:BAR] = GROUND
    shown = image[BAR:]
    shown[:] = frame
    if view.seen is not None:
        _draw_numbers(shown, view.seen, factor)
    _draw_bar(image[:BAR], view)
    return image


def _draw_bar(bar: UInt8Array, view: View) -> None:
    width = bar.shape[1]
    hint = "Esc ends"
    end = width - PAD
    if width > 400:
        draw_text(bar, hint, end, 40, 15, QUIET, align=1, ground=GROUND)
        end -= width_of(hint, 15) + PAD
    if view.trouble:
        text = shorten(view.trouble, 17, end - PAD)
        draw_text(bar, text, PAD, 40, 17, TROUBLE, ground=GROUND)
    elif view.answer:
        text = shorten(view.answer, 34, end - PAD)
        colour = INK if view.sure else UNSURE
        draw_text(bar, text, PAD, 45, 34, colour, weight=BOLD, ground=GROUND)
    else:
        text = shorten("Show a number to the camera", 17, end - PAD)
        draw_text(bar, text, PAD, 40, 17, QUIET, ground=GROUND)


def _draw_numbers(image: UInt8Array, seen: Seen, factor: float) -> None:
    import cv2

    for number in seen.numbers.numbers:
        colour = SURE if number.sure else UNSURE
        x, y, width, height = number.box
        pad = max(2, height // 8)
        box = x - pad, y - pad, width + 2 * pad, height + 2 * pad
        corners = seen.corners(box) * factor
        outline = [corners.round().astype(np.int32)]
        for thickness, line in ((5, GROUND), (2, colour)):  # to be seen on any table
            cv2.polylines(image, outline, True, line, thickness, cv2.LINE_AA)
        text = number.text if number.sure else f"{number.text} ?"
        left, top = corners.min(axis=0)
        _draw_label(image, text, round(float(left)), round(float(top)), colour)


def _draw_label(image: UInt8Array, text: str, x: int, y: int, colour: Colour) -> None:
    """Write a number above its box, on a ground on which it can be read."""
    size, height = 26, 36
    width = width_of(text, size, BOLD) + 16
    x = max(0, min(x, image.shape[1] - width))
    top = max(0, y - height - 4)
    # in view even where the box isn't; `fill` cuts off what is outside
    top = min(top, image.shape[0] - height)
    fill(image, x, top, width, height, GROUND, 6)
    draw_text(image, text, x + 8, top + 27, size, colour, weight=BOLD, ground=GROUND)
