"""The pictures: mistakes in a grid, and the confusion matrix; plain grey arrays, without titles.

What they show is said by the description that TensorBoard puts above them.
"""

import math
from collections.abc import Sequence

import numpy as np

from ...core.base.types import DIGITS, SIDE, FloatArray, UInt8Array

ZOOM, GAP, CELL = 3, 4, 56


def draw_mistakes(images: Sequence[FloatArray]) -> UInt8Array:
    """Draw images, float32 (28, 28) with 1 for ink, row by row in a grid that is nearly square."""
    columns = math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    side = SIDE * ZOOM + GAP
    grid = np.full((rows * side + GAP, columns * side + GAP), 128, np.uint8)
    for place, image in enumerate(images):
        top, left = (side * number + GAP for number in divmod(place, columns))
        large = np.kron(255 - np.rint(image * 255), np.ones((ZOOM, ZOOM)))
        grid[top : top + SIDE * ZOOM, left : left + SIDE * ZOOM] = large
    return grid


def draw_confusion(confusion: np.ndarray) -> UInt8Array:
    """Draw a confusion matrix, int (10, 10), with its counts; the darker, the larger the share.

    Rows are labels, columns are predictions. The shares' square roots are drawn, because most
    mistakes are few.
    """
    import cv2

    shares = np.sqrt(confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1))
    size = (len(DIGITS) + 1) * CELL
    image: UInt8Array = np.full((size, size), 255, np.uint8)
    image[CELL:, CELL:] = np.kron(255 - 255 * shares, np.ones((CELL, CELL)))

    def write(text: str, row: int, column: int, grey: int) -> None:
        font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.5
        (width, height), _ = cv2.getTextSize(text, font, scale, 1)
        left, bottom = column * CELL + (CELL - width) // 2, row * CELL + (CELL + height) // 2
        cv2.putText(image, text, (left, bottom), font, scale, grey, 1, cv2.LINE_AA)

    for i in range(len(DIGITS)):
        write(DIGITS[i], 0, i + 1, 0)
        write(DIGITS[i], i + 1, 0, 0)
        for j in range(len(DIGITS)):
            if confusion[i, j]:
                write(str(confusion[i, j]), i + 1, j + 1, 255 if shares[i, j] > 0.5 else 0)
    return image
