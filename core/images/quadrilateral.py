"""Fit the sides of a sheet of paper to the outline of an area: pure geometry, no brightness.

A sheet may be tilted, seen in perspective, and cut by the picture's frame. `sheet` says which areas
to try, and whether a fit is a sheet.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array

AT_FRAME = 2.5
"""In pixels; anything nearer to the frame than this was cut off by it."""

SHORTEST = 0.16
"""As a share of the square root of the area; a shorter side is a bend."""

SQUARE = 0.93
"""The sine of a corner's angle, at least: 69 to 111 degrees."""

MOST_UNSEEN = 4
"""The whole sheet may be this many times as large as its visible part."""


class Quadrilateral(NamedTuple):
    """Four corners, and which of the sides between them were seen.

    Attributes
    ----------
    corners : float32 (4, 2)
        Upper left, upper right, lower right, lower left (x, y) of the sheet as it lies; where a
        side was cut off by the frame, they are put where the frame or the area ends.
    sides : float32 (N, 2, 2)
        The ends (x, y) of the sides that lie inside the picture, with the sheet on the right as
        one goes from the first to the second.
    fit : float
        The share of the area and of the shape of these sides that both have, 0 to 1.
    """

    corners: FloatArray
    sides: FloatArray
    fit: float

    def shape(self, size: tuple[int, ...]) -> UInt8Array:
        """Return the quadrilateral as uint8 (H, W), 1 inside."""
        return _filled(self.corners, size)


def fit_quadrilateral(area: UInt8Array) -> Quadrilateral | None:
    """Fit four straight sides to an area's outline, or as many as the frame left of them.

    Parameters
    ----------
    area : uint8 (H, W)
        1 inside, without holes.

    Returns
    -------
    Quadrilateral or None
        None where no side is straight, or all of them are the frame's.
    """
    import cv2

    outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    hull = cv2.convexHull(outline, clockwise=False)
    size = float(np.sqrt(max(cv2.contourArea(hull), 1)))
    polygon = cv2.approxPolyDP(hull, 0.035 * size + 1, True)[:, 0].astype(np.float32)
    if not 3 <= len(polygon) <= 9:
        return None
    ends = np.stack([polygon, np.roll(polygon, -1, axis=0)], axis=1)
    along = ends[:, 1] - ends[:, 0]
    long = np.hypot(*along.T) > SHORTEST * size
    sides = np.array([_straightened(side, outline[:, 0]) for side in ends[long]])
    sides = sides[~_at_frame(sides, area.shape)] if len(sides) else sides
    if not 1 <= len(sides) <= 5:
        return None
    corners = _corners(sides, hull[:, 0].astype(np.float32))
    if corners is None or not _are_square(corners):
        return None
    if cv2.contourArea(corners) > MOST_UNSEEN * size**2:
        return None
    shape = _filled(corners, area.shape)
    both, either = cv2.countNonZero(shape & area), cv2.countNonZero(shape | area)
    return Quadrilateral(corners, sides, both / max(either, 1))


def _filled(corners: FloatArray, size: tuple[int, ...]) -> UInt8Array:
    import cv2

    shape = np.zeros(size[:2], np.uint8)
    cv2.fillConvexPoly(shape, np.rint(corners * 16).astype(np.int32), 1, cv2.LINE_8, 4)
    return shape


def _at_frame(ends: FloatArray, shape: tuple[int, ...]) -> np.ndarray:
    """Tell which sides run along the frame: bool (N,)."""
    last = np.array([shape[1] - 1, shape[0] - 1], np.float32)
    inner = ends + 0.1 * (ends[:, ::-1] - ends)  # bent corners are no part of a side
    near = np.concatenate([inner < AT_FRAME, inner > last - AT_FRAME], axis=2)  # (N, 2 ends, 4)
    return np.asarray(np.any(near.all(axis=1), axis=1))


def _straightened(side: FloatArray, outline: np.ndarray) -> FloatArray:
    """Return the side moved to where most of the outline's points beside it lie."""
    import cv2

    start, end = side
    along = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
    away = outline - start
    place, distance = away @ along, np.abs(away @ (-along[1], along[0]))
    length = float((end - start) @ along)
    beside = (place > 0.08 * length) & (place < 0.92 * length) & (distance < 0.05 * length + 1.5)
    if beside.sum() < 5:
        return side
    points = outline[beside].astype(np.float32)
    dx, dy, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    middle, direction = np.array([x, y]), np.array([dx, dy])
    direction = direction if direction @ along > 0 else -direction
    return np.asarray(
        [middle + direction * ((point - middle) @ direction) for point in side], np.float32
    )


def _corners(sides: FloatArray, hull: FloatArray) -> FloatArray | None:
    """Return the four corners: where sides meet, or the area's extent if a side is missing."""
    along = sides[:, 1] - sides[:, 0]
    lengths = np.hypot(*along.T)
    angles = np.arctan2(along[:, 1], along[:, 0])
    # sides at right angles to each other say the same four times over
    tilt = float(np.angle((lengths * np.exp(4j * angles)).sum())) / 4
    turned = (angles - tilt) / (np.pi / 2)
    which = np.rint(turned).astype(int) % 4  # 0 is the upper side, for the sheet is on its right
    lines: list[tuple[np.ndarray, np.ndarray]] = []
    for side in range(4):
        direction = np.array([np.cos(tilt + side * np.pi / 2), np.sin(tilt + side * np.pi / 2)])
        mine = np.flatnonzero(which == side)
        if len(mine):
            longest = mine[lengths[mine].argmax()]
            lines.append((sides[longest, 0], along[longest] / max(float(lengths[longest]), 1e-6)))
        else:
            inwards = np.array([-direction[1], direction[0]])
            lines.append((hull[(hull @ inwards).argmin()], direction))
    corners = [_meeting(lines[side - 1], lines[side]) for side in range(4)]
    if any(corner is None for corner in corners):
        return None
    return np.asarray(corners, np.float32)


def _are_square(corners: FloatArray) -> bool:
    """Tell whether the corners are those of a sheet: about right angles, also in perspective."""
    before = np.roll(corners, 1, axis=0) - corners
    after = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*before.T) * np.hypot(*after.T)
    cross = after[:, 0] * before[:, 1] - after[:, 1] * before[:, 0]
    return bool((cross > SQUARE * lengths).all() and (lengths > 0).all())


def _meeting(
    one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]
) -> np.ndarray | None:
    """Return where two lines, each a point and a direction, cross."""
    (a, u), (b, v) = one, two
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 0.3:  # less than 17 degrees: no corner of a sheet
        return None
    away = b - a
    return np.asarray(a + u * (away[0] * v[1] - away[1] * v[0]) / cross)
