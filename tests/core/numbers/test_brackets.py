"""Brackets around digits are left out; 1s, bent or not, stay."""

from functools import partial

import cv2
import numpy as np
import pages
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.brackets import bow_of, without_brackets
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import Recogniser

COUNT = 12


def stroke(bow: float, high: int = 80, lean: float = 0.0, pen: int = 6) -> UInt8Array:
    """Return a stroke whose middle lies so far to the left of its ends, by its height."""
    y = np.linspace(0, 1, 40)
    x = 4 * bow * (y - 0.5) ** 2 - lean * y
    x -= x.min()
    page = np.zeros((high + 2 * pen, round(float(x.max()) * high) + 2 * pen), np.uint8)
    points = np.rint(np.stack([x * high + pen, y * high + pen], axis=1) * 16).astype(np.int32)
    cv2.polylines(page, [points], False, 1, pen, shift=4)
    left, top, wide, tall = cv2.boundingRect(page)
    return page[top : top + tall, left : left + wide]


@given(st.floats(-0.2, 0.2), st.integers(20, 120), st.floats(-0.3, 0.3))
def test_a_bow_is_measured_whatever_the_size_and_the_slant(
    bow: float, high: int, lean: float
) -> None:
    assert bow_of(stroke(bow, high, lean, max(high // 14, 2))) == pytest.approx(bow, abs=0.03)


def test_what_is_no_smooth_stroke_has_no_bow() -> None:
    flag = np.pad(stroke(0, pen=6), ((0, 0), (30, 0)))
    cv2.line(flag, (33, 2), (8, 24), 1, 6)
    ring = np.zeros((80, 50), np.uint8)
    cv2.ellipse(ring, (25, 40), (18, 34), 0, 0, 360, 1, 5)
    hook = np.zeros((84, 44), np.uint8)
    cv2.polylines(hook, [np.array([(6, 3), (6, 66), (40, 80)])], False, 1, 6)
    for ink in (flag, ring, hook, np.zeros((80, 9), np.uint8), stroke(0.1, 3, pen=1)):
        assert bow_of(ink) == 0


def kept(*strokes: UInt8Array) -> list[int]:
    """Return which of some strokes side by side aren't left out as brackets."""
    return kept_apart(20, *strokes)


def kept_apart(gap: int, *strokes: UInt8Array) -> list[int]:
    """The same with so many pixels between them."""
    x = np.cumsum([0, *(ink.shape[1] + gap for ink in strokes[:-1])])
    pieces = np.array(
        [(left, 0, *ink.shape[::-1], ink.sum()) for left, ink in zip(x, strokes, strict=True)]
    )
    every = np.arange(len(strokes))
    found = without_brackets(every, pieces.astype(float), strokes.__getitem__)
    return [int(place) for place in found]


def test_only_pairs_that_open_and_close_around_digits_are_left_out() -> None:
    opening, closing, one = stroke(0.14), stroke(-0.14), stroke(0.02)
    assert kept(opening, one, closing, one) == [1, 3]
    assert kept(opening, one, one, closing, opening, one, closing) == [1, 2, 5]
    for others in (
        (opening, closing),  # with nothing between
        (closing, one, opening),
        (opening, one, opening),
        (one, one, closing),
        (stroke(0.14, 160), one, closing),
        (one, stroke(0.14, 40), one, stroke(-0.14, 40), one),
        (stroke(0.07), one, stroke(-0.07)),
        (one, one, one),
        (one,),
    ):
        assert kept(*others) == list(range(len(others)))


def test_numbers_far_apart_share_no_brackets() -> None:
    opening, closing, one = stroke(0.14), stroke(-0.14), stroke(0.02)
    assert kept_apart(300, opening, one, closing) == [0, 1, 2]


@pytest.mark.parametrize("groups", [(3, 4), (2, 0)])
def test_a_phone_number_with_its_area_code(digits: Dataset, groups: tuple[int, int]) -> None:
    model = read_artifact(SHIPPED_NUMBERS)
    read = NumbersReader(Recogniser(model.network, model.temperature), 0.9)
    images, labels = digits.test.images, digits.test.labels
    inside, after = groups
    right = 0
    for place in range(COUNT):
        chosen = slice(place * 8, place * 8 + inside + after)
        code, rest = np.split(images[chosen], [inside])
        parts = [pages.row_of(list(code), 60, gap=4)]
        if after:
            parts.append(pages.row_of(list(rest), 60, gap=4))
        bracket = partial(np.full, (parts[0].shape[0], 34), pages.PAPER, np.uint8)
        around = []
        for bow in (0.13, -0.13):
            page, ink = bracket(), stroke(bow, 64, pen=5)
            page[8 : 8 + len(ink), 6 : 6 + ink.shape[1]][ink > 0] = pages.INK
            around.append(page)
        row = np.hstack([around[0], parts[0], around[1], *parts[1:]])
        right += read(pages.page_of([row])).digits == "".join(map(str, labels[chosen]))
    assert right >= 0.8 * COUNT
