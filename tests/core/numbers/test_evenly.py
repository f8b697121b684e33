"""Evenly ruled paper parts rows of digits also where a line of it is too faint to be seen."""

import cv2
import numpy as np
import pages
import pytest

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.evenly import evenly_ruled
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import Recogniser

HEIGHT = 32
"""Of digits, in pixels."""


def ruled(rows: list[int], slope: float = 0.0, wide: int = 300) -> UInt8Array:
    """Return lines that begin at these rows."""
    lines = np.zeros((420, 400), np.uint8)
    for row in rows:
        cv2.line(lines, (20, row), (20 + wide, round(row + slope * wide)), 1, 2)
    return lines


@pytest.mark.parametrize("slope", [-0.08, 0.0, 0.05])
@pytest.mark.parametrize("seen", [[0, 2, 3, 6], [0, 1, 2], [1, 4, 5]])
def test_missing_lines_are_drawn_where_they_must_be(seen: list[int], slope: float) -> None:
    rows = [90 + 38 * place for place in range(7)]
    lines = ruled([rows[place] for place in seen], slope)
    # strokes that fill up a line, as far apart, but shorter
    for row in (rows[1], rows[2]):
        cv2.line(lines, (20, row + 20), (120, round(row + 20 + slope * 100)), 1, 3)
    found = evenly_ruled(lines, HEIGHT)
    for place in range(seen[0], seen[-1] + 1):
        middle = round(rows[place] + slope * 150)
        assert found[middle - 2 : middle + 4, 170].any()
        assert not found[middle + 8 : middle + 30, 170].any()


@pytest.mark.parametrize("rows", [[], [100], [100, 138], [100, 138, 201], [40, 250, 288], [9, 22]])
def test_lines_that_are_not_evenly_far_apart_add_none(rows: list[int]) -> None:
    assert not evenly_ruled(ruled(rows), HEIGHT).any()


@pytest.fixture(scope="module")
def reader() -> NumbersReader:
    model = read_artifact(SHIPPED_NUMBERS)
    return NumbersReader(Recogniser(model.network, model.temperature), sure_from(model))


def test_rows_that_touch_are_parted_at_a_line_that_is_not_seen(
    reader: NumbersReader, digits: Dataset
) -> None:
    test, right, rng = digits.test, 0, np.random.default_rng(4)
    for _ in range(10):
        chosen = rng.integers(0, len(test.labels), (4, 3))
        page = pages.column([[test.images[i] for i in row] for row in chosen], 40, room=14)
        for line in (120, 160, 200):  # between the rows
            faint = page[line : line + 2]
            faint[faint > 100] = pages.PAPER
        found = [number.number for number in reader(page).numbers]
        said = ["".join(map(str, test.labels[row])) for row in chosen]
        right += sum(number in found for number in said)
    assert right >= 30


def test_large_digits_on_small_squares_are_not_cut(reader: NumbersReader, digits: Dataset) -> None:
    test, right, rng, apart = digits.test, 0, np.random.default_rng(0), 36
    for _ in range(10):
        chosen = rng.integers(0, len(test.labels), 4)
        row = pages.row_of([test.images[i] for i in chosen], 70)
        page = np.pad(pages.page_of([row]), 60, constant_values=pages.PAPER)
        first = int(rng.integers(0, apart))
        for lines in (page, page.T):
            for line in range(first, len(lines) - 1, apart):
                lines[line : line + 2] = np.minimum(lines[line : line + 2], 150)
        right += reader(page).digits == "".join(map(str, test.labels[chosen]))
    assert right >= 7
