"""Small on large: what is far smaller or thinner than the picture is found, and dust isn't."""

import io

import cv2
import numpy as np
import pictures
import pytest
from PIL import Image

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.images.imagefile import decode_image
from inkhook.core.images.layout import Layout
from inkhook.core.images.preprocess import find_digit, prepare
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(artifact.read_artifact(SHIPPED).network)


def as_jpeg(page: UInt8Array) -> bytes:
    file = io.BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=85)
    return file.getvalue()


def sheet(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Return paper in uneven light, float32 (height, width)."""
    light = np.linspace(0.8, 1, width, dtype=np.float32)
    cloud = cv2.resize(rng.uniform(0.9, 1, (3, 3)).astype(np.float32), (width, height))
    noise = np.empty((height, width), np.float32)
    cv2.randn(noise, 0, 3)
    return np.asarray(235 * light * cloud + noise)


def test_60_pixels_on_a_photo_of_12_megapixels(digits: Dataset, classifier: Classifier) -> None:
    rng, right = np.random.default_rng(4), 0
    for digit, label in zip(digits.test.images[:4], digits.test.labels[:4], strict=True):
        page = sheet(3000, 4000, rng)
        y, x = rng.integers(200, 2700, 2)
        page[y : y + 84, x : x + 84] -= 150 * pictures.glyph(digit, 84)  # 20 of 28 are the digit's
        prepared = prepare(decode_image(as_jpeg(pictures.bytes_of(page))).pixels)
        right += prepared is not None and classifier(prepared[np.newaxis]).argmax() == label
    assert right == 4


@pytest.mark.parametrize("tone", ["dark", "light"])
def test_a_line_of_one_pixel_on_a_whole_screen(tone: str, classifier: Classifier) -> None:
    page = np.full((1080, 1920), 255, np.uint8)
    seven = np.array([(1200, 200), (1600, 200), (1350, 900)], np.int32).reshape(-1, 1, 2)
    cv2.polylines(page, [seven], False, 0)
    prepared = prepare(page if tone == "dark" else 255 - page)
    assert prepared is not None
    assert classifier(prepared[np.newaxis]).argmax() == 7


def test_clouds_of_light_are_not_taken_for_the_ink(digits: Dataset, classifier: Classifier) -> None:
    y, x = np.mgrid[:1500, :2000].astype(np.float32)
    page = sheet(1500, 2000, np.random.default_rng(0))
    page -= 60 * np.exp(-(((y - 400) / 150) ** 2) - ((x - 500) / 220) ** 2)
    page[900:970, 1400:1470] -= 130 * pictures.glyph(digits.test.images[0], 70)
    prepared = prepare(pictures.bytes_of(page))
    assert prepared is not None
    assert classifier(prepared[np.newaxis]).argmax() == digits.test.labels[0]


def test_dust_is_no_digit() -> None:
    rng = np.random.default_rng(1)
    page = sheet(1500, 2000, rng)
    for y, x in rng.integers(20, 1480, (12, 2)):
        cv2.circle(page, (int(x), int(y)), int(rng.integers(1, 3)), 90, -1)
    assert find_digit(pictures.bytes_of(page)).digit is None


def test_small_digits_far_apart_are_several(digits: Dataset) -> None:
    page = sheet(1500, 2000, np.random.default_rng(2))
    for i, place in enumerate((300, 900)):
        page[place : place + 60, place : place + 60] -= 150 * pictures.glyph(
            digits.test.images[i], 60
        )
    assert find_digit(pictures.bytes_of(page)).layout == Layout(several=True)


def test_paper_that_fades_into_its_table_is_not_the_ink(
    digits: Dataset, classifier: Classifier
) -> None:
    page = np.full((400, 480), 120, np.float32)
    page[60:340, 60:400] = np.linspace(200, 122, 340)
    page[120:280, 130:290] -= 90 * pictures.glyph(digits.test.images[0], 160)
    cv2.randn(noise := np.empty_like(page), 0, 2)
    prepared = prepare(pictures.bytes_of(page + noise))
    assert prepared is not None
    assert classifier(prepared[np.newaxis]).argmax() == digits.test.labels[0]
