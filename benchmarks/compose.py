"""Composes pictures: digits drawn large, ink laid on a page, a sheet photographed on a table.

What kinds of pictures there are is for `kinds`. All sizes are in pixels.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import drawings
import numpy as np
import surfaces
from surfaces import TABLES, Colour, Rng

from inkhook.core.base.types import FloatArray, UInt8Array
from inkhook.plugins.mnist import load_embedded


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture, and the digit on it; None where there are several.

    `image` is uint8 (H, W) or RGB (H, W, 3); `photo` says that it is to be a JPEG.
    """

    image: UInt8Array
    label: int | None
    photo: bool = True
    note: str = ""


class Digits:
    """MNIST's training digits and pen strokes, of one part: drawn large, cut to their ink."""

    def __init__(self, part: str, strokes: Path | None) -> None:
        train = load_embedded().train
        half = slice(0, None, 2) if part == "developed" else slice(1, None, 2)
        self._images, self._labels = train.images[half], train.labels[half]
        self._pen = drawings.pen_lines(strokes, part) if strokes else None

    def __call__(
        self, height: int, rng: Rng, thickness: float | None = None, pen: bool | None = None
    ) -> tuple[FloatArray, int]:
        """Return ink, 0 to 1, float32 of that height (or less for flat digits), and its digit.

        `thickness` is a pen's, as a share of the height; `pen` asks for strokes or for MNIST.
        """
        if self._pen and (rng.random() < 0.5 if pen is None else pen):
            lines, labels = self._pen
            place = int(rng.integers(len(labels)))
            share = thickness or float(np.exp(rng.uniform(np.log(0.025), np.log(0.13))))
            return draw(lines[place], height, max(1.0, share * height)), int(labels[place])
        place = int(rng.integers(len(self._labels)))
        return enlarged(self._images[place], height), int(self._labels[place])


def enlarged(digit: UInt8Array, height: int) -> FloatArray:
    """Return an MNIST digit with smooth edges, cut to its ink, its longer side `height`."""
    y, x = np.nonzero(digit > 40)
    cut = digit[y.min() : y.max() + 1, x.min() : x.max() + 1].astype(np.float32) / 255
    cut = np.pad(cut, 2)
    factor = height / (max(cut.shape) - 4)
    large = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), max(0.3, factor / 2.5))
    return trimmed(np.asarray(np.clip((large - 0.35) / 0.3, 0, 1), np.float32))


def draw(lines: list[np.ndarray], height: int, thickness: float) -> FloatArray:
    """Return pen strokes drawn with a round pen, their longer side `height`."""
    points = np.concatenate(lines).astype(float)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    factor = (height - thickness) / max(extent.max(), 1)
    margin = int(thickness) + 2
    width_height = np.ceil(extent * factor).astype(int) + 2 * margin
    page = np.zeros((width_height[1], width_height[0]), np.uint8)
    for line in lines:
        fine = np.rint(((line - low) * factor + margin) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(page, [fine], False, 255, max(1, round(thickness)), cv2.LINE_AA, 4)
    return trimmed(np.divide(page, 255, dtype=np.float32))


def trimmed(ink: FloatArray) -> FloatArray:
    """Return the ink without empty rows and columns around it."""
    y, x = np.nonzero(ink > 0.3)
    return np.asarray(ink[y.min() : y.max() + 1, x.min() : x.max() + 1], np.float32)


def lay(page: FloatArray, ink: FloatArray, corner: tuple[int, int], colour: Colour) -> None:
    """Put ink on a page (H, W, 3) with its upper left corner at (y, x)."""
    y, x = corner
    window = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    cover = ink[: window.shape[0], : window.shape[1], np.newaxis]
    window[:] = window * (1 - cover) + np.asarray(colour, np.float32) * cover


def finished(page: FloatArray, rng: Rng, noise: float = 3) -> UInt8Array:
    """Return the page as a camera gives it: slightly blurred, with noise, in bytes."""
    soft = cv2.GaussianBlur(page, (0, 0), float(rng.uniform(0.4, 1.1)))
    soft += rng.normal(0, rng.uniform(0.5, noise), (*page.shape[:2], 1))
    return np.asarray(np.clip(soft, 0, 255), np.uint8)


def photographed(
    page: FloatArray, box: tuple[int, int, int, int], table: str, sides: int, rng: Rng
) -> tuple[FloatArray, FloatArray]:
    """Lay a page on a table and take a photo that shows the table on so many sides.

    Parameters
    ----------
    page : float32 (H, W, 3)
    box : tuple of int
        Left, top, width and height of what is written on it, which stays in the picture.
    table : str
        A key of TABLES.
    sides : int
        0 to 4; on the others the frame cuts the page.

    Returns
    -------
    float32 (H, W, 3)
        The photo.
    float32 (4, 2)
        Where the page's corners are in it (x, y).
    """
    height, width = page.shape[:2]
    turn = np.deg2rad(rng.uniform(-30, 30)) * (rng.random() < 0.8)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    lean = rng.uniform(-0.25, 0.25, 2) * (rng.random() < 0.6)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    quad = (corners - (width / 2, height / 2)) @ spin
    quad /= 1 + quad @ lean[:, np.newaxis] / max(height, width)
    flat = cv2.getPerspectiveTransform(corners.astype(np.float32), quad.astype(np.float32))
    x, y, w, h = box
    written = np.array([[(x, y), (x + w, y), (x + w, y + h), (x, y + h)]], np.float32)
    ink = cv2.perspectiveTransform(written, flat)[0]
    low, high = quad.min(axis=0), quad.max(axis=0)
    shown = rng.permutation(4) < sides
    frame = np.empty(4)  # left, top, right, bottom
    for side in range(4):
        axis, far = side % 2, side > 1
        edge, near = (high, ink.max(axis=0)) if far else (low, ink.min(axis=0))
        room = abs(edge[axis] - near[axis])
        # a tilted sheet's corner sticks out; cut well inside of it, but not near to the ink
        margin = rng.uniform(0.04, 0.3) * min(height, width) if shown[side] else -0.7 * room
        frame[side] = edge[axis] + (margin if far else -margin)
    shape = int(frame[3] - frame[1]), int(frame[2] - frame[0])
    quad -= frame[:2]
    move = np.array([[1, 0, -frame[0]], [0, 1, -frame[1]], [0, 0, 1]])
    whole = np.dstack([page, np.full(page.shape[:2], 255, np.float32)])
    seen = cv2.warpPerspective(whole, move @ flat, shape[::-1], flags=cv2.INTER_LINEAR)
    cover = seen[..., 3:] / 255
    scene = TABLES[table](*shape, rng)
    drop = rng.uniform(0, 0.02, 2) * min(shape)
    fallen = np.roll(cover[..., 0], drop.astype(int), (0, 1))
    fallen = cv2.GaussianBlur(fallen, (0, 0), 1 + drop.max())
    scene *= 1 - rng.uniform(0, 0.5) * fallen[..., np.newaxis]
    return np.asarray(scene * (1 - cover) + seen[..., :3], np.float32), quad.astype(np.float32)


def lit(scene: FloatArray, depth: float, rng: Rng, shadows: float = 0.3) -> FloatArray:
    """Return the scene in light that is uneven by up to `depth`, some with a shadow across it."""
    shape = scene.shape[0], scene.shape[1]
    scene = scene * surfaces.light(*shape, rng.uniform(0, depth), rng)[..., np.newaxis]
    if rng.random() < shadows:
        scene = scene * surfaces.shadow(*shape, rng.uniform(0.1, 0.35), rng)[..., np.newaxis]
    return np.asarray(scene, np.float32)


def one_of(choices: dict[str, Colour], names: list[str], rng: Rng) -> tuple[str, Colour]:
    """Return one of the named colours."""
    name = names[rng.integers(len(names))]
    return name, choices[name]
