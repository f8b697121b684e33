"""Small videos: a note with a number that lies on a table and moves, turns and shakes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pages

from inkhook.core.base.types import UInt8Array

WIDTH, HEIGHT, RATE = 640, 480, 10
TABLE = (40, 60, 88)
"""Blue, green and red of dark wood."""


def frame_of(digits: Sequence[UInt8Array], shift: float = 0.0, blur: float = 0.5) -> UInt8Array:
    """Return a frame: uint8 (480, 640, 3); `shift` moves, turns and tilts the note, -1 to 1."""
    note = pages.page_of([pages.row_of(list(digits), 46, gap=5)], apart=60)
    note = np.asarray(cv2.cvtColor(note, cv2.COLOR_GRAY2BGR), np.uint8)
    high, wide = note.shape[:2]
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    angle = np.deg2rad(5 + 4 * shift)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    quad = (corners - (wide / 2, high / 2)) @ turn * min(1.2, 0.6 * WIDTH / wide)
    quad[:2] *= 1 - 0.05 * shift
    quad += (WIDTH / 2 + 25 * shift, HEIGHT / 2 - 15 * shift)
    matrix = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    frame: UInt8Array = np.full((HEIGHT, WIDTH, 3), TABLE, np.uint8)
    cv2.warpPerspective(note, matrix, (WIDTH, HEIGHT), frame, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), blur), np.uint8)


def moving(digits: Sequence[UInt8Array], count: int) -> Iterator[UInt8Array]:
    """Yield frames of one note, some of them out of focus."""
    for number in range(count):
        shift = float(np.sin(number / 3))
        yield frame_of(digits, shift, blur=2.5 if number % 7 == 6 else 0.5)


def table(count: int) -> Iterator[UInt8Array]:
    """Yield frames of an empty table."""
    for _ in range(count):
        yield np.full((HEIGHT, WIDTH, 3), TABLE, np.uint8)


def write(path: Path, *parts: Iterator[UInt8Array], rate: float = RATE) -> Path:
    """Write frames as a video, Motion JPEG in AVI."""
    code = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), code, rate, (WIDTH, HEIGHT))
    for part in parts:
        for frame in part:
            writer.write(frame)
    writer.release()
    return path
