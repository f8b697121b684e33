"""Pages of numbers, composed of MNIST's test digits: in rows, in boxes, on ruled paper."""

import cv2
import numpy as np

from inkhook.core.base.types import UInt8Array

PAPER, INK = 232, 45


def row_of(digits: list[UInt8Array], height: int, gap: int = 2) -> UInt8Array:
    """Return digits beside each other, dark on light: uint8 (1.4 × height, W)."""
    parts = []
    for digit in digits:
        columns = np.flatnonzero(digit.any(axis=0))
        cut = digit[:, columns[0] : columns[-1] + 1]
        parts += [cut, np.zeros((28, gap), np.uint8)]
    ink = np.pad(np.hstack(parts), ((0, 0), (4, 4))).astype(np.float32)
    factor = height / 20
    size = round(ink.shape[1] * factor), round(28 * factor)
    ink = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC).clip(0, 255)
    return np.asarray(PAPER - ink / 255 * (PAPER - INK), np.uint8)


def page_of(rows: list[UInt8Array], apart: int = 30) -> UInt8Array:
    """Return rows below each other on a page."""
    width = max(row.shape[1] for row in rows) + 40
    page = np.full((sum(row.shape[0] + apart for row in rows) + apart, width), PAPER, np.uint8)
    top = apart
    for row in rows:
        page[top : top + row.shape[0], 20 : 20 + row.shape[1]] = row
        top += row.shape[0] + apart
    return page


def ruled(page: UInt8Array, apart: int = 40) -> UInt8Array:
    """Return a page with ruled lines and a margin."""
    lines = page.copy()
    lines[apart - 2 :: apart] = np.minimum(lines[apart - 2 :: apart], 120)
    lines[:, 8:10] = 120
    return lines


def boxed(digits: list[UInt8Array], side: int = 60) -> UInt8Array:
    """Return digits in the boxes of a form."""
    page = np.full((side + 40, side * len(digits) + 40), PAPER, np.uint8)
    for place, digit in enumerate(digits):
        small = cv2.resize(digit, (round(side * 0.8),) * 2, interpolation=cv2.INTER_CUBIC)
        x, y = 20 + place * side + side // 10, 20 + side // 10
        target = page[y : y + small.shape[0], x : x + small.shape[1]]
        target[:] = PAPER - small.astype(int) * (PAPER - INK) // 255
        left = 20 + place * side
        cv2.rectangle(page, (left, 20), (left + side, 20 + side), 60, 2)
    return page


def column(rows: list[list[UInt8Array]], height: int = 40, room: int = 2) -> UInt8Array:
    """Return numbers below each other, as high as the space between ruled lines, beside an edge.

    The edge is `room` columns from the last images.
    """
    lines = [row_of(row, height) for row in rows]
    wide = max(line.shape[1] for line in lines)
    page = np.full((height * (len(rows) + 5), wide + 160), PAPER, np.uint8)
    for place, line in enumerate(lines):
        over = (line.shape[0] - height) // 2  # of the paper around digits of this height
        top = height * (place + 2) - over
        target = page[top : top + line.shape[0], 100 + wide - line.shape[1] : 100 + wide]
        np.minimum(target, line, out=target)
    page[height::height] = np.minimum(page[height::height], 110)
    page[height + 1 :: height] = np.minimum(page[height + 1 :: height], 110)
    edge = 100 + wide + room
    page[height:, edge : edge + 2] = 90
    page[:, edge + 2 :] = PAPER
    return page


def with_margin(page: UInt8Array, wide: int, rng: np.random.Generator) -> UInt8Array:
    """Return a page beside a dark binding with a soft, ragged edge."""
    height = page.shape[0]
    margin = np.full((height, wide + 8), 25, np.uint8)
    for y in range(height):
        ragged = int(rng.integers(0, 3))
        margin[y, wide + ragged :] = (90, 140, 170, 190, 205, 215, 220, 225)[: 8 - ragged]
    return np.hstack([margin, page])


def dashed(page: UInt8Array, x: int) -> UInt8Array:
    """Return a page with a dashed upright line, as a faint one is scanned."""
    lines = page.copy()
    for y in range(3, page.shape[0] - 20, 24):
        lines[y : y + 17, x : x + 2] = 110
    return lines


def text_page() -> UInt8Array:
    """Return a page of printed words."""
    page = np.full((500, 700), PAPER, np.uint8)
    words = ("Dear neighbour", "the meeting is on", "Friday at the school", "please bring a cake")
    for line, text in enumerate(words):
        cv2.putText(page, text, (30, 80 + line * 90), cv2.FONT_HERSHEY_COMPLEX, 1.4, INK, 2,
                    cv2.LINE_AA)  # fmt: skip
    return page
