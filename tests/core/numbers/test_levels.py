"""Numbers that are doubted are read again, with more and with less of the page as ink."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers import reader as reading
from inkhook.core.numbers.levels import DOUBTED, LEVELS, MOST, agreed, at_levels, part_of
from inkhook.core.numbers.number import Box, Number
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import Recogniser
from inkhook.core.numbers.rows import find_rows
from inkhook.core.numbers.writing import Writing, find_writing

PLACE, BESIDE = (100, 40, 80, 20), (190, 40, 20, 20)


def said(number: str, confidence: float, box: Box = PLACE, row: int = 0) -> Number:
    return Number(number, number, confidence, False, box, row, ())


@pytest.mark.parametrize(
    ("first", "others", "digits", "confidence"),
    [
        (said("17", 0.5), [[said("17", 0.4)], [said("12", 0.8)]], "17", 0.3),
        (said("17", 0.3), [[said("12", 0.2)], [said("12", 0.4)]], "12", 0.2),
        (said("17", 0.3), [[said("12", 0.9, (300, 40, 80, 20))], []], "17", 0.1),
        (said("17", 0.3), [[said("2", 0.9, (100, 40, 30, 20))], []], "17", 0.1),
        (said("17", 0.3), [[said("9", 0.9, (300, 40, 80, 20)), said("12", 0.6)], []], "12", 0.2),
        (said("17", 0.3), [[said("175", 0.9, (100, 40, 110, 20))], []], "17", 0.1),
        (said("17", 0.3), [[said("1", 0.9, (100, 40, 48, 20)), said("7", 0.9, (150, 40, 30, 20))]],
         "17", 0.15),
    ],
    ids=["two agree", "two against one", "elsewhere", "a part of it", "the one that is there",
         "two in one", "one in two"],
)  # fmt: skip
def test_what_is_said_in_one_place_is_weighed(
    first: Number, others: list[list[Number]], digits: str, confidence: float
) -> None:
    found = agreed(first, [said("5", 0.9, BESIDE)], others)
    assert found.number == digits
    assert found.confidence == pytest.approx(confidence)


def test_a_number_stays_in_its_row_and_is_no_surer_than_the_looks_at_it() -> None:
    found = agreed(said("17", 0.6, row=4), [], [[said("17", 0.9)], [said("17", 1.0)]])
    assert found.row == 4
    assert found.confidence == pytest.approx(2.5 / 3)


def test_signs_are_those_of_most_that_say_the_same_digits() -> None:
    votes = [said("1.50", 0.3), said("150", 0.35), said("1.50", 0.2)]
    first, *others = (replace(vote, number="150") for vote in votes)
    found = agreed(first, [], [[one] for one in others])
    assert found.text == "1.50"
    assert found.confidence == pytest.approx(0.85 / 3)


def row_of(digits: Dataset, first: int) -> tuple[UInt8Array, str]:
    """Return the ink of five digits beside each other, and what they are."""
    images = digits.test.images[first : first + 5]
    ink = np.hstack([image[:, 3:25] for image in images])
    ink = cv2.resize(ink, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.pad(ink, 24), "".join(map(str, digits.test.labels[first : first + 5]))


def test_a_part_is_where_it_is_on_the_page(digits: Dataset) -> None:
    ink, _ = row_of(digits, 0)
    for wide in (900, 5000):  # the latter is reduced
        page = np.full((wide // 2, wide), 235, np.uint8)
        page[300 : 300 + len(ink), 500 : 500 + ink.shape[1]] -= ink // 5 * 4
        writing = find_writing(page)
        assert writing is not None
        (row,) = find_rows(writing)
        (part,) = find_rows(part_of(writing, row.box, 1.0))
        np.testing.assert_allclose(part.box, row.box, atol=4 * writing.scale)
        corners = np.array([[500, 800], [330, 380], [1, 1]])
        np.testing.assert_allclose(part.matrix @ corners, row.matrix @ corners, atol=3)


def test_numbers_on_patterned_paper_are_read_by_more_and_less_ink(digits: Dataset) -> None:
    model = read_artifact(SHIPPED_NUMBERS)
    reader = NumbersReader(Recogniser(model.network, model.temperature), 0.9)
    rng = np.random.default_rng(1)
    once = again = 0
    for first in range(0, 500, 5):
        ink, truth = row_of(digits, first)
        y, x = np.mgrid[: len(ink), : ink.shape[1]]
        net = np.minimum((x + y) % 11, (x - y) % 11) < 1.6
        grey = 215 - 0.42 * ink - rng.uniform(50, 100) * net + rng.normal(0, 4, ink.shape)
        page = cv2.GaussianBlur(grey.clip(0, 255).astype(np.uint8), (0, 0), 0.8)
        writing = find_writing(page)
        assert writing is not None
        plain = reader._numbers(writing, page)
        once += "".join(each.number for each in plain) == truth
        again += reader(page).digits == truth
    assert again > once + 3, (once, again)


def page_of(ink: UInt8Array, seed: int) -> UInt8Array:
    """Return a page in bad light and out of focus, whose strokes have soft edges."""
    noise = np.random.default_rng(seed).normal(0, 5, ink.shape)
    soft = cv2.GaussianBlur(215 - 0.4 * ink, (0, 0), 1.5)
    return np.asarray((soft + noise).clip(0, 255), np.uint8)


def test_only_what_is_doubted_and_looks_different_is_read_again(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, asked = read_artifact(SHIPPED_NUMBERS), []
    boxes: list[Box] = []

    def counted(writing: Writing, box: Box) -> list[Writing]:
        parts = at_levels(writing, box)
        asked.append(len(parts))
        boxes.append(box)
        return parts

    monkeypatch.setattr(reading, "at_levels", counted)
    reader = NumbersReader(Recogniser(model.network, model.temperature), 0.9)
    for first in range(0, 100, 5):
        page = page_of(row_of(digits, first)[0], first)
        writing = find_writing(page)
        assert writing is not None
        doubted = sum(one.confidence < DOUBTED for one in reader._numbers(writing, page))
        reader(page)
        assert asked == [len(LEVELS)] * doubted
        asked.clear()
    four = np.hstack([row_of(digits, 5 * place)[0] for place in range(4)])
    many = np.vstack([four] * 25)
    monkeypatch.setattr(reading, "DOUBTED", 2.0)  # so that all are
    page = page_of(many, 1)
    writing = find_writing(page)
    assert writing is not None
    once = sorted(reader._numbers(writing, page), key=lambda each: each.confidence)
    boxes.clear()
    assert len(reader(page).numbers) > MOST
    assert asked == [len(LEVELS)] * MOST
    assert boxes == [number.box for number in once[:MOST]], "the most doubted ones"
    asked.clear()
    reader(np.where(row_of(digits, 0)[0] > 127, 20, 235).astype(np.uint8).repeat(4, 0).repeat(4, 1))
    assert asked == [0], "edges as hard as on a screen"


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (2399, 1799, 1, 1), (0, 0, 2400, 1800)])
def test_a_part_has_pixels_wherever_its_number_is(box: Box) -> None:
    page = np.full((1800, 2400), 235, np.uint8)
    page[900:1000, 1200:1210] = 20
    writing = find_writing(page)
    assert writing is not None
    for scale in (writing.scale, 6.0):
        part = part_of(writing._replace(scale=scale), box, 1.3)
        assert part.mask.size
        find_rows(part)
