"""Strips as a screen, a scanner or a camera shows them: clean, black and white, or worn."""

import cv2
import numpy as np

from ...core.base.types import UInt8Array
from ...core.network.network import STRIP_HEIGHT
from ...core.numbers.strip import full_ink

CLEAN, BLACK_AND_WHITE = 0.25, 0.1
"""Shares of the strips: as drawn on a screen or well scanned; scanned without greys."""

Rng = np.random.Generator


def as_seen(strip: UInt8Array, rng: Rng) -> UInt8Array:
    """Return a strip as a screen, a scanner or a camera shows it."""
    kind = rng.random()
    if kind < CLEAN:
        return full_ink(strip)
    seen = _worn(strip, rng)
    return _black_and_white(seen, rng) if kind < CLEAN + BLACK_AND_WHITE else seen


def with_pen(strip: UInt8Array, rng: Rng) -> UInt8Array:
    """Make strokes thinner or thicker: not all pens are those of the dataset's writers."""
    image = strip
    kind = rng.random()
    if kind < 0.5:
        image = _thinned(image, rng.uniform(0.2, 1.0))
    elif kind < 0.65:
        thick = cv2.dilate(image, np.ones((2, 2), np.uint8))
        share = rng.uniform(0.2, 1)
        image = cv2.addWeighted(image, 1 - share, thick, share, 0)
    return image


def _black_and_white(strip: UInt8Array, rng: Rng) -> UInt8Array:
    """Return a strip that was scanned without greys, at a resolution of its own."""
    factor = rng.uniform(0.7, 2)
    size = max(round(strip.shape[1] * factor), 1), max(round(STRIP_HEIGHT * factor), 1)
    scan = cv2.resize(strip, size, interpolation=cv2.INTER_LINEAR)
    scan = np.where(scan > rng.uniform(70, 150), 255, 0).astype(np.uint8)
    kind = cv2.INTER_AREA if factor > 1 else cv2.INTER_LINEAR
    return full_ink(np.asarray(cv2.resize(scan, strip.shape[::-1], interpolation=kind)))


def _worn(strip: UInt8Array, rng: Rng) -> UInt8Array:
    """Return a strip with few pixels, out of focus, faint, on grainy or patterned paper."""
    image = strip
    if rng.random() < 0.2:  # few pixels
        factor = rng.uniform(0.5, 0.9)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.0))
    values = full_ink(image).astype(np.float32)
    values *= rng.uniform(0.8, 1.15) if rng.random() < 0.5 else 1
    if rng.random() < 0.2:  # paper's grain
        grain = rng.normal(0, rng.uniform(2, 22), image.shape).astype(np.float32)
        if rng.random() < 0.5:
            grain = cv2.GaussianBlur(grain, (0, 0), 0.8) * 2
        values += grain
    if rng.random() < 0.15:
        values = np.maximum(values, _pattern(image.shape[1], rng))
    if rng.random() < 0.12:  # specks
        for _ in range(int(rng.integers(1, 6))):
            y, x = rng.integers(0, STRIP_HEIGHT - 1), rng.integers(0, image.shape[1] - 1)
            values[y : y + int(rng.integers(1, 3)), x : x + int(rng.integers(1, 3))] = 200
    return np.clip(values, 0, 255).astype(np.uint8)


def _pattern(width: int, rng: Rng) -> np.ndarray:
    """Return what is left of a cheque's pattern, wavy lines or a net: float32 (32, width)."""
    y, x = np.mgrid[:STRIP_HEIGHT, :width].astype(np.float32)
    lines = np.zeros((STRIP_HEIGHT, width), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        turn, apart = rng.normal(0, 0.7), rng.uniform(3, 9)
        wave = rng.uniform(0, 3) * np.sin(x / rng.uniform(6, 30) + rng.uniform(0, 6))
        off = (y * np.cos(turn) + x * np.sin(turn) + wave) % apart
        lines = np.maximum(lines, np.clip(rng.uniform(0.8, 1.6) - off, 0, 1))
    # in patches: only what is dark enough counts as ink
    patches = cv2.resize(rng.random((3, width // 24 + 2)).astype(np.float32), (width, STRIP_HEIGHT))
    return np.asarray(lines * patches * rng.uniform(40, 150))


def _thinned(strip: UInt8Array, pixels: float) -> UInt8Array:
    """Return a strip with strokes thinner by up to a pixel; the thinnest stay."""
    large = cv2.resize(strip, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    thin = cv2.erode(large, brush)
    # what would vanish is kept as thin as it is
    kept = cv2.dilate(cv2.erode(thin, brush[:2, :2]), np.ones((5, 5), np.uint8))
    gone = cv2.subtract(large, kept)
    thin = cv2.max(thin, cv2.multiply(gone, 0.6))
    mixed = cv2.addWeighted(large, 1 - pixels, thin, pixels, 0)
    return np.asarray(cv2.resize(mixed, strip.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
