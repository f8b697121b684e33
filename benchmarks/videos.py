"""Videos made of stills: a note with a number on a table, held or filmed by hand, for four seconds.

The note moves, turns, tilts and shakes, the light changes, a thumb may hold it, and the camera goes
out of focus and back. Every video is the same whenever it is made from the same seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import surfaces

from inkhook.core.base.types import FloatArray, UInt8Array

WIDTH, HEIGHT = 1280, 720
SECONDS = 4.0
PAPER = {name: surfaces.PAPERS[name] for name in ("white", "cream", "grey", "yellow", "blue")}


@dataclass(frozen=True)
class Wobble:
    """A smooth path through time: a slow wave and a quick one, with mean 0."""

    slow: float
    quick: float
    phases: tuple[float, float]

    def at(self, time: float) -> float:
        """Return where it is."""
        slow, quick = self.phases
        return float(
            self.slow * np.sin(2 * np.pi * (time / 3.1 + slow))
            + self.quick * np.sin(2 * np.pi * (time * 4.7 + quick))
        )


def wobble(slow: float, quick: float, rng: np.random.Generator) -> Wobble:
    """Return a path of such amplitudes."""
    return Wobble(slow, quick, (float(rng.random()), float(rng.random())))


def note_of(still: UInt8Array, rng: np.random.Generator) -> FloatArray:
    """Put the writing of a still on a note: float32 (H, W, 3), 0 to 255.

    Parameters
    ----------
    still : uint8 (H, W, 3)
        Dark on light, or white on black as from a canvas; blue, green and red.
    """
    if np.median(still) < 64:
        still = 255 - still
    factor = float(rng.uniform(50, 85)) / max(_writing_height(still), 1)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    ink = cv2.resize(still, None, fx=factor, fy=factor, interpolation=method).astype(np.float32)
    height, width = ink.shape[:2]
    # only what is darker than its own paper, which fades out towards the still's edges
    around = max(9, round(height / 2))
    paper = cv2.GaussianBlur(cv2.dilate(ink, np.ones((around, around))), (0, 0), around / 2)
    share = ink / np.maximum(paper, 1)
    share = np.minimum(share / (0.96 * np.median(share)), 1)
    high, wide = (round(side * float(rng.uniform(1.5, 2.4))) for side in (height, width))
    high = max(high, round(0.45 * wide))
    colour = np.array(PAPER[str(rng.choice(list(PAPER)))][::-1], np.float32)
    note = colour * (1 + 0.01 * surfaces.clouds(high, wide, (60, 60), rng)[..., np.newaxis])
    top, left = (high - height) // 2, (wide - width) // 2
    note[top : top + height, left : left + width] *= share
    return np.asarray(note, np.float32)


def _writing_height(still: UInt8Array) -> float:
    """Return about how high the digits of a still are, in pixels."""
    grey = cv2.cvtColor(still, cv2.COLOR_BGR2GRAY)
    _, mask = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    heights = stats[1:][stats[1:, 4] > 0.002 * mask.size, 3]
    return float(np.median(heights)) if len(heights) else still.shape[0] / 2


def frames_of(still: UInt8Array, seed: int, rate: float = 25.0) -> Iterator[UInt8Array]:
    """Yield the frames of a video: uint8 (720, 1280, 3), blue, green and red."""
    rng = np.random.default_rng(seed)
    note = note_of(still, rng)
    high, wide = note.shape[:2]
    table = str(rng.choice(["wood", "cloth", "stone", "black", "grey"]))
    scene = surfaces.TABLES[table](HEIGHT + 160, WIDTH + 160, rng)[..., ::-1]
    light = surfaces.light(HEIGHT, WIDTH, float(rng.uniform(0, 0.3)), rng)[..., np.newaxis]
    size = min(0.62 * WIDTH / wide, 0.62 * HEIGHT / high, 1.3)
    turn, lean = float(rng.normal(0, 7)), rng.normal(0, 0.12, 2)
    turns, zooms = wobble(4, 0.4, rng), wobble(0.08, 0.005, rng)
    leans = wobble(0.08, 0.01, rng), wobble(0.08, 0.01, rng)
    moves, pans = (wobble(60, 2.5, rng), wobble(35, 2.5, rng)), (wobble(30, 2, rng),) * 2
    blurs, lights = wobble(1.1, 0.2, rng), wobble(0.15, 0.02, rng)
    thumb = rng.random() < 0.4
    seeds = rng.integers(1 << 31, size=2)
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    for number in range(round(SECONDS * rate)):
        time = number / rate
        angle = np.deg2rad(turn + turns.at(time))
        spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        quad = (corners - (wide / 2, high / 2)) @ spin
        tilt = lean + np.array([leans[0].at(time), leans[1].at(time)])
        quad = quad / (1 + quad @ tilt[:, np.newaxis] / max(high, wide))
        quad *= size * (1 + zooms.at(time))
        quad += (WIDTH / 2 + moves[0].at(time), HEIGHT / 2 + moves[1].at(time))
        flat = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
        x, y = (80 + round(pan.at(time)) for pan in pans)
        frame = scene[y : y + HEIGHT, x : x + WIDTH].copy()
        seen = cv2.warpPerspective(note, flat, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        cover = cv2.warpPerspective(np.ones((high, wide), np.float32), flat, (WIDTH, HEIGHT))
        frame *= 1 - 0.25 * cv2.GaussianBlur(np.roll(cover, 8, 0), (0, 0), 6)[..., np.newaxis]
        frame = frame * (1 - cover[..., np.newaxis]) + seen
        if thumb:
            low = quad[2] * 0.8 + quad[3] * 0.2
            tip = float(low[0]), float(low[1] - 0.08 * (quad[3][1] - quad[0][1]))
            breadth = min(70, 0.25 * float(quad[2][1] - quad[1][1]))
            surfaces.add_thumb(frame[..., ::-1], tip, breadth, np.random.default_rng(seeds[0]))
        frame *= light * (1 + lights.at(time))
        blur = 0.5 + abs(blurs.at(time))
        frame = cv2.GaussianBlur(frame, (0, 0), blur)
        frame += np.random.default_rng(seeds[1] + number).normal(0, 4, (HEIGHT, WIDTH, 1))
        yield np.asarray(np.clip(frame, 0, 255), np.uint8)
