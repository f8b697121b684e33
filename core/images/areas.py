"""Areas of a picture that may be sheets of paper: even ones, and what lies on an even ground.

They are looked for on a small copy in Lab colours. Whether one is a sheet is for `sheet` to tell.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ..base.types import UInt8Array
from . import around
from .edges import STEP

SMALLEST = 0.06
"""The smallest share of the picture that a sheet may have."""

STEEPNESS = (4, 7, 12, 20)
"""Lab levels between neighbouring pixels beyond which an even area ends. All are tried, because a
sheet may lie on a table of nearly its own colour, or be of rough paper in bad light."""


def even_areas(steep: UInt8Array, limits: Sequence[int] = STEEPNESS) -> Iterator[UInt8Array]:
    """Yield even areas without their holes: uint8 (H, W), 1 inside.

    Parameters
    ----------
    steep : uint8 (H, W)
        What `steepness` returns.
    limits : sequence of int, optional
        From which steepness on an area ends; each is tried.
    """
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    least = SMALLEST * steep.size
    rows, columns = slice(None), slice(None)
    ground = around.find(steep)
    if ground is not None and ground.level == 0:  # what lies around is a part of the frame's piece
        rows = slice(ground.y - 1, ground.y + ground.height + 1)
        columns = slice(ground.x - 1, ground.x + ground.width + 1)
    for limit in limits if ground is None or ground.width else ():
        flat = cv2.threshold(steep[rows, columns], limit, 1, cv2.THRESH_BINARY_INV)[1]
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
        for piece in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > 0.6 * least) + 1:
            if _holds_the_frame(pieces, int(piece)):  # it would be the whole picture
                continue
            area = np.zeros_like(steep)
            area[rows, columns] = cv2.inRange(pieces, int(piece), int(piece))
            area = cv2.dilate(area, cross)
            outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            whole = np.zeros_like(area)
            cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
            size = cv2.countNonZero(whole)
            if size >= least and stats[piece, cv2.CC_STAT_AREA] > 0.5 * size:
                yield whole


def _holds_the_frame(pieces: np.ndarray, piece: int) -> bool:
    """Tell whether a piece has all of the outermost pixels."""
    sides = (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1])
    return all((side == piece).all() for side in sides)


def on_even_ground(lab: UInt8Array) -> Iterator[UInt8Array]:
    """Yield what lies on a ground of one colour, if the picture has one around its frame.

    Lines across a sheet cut it in pieces, but all of them differ from the ground. Takes uint8
    (H, W, C); what it yields is uint8 (H, W), 1 inside.
    """
    import cv2

    low, high = frame_levels(lab)
    if (high - low).max() > 2 * STEP:
        return
    others = 255 - cv2.inRange(lab, low - STEP / 2, high + STEP / 2)
    others = cv2.morphologyEx(others, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(others, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        hull = cv2.convexHull(outline)
        area = cv2.contourArea(hull)
        if area > SMALLEST * others.size and cv2.contourArea(outline) > 0.8 * area:
            whole: UInt8Array = np.zeros(others.shape, np.uint8)
            cv2.drawContours(whole, [hull], -1, 1, cv2.FILLED)
            yield whole


def unruled(lab: UInt8Array) -> UInt8Array:
    """Return a picture, uint8 (H, W, C), without dark lines of up to four pixels."""
    import cv2

    smooth = np.atleast_3d(cv2.medianBlur(lab, 5))
    light = cv2.morphologyEx(lab[..., 0], cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(np.dstack([light, smooth[..., 1:]]), np.uint8)


def steepness(lab: UInt8Array) -> UInt8Array:
    """Return how much a pixel and its four neighbours differ in any channel: uint8 (H, W)."""
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    steep = cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, cross)
    return np.asarray(steep if steep.ndim == 2 else steep.max(axis=2))


def frame_levels(lab: UInt8Array) -> tuple[np.ndarray, np.ndarray]:
    """Return nearly the least and the greatest values of the outermost pixels: float64 (C,)."""
    frame = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    if frame.tobytes() == frame[0].tobytes() * len(frame):  # as of most drawings: in no time
        return frame[0].astype(np.float64), frame[0].astype(np.float64)
    low, high = np.percentile(frame, (2, 98), axis=0)
    return low, high
