"""From RGB to the grey in which ink stands out from paper.

Mostly that is the brightness. Where the ink is about as bright as the paper, it is how far a colour
lies from the paper's in the direction of the ink's. See docs/decisions/040-colour.md.
"""

import numpy as np

from ..base.types import FloatArray, UInt8Array

LOOK = 96
"""Colours are compared on a copy of at most this many pixels a side."""

LEAST_COLOUR = 20.0
"""Levels between ink and paper of one brightness below which there is nothing to see."""

ENOUGH_GREY = 0.5
"""Where brightness shows the ink with this share of the contrast that colour has, it will do."""

FEWEST = 0.003
"""Share of the picture that a small digit's ink covers."""

PAPER = 235
"""The grey level that paper gets where colour tells it from ink."""


def to_grey(rgb: UInt8Array) -> UInt8Array:
    """Return a picture in grey.

    Parameters
    ----------
    rgb : uint8 (H, W, 3)

    Returns
    -------
    uint8 (H, W)
    """
    import cv2

    axis = _axis(shrink(rgb, LOOK))
    if axis is None:
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    # OpenCV rounds and keeps to 0..255 by itself
    return np.asarray(cv2.transform(rgb, np.append(-axis, PAPER)[np.newaxis]))


def shrink(rgb: UInt8Array, most: int) -> UInt8Array:
    """Return the picture with at most so many pixels a side."""
    import cv2

    factor = most / max(rgb.shape[:2])
    if factor >= 1:
        return rgb
    size = max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))


def from_paper(look: UInt8Array) -> FloatArray:
    """Return how each colour differs from the paper's, but for brightness: float32 (H, W, 3).

    Light that falls unevenly makes paper darker along its own colour's direction; what is left
    across that direction is the same in light and shade.
    """
    paper = np.median(look.reshape(-1, 3), axis=0).astype(np.float32)
    length = float(np.linalg.norm(paper))
    along = paper / length if length > 60 else np.full(3, 3**-0.5, np.float32)  # black has no hue
    colours = look.astype(np.float32)
    return np.asarray(colours - (colours @ along)[..., np.newaxis] * along, np.float32)


def _axis(look: UInt8Array) -> FloatArray | None:
    """Return the direction from paper to ink, float32 (3,), where brightness doesn't show it."""
    import cv2

    hue = from_paper(cv2.GaussianBlur(look, (3, 3), 0))
    size = np.linalg.norm(hue, axis=2)
    top = _top(size)
    if top < LEAST_COLOUR + 3 * float(np.median(size)):
        return None
    grey = cv2.cvtColor(look, cv2.COLOR_RGB2GRAY)
    reach = min(max(grey.shape) // 4 * 2 + 1, 255)
    if _top(cv2.absdiff(grey, cv2.medianBlur(grey, reach))) >= ENOUGH_GREY * top:
        return None
    inks = hue[size > top / 2]
    direction = np.linalg.eigh(inks.T @ inks)[1][:, -1]
    return np.asarray(direction * np.sign((inks @ direction).sum() or 1), np.float32)


def _top(values: np.ndarray) -> float:
    """Return what the ink of a small digit exceeds."""
    place = max(1, round(FEWEST * values.size))
    return float(np.partition(values, -place, axis=None)[-place])
