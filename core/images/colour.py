"""From RGB to the grey in which ink stands out from paper."""

import numpy as np

from ..base.types import UInt8Array


def to_grey(rgb: UInt8Array) -> UInt8Array:
    """Return the brightness of each pixel."""
    import cv2

    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
