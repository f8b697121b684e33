"""Digits of two rows that touch are cut apart; what is high for another reason stays whole."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.types import UInt8Array
from inkhook.core.numbers.pieces import numbered, pieces_of
from inkhook.core.numbers.stacked import cut_between_rows, single_height


def ring(mask: UInt8Array, x: float, y: float, height: float) -> None:
    """Draw a 0 with its middle at a place."""
    half = round(0.3 * height), round(0.5 * height)
    cv2.ellipse(mask, (round(x), round(y)), half, 0, 0, 360, 1, max(round(0.1 * height), 1))


def two_rows(height: int) -> UInt8Array:
    """Return two rows of four rings, of which those of the third column touch."""
    mask = np.zeros((4 * height, 6 * height), np.uint8)
    for column in range(4):
        apart = 1.0 if column == 2 else 1.3
        for row in (-0.5, 0.5):
            ring(mask, (column + 1) * height, 2 * height + row * apart * height, height)
    return mask


@pytest.mark.parametrize("height", [20, 32, 48, 60])
def test_rings_that_touch_are_parted(height: int) -> None:
    mask = two_rows(height)
    assert len(pieces_of(mask)[1]) == 7
    cut = cut_between_rows(mask, numbered(mask), height)
    assert len(pieces_of(cut)[1]) == 8
    assert single_height(pieces_of(mask)[1], 2 * height) == pytest.approx(1.1 * height, abs=4)


def test_slashes_of_fractions_stay_whole() -> None:
    mask = np.zeros((140, 500), np.uint8)
    for x in (
        40,
        190,
        340,
    ):  # as high as two digits, which stand above its left and below its right
        ring(mask, x, 40, 32)
        cv2.line(mask, (x + 54, 22), (x + 22, 108), 1, 4)
        ring(mask, x + 60, 92, 32)
    assert cut_between_rows(mask, numbered(mask), 32) is mask


def test_large_digits_beside_two_lines_of_print_stay_whole() -> None:
    mask = np.zeros((140, 500), np.uint8)
    for x in range(60, 220, 50):
        ring(mask, x, 70, 72)
    for y in (60, 88):
        for x in range(270, 480, 18):
            ring(mask, x, y, 20)
    assert cut_between_rows(mask, numbered(mask), 20) is mask
    pieces = pieces_of(mask)[1]
    assert single_height(pieces, 76) == 76


@given(
    st.lists(st.floats(0.85, 1.3), min_size=5, max_size=5),
    st.lists(st.floats(-0.3, 0.3), min_size=5, max_size=5),
    st.integers(12, 60),
)
@settings(max_examples=60, deadline=None)
def test_wherever_two_rows_touch_only_ink_is_taken(
    apart: list[float], shift: list[float], height: int
) -> None:
    mask = np.zeros((4 * height, 7 * height), np.uint8)
    for column, (gap, off) in enumerate(zip(apart, shift, strict=True)):
        for row in (-0.5, 0.5):
            ring(mask, (column + 1) * height, (2 + off + row * gap) * height, height)
    cut = cut_between_rows(mask, numbered(mask), height)
    assert not (cut & (1 - mask)).any()
    assert cut.sum() >= 0.7 * mask.sum()
