"""Drawn digits and added marks: placed as preprocessing places them, and readable."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, UInt8Array
from inkhook.core.images.preprocess import to_model_input
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.augment import coarse, marks, pen
from inkhook.plugins.augment.hand import Style

LISTED = [
    pytest.param(digit, style, id=f"{digit}-{style.name}")
    for digit, listed in enumerate(pen.STYLES)
    for style in listed
]

images_of = st.binary(min_size=1, max_size=40).map(
    lambda data: np.frombuffer(data, np.uint8) % np.uint8(10)
)
seeds = st.integers(0, 2**32 - 1)


def check_placed(images: UInt8Array) -> None:
    """Assert that the box's longest side is 20, its brightest 255, its mass in the middle."""
    low, high = pen.boxes(images)
    assert ((high - low).max(axis=1) == 20).all()
    assert (images.max(axis=(1, 2)) == 255).all()
    places = np.arange(28)
    for axis in (0, 1):
        lines = images.sum(axis=2 - axis, dtype=float)
        centre = lines @ places / lines.sum(axis=1)
        # a digit that would leave the frame stops at its edge
        stopped = (low[:, axis] == 0) | (high[:, axis] == 28)
        assert (np.abs(centre - 14) <= 0.5 + 1e-9)[~stopped].all()
        # nothing lies outside the box
        outside = (places < low[:, axis, None]) | (places >= high[:, axis, None])
        assert not lines[outside].any()


@given(labels=images_of, seed=seeds)
@settings(max_examples=12, deadline=None)
def test_drawn_digits_are_placed_as_preprocessing_does(labels: UInt8Array, seed: int) -> None:
    images = pen.draw_digits(labels, np.random.default_rng(seed))
    assert images.shape == (len(labels), 28, 28)
    assert images.dtype == np.uint8
    check_placed(images)


@given(labels=images_of, seed=seeds)
@settings(max_examples=5, deadline=None)
def test_the_same_seed_draws_the_same(labels: UInt8Array, seed: int) -> None:
    first, second = (pen.draw_digits(labels, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, pen.draw_digits(labels, np.random.default_rng(seed + 1)))


def test_no_labels_draw_no_images() -> None:
    nothing = np.empty(0, np.uint8)
    assert pen.draw_digits(nothing, np.random.default_rng(0)).shape == (0, 28, 28)


@pytest.mark.parametrize(("digit", "style"), LISTED)
def test_every_style_draws_digits_that_differ(digit: int, style: Style) -> None:
    images = pen.draw_style(style, 60, np.random.default_rng(digit))
    check_placed(images)
    assert (np.count_nonzero(images, axis=(1, 2)) > 25).all()
    assert len(np.unique(images.reshape(60, -1), axis=0)) == 60


def test_names_are_one_of_a_kind_and_weights_positive() -> None:
    assert len(pen.STYLES) == 10
    for listed in pen.STYLES:
        assert len({style.name for style in listed}) == len(listed) >= 3
        assert all(style.weight > 0 for style in listed)


def test_more_than_one_chunk_is_drawn_whole() -> None:
    images = pen.draw_style(pen.STYLES[7][1], pen.CHUNK + 3, np.random.default_rng(0))
    assert images.any(axis=(1, 2)).all()


def test_a_model_that_never_saw_them_reads_most() -> None:
    labels = np.arange(4000).astype(np.uint8) % np.uint8(10)
    images = pen.draw_digits(labels, np.random.default_rng(4))
    read = Classifier(artifact.read_artifact(SHIPPED).network)(to_model_input(images)).argmax(
        axis=1
    )
    right = read == labels
    assert right.mean() > 0.8
    assert all(right[labels == digit].mean() > 0.5 for digit in range(10))


@pytest.mark.parametrize(
    ("marker", "digit"),
    [
        (marks.cross_sevens, 7),
        (marks.slash_zeros, 0),
        (marks.flag_ones, 1),
        (marks.foot_ones, 1),
    ],
)
def test_a_mark_only_adds_ink(digits: Dataset, marker: marks.Marker, digit: int) -> None:
    images = digits.test.images[digits.test.labels == digit][:200]
    marked = marker(images, np.random.default_rng(0))
    assert (marked >= images).all()
    more = (marked > images).sum(axis=(1, 2))
    assert (more > 0).mean() > 0.97  # where there is such a mark already, it may cover the new one
    assert np.median(more) > 8
    assert more.max() < 200


@given(seed=seeds, share=st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=6, deadline=None)
def test_marked_digits_are_placed_and_others_left(digits: Dataset, seed: int, share: float) -> None:
    images, labels = digits.test.images[:300], digits.test.labels[:300]
    marked = marks.add_marks(images, labels, np.random.default_rng(seed), share)
    assert np.array_equal(
        marked, marks.add_marks(images, labels, np.random.default_rng(seed), share)
    )
    changed = (marked != images).any(axis=(1, 2))
    assert set(labels[changed]) <= {0, 1, 7}
    assert changed.sum() <= np.isin(labels, (0, 1, 7)).sum()
    assert changed.any() == (share > 0)
    if changed.any():
        check_placed(marked[changed])


def test_a_blank_image_is_left_blank() -> None:
    blank = np.zeros((3, 28, 28), np.uint8)
    labels = np.array([0, 1, 7], np.uint8)
    assert not marks.add_marks(blank, labels, np.random.default_rng(0), 1.0).any()


@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_coarse_views_are_placed_and_blank_ones_stay(digits: Dataset, seed: int) -> None:
    images = digits.test.images[:200].copy()
    images[7] = 0
    views, again = (coarse.coarsen(images, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(views, again)
    assert not views[7].any()
    check_placed(np.delete(views, 7, axis=0))


def test_coarse_views_are_broader_than_the_digits_and_still_show_them(digits: Dataset) -> None:
    images, labels = digits.test.images[:2000], digits.test.labels[:2000]
    views = coarse.coarsen(images, np.random.default_rng(0))
    (low, high), (before_low, before_high) = pen.boxes(views), pen.boxes(images)
    width, before = (high - low)[:, 1], (before_high - before_low)[:, 1]
    tall = (before_high - before_low)[:, 0] == 20
    assert (width >= before - 2)[tall].all()
    assert (width == 20).mean() > 0.3
    ones = width[labels == 1] / before[labels == 1]
    assert ones.max() < coarse.MOST + 0.5, "a bare stroke doesn't become a blot"
    model = Classifier(artifact.read_artifact(SHIPPED).network)
    assert (model(to_model_input(views)).argmax(axis=1) == labels).mean() > 0.85
