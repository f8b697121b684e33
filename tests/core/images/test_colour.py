"""Colours: ink of the paper's brightness is seen, a ring of another colour isn't ink."""

import io

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.images.colour import to_grey
from inkhook.core.images.imagefile import decode_image
from inkhook.core.images.preprocess import prepare
from inkhook.core.images.rings import without_ring
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier

Colour = tuple[int, int, int]
SIDE = 240
WHITE, BLUE, BLACK, RED, GREEN = (
    (240, 240, 236),
    (30, 40, 120),
    (25, 25, 28),
    (195, 30, 40),
    (20, 115, 60),
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(artifact.read_artifact(SHIPPED).network)


def written(digit: UInt8Array, paper: Colour, pen: Colour, size: int = 110) -> UInt8Array:
    """Write a digit in the middle of a page: RGB."""
    page = np.full((SIDE, SIDE, 3), paper, np.float32)
    corner = (SIDE - size) // 2
    ink = pictures.glyph(digit, size)[..., np.newaxis]
    window = page[corner : corner + size, corner : corner + size]
    window += (np.array(pen, np.float32) - window) * ink
    noise = np.random.default_rng(0).normal(0, 2, (SIDE, SIDE, 1))
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def shaded(picture: UInt8Array) -> UInt8Array:
    return (picture * np.linspace(0.6, 1, SIDE)[:, np.newaxis]).astype(np.uint8)


def saved(picture: UInt8Array, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(file, kind)
    return file.getvalue()


def count_right(classifier: Classifier, files: list[bytes], digits: Dataset) -> int:
    right = 0
    for data, label in zip(files, digits.test.labels, strict=False):
        prepared = prepare(decode_image(data).pixels)
        right += prepared is not None and classifier(prepared[np.newaxis]).argmax() == label
    return right


@pytest.mark.parametrize(
    ("paper", "pen"),
    [
        ((90, 150, 90), (220, 90, 90)),  # red on green of one brightness
        ((220, 90, 90), (90, 150, 90)),
        ((70, 130, 220), (60, 150, 60)),
        ((240, 240, 236), (250, 235, 90)),  # yellow on white
        ((250, 232, 100), (30, 50, 160)),
        ((30, 34, 32), (235, 235, 230)),
        ((240, 240, 236), (235, 150, 40)),
    ],
)
@pytest.mark.parametrize("light", ["even", "shaded"])
def test_ink_of_any_colour_is_read(
    paper: Colour, pen: Colour, light: str, digits: Dataset, classifier: Classifier
) -> None:
    pages = [written(digit, paper, pen) for digit in digits.test.images[:12]]
    pages = [shaded(page) for page in pages] if light == "shaded" else pages
    assert count_right(classifier, [saved(page) for page in pages], digits) >= 11


def test_where_brightness_shows_the_ink_nothing_else_counts(digits: Dataset) -> None:
    for pen in (BLUE, BLACK, RED, GREEN):
        page = written(digits.test.images[0], WHITE, pen)
        assert np.array_equal(to_grey(page), cv2.cvtColor(page, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("TIFF", "CMYK")])
def test_every_way_to_keep_a_colour_gives_the_same(kind: str, mode: str, digits: Dataset) -> None:
    page = written(digits.test.images[0], (90, 150, 90), (220, 90, 90))
    expected = prepare(decode_image(saved(page, "BMP")).pixels)
    found = prepare(decode_image(saved(page, kind, mode)).pixels)
    assert expected is not None
    assert found is not None
    assert np.abs(expected - found).mean() < 0.002


def with_ring(page: UInt8Array, shape: str, colour: Colour) -> UInt8Array:
    page = page.copy()
    if shape == "circle":
        cv2.circle(page, (120, 122), 82, colour, 4, cv2.LINE_AA)
    elif shape == "open ellipse":
        cv2.ellipse(page, (118, 120), (84, 76), 10, 20, 350, colour, 3, cv2.LINE_AA)
    else:
        cv2.rectangle(page, (44, 40), (198, 200), colour, 4, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("shape", ["circle", "open ellipse", "box"])
@pytest.mark.parametrize(("pen", "ring"), [(BLUE, RED), (BLACK, RED), (BLACK, GREEN), (RED, BLUE)])
def test_a_ring_of_another_colour_is_no_ink(
    shape: str, pen: Colour, ring: Colour, digits: Dataset, classifier: Classifier
) -> None:
    pages = [
        with_ring(written(digit, WHITE, pen, 100), shape, ring) for digit in digits.test.images[:10]
    ]
    assert count_right(classifier, [saved(page) for page in pages], digits) >= 9


def test_two_colours_without_a_ring_stay(digits: Dataset) -> None:
    page = written(digits.test.images[0], WHITE, BLUE)
    page[:, SIDE // 2 :] = written(digits.test.images[0], WHITE, RED)[:, SIDE // 2 :]
    grey = to_grey(page)
    assert without_ring(page, grey) is grey


@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3))))
@settings(max_examples=60, deadline=None)
def test_any_colours_give_grey(rgb: UInt8Array) -> None:
    grey = to_grey(rgb)
    assert grey.shape == rgb.shape[:2]
    assert grey.dtype == np.uint8
    assert without_ring(rgb, grey).shape == grey.shape
