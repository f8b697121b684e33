"""Find the sheet of paper in a picture that also shows what it lies on.

A sheet is an even area with straight sides, across which the colour changes, and with something on
it. A drawing, a scan, or a photo that paper fills has none. What may be one comes from `areas`,
geometry is `quadrilateral`'s; `page` lays the sheet flat. Why it is done so:
docs/decisions/034-finding-the-sheet.md.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from ..base.types import FloatArray, UInt8Array
from . import around
from .areas import (
    SMALLEST,
    STEEPNESS,
    even_areas,
    frame_levels,
    on_even_ground,
    steepness,
    unruled,
)
from .edges import STEP, may_be_shadow, sides_seen
from .quadrilateral import Quadrilateral, fit_quadrilateral

SEARCH_SIDE = 160
"""Sheets are searched for on a copy of at most this many pixels a side."""

LARGEST = 3000
"""The largest side of a flattened sheet, in pixels."""

FAINTEST, PLAIN = 9.0, 30.0
"""Lab levels between neighbours where ink begins, above the paper's own: the least that may be
ink, and what no paper has without any."""

LEAST_PAPER_AROUND, MORE_PAPER_AROUND = 0.15, 0.7
"""The share of what lies around a sheet that may have its colour, as a light table has in places;
more for a large sheet, for a small one may be a box of many on a form."""

WHOLE, CUT = 0.2, 0.1
"""The smallest share of the picture that a whole sheet has, where only such a one is looked for,
and the share of a side of the frame along which it may touch that."""

LEAST_FIT, LEAST_SEEN = 0.85, 0.7
"""How well an area must have a sheet's shape, and the share of its sides that must be seen."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet of paper in a picture.

    Attributes
    ----------
    corners : float32 (4, 2)
        Where its corners are (x, y): upper left, upper right, lower right, lower left as it lies;
        beyond the frame where the picture shows a part of it.
    paper : uint8 (h, w)
        On a small copy of the picture: 1 where its paper, and what is on it, is seen.
    """

    corners: FloatArray
    paper: UInt8Array

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels of the flattened sheet, about as large as in the picture."""
        upper, right, lower, left = (
            float(np.hypot(*(self.corners[i] - self.corners[i - 3]))) for i in range(4)
        )
        height, width = max(left, right), max(upper, lower)
        factor = min(1, LARGEST / max(height, width))
        return max(2, round(height * factor)), max(2, round(width * factor))

    @property
    def matrix(self) -> np.ndarray:
        """The perspective transform, float64 (3, 3), from the picture to the flattened sheet."""
        import cv2

        height, width = self.size
        flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        return np.asarray(cv2.getPerspectiveTransform(self.corners, flat))


def find_sheet(image: UInt8Array, *, many: bool = False, whole: bool = False) -> Sheet | None:
    """Find the sheet of paper in a picture.

    Parameters
    ----------
    image : uint8 (H, W) or (H, W, 3)
        Grey or RGB.
    many : bool
        Whether it may be a sheet of numbers: lines across it cut it into several even areas, and
        what is written may go on beyond a shadow's edge.
    whole : bool
        Whether it must be large, and all of it in the picture.

    Returns
    -------
    Sheet or None
        The one that is best to be seen; None where no table or the like lies around.
    """
    ground = around.find(image) if image.ndim == 2 else None
    if ground is not None and _is_small(ground, image):
        return None
    look = _shrink(image, ground)
    lab = _lab(look)
    if not _may_show_a_table(lab):
        return None
    steep = steepness(lab)
    best: Quadrilateral | None = None
    most, paper = 0.0, look
    areas = even_areas(steep)
    if many:
        without = steepness(unruled(lab))
        areas = itertools.chain(areas, on_even_ground(lab), even_areas(without, STEEPNESS[2:]))
    for area in areas:
        if whole and (area.mean() < WHOLE or _is_cut(area)):
            continue
        quad = fit_quadrilateral(area)
        if quad is None or quad.fit < LEAST_FIT:
            continue
        shadow = len(quad.sides) < 3 and may_be_shadow(look, area)
        if many and shadow and len(quad.sides) == 1:  # what is written may go on in it
            continue
        seen = sides_seen(lab, quad, shadow=shadow)
        merit = (seen * quad.fit) ** 4 * float(np.sqrt(area.mean()))
        if seen < LEAST_SEEN or merit <= most:
            continue
        merit *= _written_on(lab, steep, quad)
        if merit > most:
            best, most, paper = quad, merit, area
    if best is None:
        return None
    corners = best.corners
    if len(best.sides) == 1 and may_be_shadow(look, paper):
        corners = _upright_box(paper)
    zoom = np.array([image.shape[1] / look.shape[1], image.shape[0] / look.shape[0]])
    return Sheet(((corners + 0.5) * zoom).astype(np.float32), paper)


def _is_small(ground: around.Around, image: UInt8Array) -> bool:
    """Tell whether all that isn't plain ground is smaller than a sheet, and away from the frame."""
    margin = 3 * max(1, max(image.shape) / SEARCH_SIDE)  # of what shrinking and smoothing may add
    right = image.shape[1] - ground.x - ground.width
    bottom = image.shape[0] - ground.y - ground.height
    area = (ground.width + 2 * margin) * (ground.height + 2 * margin)
    is_inside = min(ground.x, ground.y, right, bottom) > margin
    return bool(is_inside and area < SMALLEST * image.size)


def _shrink(image: UInt8Array, ground: around.Around | None) -> UInt8Array:
    import cv2

    factor = SEARCH_SIDE / max(image.shape[:2])
    if factor >= 1:
        return image
    size = max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor))
    if image.ndim == 2:
        return around.shrink(image, size, ground)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _lab(look: UInt8Array) -> UInt8Array:
    """Return uint8 (H, W, 3), or (H, W, 1) if there is no colour, with less noise."""
    import cv2

    smooth = cv2.medianBlur(look, 3)
    return np.asarray(
        smooth[..., np.newaxis] if look.ndim == 2 else cv2.cvtColor(smooth, cv2.COLOR_RGB2Lab)
    )


def _may_show_a_table(lab: UInt8Array) -> bool:
    """Recognise drawings and scans quickly: even around the frame, and no large area elsewhere."""
    import cv2

    low, high = frame_levels(lab)
    if (high - low).max() > 2 * STEP:
        return True
    around = cv2.inRange(lab, low - STEP / 2, high + STEP / 2)
    outlines, _ = cv2.findContours(255 - around, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        area = cv2.contourArea(outline)
        if area > SMALLEST * around.size and area > 0.8 * cv2.contourArea(cv2.convexHull(outline)):
            return True
    return False


def _is_cut(area: UInt8Array) -> bool:
    """Tell whether the frame cuts an area, or touches it along a good part of a side."""
    return any(side.mean() > CUT for side in (area[0], area[-1], area[:, 0], area[:, -1]))


def _written_on(lab: UInt8Array, steep: UInt8Array, quad: Quadrilateral) -> float:
    """Tell a sheet from the ground between strokes: it has ink on it, and no paper around it.

    Returns
    -------
    float
        From 0 (nothing, or no sheet) to 1 (plain to be seen).
    """
    import cv2

    shape = quad.shape(lab.shape)
    inset = 3 + max(shape.shape) // 40
    inside = cv2.copyMakeBorder(shape, *(1,) * 4, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.erode(inside, np.ones((2 * inset + 1,) * 2, np.uint8), borderValue=0)[1:-1, 1:-1]
    values = steep[inside > 0]
    if len(values) < 20:
        return 0.0
    contrast = float(np.partition(values, -6)[-6]) - 2 * float(np.median(values))
    paper = np.median(lab[inside > 0], axis=0)
    around = lab[cv2.dilate(shape, np.ones((5, 5), np.uint8)) == 0]
    same = np.abs(around - paper).max(axis=1) < STEP
    most = LEAST_PAPER_AROUND + MORE_PAPER_AROUND * float(shape.mean())
    if contrast < FAINTEST or (len(same) and np.mean(same) > most):
        return 0.0
    return min(contrast / PLAIN, 1.0)


def _upright_box(paper: UInt8Array) -> FloatArray:
    """Return the corners of the upright rectangle around the paper."""
    import cv2

    x, y, width, height = cv2.boundingRect(paper)
    right, bottom = x + width - 1, y + height - 1
    return np.array([(x, y), (right, y), (right, bottom), (x, bottom)], np.float32)
