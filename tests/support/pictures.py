"""Pictures of digits as people make them: on ruled paper, in boxes, in the shade, tightly cut.

Each function takes a digit, uint8 (28, 28) with 255 for ink, and a source of chance, and returns
a grey picture, uint8 (H, W).
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from inkhook.core.base.types import FloatArray, UInt8Array

Picture = Callable[[UInt8Array, np.random.Generator], UInt8Array]


def glyph(digit: UInt8Array, size: int) -> FloatArray:
    """Enlarge a digit smoothly: float32 (size, size), 1 is ink."""
    large = cv2.resize(digit.astype(np.float32) / 255, (size, size), interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), size / 60)
    return np.asarray(np.clip((large - 0.35) / 0.3, 0, 1))


def draw(
    digit: UInt8Array, rng: np.random.Generator, side: int = 240, depth: float = 140
) -> FloatArray:
    """Draw a digit anywhere on light paper: float32 (side, side), 0 is black."""
    size = int(rng.integers(side // 2, side))
    y, x = rng.integers(0, side - size + 1, 2)
    page = np.full((side, side), 235, np.float32)
    page[y : y + size, x : x + size] -= depth * glyph(digit, size)
    return page


def bytes_of(page: npt.NDArray[np.floating]) -> UInt8Array:
    return np.asarray(np.clip(page, 0, 255), np.uint8)


def dark_on_light(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    return bytes_of(draw(digit, rng))


def light_on_dark(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    return bytes_of(255 - draw(digit, rng))


def small_on_large(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    page = np.full((900, 1200), 235, np.float32)
    y, x = rng.integers(0, 800, 2)
    page[y : y + 90, x : x + 90] -= 150 * glyph(digit, 90)
    return bytes_of(page + rng.normal(0, 2, page.shape))


def cut_to_its_ink(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    ink = glyph(digit, int(rng.integers(60, 200)))
    rows, columns = np.nonzero(ink > 0.5)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return bytes_of(230 - 180 * cut if rng.random() < 0.5 else 30 + 180 * cut)


def scanned_at_16(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    box = cv2.resize(digit[4:24, 4:24], (16, 16), interpolation=cv2.INTER_AREA)
    return np.asarray(255 - box if rng.random() < 0.5 else box)


def faint(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    return bytes_of(draw(digit, rng, depth=30) + rng.normal(0, 3, (240, 240)))


def noisy_jpeg(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    page = bytes_of(draw(digit, rng, 160) + rng.normal(0, 4, (160, 160)))
    data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 15])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))


def light_from_one_side(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    slope = np.linspace(1, rng.uniform(0.4, 0.7), 240, dtype=np.float32)
    page = draw(digit, rng) * (slope if rng.random() < 0.5 else slope[:, None])
    return bytes_of(page + rng.normal(0, 3, page.shape))


def half_in_the_shade(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    across, down = np.meshgrid(np.linspace(-1, 1, 240), np.linspace(-1, 1, 240))
    angle = rng.uniform(0, 2 * np.pi)
    side = np.cos(angle) * across + np.sin(angle) * down - rng.uniform(-0.4, 0.4)
    light = 1 - rng.uniform(0.25, 0.5) / (1 + np.exp(-40 * side))
    return bytes_of(draw(digit, rng) * light + rng.normal(0, 2, light.shape))


def ruled(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    page = draw(digit, rng)
    tilt = int(rng.integers(-4, 5))
    for y in range(int(rng.integers(0, 90)), 240, 90):
        cv2.line(page, (0, y - tilt), (239, y + tilt), 150, 2, cv2.LINE_AA)
    return bytes_of(page)


def boxed(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    page = np.full((120, 120), 235, np.float32)
    page[15:105, 15:105] -= 150 * glyph(digit, 90)
    edge = int(rng.integers(0, 12))
    cv2.rectangle(page, (edge, edge), (119 - edge, 119 - edge), 120, 2)
    return bytes_of(page)


def specked(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    page = draw(digit, rng)
    for x, y in rng.integers(0, 240, (10, 2)):
        cv2.circle(page, (int(x), int(y)), 2, 80, -1)
    return bytes_of(page)


def in_two_pieces(digit: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    ink = glyph(digit, 180)
    y = int(rng.integers(60, 120))
    ink[y : y + 4] = 0
    return bytes_of(np.pad(230 - 160 * ink, 20, constant_values=230))


KINDS: tuple[Picture, ...] = (
    dark_on_light,
    light_on_dark,
    small_on_large,
    cut_to_its_ink,
    scanned_at_16,
    faint,
    noisy_jpeg,
    light_from_one_side,
    half_in_the_shade,
    ruled,
    boxed,
    specked,
    in_two_pieces,
)
