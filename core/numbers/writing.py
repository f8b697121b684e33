"""From a grey page to the ink on it: in any light, of either polarity, without a dark margin.

Unlike `images.ink`, which looks for one digit on a small copy, this keeps a page's resolution. For
light and frames, see docs/decisions/060-as-people-photograph.md; for thin pens, 063-outlines.md;
for dark margins, 065-lines-and-margins.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import FloatArray, UInt8Array
from .frames import without_frames
from .light import as_lit, level_of, paper_of, small_copy, softened

LARGEST = 2048
"""A page is reduced to at most this many pixels a side; 12 megapixels keep digits of 25 pixels."""

LEAST_CONTRAST = 10
"""In grey levels: with less between paper and ink, there is nothing to see."""

DARK = 0.5
"""A margin is darker than this share of the paper's grey."""

SHADED = 0.92
"""So is the shadow along it."""

POLARITY = 128
"""The polarity is told on at most this many pixels a side."""

NEAR = 10.0, 2.0
"""In grey levels, and how many times: where the paper around is as bright as most of the page by
these, give or take, it is paper; else a margin or a table."""

FAINTEST, MOST_INK = 3.0, 0.2
"""How many times fainter than a printed frame writing may be, and the share of the rest of a page
that it covers, at most: more is the paper's pattern."""

SMALL = 500
"""Frames are looked for on a mask of at most this many pixels a side."""

SOFT = 7
"""Pixels of that mask by which a frame is widened, in all, to leave out its soft edges."""

THINNEST = 1.5
"""In pixels: strokes that are thinner once a page is reduced would break, so they are widened."""

MOST_OF_A_SIDE = 0.6
"""The share of a side along which a margin is dark."""

EVEN, UNEVEN = 0.7, 0.1
"""The share of its usual depth that a margin has nearly everywhere, and that of its length along
which it may have less."""


class Writing(NamedTuple):
    """The ink of a page.

    Attributes
    ----------
    density : float32 (H, W)
        By how many grey levels a pixel differs from its paper, 0 and more.
    mask : uint8 (H, W)
        1 where there is certainly ink, else 0.
    scale : float
        Pixels of the page by pixel of these: 1, or more for a large page.
    level : float
        The density, `softened`, above which there is ink; the mask rounds it to whole grey levels.
    corner : tuple of int
        x and y on the page, in its pixels, where a part of it begins.
    """

    density: FloatArray
    mask: UInt8Array
    scale: float
    level: float
    corner: tuple[int, int] = (0, 0)


def find_writing(page: UInt8Array) -> Writing | None:
    """Separate the ink of a page from its paper.

    Parameters
    ----------
    page : uint8 (H, W)
        Grey.

    Returns
    -------
    Writing or None
        None if there is nothing but paper.
    """
    import cv2

    scale = max(1.0, max(page.shape) / LARGEST)
    if scale > 1:
        size = [max(round(side / scale), 1) for side in page.shape[::-1]]
        page = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA))
    if min(page.shape) < 8 or int(page.max()) - int(page.min()) < LEAST_CONTRAST:
        return None
    inverted = not _is_dark(page)
    if inverted:
        page = np.asarray(255 - page)
    page = _without_margin(page)
    paper = paper_of(page)
    density = np.asarray(cv2.subtract(paper, page), np.float32)
    if not inverted:  # in half the light, ink differs half as much from its paper
        density = as_lit(density, paper)
    soft = softened(density)
    noise = 1.48 * float(np.median(np.abs(_sample(density) - _sample(soft))))
    # rounds to the nearest, so half a level less rounds down
    levels = np.asarray(cv2.convertScaleAbs(soft, beta=-0.499))
    mask, level = _inked(levels, noise)
    return Writing(density, mask, scale, level) if mask.any() else None


def reduced(writing: Writing, factor: float) -> Writing:
    """Return the same ink with fewer pixels: `factor` times fewer a side."""
    import cv2

    writing = _with_wide_strokes(writing, THINNEST * factor)
    mask = reduced_mask(writing.mask, factor)
    size = mask.shape[::-1]
    density = cv2.resize(writing.density, size, interpolation=cv2.INTER_AREA)
    scale = writing.scale * writing.mask.shape[1] / size[0]
    return writing._replace(density=np.asarray(density), mask=mask, scale=scale)


def _with_wide_strokes(writing: Writing, least: float) -> Writing:
    """Return ink whose strokes are at least so wide on average, in pixels."""
    import cv2

    area = cv2.countNonZero(writing.mask)
    # each stroke loses a pixel of its width
    lost = area - cv2.countNonZero(cv2.erode(writing.mask, np.ones((2, 2), np.uint8)))
    width = area / max(lost, 1)
    missing = round(least - width)
    if missing < 1:
        return writing
    pen = np.ones((missing + 1,) * 2, np.uint8)
    density, mask = (cv2.dilate(each, pen) for each in (writing.density, writing.mask))
    return writing._replace(density=np.asarray(density), mask=np.asarray(mask))


def reduced_mask(mask: UInt8Array, factor: float) -> UInt8Array:
    """Return a mask, uint8 (H, W) of 0 and 1, with `factor` times fewer pixels a side."""
    import cv2

    size = [max(round(side / factor), 1) for side in mask.shape[::-1]]
    share = cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return np.asarray(share > 90, np.uint8)  # a thin line stays a line


def _inked(levels: UInt8Array, noise: float) -> tuple[UInt8Array, float]:
    """Return where there is certainly ink, by how far pixels differ from paper, and its level."""
    import cv2

    level = _level(levels, noise)
    mask = np.asarray(cv2.threshold(levels, int(level), 1, cv2.THRESH_BINARY)[1])
    factor = max(1.0, max(mask.shape) / SMALL)
    small = reduced_mask(mask, factor) if factor > 1 else mask
    frames = small - without_frames(small)
    if not frames.any():
        return mask, level
    # print may be much darker than what is written
    frames = cv2.dilate(frames, np.ones((SOFT, SOFT), np.uint8))
    others = levels[cv2.resize(frames, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) == 0]
    if len(others):
        fainter = _level(others, noise)
        if level / FAINTEST < fainter < level and np.mean(others > fainter) < MOST_INK:
            return np.asarray(levels > fainter, np.uint8), fainter
    return mask, level


def _level(levels: UInt8Array, noise: float) -> float:
    """Return from which grey level on there is certainly ink."""
    import cv2

    middle, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return max(0.8 * middle, 3 * noise, 8)


def _is_dark(page: UInt8Array) -> bool:
    """Tell whether ink is darker than paper, which most of the page around it is."""
    import cv2

    small = small_copy(page, POLARITY)
    rest = ~_dark_margins(small)
    wide = max(min(small.shape) // 2 | 1, 3)
    around = cv2.medianBlur(small, wide).astype(np.float32)
    more, times = NEAR
    share = (around + more) / (float(np.median(small[rest])) + more)
    off = (small - around)[rest & (share > 1 / times) & (share < times)]
    return bool((off[off < 0] ** 2).sum() >= (off[off > 0] ** 2).sum())


def _dark_margins(page: UInt8Array) -> np.ndarray:
    """Tell where a page's dark margins are, of up to three quarters of it: bool (H, W).

    A page that is dark on all sides has none: somebody wrote on it with chalk. Nor is it a margin
    if something bright stands in it, or if the rest is as dark.
    """
    dark = page < DARK * level_of(page, 0.75)
    margins = np.zeros(page.shape, bool)
    shares = [side[:, 0].mean() for side in _sides(dark)]
    if min(shares) < 1 - MOST_OF_A_SIDE:
        for share, side, margin in zip(shares, _sides(dark), _sides(margins), strict=True):
            depth = _from_frame(side)
            even = np.mean(depth < EVEN * np.median(depth)) < UNEVEN
            if share >= MOST_OF_A_SIDE and even:
                margin[np.arange(side.shape[1]) <= depth[:, np.newaxis]] = True
    rest = dark[~margins]
    return margins if len(rest) and rest.mean() < MOST_INK else np.zeros_like(margins)


def _sides(page: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return a page turned in four ways, so that each of its sides is once at the left."""
    return page, page[:, ::-1], page.T, page.T[:, ::-1]


def _sample(page: np.ndarray) -> np.ndarray:
    """Return some of a page's pixels, spread over it: at most 800 a side."""
    return page[:: max(1, page.shape[0] // 400), :: max(1, page.shape[1] // 400)]


def _without_margin(page: UInt8Array) -> UInt8Array:
    """Return a page whose dark margins are paper: a binding, a scanner's edge, a table below it.

    A margin is dark from the frame inwards along most of a side; a digit touches it here and there.
    """
    page = page.copy()
    bright = level_of(page, 0.75)
    for side in _sides(page):
        if (side[:, 0] < DARK * bright).mean() < MOST_OF_A_SIDE:
            continue
        depth = _from_frame(side < DARK * bright)
        # its edge may be in shadow
        usual = int(np.percentile(depth[depth > 0], 80)) + side.shape[1] // 12
        reach = (np.minimum(_from_frame(side < SHADED * bright), usual) + 2)[:, np.newaxis]
        some = side[:, :: max(1, side.shape[1] // 200)]
        light = np.median(np.where(some < DARK * bright, 255, some), axis=1, keepdims=True)
        edge = side[:, : int(reach.max())]
        edge[...] = np.where(np.arange(edge.shape[1]) < reach, light, edge)
    return page


def _from_frame(dark: np.ndarray) -> np.ndarray:
    """Return how many pixels of each row are dark before the first that isn't: int (H,)."""
    return np.asarray(np.cumprod(dark, axis=1, dtype=np.uint8).sum(axis=1, dtype=int))
