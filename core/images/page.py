"""From the pixels of a picture to the page in it: flattened, and grey with distinct ink.

What every picture goes through before it is prepared, whether it is read for one digit or for the
numbers on a page. Not for what is written there.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array
from .colour import to_grey
from .look import LOOK
from .rings import without_ring
from .sheet import Sheet, find_sheet

PART = 400
"""A picture of fewer pixels a side may be a part of a page, and what looks like a sheet a box."""

INSIDE = 0.016
"""How far inside such a picture a sheet's corners are, by the longer side: what the frame cuts is a
part of a page."""

_KNOWN = 250
"""Where a mask of 255 was warped, lower values than this are at its edge."""


class Page(NamedTuple):
    """The page that a picture shows.

    Attributes
    ----------
    pixels : uint8 (h, w)
        Grey.
    matrix : float64 (3, 3)
        The perspective transform from places on the page to places in the picture.
    """

    pixels: UInt8Array
    matrix: np.ndarray


def to_page(picture: UInt8Array, *, many: bool = False) -> UInt8Array:
    """Return the page that a picture shows, as a grey image; see `find_page`."""
    if picture.ndim == 2 and max(picture.shape) <= LOOK:  # nearly all files of a dataset
        return picture
    return find_page(picture, many=many).pixels


def find_page(picture: UInt8Array, *, many: bool = False) -> Page:
    """Find the page that a picture shows.

    Parameters
    ----------
    picture : uint8 (H, W) or (H, W, 3)
        Grey or RGB, upright.
    many : bool
        Whether there may be many digits on it. Then a small picture may be a part of a page, on
        which what looks like a sheet is most often a box, and rings aren't looked for.

    Returns
    -------
    Page
        The sheet of paper alone where the picture shows what it lies on, else the whole picture.
        One of at most LOOK pixels a side shows no more than a digit, and stays as it is.
    """
    matrix = np.eye(3)
    if max(picture.shape[:2]) > LOOK:
        part = many and min(picture.shape[:2]) < PART
        sheet = find_sheet(picture, many=many, whole=part)
        if sheet and (not part or _is_no_box(picture, sheet)):
            picture = lay_flat(picture, sheet)
            matrix = np.linalg.inv(sheet.matrix)
    if picture.ndim == 2:
        return Page(picture, matrix)
    grey = to_grey(picture)
    if max(grey.shape) > LOOK and not many:
        grey = without_ring(picture, grey)
    return Page(grey, matrix)


def _is_no_box(picture: UInt8Array, sheet: Sheet) -> bool:
    """Tell whether a sheet in a small picture is no box of a form.

    All of it is in the picture, and it is lighter than what lies around: paper on most tables is,
    and the fields of a form are as light as the form, or tinted.
    """
    import cv2

    size = np.array(picture.shape[1::-1])
    corners = np.minimum(sheet.corners, size - 1 - sheet.corners)
    if corners.min() < INSIDE * size.max():
        return False
    small = cv2.resize(picture, sheet.paper.shape[::-1], interpolation=cv2.INTER_AREA)
    grey = np.asarray(small, np.float32).reshape(*small.shape[:2], -1).mean(axis=2)
    return bool(np.median(grey[sheet.paper > 0]) > np.median(grey[sheet.paper == 0]))


def lay_flat(picture: UInt8Array, sheet: Sheet) -> UInt8Array:
    """Cut a sheet out of the picture it was found in, and remove what covers it.

    Parameters
    ----------
    picture : uint8 (H, W) or (H, W, 3)
    sheet : Sheet

    Returns
    -------
    uint8 (h, w) or (h, w, 3)
        The sheet alone, `sheet.size` large. Bits of the table, a thumb, and what lay beyond the
        frame get the colour of the paper beside them.
    """
    import cv2

    height, width = sheet.size
    flat = cv2.warpPerspective(picture, sheet.matrix, (width, height), flags=cv2.INTER_LINEAR)
    zoom = [side / small for side, small in zip(picture.shape, sheet.paper.shape, strict=False)]
    to_flat = sheet.matrix @ np.diag([zoom[1], zoom[0], 1])
    return _uncovered(flat, cv2.warpPerspective(255 * sheet.paper, to_flat, (width, height)))


def _uncovered(flat: UInt8Array, paper: UInt8Array) -> UInt8Array:
    """Return the sheet with the paper's colour along its rim and where `paper` isn't 255.

    What is narrow may be ink that reaches the rim, and stays.
    """
    import cv2

    height, width = paper.shape
    factor = min(1, LOOK / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(flat, size, interpolation=cv2.INTER_AREA)
    seen = (cv2.resize(paper, size, interpolation=cv2.INTER_AREA) > _KNOWN).astype(np.uint8)
    seen = cv2.erode(seen, np.ones((3, 3), np.uint8), borderValue=0)
    reach = 1 + max(size) // 24
    around = cv2.copyMakeBorder(1 - seen, *(2 * reach,) * 4, cv2.BORDER_CONSTANT, value=1)
    wide = cv2.morphologyEx(around, cv2.MORPH_OPEN, np.ones((2 * reach + 1,) * 2, np.uint8))
    gone = wide[2 * reach : -2 * reach, 2 * reach : -2 * reach]
    known = 1 - cv2.dilate(gone, np.ones((3, 3), np.uint8))
    if not known.any():
        return flat
    level = cv2.resize(_spread(small, known), (width, height), interpolation=cv2.INTER_LINEAR)
    cover = cv2.resize(gone.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    where = cover > 0  # mostly a rim
    share = np.minimum(2 * cover[where], 1).reshape(-1, *(1,) * (flat.ndim - 2))
    filled = flat.copy()
    filled[where] = np.rint(flat[where] * (1 - share) + level[where] * share)
    return filled


def _spread(small: UInt8Array, known: UInt8Array) -> np.ndarray:
    """Return the mean of the known pixels around each place, or of all known pixels."""
    import cv2

    near = max(known.shape) / 8
    shape = *known.shape, *(1,) * (small.ndim - 2)
    anywhere = np.median(small[known > 0], axis=0)
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), near).reshape(shape)
    level = cv2.GaussianBlur(small * known.astype(np.float32).reshape(shape), (0, 0), near)
    level = np.where(weight > 0.01, level / np.maximum(weight, 0.01), anywhere)
    return np.asarray(level, np.float32)
