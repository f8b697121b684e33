"""Preprocessing: any picture of a digit becomes what MNIST would have made of it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkhook.core.base.types import Dataset, FloatArray, UInt8Array
from inkhook.core.images.preprocess import SETTINGS, clean, prepare, scale, to_model_input
from inkhook.core.images.ruled_lines import keep_digit
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier

REFERENCE = Path(__file__).with_name(f"prepared-{SETTINGS.version}.npz")

sides = st.integers(1, 120)
images = sides.flatmap(
    lambda height: sides.flatmap(lambda width: arrays(np.uint8, (height, width)))
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    model = artifact.read_artifact(SHIPPED)
    return Classifier(model.network)


def made(picture: pictures.Picture, dataset: Dataset, count: int) -> list[UInt8Array]:
    rng = np.random.default_rng(7)
    return [picture(digit, rng) for digit in dataset.test.images[:count]]


def reading(classifier: Classifier, found: list[FloatArray | None]) -> list[int]:
    """Return the digits that are read; -1 for blank."""
    zero = np.zeros((28, 28), np.float32)
    rows = classifier(np.stack([zero if image is None else image for image in found]))
    return [
        -1 if image is None else int(digit)
        for image, digit in zip(found, rows.argmax(axis=1), strict=True)
    ]


@given(images)
@settings(max_examples=150, deadline=None)
def test_any_picture_becomes_a_centred_digit_or_is_blank(image: UInt8Array) -> None:
    prepared = prepare(image)
    if prepared is None:
        return
    assert prepared.shape == (28, 28)
    assert prepared.dtype == np.float32
    assert prepared.min() >= 0
    assert prepared.max() == pytest.approx(1)
    rows, columns = np.nonzero(prepared)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 <= SETTINGS.box
    again = prepare(image)
    assert again is not None
    assert np.array_equal(again, prepared), "the same picture gives the same"


@pytest.mark.parametrize("picture", pictures.KINDS, ids=lambda picture: picture.__name__)
def test_pictures_are_read(
    picture: pictures.Picture, digits: Dataset, classifier: Classifier
) -> None:
    found = [prepare(image) for image in made(picture, digits, 100)]
    right = np.equal(reading(classifier, found), digits.test.labels[:100]).sum()
    assert right >= 92


def test_a_mnist_image_stays_as_it_is(digits: Dataset, classifier: Classifier) -> None:
    prepared = to_model_input(digits.test.images)
    plain = scale(digits.test.images)
    same = np.abs(prepared - plain).max(axis=(1, 2)) < 1e-6
    assert same.mean() > 0.98
    labels = digits.test.labels
    before, after = ((classifier(x).argmax(axis=1) == labels).mean() for x in (plain, prepared))
    assert after >= before - 0.0005


@pytest.mark.parametrize("change", ["place", "polarity", "contrast", "size"])
def test_what_does_not_matter_changes_nothing(change: str, digits: Dataset) -> None:
    digit = np.pad(digits.test.images[0], 16)
    other = {
        "place": np.roll(digit, (11, -9), (0, 1)),
        "polarity": 255 - digit,
        "contrast": digit // 2 + 60,
        "size": digit.repeat(2, 0).repeat(2, 1),
    }[change]
    first, second = prepare(digit), prepare(other)
    assert first is not None
    assert second is not None
    assert np.abs(first - second).mean() < 0.015


def test_the_mass_lies_in_the_middle_and_the_longest_side_is_20(digits: Dataset) -> None:
    for image in made(pictures.dark_on_light, digits, 30):
        prepared = prepare(image)
        assert prepared is not None
        rows, columns = np.nonzero(prepared)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
        places = np.arange(28)
        for axis in (0, 1):
            middle = prepared.sum(axis=axis) @ places / prepared.sum()
            assert abs(middle - 14) <= 1


def test_the_smallest_images_do_no_harm() -> None:
    rng = np.random.default_rng(0)
    for height, width in np.ndindex(6, 6):  # OpenCV takes a number for an image of 4×1
        for _ in range(4):
            prepared = prepare(rng.integers(0, 256, (height + 1, width + 1)).astype(np.uint8))
            assert prepared is None or prepared.max() == pytest.approx(1)


def _blank(kind: str) -> UInt8Array:
    rng = np.random.default_rng(3)
    paper = np.full((120, 160), 200.0)
    slope = np.linspace(0.6, 1, 160)
    return {
        "paper": paper,
        "black": paper * 0,
        "all ink": paper * 0 + 255,
        "grain": paper + rng.normal(0, 5, paper.shape),
        "slope": paper * slope,
        "grain on a slope": paper * slope + rng.normal(0, 4, paper.shape),
        "small grain": (paper + rng.normal(0, 6, paper.shape))[:28, :28],
        "shade": paper * (1 - 0.4 / (1 + np.exp((70 - np.arange(160)) / 5))),
    }[kind].astype(np.uint8)


@pytest.mark.parametrize(
    "kind",
    ["paper", "black", "all ink", "grain", "slope", "grain on a slope", "small grain", "shade"],
)
def test_nothing_but_paper_is_blank(kind: str) -> None:
    assert prepare(_blank(kind)) is None
    assert prepare(255 - _blank(kind)) is None


@pytest.mark.parametrize("thickness", [1, 2, 3, 9])
@pytest.mark.parametrize("boxed", [False, True])
def test_lines_and_nothing_else_do_no_harm(thickness: int, boxed: bool) -> None:
    page = np.full((100, 140), 230, np.uint8)
    page[[30, 70]] = 60
    if boxed:
        page[:, [20, 120]] = 60
    prepared = prepare(cv2.erode(page, np.ones((thickness, thickness), np.uint8)))
    assert prepared is None or prepared.max() == pytest.approx(1), "one may take a bar for a 1"
    assert keep_digit(page[:20] * 0) is None


def test_a_blank_image_of_a_set_is_all_zero(digits: Dataset) -> None:
    images = np.stack([digits.test.images[0], np.zeros((28, 28), np.uint8)])
    assert to_model_input(images).any(axis=(1, 2)).tolist() == [True, False]
    assert to_model_input(images[:0]).shape == (0, 28, 28)
    assert to_model_input(np.zeros((2, 40, 30), np.uint8)).shape == (2, 28, 28)


def test_fifty_megapixels(digits: Dataset, classifier: Classifier) -> None:
    image = np.full((5000, 10_000), 240, np.uint8)
    ink = pictures.glyph(digits.test.images[0], 2000)
    image[1500:3500, 4000:6000] = 240 - 200 * ink
    assert reading(classifier, [prepare(image)]) == [7]


@pytest.mark.parametrize("shape", [(8, 8), (8, 300), (300, 8), (1, 1), (1, 500)])
def test_any_shape(shape: tuple[int, int]) -> None:
    image = np.zeros(shape, np.uint8)
    image[shape[0] // 3 : shape[0] // 2 + 1, shape[1] // 3 : shape[1] // 2 + 1] = 255
    prepared = prepare(image)
    assert prepared is None or prepared.shape == (28, 28)


@pytest.mark.parametrize(
    "image", [np.zeros((28, 28, 3), np.uint8), np.zeros((28, 28)), np.zeros((0, 5), np.uint8)]
)
def test_what_is_no_grey_image_is_refused(image: UInt8Array) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        prepare(image)


def test_several_threads_give_the_same(digits: Dataset) -> None:
    images = [image for kind in pictures.KINDS for image in made(kind, digits, 8)]
    alone = [prepare(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(prepare, images * 3))
    for image, again in zip(alone * 3, together, strict=True):
        assert (image is None) == (again is None)
        assert image is None or again is None or np.array_equal(image, again)


def test_the_version_grows_when_the_output_changes(digits: Dataset) -> None:
    """If this fails, look at what changed, and write the new reference with

    python tests/core/images/test_preprocess.py

    If that was an image as training sees it, raise PreprocessSettings.version as well.
    """
    with np.load(REFERENCE) as reference:
        expected = reference["prepared"]
    found = everything(digits)
    # OpenCV rounds differently from one processor to the next
    assert np.abs(found.astype(int) - expected).max() <= 2


def everything(digits: Dataset) -> UInt8Array:
    """Prepare six pictures of each kind, and MNIST images that aren't clean: uint8 (N, 28, 28)."""
    pages = [image for kind in pictures.KINDS for image in made(kind, digits, 6)]
    pages += list(digits.test.images[~clean(digits.test.images)][:20])
    prepared = [prepare(page) for page in pages]
    zero = np.zeros((28, 28), np.float32)
    whole = np.stack([zero if image is None else image for image in prepared])
    return np.asarray(np.rint(whole * 255).astype(np.uint8))


if __name__ == "__main__":
    from inkhook.plugins.mnist import load_embedded

    np.savez_compressed(REFERENCE, prepared=everything(load_embedded()))
