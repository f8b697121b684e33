"""What scenes are made of: tables to lay paper on, light, shadows, a thumb. All float32, 0 to 255.

Every function takes a source of chance, so that a scene is the same whenever it is made from the
same seed. How they are put together is `scenes`' part.
"""

from collections.abc import Callable

import cv2
import numpy as np

from inkhook.core.base.types import FloatArray

Colour = tuple[float, float, float]
Rng = np.random.Generator

PAPERS: dict[str, Colour] = {
    "white": (242, 241, 236),
    "cream": (240, 230, 205),
    "grey": (208, 208, 204),
    "yellow": (250, 232, 100),
    "pink": (250, 170, 190),
    "green": (190, 235, 130),
    "blue": (150, 210, 240),
    "orange": (252, 180, 95),
}
PENS: dict[str, Colour] = {
    "black": (25, 25, 28),
    "blue": (28, 40, 125),
    "red": (190, 25, 35),
    "green": (20, 110, 60),
    "pencil": (100, 100, 104),
}
SKIN: tuple[Colour, ...] = ((224, 172, 145), (198, 134, 100), (141, 85, 60), (90, 56, 42))


def clouds(height: int, width: int, scale: tuple[float, float], rng: Rng) -> FloatArray:
    """Return smooth noise of mean 0 and deviation 1, with spots of about `scale` (y, x) pixels."""
    rows, columns = (max(2, int(n / s) + 2) for n, s in zip((height, width), scale, strict=True))
    small = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((large - large.mean()) / max(float(large.std()), 1e-6))


def painted(colour: Colour, pattern: FloatArray) -> FloatArray:
    """Return (H, W, 3): the colour, lighter and darker by the pattern's share of itself."""
    return np.asarray(np.asarray(colour, np.float32) * (1 + pattern[..., np.newaxis]), np.float32)


def wood(height: int, width: int, rng: Rng) -> FloatArray:
    """Return boards: streaks of many widths along one side, bent a little, and joints."""
    colours: tuple[Colour, ...] = ((122, 78, 45), (84, 52, 32), (176, 131, 86), (206, 170, 122))
    across = width if (upright := rng.random() < 0.4) else height
    along = height if upright else width
    pattern = np.zeros((across, along), np.float32)
    for width_of_streak, depth in ((40, 0.07), (12, 0.06), (3.5, 0.05)):
        pattern += depth * clouds(across, along, (width_of_streak, along / 2), rng)
    for _ in range(int(rng.integers(0, 4))):
        at = int(rng.integers(0, across - 3))
        pattern[at : at + int(rng.integers(1, 4))] -= 0.3
    bend = 6 * clouds(across, along, (across / 2, along / 3), rng)
    y, x = np.mgrid[:across, :along].astype(np.float32)
    pattern = cv2.remap(pattern, x, y + bend, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return painted(colours[rng.integers(4)], pattern.T if upright else pattern)


def cloth(height: int, width: int, rng: Rng) -> FloatArray:
    """Return woven cloth: fine threads, or broad stripes or checks, and soft folds."""
    colours: tuple[Colour, ...] = ((70, 84, 120), (150, 60, 60), (205, 198, 182), (66, 92, 70))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    thread = float(rng.uniform(3, 7))
    pattern = 0.08 * np.sin(y * 6.28 / thread) * np.sin(x * 6.28 / thread)
    if rng.random() < 0.5:
        broad = float(rng.uniform(40, 120))
        pattern += 0.12 * np.sign(np.sin(y * 6.28 / broad))
        pattern += 0.12 * np.sign(np.sin(x * 6.28 / broad)) * (rng.random() < 0.6)
    pattern += 0.06 * clouds(height, width, (height / 4, width / 4), rng)
    return painted(colours[rng.integers(4)], np.asarray(pattern, np.float32))


def stone(height: int, width: int, rng: Rng) -> FloatArray:
    """Return stone: grains of several sizes, from nearly black to light."""
    colours: tuple[Colour, ...] = ((70, 68, 70), (128, 124, 120), (186, 182, 176))
    pattern = np.zeros((height, width), np.float32)
    for scale, depth in ((30, 0.06), (6, 0.09), (2, 0.09)):
        pattern += depth * clouds(height, width, (scale, scale), rng)
    return painted(colours[rng.integers(3)], pattern)


def _plain(low: float, high: float) -> Callable[[int, int, Rng], FloatArray]:
    def surface(height: int, width: int, rng: Rng) -> FloatArray:
        level = float(rng.uniform(low, high))
        tint = rng.normal(0, 3, 3)
        colour = level + tint[0], level + tint[1], level + tint[2]
        return painted(colour, 0.02 * clouds(height, width, (height / 3, width / 3), rng))

    return surface


TABLES: dict[str, Callable[[int, int, Rng], FloatArray]] = {
    "wood": wood,
    "cloth": cloth,
    "stone": stone,
    "black": _plain(10, 45),
    "grey": _plain(95, 165),
    "light": _plain(185, 215),
}


def light(height: int, width: int, depth: float, rng: Rng) -> FloatArray:
    """Return light that falls off to one side and is cloudy: (H, W), from 1 - depth to 1."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * x + np.sin(angle) * y) / 2.83 + 0.5
    field = slope + 0.2 * clouds(height, width, (height / 2, width / 2), rng)
    field = (field - field.min()) / max(float(np.ptp(field)), 1e-6)
    return np.asarray(1 - depth * field, np.float32)


def shadow(height: int, width: int, depth: float, rng: Rng) -> FloatArray:
    """Return the shadow of something beside the picture: (H, W), 1 where there is none."""
    longest = max(height, width)
    angle = rng.uniform(0, 2 * np.pi)
    side = np.array([np.cos(angle), np.sin(angle)])
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = (x - width / 2) * side[0] + (y - height / 2) * side[1]
    edge = rng.uniform(0, 0.5) * longest
    softness = rng.uniform(0.005, 0.06) * longest
    share = 1 / (1 + np.exp(np.clip((edge - away) / softness, -30, 30)))
    return np.asarray(1 - depth * share, np.float32)


def add_thumb(scene: FloatArray, tip: tuple[float, float], size: float, rng: Rng) -> None:
    """Lay a thumb on the scene, from the nearest side of the frame to `tip` (x, y)."""
    height, width = scene.shape[:2]
    x, y = tip
    ends = {x: (-size, y), width - x: (width + size, y), height - y: (x, height + size)}
    end = ends[min(ends)]
    shape = np.zeros((height, width), np.uint8)
    far = int(end[0]), int(end[1] + rng.normal(0, size))
    cv2.line(shape, (int(x), int(y)), far, 255, int(size))
    cover = cv2.GaussianBlur(shape, (0, 0), size / 40).astype(np.float32)[..., np.newaxis] / 255
    inside = cv2.distanceTransform(shape, cv2.DIST_L2, 3) / (size / 2)
    skin = painted(SKIN[rng.integers(len(SKIN))], 0.25 * np.sqrt(np.clip(inside, 0, 1)) - 0.2)
    dark = cv2.GaussianBlur(shape, (0, 0), size / 6).astype(np.float32)[..., np.newaxis] / 255
    scene *= 1 - 0.3 * dark
    scene[:] = scene * (1 - cover) + skin * cover
