"""What is drawn around a number is left out: rings, boxes, the walls of cells. Digits stay."""

import cv2
import numpy as np
import pages
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.outlines import without_outlines
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import Recogniser

COUNT = 12


@pytest.fixture(scope="module")
def reader() -> NumbersReader:
    model = read_artifact(SHIPPED_NUMBERS)
    return NumbersReader(Recogniser(model.network, model.temperature), 0.9)


def numbers(digits: Dataset, length: int) -> "list[tuple[UInt8Array, str]]":
    """Return numbers of so many digits on paper, and what they are."""
    images, labels = digits.test.images, digits.test.labels
    places = [slice(place * length, (place + 1) * length) for place in range(COUNT)]
    return [
        (pages.row_of(list(images[place]), 48), "".join(map(str, labels[place])))
        for place in places
    ]


def right(reader: NumbersReader, read: "list[tuple[UInt8Array, str]]") -> float:
    return float(np.mean([reader(page).digits == wanted for page, wanted in read]))


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("end", [325, 360, 375])
def test_a_ring_around_a_number(
    reader: NumbersReader, digits: Dataset, length: int, end: int
) -> None:
    ringed = []
    for row, wanted in numbers(digits, length):
        page = np.pad(row, ((16, 16), (10 + 16 * length,) * 2), constant_values=pages.PAPER)
        high, wide = page.shape
        size = wide // 2 - 4, high // 2 - 4
        cv2.ellipse(page, (wide // 2, high // 2), size, 4, 0, end, pages.INK, 3, cv2.LINE_AA)
        ringed.append((page, wanted))
    assert right(reader, ringed) >= 0.8


@pytest.mark.parametrize("length", [1, 3])
@pytest.mark.parametrize(("level", "upright"), [(2, 2), (1, 4), (4, 1)])
def test_cells_whatever_the_thickness_of_their_walls(
    reader: NumbersReader, digits: Dataset, length: int, level: int, upright: int
) -> None:
    celled = []
    for place in range(COUNT):
        chosen = digits.test.images[place * length : (place + 1) * length]
        side, room = 66, 10
        page = np.full((side + 2 * room, side * length + 2 * room), pages.PAPER, np.uint8)
        for cell, image in enumerate(chosen):
            left = room + cell * side
            small = cv2.resize(image, (56, 56), interpolation=cv2.INTER_CUBIC)
            page[room + 5 : room + 61, left + 5 : left + 61] -= (small * (180 / 255)).astype(
                np.uint8
            )
            cv2.line(page, (left, room), (left, room + side), pages.INK, upright)
        end = room + side * length, room + side
        cv2.line(page, (end[0], room), end, pages.INK, upright)
        for y in (room, end[1]):
            cv2.line(page, (room, y), (end[0], y), pages.INK, level)
        labels = digits.test.labels[place * length : (place + 1) * length]
        celled.append((page, "".join(map(str, labels))))
    assert right(reader, celled) >= 0.8


def mask_with(*drawn: str) -> UInt8Array:
    """Return a mask, 100 × 80, with a 0, a slash in it that stands apart, and a stroke inward."""
    mask = np.zeros((100, 80), np.uint8)
    if "zero" in drawn:
        cv2.ellipse(mask, (40, 50), (28, 44), 0, 0, 360, 1, 4)
    if "slash" in drawn:
        cv2.line(mask, (32, 78), (48, 22), 1, 4)
    if "three" in drawn:
        cv2.ellipse(mask, (38, 42), (8, 8), 0, -120, 90, 1, 4)
        cv2.ellipse(mask, (38, 58), (8, 8), 0, -90, 120, 1, 4)
    if "touching" in drawn:
        cv2.line(mask, (52, 55), (67, 55), 1, 4)
    if "box" in drawn:
        cv2.rectangle(mask, (4, 4), (75, 95), 1, 4)
    return mask


@pytest.mark.parametrize("wide", [18, 26, 36])
@pytest.mark.parametrize("run", [0, 8, 16])
def test_a_zero_is_no_ring_with_its_slash_apart_or_without(wide: int, run: int) -> None:
    mask = np.zeros((100, 90), np.uint8)
    cv2.ellipse(mask, (45, 50), (wide, 40), 0, 0, 360, 1, 4)
    np.testing.assert_array_equal(without_outlines(mask, 80).rest, mask)
    cv2.line(mask, (45 - min(run, wide // 2), 72), (45 + min(run, wide // 2), 28), 1, 4)
    np.testing.assert_array_equal(without_outlines(mask, 80).rest, mask)


@pytest.mark.parametrize("scale", [1, 3])
def test_a_box_around_a_stroke_is_one(scale: int) -> None:
    box, stroke = (np.kron(mask_with(*drawn), np.ones((scale, scale), np.uint8))
                   for drawn in (("box", "slash"), ("slash",)))  # fmt: skip
    found = without_outlines(box, 56 * scale)
    assert (found.rest != stroke).sum() <= scale, "all but a round corner"
    assert found.level.any()
    assert found.upright.any()


def test_a_box_in_a_cell_goes_with_its_walls() -> None:
    mask = np.zeros((300, 400), np.uint8)
    for left in (10, 200):
        cv2.rectangle(mask, (left, 10), (left + 190, 280), 1, 3)
    cv2.rectangle(mask, (30, 30), (180, 260), 1, 3)
    digits = np.zeros_like(mask)
    for x in (90, 280):
        cv2.ellipse(digits, (x, 150), (24, 44), 0, 0, 300, 1, 4)
    np.testing.assert_array_equal(without_outlines(mask | digits, 90).rest, digits)


def test_what_touches_a_ring_stays() -> None:
    rest = without_outlines(mask_with("zero", "three", "touching"), 16).rest
    assert rest[55, 52:58].all(), "of a stroke, what is inside"
    assert not rest[:12].any()


def test_a_seven_with_a_comma_below_its_bar_stays() -> None:
    mask = np.zeros((100, 80), np.uint8)
    cv2.polylines(mask, [np.array([(8, 8), (72, 8), (30, 92)])], False, 1, 5)
    cv2.line(mask, (36, 30), (30, 62), 1, 5)
    np.testing.assert_array_equal(without_outlines(mask, 16).rest, mask)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60), st.integers(0, 8))
def test_nothing_is_invented(seed: int, high: int, wide: int, strokes: int) -> None:
    rng = np.random.default_rng(seed)
    mask = (rng.random((high, wide)) < rng.choice([0, 0.02, 0.3])).astype(np.uint8)
    for _ in range(strokes):
        ends = [tuple(map(int, rng.integers(0, (wide, high)))) for _ in "ab"]
        draw = cv2.line if rng.random() < 0.5 else cv2.rectangle
        draw(mask, ends[0], ends[1], 1, int(rng.integers(1, 4)))
    before = mask.copy()
    found = without_outlines(mask, 16)
    np.testing.assert_array_equal(mask, before)
    taken = mask & (1 - found.rest)
    assert not (found.rest & (1 - mask)).any()
    assert not ((found.level | found.upright) & (1 - taken)).any()
