"""A row's picture as the page gets it: reduced, and cut to what is around its number."""

from ...core.base.types import UInt8Array
from ...core.drawing.colours import SURE
from .answers import JPEG
from .review_table import Box

LONGEST, SMALL = 1600, 300
"""Pixels of a picture's longer side: what is sent at most, and what is sent without loss."""

AROUND = 4
"""How much of a page is shown on each side of a number, in its heights."""

LINE = 2
"""Pixels of the line around a number."""


def encoded(pixels: UInt8Array, box: Box | None = None) -> tuple[bytes, str]:
    """Return a picture as a file and its type: small ones to the last bit.

    Parameters
    ----------
    pixels : uint8 (H, W)
    box : tuple of int, optional
        Left, top, width and height of a number, in pixels: the picture is cut to what is around it,
        and gets a line there.
    """
    import cv2

    left = top = 0
    if box is not None:
        x, y, width, height = box
        left, top = max(x - AROUND * height, 0), max(y - AROUND * height, 0)
        part = pixels[top : y + (AROUND + 1) * height, left : x + width + AROUND * height]
        if not part.size:  # the table is another picture's
            return encoded(pixels)
        pixels = part
    longest = max(pixels.shape)
    scale = min(LONGEST / longest, 1)
    if scale < 1:
        size = [max(1, round(side * scale)) for side in pixels.shape[::-1]]
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if box is not None:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
        x, y = round((x - left) * scale) - LINE, round((y - top) * scale) - LINE
        end = (x + round(width * scale) + 2 * LINE, y + round(height * scale) + 2 * LINE)
        cv2.rectangle(pixels, (x, y), end, SURE, LINE)
    if longest <= SMALL:
        return cv2.imencode(".png", pixels)[1].tobytes(), "image/png"
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG])[1]
    return data.tobytes(), "image/jpeg"
