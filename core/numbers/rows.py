"""Find rows of writing: which pieces of ink belong together, how high digits are, the slope."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from ..network.network import STRIP_HEIGHT
from .brackets import without_brackets
from .fitting import fitted, line_through
from .frames import without_frames
from .grouping import groups_of
from .outlines import without_outlines
from .pieces import Pieces, digit_height, joining, left_of_lines, numbered, pieces_of
from .rulings import Ruled, closely_ruled, remove_level_lines, remove_upright_lines
from .stacked import cut_at_lines, cut_between_rows, single_height
from .strip import full_ink, upright
from .writing import Writing, reduced, reduced_mask

MOST_ROWS = 200

COARSE = 1200
"""How high digits are is guessed on at most this many pixels a side."""

LARGE = 32.0
"""In pixels: a page with larger digits is reduced, since strips have digits of 20 pixels."""

HIGHEST = 3.2
"""Digit heights of a piece that may be a digit or a sign."""

LARGER, MOST_LARGER = 0.8, 3.0
"""The share of the ink that the largest digits exceed, and how many times they may be as high."""

LINE = 0.15
"""How far beyond its pieces a row is looked at, in digit heights: what stands on a ruled line, or
hangs from it, goes on in the line."""

CUT = 1.7
"""How many times higher digits may be than what lines leave of them."""


@dataclass(frozen=True, eq=False)
class Row:
    """A row of writing.

    Attributes
    ----------
    strip : uint8 (32, W)
        What the network sees of it; see `strip`.
    matrix : float64 (2, 3)
        From places on the page to places on the strip.
    box : tuple of int
        x, y, width and height on the page, in pixels.
    height : float
        Of its digits, in pixels of the page.
    """

    strip: UInt8Array
    matrix: FloatArray
    box: tuple[int, int, int, int]
    height: float


class _Found(NamedTuple):
    """What is on a page.

    Attributes
    ----------
    writing : Writing
    pieces : float64 (N, 5)
        x, y, width, height and area of connected ink, without ruled lines.
    numbers : int (N,)
        The pieces' numbers in `labels`.
    labels : int32 (H, W)
    most : int
        The largest of them.
    levels : uint8 (H, W)
        1 where there were level lines, and what was cut to part two rows. They are taken out to
        tell the pieces, but a row keeps those that touch its digits: the foot of a 2 may lie on
        one, and the network knows lines.
    """

    writing: Writing
    pieces: FloatArray
    numbers: np.ndarray
    labels: np.ndarray
    most: int
    levels: UInt8Array


def find_rows(writing: Writing) -> list[Row]:
    """Return a page's rows in reading order: from the top, and from the left."""
    height, highest = _guessed(writing.mask)
    if not height:
        return []
    if height > LARGE:
        writing = reduced(writing, height / LARGE)
        height, highest = LARGE, highest * LARGE / height
    ruled, height = _unruled(writing.mask, height, highest)
    seen = _joined(ruled.rest, height)
    cut = cut_between_rows(ruled.rest, seen, height)
    if cut is not ruled.rest:
        ruled = _cut(ruled, cut)
        seen = _joined(ruled.rest, height)
    pieces = seen.pieces
    height = digit_height(pieces)
    if not height:
        return []
    found = _Found(writing, *seen, int(seen.labels.max()), ruled.level)
    tall = (pieces[:, 3] >= 0.5 * height) & (pieces[:, 3] <= max(HIGHEST * height, 1.4 * highest))
    ruled_away = left_of_lines(pieces, ruled, height)
    tall &= ~ruled_away
    small = np.flatnonzero((pieces[:, 3] < 0.5 * height) & ~ruled_away)
    groups = groups_of(pieces, np.flatnonzero(tall))[:MOST_ROWS]
    groups = [without_brackets(group, pieces, partial(_ink_of, seen)) for group in groups]
    rows = [_row(group, small, found) for group in groups]
    return _in_reading_order([row for row in rows if row])


def _guessed(mask: UInt8Array) -> tuple[float, float]:
    """Guess how high digits are on a page, and the largest of them; in pixels, 0 is unknown."""
    factor = max(1.0, max(mask.shape) / COARSE)
    coarse = reduced_mask(mask, factor) if factor > 1 else mask
    pieces = pieces_of(without_frames(coarse))[1]
    height = factor * single_height(pieces, digit_height(pieces))
    # beside small print, strokes of digits would be as long as its lines
    return height, min(factor * digit_height(pieces, LARGER), MOST_LARGER * height)


def _unruled(mask: UInt8Array, height: float, highest: float) -> tuple[Ruled, float]:
    """Take lines out, and return how high digits are then; rows are cut apart at lines."""
    drawn = without_outlines(mask, height)
    rest = remove_level_lines(drawn.rest, height)
    level = drawn.level | (drawn.rest & (1 - rest))
    if level.any():  # lines cut digits, and what is cut looks lower than it is
        pieces = pieces_of(rest)[1]
        height = max(height, digit_height(pieces[pieces[:, 3] < CUT * height]))
    close = closely_ruled(level, height)
    ruled = remove_upright_lines(rest, level, max(height, highest), close=close)
    ruled = ruled._replace(upright=ruled.upright | drawn.upright)
    return _cut(ruled, cut_at_lines(ruled.rest, level, height)), height


def _joined(ink: UInt8Array, height: float) -> Pieces:
    """Return the pieces of ink, uint8 (H, W), of which those that nearly touch are one."""
    import cv2

    kernel = np.ones((joining(height),) * 2, np.uint8)
    return numbered(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel))


def _cut(ruled: Ruled, cut: UInt8Array) -> Ruled:
    """Count ink that was cut away as level lines; `cut` is what is left, uint8 (H, W)."""
    return ruled._replace(rest=cut, level=ruled.level | (ruled.rest & (1 - cut)))


def _ink_of(found: Pieces, place: int) -> UInt8Array:
    """Return a piece's own ink in its box: uint8 (h, w)."""
    x, y, wide, high = found.pieces[place, :4].astype(int)
    return np.asarray(found.labels[y : y + high, x : x + wide] == found.numbers[place], np.uint8)


def _row(group: np.ndarray, small: np.ndarray, found: _Found) -> Row | None:
    """Make a row of tall pieces and the small ones (signs, bars, dots) that stand among them."""
    pieces, scale, corner = found.pieces, found.writing.scale, found.writing.corner
    height, slope, middle = line = line_through(pieces[group])
    x, wide = pieces[group][:, [0, 2]].T
    left, right = x.min(), (x + wide).max()
    at = pieces[small, 0] + pieces[small, 2] / 2
    off = pieces[small, 1] + pieces[small, 3] / 2 - slope * at - middle
    # what may be a small digit may stand further away than a dot
    reach = np.where(pieces[small, 3] >= 0.3 * height, 2.5 * height, 1.2 * height)
    among = (at > left - reach) & (at < right + reach)
    among &= (off > -0.62 * height) & (off < 0.75 * height)
    among &= pieces[small, 4] >= 0.003 * height * height
    members = np.concatenate([group, small[among]])
    x, y, wide, high = pieces[members, :4].T
    left, right, top, bottom = x.min(), (x + wide).max(), y.min(), (y + high).max()
    box = max(left - 2, 0), max(top - 2, 0), right, bottom
    around = max(round(LINE * height), 2)
    rows = slice(max(int(top) - around, 0), int(bottom) + around)
    area = rows, slice(int(box[0]), int(right) + 2)
    fit = fitted(partial(_strip, found, found.numbers[members], area), line, left, right)
    if fit is None:
        return None
    strip, lean = upright(fit.strip)
    matrix = fit.matrix
    matrix[0] += lean * (matrix[1] - (0, 0, STRIP_HEIGHT / 2))
    matrix[:, :2] /= scale
    matrix[:, 2] -= matrix[:, :2] @ corner
    left, top, right, bottom = (
        round(side * scale) + start for side, start in zip(box, corner * 2, strict=True)
    )
    return Row(strip, matrix, (left, top, right - left, bottom - top), fit.height * scale)


def _strip(
    found: _Found,
    members: np.ndarray,
    area: tuple[slice, slice],
    matrix: FloatArray,
    columns: int,
) -> UInt8Array:
    """Return the strip of a row's own ink: uint8 (32, columns)."""
    import cv2

    chosen = np.zeros(found.most + 1, np.uint8)
    chosen[members] = 1
    own = chosen[found.labels[area]]
    own = cv2.dilate(own, np.ones((3, 3), np.uint8))
    own |= _touching(found.levels[area], own)
    density = found.writing.density[area] * own
    ink = density[own > 0]
    peak = float(np.percentile(ink, 97)) if len(ink) else 1.0
    image = (density * (255 / max(peak, 1))).clip(0, 255).astype(np.uint8)
    if matrix[0, 0] < 0.7:
        image = cv2.GaussianBlur(image, (0, 0), 0.35 / matrix[0, 0])
    moved = matrix.copy()
    moved[:, 2] += moved[:, :2] @ (area[1].start, area[0].start)
    strip = cv2.warpAffine(image, moved, (columns, STRIP_HEIGHT), flags=cv2.INTER_LINEAR)
    return full_ink(np.asarray(strip))


def _touching(lines: UInt8Array, ink: UInt8Array) -> UInt8Array:
    """Return those lines that touch ink; each uint8 (H, W)."""
    import cv2

    if not lines.any():
        return lines
    _, labels = cv2.connectedComponents(lines)
    touching = np.unique(labels[(ink > 0) & (lines > 0)])
    return np.isin(labels, touching).astype(np.uint8) & lines


def _in_reading_order(rows: list[Row]) -> list[Row]:
    """Sort rows into lines from the top, and within a line from the left."""
    lines: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: row.box[1] + row.box[3] / 2):
        middle = row.box[1] + row.box[3] / 2
        for line in lines[-3:]:
            first = line[0]
            apart = abs(first.box[1] + first.box[3] / 2 - middle)
            if apart < 0.5 * min(first.height, row.height):
                line.append(row)
                break
        else:
            lines.append([row])
    return [row for line in lines for row in sorted(line, key=lambda row: row.box[0])]
