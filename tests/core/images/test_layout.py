"""One digit or several: pairs near and far, pages, and digits that come in pieces."""

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.images.layout import lay_out
from inkhook.core.images.preprocess import find_digit
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.core.reading.predictor import status_of
from inkhook.core.reading.rows import Status

SIZE = 100


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    model = artifact.read_artifact(SHIPPED)
    return Classifier(model.network, model.temperature)


def ink_of(digit: UInt8Array) -> np.ndarray:
    """Return a digit SIZE pixels high, cut to its ink: 1 is ink."""
    large = pictures.glyph(digit[4:24, 4:24], SIZE)
    y, x = np.nonzero(large > 0.5)
    return np.asarray(large[y.min() : y.max() + 1, x.min() : x.max() + 1])


def page_of(placed: list[tuple[np.ndarray, int, int]], rng: np.random.Generator) -> UInt8Array:
    """Lay inks on paper, each with its upper left corner at (y, x)."""
    height = max(y + ink.shape[0] for ink, y, _ in placed) + 40
    width = max(x + ink.shape[1] for ink, _, x in placed) + 40
    page = np.zeros((height, width), np.float32)
    for ink, y, x in placed:
        window = page[y + 20 : y + 20 + ink.shape[0], x + 20 : x + 20 + ink.shape[1]]
        np.maximum(window, ink, out=window)
    grey = 225 - 170 * page + rng.normal(0, 1.5, page.shape)
    return pictures.bytes_of(grey if rng.random() < 0.5 else 255 - grey)


@pytest.mark.parametrize("gap", [4, 12, 30, 60, 120, 300])
@pytest.mark.parametrize("way", ["beside", "diagonal"])
def test_a_pair_is_several(gap: int, way: str, digits: Dataset, classifier: Classifier) -> None:
    rng = np.random.default_rng(gap)
    found = []
    for place in range(0, 40, 2):
        one, two = (ink_of(digits.test.images[place + i]) for i in (0, 1))
        y = 0 if way == "beside" else one.shape[0] + gap // 2
        x = one.shape[1] + (gap if way == "beside" else gap // 2)
        page = page_of([(one, 0, 0), (two, y, x)], rng)
        found.append(status_of(find_digit(page), classifier))
    assert found.count(Status.SEVERAL) >= 19


def test_a_page_of_digits_is_several_and_not_blank(digits: Dataset, classifier: Classifier) -> None:
    rng = np.random.default_rng(1)
    inks = [ink_of(image)[::3, ::3] for image in digits.test.images[:30]]
    page = page_of([(ink, i // 6 * 55, i % 6 * 50) for i, ink in enumerate(inks)], rng)
    assert find_digit(page).layout.several
    assert status_of(find_digit(page), classifier) is Status.SEVERAL


def five_with_its_bar_apart() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    cv2.line(page, (88, 50), (145, 46), 20, 9, cv2.LINE_AA)
    cv2.line(page, (76, 62), (72, 100), 20, 9, cv2.LINE_AA)
    cv2.ellipse(page, (92, 128), (38, 34), 0, -110, 140, 20, 9, cv2.LINE_AA)
    return page


def broken_four() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    corners = np.array([(70, 40), (52, 105), (104, 105)], np.int32)
    cv2.polylines(page, [corners.reshape(-1, 1, 2)], False, 20, 9, cv2.LINE_AA)
    cv2.line(page, (124, 62), (118, 165), 20, 9, cv2.LINE_AA)
    return page


def one_with_a_dot() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    cv2.line(page, (104, 70), (98, 165), 20, 11, cv2.LINE_AA)
    cv2.circle(page, (106, 42), 7, 20, -1, cv2.LINE_AA)
    return page


def slashed_zero() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    cv2.ellipse(page, (100, 100), (42, 62), 0, 0, 360, 20, 9, cv2.LINE_AA)
    cv2.line(page, (84, 128), (116, 72), 20, 7, cv2.LINE_AA)
    return page


def eight_of_two_loops() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    cv2.ellipse(page, (102, 68), (30, 24), 0, 0, 360, 20, 8, cv2.LINE_AA)
    cv2.ellipse(page, (98, 132), (38, 30), 0, 0, 360, 20, 8, cv2.LINE_AA)
    return page


def crossed_seven() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    corners = np.array([(62, 45), (140, 42), (92, 165)], np.int32)
    cv2.polylines(page, [corners.reshape(-1, 1, 2)], False, 20, 9, cv2.LINE_AA)
    cv2.line(page, (130, 104), (150, 100), 20, 9, cv2.LINE_AA)
    return page


def ruled_two() -> UInt8Array:
    page = np.full((200, 200), 240, np.uint8)
    cv2.ellipse(page, (100, 75), (30, 28), 0, -170, 50, 20, 9, cv2.LINE_AA)
    cv2.line(page, (120, 96), (70, 150), 20, 9, cv2.LINE_AA)
    cv2.line(page, (70, 150), (140, 148), 20, 9, cv2.LINE_AA)
    page[[30, 31, 170, 171]] = 120
    return page


@pytest.mark.parametrize(
    "page",
    [
        five_with_its_bar_apart(),
        broken_four(),
        one_with_a_dot(),
        slashed_zero(),
        eight_of_two_loops(),
        crossed_seven(),
        ruled_two(),
    ],
    ids=["5", "4", "1", "0", "8", "7", "2"],
)
def test_a_digit_in_pieces_is_one(page: UInt8Array, classifier: Classifier) -> None:
    for image in (page, 255 - page):
        assert status_of(find_digit(image), classifier) is Status.OK


@pytest.mark.parametrize("picture", pictures.KINDS, ids=lambda picture: picture.__name__)
def test_single_digits_are_one(
    picture: pictures.Picture, digits: Dataset, classifier: Classifier
) -> None:
    rng = np.random.default_rng(11)
    count = 40 if picture is pictures.small_on_large else 160  # those have a megapixel
    pages = [picture(digit, rng) for digit in digits.test.images[:count]]
    found = [status_of(find_digit(page), classifier) for page in pages]
    several = found.count(Status.SEVERAL)
    assert several <= count // 25, "of one cut in two, the halves may look like digits"


def test_what_the_frame_cuts_is_no_digit_beside(digits: Dataset) -> None:
    rng = np.random.default_rng(0)
    ink = ink_of(digits.test.images[0])
    page = page_of([(ink, 0, 0), (ink, 0, 160)], rng)[:, : 160 + 20 + ink.shape[1] // 2]
    layout = find_digit(page).layout
    assert not layout.several
    assert not layout.parts


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 60), st.integers(1, 60)),
        elements=st.sampled_from([0, 1]),
        fill=st.just(0),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_mask_has_a_layout(mask: UInt8Array) -> None:
    found = lay_out(mask)
    whole = np.zeros_like(mask)
    for part in found.parts:
        assert part.any()
        assert not (part & whole).any(), "no ink is in two parts"
        whole |= part
    assert not (whole & (1 - mask)).any()
