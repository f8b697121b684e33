"""Separate ink from paper: which pixels of a small grey image were drawn, and how dark they are.

Works in any light and for either polarity. `ruled_lines` decides which of the ink is a digit and
which a ruled line; `preprocess` is for sizes and positions. See
docs/decisions/014-finding-the-digit.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from . import around

LEAST_CONTRAST = 10
"""In grey levels: with less between paper and ink, there is nothing to see."""

FAINT = 50
"""In grey levels: on a small scan with less contrast, grain may look like ink."""

SCAN = 40
"""Images of at most this many pixels a side are scans of one digit, and evenly lit."""

FULL = 255
"""White."""

LEAST_NOISE = 1.5
"""In grey levels."""

SCARCE = 0.35
"""The share of a picture that ink covers at most, if its polarity is to be known from that."""

_GRID = 16


class Paper(NamedTuple):
    """The paper's brightness, everywhere or pixel by pixel, and what lies on it.

    Attributes
    ----------
    level : int or float32 (H, W)
    dark : bool
        Whether the ink is darker than the paper.
    unevenness : float
        By how many grey levels the paper itself deviates from `level`.
    """

    level: int | FloatArray
    dark: bool
    unevenness: float = 0


class Ink(NamedTuple):
    """What was found on an image.

    Attributes
    ----------
    density : uint8 (H, W)
        0 where there is paper, growing with the ink.
    mask : uint8 (H, W)
        1 where there is certainly ink, else 0.
    paper : Paper or None
        Evenly lit paper; None if its brightness varies.
    """

    density: UInt8Array
    mask: UInt8Array
    paper: Paper | None


def find_ink(image: UInt8Array, paper: Paper | None = None) -> Ink | None:
    """Separate ink from paper.

    Parameters
    ----------
    image : uint8 (H, W)
        Grey, of either polarity; about 100 pixels a side at most, to be quick.
    paper : Paper, optional
        The paper, if it is known from a coarser look at the same place.

    Returns
    -------
    Ink or None
        None if there is nothing but paper.
    """
    import cv2

    low, high, _, _ = cv2.minMaxLoc(image)
    contrast = high - low
    if contrast < LEAST_CONTRAST:
        return None
    blurred = cv2.GaussianBlur(image, (3, 3), 0)
    small = max(image.shape) <= SCAN
    soft = image if small else blurred
    plain = None if small or paper is not None else _plain_paper(image, int(low), int(high))
    noise = LEAST_NOISE
    if plain is None:
        noise = max(noise, _middle(cv2.absdiff(image, blurred)[::3, ::3]))
    else:
        paper = plain
    if paper is None and (small or _is_even(soft, contrast)):
        paper = _even_paper(soft, 0.3 if small else 0.2)
    if paper is None and small:
        return None
    if paper is None:
        paper = _uneven_paper(soft)
    noise = max(noise, paper.unevenness)
    smooth = _density(soft, paper)
    top = cv2.minMaxLoc(smooth)[1]
    if top < max(LEAST_CONTRAST, 0.2 * contrast):
        return None
    middle, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    level = max(min(middle, 0.5 * top), min(3 * noise, 0.3 * top))
    mask = cv2.threshold(smooth, level, 1, cv2.THRESH_BINARY)[1]
    inked = cv2.countNonZero(mask)
    grain = (9 if small else 6) * noise  # what the noise of so many pixels reaches at its peaks
    scarce = inked < 0.12 * mask.size or (small and contrast < FAINT)
    if inked == 0 or (top < grain and scarce):
        return None
    density = smooth if small else _density(image, paper)
    return Ink(density, mask, paper if isinstance(paper.level, int) else None)


def _density(image: UInt8Array, paper: Paper) -> UInt8Array:
    import cv2

    if isinstance(paper.level, int):  # in NumPy, the lesser of two takes four times as long
        level = np.uint8(paper.level if paper.dark else FULL - paper.level)
        light = image if paper.dark else cv2.bitwise_not(image)
        return np.asarray(level - cv2.threshold(light, int(level), 0, cv2.THRESH_TRUNC)[1])
    density = image - paper.level
    if paper.dark:  # ink takes away a share of the light: less, in grey levels, where there is less
        density *= -float(paper.level.mean()) / np.maximum(paper.level, 40)
    return np.asarray(np.clip(density - paper.unevenness, 0, 255), np.uint8)


def _middle(values: UInt8Array | FloatArray) -> float:
    """Return roughly the median, in a tenth of np.median's time."""
    flat = values.ravel()
    return float(np.partition(flat, len(flat) // 2)[len(flat) // 2])


def _is_even(image: UInt8Array, contrast: float) -> bool:
    """Tell whether a third of the pixels share one brightness: the paper is evenly lit."""
    some = image[::3, ::3].ravel()
    below = np.zeros(257, np.int64)  # how many are darker than each level
    np.cumsum(np.bincount(some, minlength=256), out=below[1:])
    window = min(int(np.ceil(max(4, 0.06 * contrast))), 256)
    return bool((below[window:] - below[:-window]).max() > len(some) // 3)


def _plain_paper(image: UInt8Array, low: int, high: int) -> Paper | None:
    """Return what `_even_paper` would, and where nothing else is to be measured, without measuring.

    That is where one value lies around all ink, ink is only on one side of it, and there is so
    little of it that most pixels are paper, whichever of them are looked at: then there is no
    noise, and all tests of polarity agree.
    """
    ground = around.find(image)
    if ground is None or ground.level not in (low, high):
        return None
    height, width = image.shape
    x, y = ground.x - 1, ground.y - 1  # ink is blurred by a pixel
    across, down = ground.width + 2, ground.height + 2
    inset = max(height, width) // 14  # where `_light_is_ink` looks for paper
    if min(x, y, width - x - across, height - y - down) <= inset or min(height, width) < _GRID:
        return None
    points, seen = -(-height // 3) * -(-width // 3), (-(-across // 3)) * (-(-down // 3))
    cells = (across * _GRID / width + 2) * (down * _GRID / height + 2)
    if (
        across * down >= SCARCE * image.size
        or 2 * (seen + 1) >= points
        or cells > _GRID**2 * 3 // 4
    ):
        return None
    return Paper(ground.level, dark=ground.level == high)


def _even_paper(image: UInt8Array, widest: float) -> Paper | None:
    """Return evenly lit paper, or None if Otsu's threshold (1979) takes a shadow for ink."""
    import cv2

    _, light = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = not _light_is_ink(light)
    ink = cv2.bitwise_not(light) if dark else light
    if _is_shadow(ink, widest):
        return None
    cells = cv2.resize(image, (_GRID, _GRID), interpolation=cv2.INTER_AREA).ravel()
    # Most cells are paper, but where a digit fills its frame, only the pixels know the paper.
    place = len(cells) * 4 // 5 if dark else len(cells) // 5
    most = int(np.partition(cells, place)[place])
    mean = int(cv2.mean(image, cv2.bitwise_not(ink))[0])
    return Paper(max(most, mean) if dark else min(most, mean), dark)


def _light_is_ink(light: UInt8Array) -> bool:
    """Tell whether the light class (255) is the ink: it is scarce, thin and seldom at the frame."""
    import cv2

    share, frame = cv2.countNonZero(light) / light.size, _share_of_frame(light)
    inset = max(light.shape) // 14
    if min(light.shape) > 4 * inset > 0:  # a form's box may run along the frame
        frame = (frame + _share_of_frame(light[inset:-inset, inset:-inset])) / 2
    if share < SCARCE and frame < 0.02:
        return True
    if share > 1 - SCARCE and frame > 0.98:
        return False
    padded = cv2.copyMakeBorder(light, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    thinness = np.log((_half_width(255 - padded) + 0.1) / (_half_width(padded) + 0.1))
    # 2.1 was fitted on MNIST digits cropped to their ink, thickened, and cut at their edges
    return bool(thinness + 2.1 * (0.5 - frame) + (0.5 - share) > 0)


def _half_width(ink: UInt8Array) -> float:
    """Return the mean distance of ink pixels to the nearest pixel that isn't ink."""
    import cv2

    distance = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    return float(distance.sum()) / max(cv2.countNonZero(distance), 1)


def _share_of_frame(ink: UInt8Array) -> float:
    """Return the share of the outermost pixels that are ink."""
    import cv2

    sides = (ink[0], ink[-1], ink[:, 0], ink[:, -1])
    return sum(map(cv2.countNonZero, sides)) / (2 * sum(ink.shape))


def _is_shadow(ink: UInt8Array, share: float) -> bool:
    """Tell whether the "ink" is an area that enters from the frame and is wider than any stroke.

    `share` is how deep inside it a pixel may be, as a share of the image's longer side.
    """
    import cv2

    if _share_of_frame(ink) < 0.15:
        return False
    widest = cv2.minMaxLoc(cv2.distanceTransform(ink, cv2.DIST_L2, 3))[1]
    return bool(widest > share * max(ink.shape))


def _uneven_paper(image: UInt8Array) -> Paper:
    """Return paper that is lit unevenly or has a shadow on it.

    The first estimate is the median of a window of half the image, which keeps the edges of shadows
    and doesn't depend on polarity. Under the ink, it is then replaced by the mean of the paper
    around.
    """
    import cv2

    first = _median_paper(image)
    rest = cv2.subtract(image, first, dtype=cv2.CV_32F)
    size = np.abs(rest)
    unevenness = 1.5 * _middle(size)
    # ink deviates furthest: the sign of the third moment says in which direction
    dark = bool((rest[size > 2 * unevenness] ** 3).sum() < 0)
    departs = -rest if dark else rest
    ink = departs > max(3 * unevenness, 0.25 * float(size.max()))
    known = 1 - cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8))
    level = _fill(image, first, known)
    return Paper(level, dark, max(1.5 * _middle(np.abs(image - level)), 1.5))


def _median_paper(image: UInt8Array) -> UInt8Array:
    import cv2

    reach = max(image.shape) // 4
    around = (reach,) * 4
    # Beyond the frame, a gradient is assumed to continue: the mirror image, at the edge's level.
    smooth = cv2.blur(image, (5, 5))
    edge = cv2.copyMakeBorder(smooth, *around, cv2.BORDER_REPLICATE)
    mirrored = cv2.copyMakeBorder(smooth, *around, cv2.BORDER_REFLECT)
    wide = cv2.addWeighted(edge, 2, mirrored, -1, 0)
    wide[reach:-reach, reach:-reach] = image
    return np.asarray(cv2.medianBlur(wide, 2 * reach + 1)[reach:-reach, reach:-reach])


def _fill(image: UInt8Array, first: UInt8Array, known: UInt8Array) -> FloatArray:
    """Return the paper: `first` where it is known, elsewhere the mean of the known around it."""
    import cv2

    reach = max(image.shape) / 16
    weights = cv2.GaussianBlur(known.astype(np.float32), (0, 0), reach)
    levels = cv2.GaussianBlur((image * known).astype(np.float32), (0, 0), reach)
    near = levels / np.maximum(weights, 1e-3)
    return np.where((known > 0) | (weights < 0.02), first, near).astype(np.float32)
