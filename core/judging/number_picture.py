"""Draw a picture with the numbers that were read on it."""

import io
from typing import TYPE_CHECKING

import numpy as np

from ..numbers.number import Number, Numbers

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

SURE, UNSURE = "#1b7f3b", "#b45f06"

LONGEST, SHORTEST = 1600, 700
"""Pixels of the longer side: larger pictures are reduced, and small ones enlarged."""


def draw_numbers(found: Numbers) -> bytes:
    """Return a picture with a box around every digit and its answer above, as a PNG.

    Parameters
    ----------
    found : Numbers
        With their page. Numbers that aren't sure are drawn in another colour and have a question
        mark.

    Raises
    ------
    ValueError
        When there is no page.
    """
    from PIL import Image, ImageDraw, ImageFont

    page = found.page
    if page is None:
        raise ValueError("these numbers were read without keeping their page")
    longest = max(found.size)
    zoom = min(LONGEST / longest, 1.0) if longest > SHORTEST else min(SHORTEST / longest, 8.0)
    size = max(round(found.size[0] * zoom), 1), max(round(found.size[1] * zoom), 1)
    heights = [digit.box[3] * zoom for number in found.numbers for digit in number.digits]
    letters = int(np.clip(0.7 * float(np.median(heights)) if heights else 20, 14, 36))
    above = letters + 8
    canvas = Image.new("RGB", (size[0], size[1] + above), "white")
    method = Image.Resampling.LANCZOS if size[0] < page.shape[1] else Image.Resampling.BICUBIC
    canvas.paste(Image.fromarray(page).convert("RGB").resize(size, method), (0, above))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(letters)
    for number in found.numbers:
        colour = SURE if number.sure else UNSURE
        for digit in number.digits:
            left, top, width, height = (side * zoom for side in digit.box)
            box = (left - 2, top + above - 2, left + width + 2, top + height + above + 2)
            draw.rectangle(box, outline=colour, width=2)
        _label(draw, font, number, (number.box[0] * zoom, number.box[1] * zoom), colour, above)
    data = io.BytesIO()
    canvas.save(data, "PNG")
    return data.getvalue()


def _label(
    draw: "ImageDraw",
    font: "FreeTypeFont | ImageFont",
    number: Number,
    place: tuple[float, float],
    colour: str,
    above: int,
) -> None:
    """Write a number above its box, on a ground on which it can be read."""
    text = number.text if number.sure else f"{number.text} ?"
    at = (max(place[0] - 2, 2), max(place[1] - 4, 0))
    box = draw.textbbox(at, text, font=font)
    draw.rectangle((box[0] - 3, box[1] - 2, box[2] + 3, box[3] + 2), fill="white", outline=colour)
    draw.text(at, text, fill=colour, font=font)
