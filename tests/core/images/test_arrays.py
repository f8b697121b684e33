"""Images in memory: what they may be, and that all forms of one give the same grey."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from inkhook.core.images.arrays import as_grey, as_list

GREY = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7
RGB = np.dstack([GREY] * 3)


@pytest.mark.parametrize(
    "image",
    [
        GREY,
        GREY[..., np.newaxis],
        RGB,
        np.dstack([RGB, np.full_like(GREY, 255)]),
        GREY / 255,
        (GREY / 255).astype(np.float32),
        RGB / 255,
        Image.fromarray(GREY),
        Image.fromarray(RGB),
    ],
)
def test_all_forms_of_an_image_are_the_same(image: Any) -> None:
    grey = as_grey(image)
    assert grey.dtype == np.uint8
    assert np.array_equal(grey, GREY)


def test_an_array_of_bool_is_black_and_white() -> None:
    assert np.array_equal(as_grey(GREY > 100), np.where(GREY > 100, 255, 0))


def test_what_is_transparent_is_paper() -> None:
    opaque = np.zeros((5, 7), np.uint8)
    opaque[1:4, 3] = 255
    grey = as_grey(np.dstack([np.zeros((5, 7, 3), np.uint8), opaque]))
    assert np.array_equal(grey, 255 - opaque)


def test_a_photo_that_pillow_opened_is_upright() -> None:
    image = Image.fromarray(GREY)
    image.getexif()[0x0112] = 3
    image.info["exif"] = image.getexif().tobytes()
    assert np.array_equal(as_grey(image), GREY[::-1, ::-1])


@pytest.mark.parametrize(
    ("image", "error", "sentence"),
    [
        (
            GREY.astype(np.int64),
            TypeError,
            "uint8, not int64; if its range is 0 to 255, use image.",
        ),
        (GREY.astype(np.float64), ValueError, "must range from 0 to 1, not from 0 to 238; if"),
        (GREY - 0.5, ValueError, "must range from 0 to 1, not from -0.5 to 237.5"),
        (np.full((2, 2), np.nan), ValueError, "must range from 0 to 1, not from nan to nan"),
        (np.zeros(784, np.uint8), ValueError, "must be of shape (H, W), (H, W, 3) or"),
        (np.zeros((2, 5, 7, 3), np.uint8), ValueError, "or (H, W, 4), not (2, 5, 7, 3)"),
        (np.zeros((5, 7, 2), np.uint8), ValueError, "not (5, 7, 2)"),
        (np.zeros((0, 7), np.uint8), ValueError, "not (0, 7)"),
        ([[0, 255]], TypeError, "an image must be an array or a Pillow image, not list"),
        ("seven.png", TypeError, "not str"),
        (None, TypeError, "not NoneType"),
    ],
)
def test_what_is_no_image_is_refused(image: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=re.escape(sentence)):
        as_grey(image)


@pytest.mark.parametrize(
    "images",
    [
        np.stack([GREY, GREY]),
        np.stack([RGB, RGB]),
        [GREY, RGB],
        (GREY, Image.fromarray(GREY)),
        iter([GREY, GREY]),
    ],
)
def test_a_set_has_an_entry_for_each_image(images: Any) -> None:
    listed = as_list(images)
    assert len(listed) == 2
    assert all(np.array_equal(as_grey(image), GREY) for image in listed)


def test_there_may_be_no_images() -> None:
    assert len(as_list([])) == len(as_list(np.zeros((0, 28, 28), np.uint8))) == 0


@pytest.mark.parametrize(
    ("images", "error", "sentence"),
    [
        (GREY, ValueError, "not (5, 7); pass a single image as [image]"),
        (RGB, ValueError, "not (5, 7, 3); pass a single image as [image]"),
        (np.zeros((9, 784)), ValueError, "flat ones as images.reshape(-1, 28, 28)"),
        (Image.fromarray(GREY), TypeError, "pass a single image as a list: [image]"),
        ("scans", TypeError, "use read_digit for a file and read_folder for a folder"),
        (7, TypeError, "must be an array or a list of images, not int"),
    ],
)
def test_what_is_no_set_of_images_is_refused(
    images: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=re.escape(sentence)):
        as_list(images)


ANYTHING = hnp.arrays(
    st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes()),
    hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5),
)


@given(ANYTHING)
def test_any_array_is_grey_or_refused_in_a_sentence(array: np.ndarray) -> None:
    try:
        grey = as_grey(array)
    except (TypeError, ValueError) as error:
        sentence = str(error)
        assert re.fullmatch(r"an image .*\.", sentence)
    else:
        assert grey.dtype == np.uint8
        assert grey.shape == array.shape[:2]
