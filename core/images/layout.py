"""Tells one digit from several by how the pieces of ink lie.

Digits stand beside, above or across from each other, with a gap between. What is too low for a
digit is a part of one: the bar of a 5, a dot. Where a gap might also be inside a digit (a 4 in two
strokes, a broken 8), geometry can't tell, and the network is asked about the parts: see
docs/decisions/036-several-digits.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array

SPECK = 0.02
"""Share of the largest piece's ink; what has less is dirt."""

LOW = 0.36
"""Share of the highest piece's height; what is lower is no digit of its own."""

APART = 0.5
"""Share of a digit's height; no digit has a gap inside that is as wide as this."""

MOST_PARTS = 8
"""So many digits and more aren't asked about: no digit falls into so many large pieces."""

WIDE = 1.15
"""Times its height; a piece of ink that is wider may be of several digits."""

NEAR = 0.08
"""Share of the highest piece's height; pieces that are twice as far apart may be of one digit."""

BETWEEN_LOOPS, SLIMMEST = 0.3, 0.55
"""The widest gap inside an 8, as a share of a loop's height, and its least width, of its height."""

BROKEN = 0.1
"""The widest gap, as a share of the height, where a stroke is broken."""

DIGIT, LIKELY = 0.9, 0.6
"""The confidence of the network from which on a part is a digit of its own, where it is also sure
of the whole, and where it isn't."""


class Layout(NamedTuple):
    """What was found.

    Attributes
    ----------
    several : bool
        There are surely several digits.
    parts : tuple of uint8 (H, W)
        Masks of what may be digits of their own, where that is to be asked; else empty.
    loops : bool
        Whether the parts lie as the loops of an 8 do: one digit if the network is sure of it.
    """

    several: bool = False
    parts: tuple[UInt8Array, ...] = ()
    loops: bool = False


class _Pieces(NamedTuple):
    """The pieces of ink that aren't dirt: where they lie, and their numbers in `places`."""

    places: np.ndarray
    numbers: np.ndarray
    left: np.ndarray
    top: np.ndarray
    right: np.ndarray
    bottom: np.ndarray


def may_be_several(mask: UInt8Array) -> bool:
    """Tell quickly, on a coarse mask, whether a finer look at the gaps is worth its time.

    Parameters
    ----------
    mask : uint8 (H, W)
        1 where there is ink, without lines.
    """
    import cv2

    x, y, width, height = _box(mask)
    # OpenCV crashes on connected components of an empty mask
    if width and cv2.connectedComponents(mask[y : y + height, x : x + width])[0] == 2:
        return width > WIDE * height
    pieces = _pieces(mask)
    if len(pieces.numbers) != 1:
        return len(pieces.numbers) > 1
    across, down = pieces.right - pieces.left, pieces.bottom - pieces.top
    return bool(across[0] > WIDE * down[0])


def lay_out(mask: UInt8Array) -> Layout:
    """Tell one digit from several.

    Parameters
    ----------
    mask : uint8 (H, W)
        1 where there is ink, without lines.
    """
    pieces = _pieces(mask)
    if len(pieces.numbers) < 2:
        return Layout()
    # first with what lies close together as one piece: a digit beside another may be broken itself
    reach = round(NEAR * int((pieces.bottom - pieces.top).max()))
    parts = _parts(mask, _pieces(mask, reach)) if reach else []
    if len(parts) < 2:
        parts = _parts(mask, pieces)
    if len(parts) < 2:
        return Layout()
    heights = [_box(part)[3] for part in parts]
    gap = _gap(*parts) / max(heights) if len(parts) == 2 else 0.0
    if len(parts) > MOST_PARTS or gap >= APART:
        return Layout(several=True)
    return Layout(parts=tuple(parts), loops=_may_be_loops(parts, gap))


def are_digits(probabilities: FloatArray, layout: Layout) -> bool:
    """Tell whether the parts of a layout are digits of their own.

    Parameters
    ----------
    probabilities : float32 (1 + P, 10)
        What the network says of the whole and of each part.
    layout : Layout
    """
    whole, *parts = probabilities.max(axis=1)
    if layout.loops and whole >= DIGIT:
        return False
    sure = np.array(parts) >= (DIGIT if whole >= DIGIT else LIKELY)
    return bool(sure.all() if len(sure) == 2 else sure.mean() >= 0.6)


def _pieces(mask: UInt8Array, reach: int = 0) -> _Pieces:
    """Return the pieces of ink; what lies within twice `reach` of another is one piece with it."""
    import cv2

    brush = np.ones((2 * reach + 1,) * 2, np.uint8)
    grown = cv2.dilate(mask, brush) if reach else mask
    count, places = cv2.connectedComponents(grown, connectivity=8)
    places *= mask
    area = np.bincount(places.ravel(), minlength=count)
    area[0] = 0
    keep = area >= max(SPECK * float(area.max()), 1)
    frame = np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]])
    if not np.any(frame == area.argmax()):  # what the frame cuts is of something else
        keep[frame] = False
    numbers = np.flatnonzero(keep)
    boxes = np.array([_box(cv2.inRange(places, int(n), int(n))) for n in numbers], np.int64)
    left, top, width, height = boxes.reshape(-1, 4).T
    return _Pieces(places, numbers, left, top, left + width, top + height)


def _box(mask: UInt8Array) -> tuple[int, int, int, int]:
    """Return left, top, width and height of what isn't 0."""
    import cv2

    x, y, width, height = cv2.boundingRect(mask)
    return x, y, width, height


def _parts(mask: UInt8Array, pieces: _Pieces) -> list[UInt8Array]:
    """Return the masks of what may be digits, each with the low pieces that are nearest to it."""
    if not len(pieces.numbers):
        return []
    height = pieces.bottom - pieces.top
    tall = height >= LOW * height.max()
    groups = _together(pieces, np.flatnonzero(tall).tolist())
    parts = [np.isin(pieces.places, pieces.numbers[group]).astype(np.uint8) for group in groups]
    if not 2 <= len(parts) <= MOST_PARTS:
        return parts
    whole = [part.copy() for part in parts]
    for number in pieces.numbers[~tall]:
        low = (pieces.places == number).astype(np.uint8)
        whole[int(np.argmin([_gap(part, low) for part in parts]))] |= low
    return whole


def _together(pieces: _Pieces, chosen: list[int]) -> list[list[int]]:
    """Group pieces that share half of their height and of their width: parts of one digit."""
    groups: list[list[int]] = []
    for piece in chosen:
        mine, others = [piece], []
        for group in groups:
            across = _shared(pieces.left, pieces.right, group, piece)
            down = _shared(pieces.top, pieces.bottom, group, piece)
            if min(across, down) >= 0.5:
                mine += group
            else:
                others.append(group)
        groups = [*others, mine]
    return groups


def _shared(start: np.ndarray, end: np.ndarray, group: list[int], piece: int) -> float:
    """Return how much of the shorter of two extents both have."""
    first, last = start[group].min(), end[group].max()
    shared = min(last, end[piece]) - max(first, start[piece])
    return float(shared / min(last - first, end[piece] - start[piece]))


def _gap(one: UInt8Array, two: UInt8Array) -> float:
    """Return how many pixels lie between the ink of two masks at the least."""
    import cv2

    return float(cv2.distanceTransform(1 - one, cv2.DIST_L2, 5)[two > 0].min())


def _may_be_loops(parts: list[UInt8Array], gap: float) -> bool:
    """Tell whether two parts lie like the loops of an 8, a 5 and its bar, or a broken stroke.

    Digits that stand one above the other are higher together, or further apart.
    """
    if len(parts) != 2 or gap > BETWEEN_LOOPS:
        return False
    (x, y, width, height), (to_x, to_y, to_width, to_height) = (_box(part) for part in parts)
    across = min(x + width, to_x + to_width) - max(x, to_x)
    whole = max(x + width, to_x + to_width) - min(x, to_x)
    high = max(y + height, to_y + to_height) - min(y, to_y)
    slim = whole <= SLIMMEST * high and gap > BROKEN
    return across > 0.3 * min(width, to_width) and not slim
