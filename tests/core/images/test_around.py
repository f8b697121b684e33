"""Drawings on plain paper: what is left out of the work on them changes nothing."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.images import around
from inkhook.core.images.page import find_page
from inkhook.core.images.preprocess import Found, find_digit, to_pixels

sides = st.integers(1, 400)
levels = st.sampled_from([0, 1, 128, 200, 249, 254, 255]) | st.integers(0, 255)


@st.composite
def drawings(draw: st.DrawFn) -> UInt8Array:
    """Clean drawings, and others that are nearly clean."""
    height, width = draw(
        st.sampled_from([(280, 280), (300, 300), (120, 90)]) | st.tuples(sides, sides)
    )
    paper = draw(levels)
    page = np.full((height, width), paper, np.uint8)
    if draw(st.integers(0, 9)) == 0:
        page[:, width // 2 :] = draw(levels)  # half in the shade
    for _ in range(draw(st.integers(0, 4))):
        x, y = draw(st.floats(-0.1, 1.1)), draw(st.floats(-0.1, 1.1))
        size = draw(st.floats(0.02, 0.9)) * max(height, width)
        ink, thick = draw(levels), draw(st.integers(1, 24))
        centre = int(x * width), int(y * height)
        match draw(st.sampled_from(["ring", "stroke", "speck", "line", "box", "text", "sheet"])):
            case "ring":
                axes = int(size / 3) + 1, int(size / 2) + 1
                cv2.ellipse(page, centre, axes, 9, 0, 360, ink, thick, cv2.LINE_AA)
            case "stroke":
                end = int(centre[0] + size / 4), int(centre[1] + size)
                cv2.line(page, centre, end, ink, thick, cv2.LINE_AA)
            case "speck":
                page[centre[1] % height, centre[0] % width] = ink
            case "line":
                cv2.line(page, (0, centre[1]), (width, centre[1]), ink, 1 + thick // 8)
            case "box":
                inset = int(size / 20)
                corner = width - 1 - inset, height - 1 - inset
                cv2.rectangle(page, (inset, inset), corner, ink, 1 + thick // 8)
            case "text":
                digit = str(draw(st.integers(0, 19)))
                font = cv2.FONT_HERSHEY_SIMPLEX
                cv2.putText(page, digit, centre, font, size / 40, ink, thick, cv2.LINE_AA)
            case "sheet":
                cv2.rectangle(page, centre, (int(centre[0] + size), int(centre[1] + size)), ink, -1)
    if draw(st.integers(0, 9)) == 0:
        seed = draw(st.integers(0, 9))
        page += np.random.default_rng(seed).integers(0, 3, page.shape).astype(np.uint8)
    return page


def everything(image: UInt8Array) -> tuple[UInt8Array, np.ndarray, Found, object]:
    page, matrix = find_page(image)
    return page, matrix, find_digit(page), to_pixels(page)


def assert_same(image: UInt8Array) -> None:
    """Compare, to the last bit, with what is found if nothing is known of what lies around."""
    found = everything(image)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(around, "find", lambda _: None)
        expected = everything(image)
    for one, other in zip(_arrays(found), _arrays(expected), strict=True):
        np.testing.assert_array_equal(one, other)


def _arrays(value: object) -> list[object]:
    if isinstance(value, tuple):
        return [len(value), *(array for part in value for array in _arrays(part))]
    return [value]


@given(drawings())
@settings(max_examples=60, deadline=None)
@example(np.zeros((280, 280), np.uint8))
@example(np.full((97, 97), 255, np.uint8))
def test_the_long_way_gives_the_same(image: UInt8Array) -> None:
    assert_same(image)


@pytest.mark.parametrize("change", ["plain", "inverted", "grey paper", "speck", "cropped", "two"])
def test_digits_on_plain_paper(change: str, digits: Dataset) -> None:
    rng = np.random.default_rng(0)
    for image in digits.test.images[:15]:
        size = int(rng.integers(40, 270))
        y, x = rng.integers(0, 281 - size, 2)
        page = np.zeros((280, 280), np.uint8)
        page[y : y + size, x : x + size] = cv2.resize(image, (size, size))
        match change:
            case "inverted":
                page = 255 - page
            case "grey paper":
                page = 230 - page // 2
            case "speck":
                page[tuple(rng.integers(0, 280, 2))] = 255
            case "cropped":
                page = page[y + size // 5 :, x + size // 5 :]
            case "two":
                page = np.hstack([page, page[::-1]])
        assert_same(np.ascontiguousarray(page))


@given(st.tuples(sides, sides), st.tuples(sides, sides), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_copies(shape: tuple[int, int], smaller: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.full(shape, rng.integers(0, 256), np.uint8)
    (top, bottom), (left, right) = (sorted(rng.integers(0, side + 1, 2)) for side in shape)
    image[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left))
    size = min(smaller[1], shape[1]), min(smaller[0], shape[0])
    expected = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(around.shrink(image, size, around.find(image)), expected)


@pytest.mark.parametrize("size", [(93, 93), (140, 140), (160, 160), (96, 96), (40, 70), (35, 280)])
def test_copies_at_usual_scales(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        image = np.full((280, 280), 255, np.uint8)
        y, x = rng.integers(1, 150, 2)
        image[y : y + 120, x : x + 90] = rng.integers(0, 256, (120, 90))
        ground = around.find(image)
        assert ground is not None
        expected = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(around.shrink(image, size, ground), expected)


def test_where_something_lies() -> None:
    image = np.full((20, 30), 7, np.uint8)
    assert around.find(image) == around.Around(7, 0, 0, 0, 0)
    image[3:8, 4:10] = 9
    assert around.find(image) == around.Around(7, 4, 3, 6, 5)
    for place in ((0, 5), (19, 5), (9, 0), (9, 29)):
        touched = image.copy()
        touched[place] = 8
        assert around.find(touched) is None
