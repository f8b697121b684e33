"""Ink is told from paper in any light, beside darker print; broken digits stay in their row."""

from collections.abc import Iterator

import cv2
import numpy as np
import pages
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, FloatArray, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.grouping import groups_of
from inkhook.core.numbers.reader import NumbersReader
from inkhook.core.numbers.recogniser import Recogniser
from inkhook.core.numbers.writing import find_writing


@pytest.fixture(scope="module")
def reader() -> NumbersReader:
    model = read_artifact(SHIPPED_NUMBERS)
    return NumbersReader(Recogniser(model.network, model.temperature), sure_from(model))


def lit(page: UInt8Array, light: FloatArray) -> UInt8Array:
    """Return a page in some light, float (H, W)."""
    return np.asarray((page * light).clip(0, 255), np.uint8)


def spot(shape: tuple[int, ...], low: float) -> FloatArray:
    """Return light of which most of a page gets a `low` share, and its left end all."""
    along = np.arange(shape[1]) / shape[1]
    soft = low + (1 - low) / (1 + np.exp(40 * (along - 0.25)))
    return np.asarray(np.tile(soft, (shape[0], 1)))


def read(reader: NumbersReader, page: UInt8Array) -> str:
    return "/".join(number.number for number in reader(page).numbers)


def pages_of_five(
    digits: Dataset, height: int = 30, apart: int = 40
) -> Iterator[tuple[str, UInt8Array]]:
    """Yield ten pages of a number, and what it says."""
    for first in range(0, 50, 5):
        row = pages.row_of(list(digits.test.images[first : first + 5]), height)
        number = "".join(map(str, digits.test.labels[first : first + 5]))
        yield number, pages.page_of([row], apart)


def test_ink_is_as_dark_in_half_the_light(digits: Dataset) -> None:
    row = pages.row_of(list(digits.test.images[:5]), 48)
    page = np.hstack([row, np.full((row.shape[0], 400), pages.PAPER, np.uint8), row])
    along = np.linspace(1, 0.5, page.shape[1])
    found = find_writing(lit(page, np.tile(along, (page.shape[0], 1))))
    assert found is not None
    wide = row.shape[1]
    bright, dim = (
        float(np.percentile(part, 99))
        for part in (found.density[:, :wide], found.density[:, -wide:])
    )
    assert dim == pytest.approx(bright, rel=0.2)


def test_what_is_in_the_light_is_no_ink(reader: NumbersReader, digits: Dataset) -> None:
    right = 0
    for number, page in pages_of_five(digits, 40, 30):
        wide = np.pad(page, ((30, 30), (150, 150)), constant_values=pages.PAPER)
        right += read(reader, lit(wide, spot(wide.shape, 0.4))) == number
    assert right >= 8


@pytest.mark.parametrize("margin", [0, 40])
def test_faint_digits_in_a_black_frame_are_read(
    margin: int, reader: NumbersReader, digits: Dataset
) -> None:
    right = 0
    for number, row in pages_of_five(digits, 40, 30):
        faint = (pages.PAPER - (pages.PAPER - row.astype(int)) * 2 // 5).astype(np.uint8)
        high, wide = faint.shape
        cv2.rectangle(faint, (3, 3), (wide - 4, high - 4), 0, 3)
        page = np.pad(faint, margin, constant_values=pages.PAPER)
        right += read(reader, page) == number
    assert right >= 8


def test_a_pattern_in_a_frame_is_no_ink(reader: NumbersReader) -> None:
    along, down = np.meshgrid(np.arange(400), np.arange(160))
    waves = 10 * np.sin(along / 9 + 2 * np.sin(down / 11)) + 10 * np.sin(down / 4)
    form = (pages.PAPER - 20 + waves).clip(0, 255).astype(np.uint8)
    cv2.rectangle(form, (10, 10), (390, 150), 0, 3)
    found = find_writing(form)
    assert found is not None
    assert found.mask.mean() < 0.1, "the frame alone"
    assert not reader(form).numbers


def test_parts_of_broken_digits_stand_in_the_row_of_a_whole_one() -> None:
    upper, lower = (
        [(60 * place + off, top, 30, high, 300) for place in range(4)]
        for off, top, high in ((0, 20, 34), (4, 62, 24))
    )
    whole = [(260, 20, 36, 70, 600)]
    pieces = np.array([*upper, *lower, *whole], np.float64)
    assert len(groups_of(pieces, np.arange(9))) == 1


def test_digits_in_a_ring_are_no_parts_of_it() -> None:
    ring = [(0, 0, 300, 84, 900)]
    inside = [(60 + 50 * place, 27, 20, 30, 200) for place in range(4)]
    assert len(groups_of(np.array([*ring, *inside], np.float64), np.arange(5))) == 2


def drawn(high: int, pen: int) -> UInt8Array:
    """Return a page with 370 on it, so high and with so thin a pen, in pixels."""
    page = np.full((2 * high, 3 * high), 255, np.uint8)
    top, (left, middle, right) = high // 2, (round(high * part) for part in (0.6, 1.3, 2.3))
    round_part = 0, -130, 100
    for y in (top + high // 4, top + high * 3 // 4):
        cv2.ellipse(page, (left, y), (high // 4,) * 2, *round_part, 60, pen, cv2.LINE_AA)
    seven = [(middle, top), (middle + high // 2, top + 2), (middle + high // 6, top + high)]
    cv2.polylines(page, [np.array(seven)], False, 60, pen, cv2.LINE_AA)
    size = high // 3, high // 2
    cv2.ellipse(page, (right, top + high // 2), size, 0, 0, 360, 60, pen, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("pen", [1, 2, 4])
@pytest.mark.parametrize("high", [60, 200, 700])
def test_a_thin_pen_on_a_large_canvas(reader: NumbersReader, high: int, pen: int) -> None:
    assert read(reader, drawn(high, pen)) == "370"


def test_a_row_beside_large_digits_stays_one() -> None:
    large = [(60 * place, 20, 30, 70, 600) for place in range(3)]
    small = [(220 + 30 * place, 50, 15, 25, 100) for place in range(4)]
    pieces = np.array([*large, *small], np.float64)
    rows = groups_of(pieces, np.arange(7))
    assert sorted(map(len, rows)) == [3, 4]


@pytest.mark.parametrize("height", [31, 47, 90])
def test_all_of_a_narrow_page_is_looked_at(height: int) -> None:
    page = np.full((height, 2048), 30, np.uint8)
    for place in range(4):
        cv2.putText(page, "3", (300 + 400 * place, height - 2), 0, 0.5, 230, 2, cv2.LINE_AA)
    found = find_writing(page)
    assert found is not None
    assert (found.mask[page > 200] == 1).all(), "light ink on a dark ground"
    assert found.mask.mean() < 0.05


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 3000)),
    turned=st.booleans(),
    seed=st.integers(0, 99),
)
@example(shape=(8, 2048), turned=False, seed=0)  # its copies are half a pixel high
def test_a_page_of_any_shape_has_ink_or_none(
    shape: tuple[int, int], turned: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    page = np.full(shape[::-1] if turned else shape, 230, np.uint8)
    page[rng.integers(page.shape[0]) :, rng.integers(page.shape[1])] = 20
    found = find_writing(page)
    if found is not None:
        assert found.mask.shape == found.density.shape
        assert np.isfinite(found.density).all()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("turns", range(4))
def test_beside_a_black_margin_of_any_breadth(
    share: float, turns: int, reader: NumbersReader, digits: Dataset
) -> None:
    rng, right = np.random.default_rng(turns), 0
    for number, page in pages_of_five(digits):
        axis = turns % 2
        margin = np.full_like(page, 6).repeat(round(10 * share / (1 - share)), axis)
        margin = margin.take(range(margin.shape[axis] // 10), axis)
        whole = np.concatenate([page, margin] if turns < 2 else [margin, page], axis)
        grained = (whole + rng.normal(0, 6, whole.shape)).clip(0, 255).astype(np.uint8)
        right += read(reader, grained) == number
    assert right >= 9


@pytest.mark.parametrize("share", [0.3, 0.4])
def test_chalk_on_a_board_with_something_bright_beside_it(
    share: float, reader: NumbersReader, digits: Dataset
) -> None:
    right = 0
    for number, page in pages_of_five(digits):
        beside = round(page.shape[1] * share / (1 - share))
        board = np.pad(255 - page, ((0, 0), (0, beside)), constant_values=250)
        right += read(reader, board) == number
    assert right >= 8


@pytest.mark.parametrize("side", range(4))
def test_a_slate_beside_a_light_table_is_a_slate(
    side: int, reader: NumbersReader, digits: Dataset
) -> None:
    right = 0
    for number, page in pages_of_five(digits):
        beside = [(0, 0), (0, 0)]
        beside[side % 2] = [(60, 0), (0, 60)][side // 2]
        slate = np.pad(255 - page, beside, constant_values=230)
        right += read(reader, slate) == number
    assert right >= 9
