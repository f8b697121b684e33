"""Finds the digit's ink on an image: a look at the whole, and closer ones if that isn't enough.

Finds ink in any light and at any size; what becomes of it is `preprocess`'s. See
docs/decisions/014-finding-the-digit.md and 042-small-on-large.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array
from .ink import Ink, Paper, find_ink
from .look import LOOK, Block, part, shrink
from .marks import find_marks
from .ruled_lines import keep_digit, remove_lines

LARGE = 40
"""In pixels: twice a digit's final size. One that is as large needs no closer look."""

SHARP = 0.4
"""The least that the outline of ink rises within three pixels, as a share of the ink's full
strength. Pens have 0.5 to 1 even where they are faint or thin; clouds and shadows up to 0.3."""

STRONG = 128
"""In grey levels: ink, thick as it may be; hardly any cloud or shadow is as strong."""

WIDEST = 0.22
"""Half the width of the widest stroke, as a share of the digit's longer side. MNIST's digits have
0.1, one in 200 has more than this; areas of light or of paper have 0.25 and more."""

FILLED = 0.4
"""The share of a picture cut out around marks that ink must reach across to be these marks."""


class Seen(NamedTuple):
    """What was found on an image.

    Attributes
    ----------
    digit : Ink or None
        The ink of the digit alone, on a copy of the image or of a part of it.
    mask : uint8 (h, w) or None
        All ink on a copy of the whole image, without lines; None where there is none.
    paper : Paper or None
        Where it is known.
    block : Block
        The way to shrink the image by which the ink can be seen.
    """

    digit: Ink | None = None
    mask: UInt8Array | None = None
    paper: Paper | None = None
    block: Block = "mean"


def see(image: UInt8Array) -> Seen:
    """Find the ink of the digit on an image, and all the other ink.

    Parameters
    ----------
    image : uint8 (H, W)
        Grey, of either polarity.
    """
    whole = _see_whole(image)
    if max(image.shape) <= LOOK:
        return whole
    if not _is_written(whole):
        marks = _see_marks(image)
        if marks.digit is not None or whole.digit is None:
            return marks
    if whole.digit is None or _length(whole.digit.mask) >= LARGE:
        return whole
    return whole._replace(digit=_closer(image, whole.digit))


def is_large_enough(image: UInt8Array) -> bool:
    """Tell whether a copy of an image has enough pixels to read what is written on it.

    Parameters
    ----------
    image : uint8 (H, W)
        The copy. It hasn't if no ink, or only a small digit, can be seen.
    """
    whole = _see_whole(image)
    if whole.mask is None or not _is_written(whole):
        return False
    zoom = max(image.shape) / max(whole.mask.shape)
    return bool(_length(whole.mask) * zoom >= LARGE)


def only(ink: Ink, mask: UInt8Array) -> Ink:
    """Return only the ink that a mask shows.

    Where that is all, a closer look may rely on the paper, and it is returned with the ink.
    """
    import cv2

    alone = mask is ink.mask
    # The soft edges of strokes belong to the digit; removed pieces and faint marks don't.
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=1 + max(mask.shape) // 48)
    if not alone:
        near &= 1 - (ink.mask & (1 - mask))
    return Ink(cv2.multiply(ink.density, near), mask, ink.paper if alone else None)


def _see_whole(image: UInt8Array) -> Seen:
    ink = find_ink(shrink(image, LOOK))
    if ink is None:
        return Seen()
    mask = remove_lines(ink.mask)
    return Seen(_digit(ink, mask), mask, ink.paper)


def _see_marks(image: UInt8Array) -> Seen:
    """Look for what is too small or too thin to be seen on a copy of the whole image."""
    marks = find_marks(image)
    if marks is None:
        return Seen()
    mask = remove_lines(marks.mask)
    kept = keep_digit(mask)
    if kept is None:
        return Seen(mask=mask, block=marks.block)
    near = part(image, kept)
    blocks: tuple[Block, Block] = "mean", marks.block
    for block in blocks:  # the mean has less noise, but a line may be too thin for it
        ink = find_ink(shrink(near, LOOK, block))
        digit = None if ink is None else _digit(ink, remove_lines(ink.mask))
        if digit is not None and _length(digit.mask) >= FILLED * max(digit.mask.shape):
            return Seen(digit, mask, block=marks.block)
    return Seen()


def _closer(image: UInt8Array, ink: Ink) -> Ink:
    """Look again, at the digit alone, which is small on a large image."""
    again = find_ink(shrink(part(image, ink.mask), LOOK), ink.paper)
    if again is None:
        return ink
    found = _digit(again, again.mask if ink.paper else remove_lines(again.mask))
    return ink if found is None else found


def _digit(ink: Ink, mask: UInt8Array) -> Ink | None:
    """Return the ink of the digit alone, of a mask that has no lines; None where there is none."""
    kept = keep_digit(mask)
    return None if kept is None else only(ink, kept)


def _is_written(seen: Seen) -> bool:
    """Tell a digit from clouds, shadows and areas; where no digit is found, there is some ink."""
    import cv2

    if seen.digit is None:
        return seen.mask is not None
    top = cv2.minMaxLoc(seen.digit.density)[1]
    return bool(top >= STRONG) or not (_is_wide(seen.digit.mask) or _is_soft(seen.digit, top))


def _is_wide(mask: UInt8Array) -> bool:
    import cv2

    most = WIDEST * _length(mask)
    if cv2.countNonZero(mask) < np.pi * most**2:  # there is no room for a disc as wide
        return False
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return bool(cv2.minMaxLoc(cv2.distanceTransform(padded, cv2.DIST_L2, 3))[1] > most)


def _is_soft(ink: Ink, top: float) -> bool:
    import cv2

    square = np.ones((3, 3), np.uint8)
    outline = cv2.subtract(ink.mask, cv2.erode(ink.mask, square))
    rises = cv2.morphologyEx(ink.density, cv2.MORPH_GRADIENT, square)[outline > 0]
    middle = len(rises) // 2
    return bool(np.partition(rises, middle)[middle] < SHARP * top)


def _length(mask: UInt8Array) -> int:
    """Return the longer side, in pixels, of what isn't 0."""
    import cv2

    return int(max(cv2.boundingRect(mask)[2:]))
