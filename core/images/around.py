"""What lies around: whether a picture's frame has one value, and where everything else is.

Most drawings are a little ink in the middle of plain paper. To know that takes a hundredth of the
time of decoding one, and spares most of what it takes to look at it. What is made of it must be
what the whole picture would give; see docs/decisions/051-clean-drawings.md.
"""

from typing import NamedTuple

import numpy as np

from ..base.types import UInt8Array


class Around(NamedTuple):
    """Plain surroundings.

    Attributes
    ----------
    level : int
        The value of all pixels outside the box.
    x, y, width, height : int
        The box around all pixels that differ; it doesn't reach the frame. All 0 if none differ.
    """

    level: int
    x: int
    y: int
    width: int
    height: int


def find(image: UInt8Array) -> Around | None:
    """Return what lies around; None where the outermost pixels differ.

    Parameters
    ----------
    image : uint8 (H, W)
    """
    import cv2

    first = image[0].tobytes()  # bytes are compared in a fifth of NumPy's time
    if (
        first.count(first[:1]) < len(first) or image[-1].tobytes() != first
    ):  # as of nearly all photos
        return None
    level = first[0]
    x, y, width, height = cv2.boundingRect((image != level).view(np.uint8))
    if width and (x == 0 or x + width == image.shape[1]):
        return None
    return Around(level, x, y, width, height)


def shrink(image: UInt8Array, size: tuple[int, int], ground: Around | None) -> UInt8Array:
    """Return a smaller copy, of which each pixel is the mean of the area that it stands for.

    Parameters
    ----------
    image : uint8 (H, W)
    size : (int, int)
        Width and height, none larger than the image's.
    ground : Around or None
        What lies around, as `find` returns it.

    Returns
    -------
    uint8 (h, w)
        As `cv2.resize` with INTER_AREA gives it; of plain surroundings, nothing is computed.
    """
    import cv2

    if ground is not None:
        height, width = image.shape
        columns = _spans(ground.x, ground.width, width, size[0])
        rows = _spans(ground.y, ground.height, height, size[1])
        if columns is not None and rows is not None:
            copy = np.full((size[1], size[0]), ground.level, np.uint8)
            if ground.width:
                (here, there), (across, down) = columns, rows
                window = image[across, here]
                small = there.stop - there.start, down.stop - down.start
                copy[down, there] = cv2.resize(window, small, interpolation=cv2.INTER_AREA)
            return copy
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _spans(start: int, length: int, old: int, new: int) -> tuple[slice, slice] | None:
    """Return which pixels of an axis, and of its copy, to compute by themselves.

    They begin and end where the edges of old and new pixels meet, so that OpenCV gives them the
    same weights as in the whole. None where the scale isn't exact in binary: rounding may differ.
    """
    scale = 1 / (new / old)  # as OpenCV computes it
    step, new_step = scale.as_integer_ratio()
    if step * new != new_step * old:
        return None
    first, last = start // step, -(-(start + length) // step)
    return slice(first * step, last * step), slice(first * new_step, last * new_step)
