"""A row of writing comes to its strip in one size, level and in the middle."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.types import FloatArray, UInt8Array
from inkhook.core.numbers.fitting import MARGIN, STEEPEST_SLOPE, fitted, line_through

SIDES = st.floats(0.5, 4000)
PIECES = st.lists(st.tuples(SIDES, SIDES, SIDES, SIDES), min_size=1, max_size=12)


@given(PIECES)
def test_any_pieces_have_a_line(pieces: list[tuple[float, ...]]) -> None:
    line = line_through(np.array(pieces))
    heights = [piece[3] for piece in pieces]
    # the middle of two heights may be neither
    assert min(heights) <= line.height <= max(heights)
    assert abs(line.slope) <= STEEPEST_SLOPE
    assert np.isfinite(line.middle)


@pytest.mark.parametrize("height", [12, 20, 45])
@pytest.mark.parametrize("slope", [-0.2, 0, 0.15])
def test_a_row_is_brought_to_one_size(height: int, slope: float) -> None:
    page = np.zeros((400, 900), np.uint8)
    wide, pieces = height // 2, []
    for x in range(100, 100 + 14 * wide, 2 * wide):
        y = round(200 + slope * (x - 100))
        pieces.append((x, y, wide + 1, height + 1, 0))
        cv2.rectangle(page, (x, y), (x + wide, y + height), 255, -1)

    def draw(matrix: FloatArray, columns: int) -> UInt8Array:
        return np.asarray(cv2.warpAffine(page, matrix, (columns, 32)), np.uint8)

    fit = fitted(draw, line_through(np.array(pieces, np.float64)), 100, 100 + 13 * wide)
    assert fit is not None
    boxes = cv2.connectedComponentsWithStats((fit.strip > 110).astype(np.uint8))[2][1:]
    assert len(boxes) == 7
    np.testing.assert_allclose(boxes[:, 3], 20, atol=3)
    np.testing.assert_allclose(boxes[:, 1] + boxes[:, 3] / 2, 16, atol=1.5)
    assert boxes[:, 0].min() == pytest.approx(MARGIN, abs=1)
    assert fit.height == pytest.approx(height, rel=0.15)


def test_what_is_higher_than_its_pieces_is_made_smaller() -> None:
    page = np.zeros((200, 200), np.uint8)
    page[52:110, 80:120] = 255

    def draw(matrix: FloatArray, columns: int) -> UInt8Array:
        return np.asarray(cv2.warpAffine(page, matrix, (columns, 32)), np.uint8)

    fit = fitted(draw, line_through(np.array([[80.0, 60, 40, 40]])), 80, 120)
    assert fit is not None
    inked = np.flatnonzero(fit.strip.any(axis=1))
    assert len(inked) == pytest.approx(21, abs=2)
    assert inked.mean() == pytest.approx(15.5, abs=1.5)


def test_without_ink_there_is_no_strip() -> None:
    line = line_through(np.ones((1, 4)))
    assert fitted(lambda _, columns: np.zeros((32, columns), np.uint8), line, 0, 1) is None
