"""Straight lines are found among digits, level or a little aslant, and strokes are none."""

import cv2
import numpy as np
import pages
import pytest

from inkhook.core.base.types import Dataset
from inkhook.core.numbers.straight import segments

HEIGHT = 32
"""Of digits, in pixels."""

LINES = 600


def test_lines_are_found_from_end_to_end_where_strokes_cross_them() -> None:
    rng, whole = np.random.default_rng(0), 0
    for _ in range(LINES):
        slope, thick = rng.uniform(-0.17, 0.17), int(rng.integers(1, 5))
        wide = int(rng.integers(220, 900))
        mask = np.zeros((400, wide + 60), np.uint8)
        first = 200 - round(slope * wide / 2)
        cv2.line(mask, (30, first), (30 + wide, first + round(slope * wide)), 1, thick)
        for x in rng.integers(40, wide, 12):
            cv2.line(mask, (int(x), 160), (int(x) + 9, 220), 1, 3)
        found = segments(mask, 6 * HEIGHT, HEIGHT)
        for left, start, right, end in found:
            assert abs((end - start) / (right - left) - slope) < 0.03
        ends = [line[0] for line in found], [line[2] for line in found]
        whole += bool(found) and max(ends[1]) - min(ends[0]) > wide - HEIGHT
    assert whole >= 0.98 * LINES


@pytest.mark.parametrize("first", [0, 40, 80])
def test_digits_make_no_long_lines(first: int, digits: Dataset) -> None:
    row = pages.row_of(list(digits.test.images[first : first + 12]), HEIGHT)
    mask = np.asarray(row < pages.PAPER - 60, np.uint8)
    assert mask.any()
    assert segments(mask, 6 * HEIGHT, HEIGHT) == []
