"""Remove what isn't the digit: ruled lines, a form's box, specks, pieces cut off by the frame.

Works on the mask that `ink` found.
"""

from dataclasses import dataclass

import numpy as np

from ..base.types import UInt8Array
from .ink import SCAN

LONG = 0.5
"""Share of the picture's side; no line is shorter."""

HAIR = 2.5
"""In pixels; a line thinner than this isn't a 1, even if there is nothing else."""

SPECK = 0.03
"""Pieces smaller than this share of the largest are specks."""

FAR = 0.25
"""The same, for pieces further from the main piece than 0.3 of its size."""

MOST_PIECES = 12
"""Anything in more pieces is grain or a page of text, not a digit."""


@dataclass(frozen=True, eq=False)
class _Line:
    """A straight thin run across the ink; `part` lies along the rows even if it is upright."""

    part: UInt8Array
    upright: bool
    thickness: float
    from_edge_to_edge: bool
    at_start: bool
    at_end: bool


def remove_lines(mask: UInt8Array) -> UInt8Array:
    """Return the mask without ruled lines and without the sides of a box.

    A line is straight and thin, and either crosses the image from edge to edge or is one of three
    or four sides of a box around the rest. Where a stroke crosses it, the stroke stays.

    Parameters
    ----------
    mask : uint8 (H, W)
        1 where there is ink. Images so small that a machine must have cut them out are left alone.
    """
    import cv2

    if max(mask.shape) <= SCAN * 0.8:
        return mask
    extent = cv2.boundingRect(mask)[2:]
    if extent[0] < LONG * mask.shape[1] and extent[1] < LONG * mask.shape[0]:
        return mask
    lines = [*_lines_along(mask, upright=False), *_lines_along(mask, upright=True)]
    sides = {(line.upright, end) for line in lines for end in _ends(line)}
    boxed = len(sides) >= 3
    if not boxed:
        lines = [line for line in lines if line.from_edge_to_edge]
    if not lines:
        return mask
    rest = mask.copy()
    for line in lines:
        across = [other.part for other in lines if other.upright != line.upright]
        rest &= 1 - _strip(mask, line, across)
    return rest if _is_the_digit(rest, mask, lines, boxed) else mask


def _is_the_digit(rest: UInt8Array, mask: UInt8Array, lines: list[_Line], boxed: bool) -> bool:
    """Tell whether the lines weren't strokes: what is left of the mask is a digit, or nothing."""
    import cv2

    kept = keep_digit(rest)
    if kept is None:
        return all(line.thickness < HAIR for line in lines)
    if cv2.countNonZero(rest) < 0.06 * cv2.countNonZero(mask):
        return False
    if max(cv2.boundingRect(kept)[2:]) < 0.25 * max(cv2.boundingRect(mask)[2:]):
        return False
    return boxed or len(lines) > 1 or not _is_bar(lines[0], kept)


def _lines_along(mask: UInt8Array, *, upright: bool) -> list[_Line]:
    """Return the lines along the rows, or along the columns."""
    import cv2

    if upright:
        mask = cv2.transpose(mask)
    height, width = mask.shape
    _, top, length, deep = cv2.boundingRect(mask)
    rows = cv2.reduce(mask, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    if length < LONG * width or rows.max() < 0.25 * length:
        return []
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _box(1, max(5, length // 5)))
    if cv2.boundingRect(runs)[2] < 0.82 * length:
        return []
    # a slanted line is a staircase of runs
    joined = cv2.dilate(runs, _box(3, max(3, length // 8) | 1))
    count, pieces = cv2.connectedComponents(joined, connectivity=8)
    margin, found = max(1, 0.02 * width), []
    for piece in range(1, count):
        part = runs & (pieces == piece).astype(np.uint8)
        x, y, across, tall = cv2.boundingRect(part)
        thickness = cv2.countNonZero(part) / max(across, 1)
        if across < 0.82 * length or thickness > max(HAIR, 0.08 * height):
            continue
        if tall > thickness + 0.14 * across + 1:  # more than 8 degrees
            continue
        found.append(
            _Line(
                part,
                upright,
                thickness,
                from_edge_to_edge=x <= margin and x + across >= width - margin,
                at_start=y <= top + 0.15 * deep,
                at_end=y + tall >= top + 0.85 * deep,
            )
        )
    return found


def _ends(line: _Line) -> list[bool]:
    return [end for end, there in ((False, line.at_start), (True, line.at_end)) if there]


def _strip(mask: UInt8Array, line: _Line, across: list[UInt8Array]) -> UInt8Array:
    """Return the pixels that belong to the line alone, not to a stroke that crosses it.

    `across` are the lines at right angles to it; in the corner of a box, no stroke crosses.
    """
    import cv2

    lying = cv2.transpose(mask) if line.upright else mask
    strokes = lying.copy()
    for other in across:
        strokes &= 1 - cv2.dilate(cv2.transpose(other), _box(3, 3))
    reach = int(np.ceil(1.7 * line.thickness)) + 2
    crossing = cv2.morphologyEx(strokes, cv2.MORPH_OPEN, _box(reach, 1))
    strip = cv2.dilate(line.part, _box(3, 3)) & lying & (1 - crossing)
    return np.asarray(cv2.transpose(strip) if line.upright else strip)


def _is_bar(line: _Line, rest: UInt8Array) -> bool:
    """Tell whether a line is a digit's own bar, as in a 7 that fills its frame.

    It is, if the rest reaches the opposite side.
    """
    import cv2

    part, lying = line.part, cv2.transpose(rest) if line.upright else rest
    return bool((part[:2].any() and lying[-1].any()) or (part[-2:].any() and lying[0].any()))


def keep_digit(mask: UInt8Array) -> UInt8Array | None:
    """Return the mask with only the digit's pieces, or None if nothing is left.

    Specks are dropped, and so are pieces cut off by the frame unless the main piece is, too. With
    too many pieces it isn't a digit.
    """
    import cv2

    x, y, width, height = cv2.boundingRect(mask)
    if not width:  # OpenCV crashes on connected components of nothing
        return None
    window = mask[y : y + height, x : x + width]
    if cv2.connectedComponents(window, connectivity=8)[0] == 2:  # in a third of the time
        return mask
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(window, connectivity=8)
    left, top, across, deep, area = stats[1:].T
    left, top = left + x, top + y
    height, width = mask.shape
    cut = (left == 0) | (top == 0) | (left + across == width) | (top + deep == height)
    main = int(area.argmax())
    if cut[main] and not cut.all():
        main = _inner_or_main(window, pieces, area, cut, main)
    reach = 0.3 * max(across[main], deep[main])
    near = (left < left[main] + across[main] + reach) & (left + across > left[main] - reach)
    near &= (top < top[main] + deep[main] + reach) & (top + deep > top[main] - reach)
    keep = (area >= np.where(near, SPECK, FAR) * area[main]) & (area <= area[main])
    if not cut[main]:
        keep &= ~cut
    keep[main] = True
    if keep.sum() > MOST_PIECES:
        return None
    if keep.all():
        return mask
    table = np.zeros(count, np.uint8)
    table[1:] = keep
    kept = np.zeros_like(mask)
    kept[y : y + window.shape[0], x : x + window.shape[1]] = table[pieces]
    return kept


def _inner_or_main(
    mask: UInt8Array,
    pieces: np.ndarray,
    area: np.ndarray,
    cut: np.ndarray,
    main: int,
) -> int:
    """Return the largest piece inside the frame if the main one is a blot at the frame."""
    import cv2

    inner = int(np.where(cut, 0, area).argmax())
    if area[inner] < 0.1 * area[main] and area[inner] < 0.01 * mask.size:
        return main
    distance = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, 0), cv2.DIST_L2, 3)
    distance = distance[1:-1, 1:-1]
    widths = [float(distance[pieces == piece + 1].max()) for piece in (main, inner)]
    return inner if widths[0] > 2.2 * widths[1] else main


def _box(height: int, width: int) -> UInt8Array:
    return np.ones((height, width), np.uint8)
