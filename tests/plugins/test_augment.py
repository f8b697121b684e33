"""Augmentation: new images for the same labels, which still show them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers import Run, card_of
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.types import Dataset, UInt8Array, read_only
from inkhook.core.images.preprocess import scale
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.judging.score import sure_from
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.plugins.augment import Augment
from inkhook.plugins.augment.marks import scribble

OUT = Path("out")
OFF = {
    "augment_drawn": 0.0,
    "augment_marks": 0.0,
    "augment_scribbles": 0.0,
    "augment_coarse": 0.0,
}


def augmented(digits: Dataset, *, seed: float = 0, **options: float) -> UInt8Array:
    """Return the first test images as an epoch would see them."""
    plugin = Augment(**{**OFF, "augment_strength": 1.0, **options})
    images, labels = digits.test.images[:1000], digits.test.labels[:1000]
    session: Any = SimpleNamespace(training={})
    return plugin.augment(session, images, labels, np.random.default_rng(int(seed)), own=False)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    model = artifact.read_artifact(SHIPPED)
    return Classifier(model.network, model.temperature)


def test_a_run_with_it_says_so_in_its_card(run_small: Run) -> None:
    result = run_small("--plugins", "train,augment", "--epochs", "2", "--augment-drawn", "0.3")
    assert result.exit_code == 0
    shares = card_of(OUT / "model.h5").training["augment"]
    assert shares == {
        "drawn": 0.3,
        "marks": 0.15,
        "scribbles": 0.02,
        "coarse": 0.05,
        "strength": 1,
    }


def test_a_seed_repeats_it_and_another_does_not(digits: Dataset) -> None:
    options = {
        "augment_drawn": 0.2,
        "augment_marks": 0.5,
        "augment_scribbles": 0.1,
        "augment_coarse": 0.2,
    }
    first = augmented(digits, **options)
    assert first.shape == (1000, 28, 28)
    assert first.dtype == np.uint8
    assert np.array_equal(augmented(digits, **options), first)
    assert not np.array_equal(augmented(digits, seed=1, **options), first)


def test_a_persons_own_samples_are_bent_but_not_replaced(
    digits: Dataset, classifier: Classifier
) -> None:
    images, labels = digits.test.images[:300], digits.test.labels[:300]
    plugin, rng = Augment(0.9, 0.9, 0.9, 0.9, 1), np.random.default_rng(0)
    session: Any = SimpleNamespace(training={})
    out = plugin.augment(session, images, labels, rng, own=True)
    assert not (out == images).all(axis=(1, 2)).any()
    assert (classifier(scale(out)).argmax(axis=1) == labels).mean() > 0.95


def test_with_everything_off_the_images_stay_as_they_are(digits: Dataset) -> None:
    images = augmented(digits, augment_strength=0.0)
    difference = np.abs(images - digits.test.images[:1000].astype(float)).mean() / 255
    assert difference < 0.04


def test_bent_digits_stay_readable_and_in_place(digits: Dataset, classifier: Classifier) -> None:
    images = augmented(digits)
    right = classifier(scale(images)).argmax(axis=1) == digits.test.labels[:1000]
    assert right.mean() > 0.95
    light = images.astype(float)
    for axis in (1, 2):
        middle = light.sum(axis=axis) @ np.arange(28) / light.sum(axis=(1, 2))
        assert np.abs(middle - 14).mean() < 1
    inked = images > 60
    longest = np.maximum(inked.any(axis=2).sum(axis=1), inked.any(axis=1).sum(axis=1))
    assert np.percentile(longest, [5, 95]) == pytest.approx([20, 20], abs=3)
    assert images.max(axis=(1, 2)).min() >= 250


def test_strength_bends_further(digits: Dataset, classifier: Classifier) -> None:
    labels = digits.test.labels[:1000]
    right = [
        (classifier(scale(augmented(digits, augment_strength=s))).argmax(axis=1) == labels).mean()
        for s in (0.5, 1.5, 3.0)
    ]
    assert right == sorted(right, reverse=True)


@pytest.mark.parametrize(
    ("option", "low", "high"),
    [
        ("augment_drawn", 0.35, 0.45),
        ("augment_scribbles", 0.35, 0.45),
        ("augment_marks", 0.1, 0.25),
        ("augment_coarse", 0.35, 0.45),
    ],
)
def test_shares_are_shares(digits: Dataset, option: str, low: float, high: float) -> None:
    with_it = augmented(digits, augment_strength=0.0, **{option: 0.4})
    without = augmented(digits, augment_strength=0.0)
    changed = (with_it != without).mean(axis=(1, 2)) > 0.02
    assert low < changed.mean() < high


def test_the_model_is_unsure_of_scribbles(classifier: Classifier) -> None:
    images = scribble(500, np.random.default_rng(5))
    assert images.shape == (500, 28, 28)
    assert (
        classifier(scale(images)).max(axis=1) < sure_from(artifact.read_artifact(SHIPPED))
    ).mean() > 0.8


@given(st.integers(0, 40), st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_any_images_go_through(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    images[::3] = 0
    labels = rng.integers(0, 10, count, np.uint8)
    plugin = Augment(0.2, 1.0, 0.2, 0.3, 2.0)
    session: Any = SimpleNamespace(training={})
    out = plugin.augment(session, read_only(images), read_only(labels), rng, own=False)
    assert out.shape == images.shape
    assert out.dtype == np.uint8
