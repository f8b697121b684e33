"""What every trainer needs: a share held back, with nothing lost, and images as inputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook import hookimpl
from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.types import Dataset, Split, UInt8Array
from inkhook.core.data.training import (
    UNCHANGED,
    epoch_images,
    epoch_pixels,
    hold_back,
    prepare_split,
)
from inkhook.core.events.manager import Loaded, Plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.events.sources import PluginSource
from inkhook.core.images.preprocess import clean as clean_images
from inkhook.core.images.preprocess import to_model_input


@given(st.integers(1, 60), st.floats(0, 0.9), st.integers(0, 99))
def test_a_split_loses_and_doubles_nothing(count: int, share: float, seed: int) -> None:
    labels = np.arange(count, dtype=np.uint8)
    images = np.broadcast_to(labels[:, None, None], (count, 28, 28)).copy()
    try:
        rest, held = hold_back(Split(images, labels), share, seed)
    except ModelProblem:
        assert round(count * share) == count
        return
    assert sorted([*rest.labels, *held.labels]) == list(range(count))
    assert len(held) == round(count * share)
    assert (rest.images[:, 0, 0] == rest.labels).all()


@pytest.mark.parametrize("augments", [True, False])
def test_inputs_are_the_epochs_pixels(augments: bool) -> None:
    class Mirror:
        @hookimpl
        def augment(self, images: UInt8Array, epoch: int) -> UInt8Array:
            return images[:, :, ::-1] if epoch else images

    loaded = [Loaded(PluginSource("mirror", "test", ""), Mirror)] * augments
    session = CommandSession(Plugins(loaded))
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    split = Split(images, np.arange(5, dtype=np.uint8))
    epochs = list(epoch_images(session, split, 2))
    assert [inputs.dtype for inputs in epochs] == [np.float32] * 2
    assert np.allclose(epochs[0] * 255, images.reshape(5, 784))
    second = images[:, :, ::-1] if augments else images
    assert np.allclose(epochs[1] * 255, second.reshape(5, 784))


class Labelled:
    """Makes of an image nothing but its label plus 100, if the two belong together."""

    @hookimpl
    def augment(self, images: UInt8Array, labels: UInt8Array) -> UInt8Array:
        assert len(images)
        assert (images[:, 0, 0] == labels).all()
        assert not images.flags.writeable
        assert not labels.flags.writeable
        return np.broadcast_to(labels[:, None, None] + 100, images.shape).astype(np.uint8)


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_most_images_of_the_last_epochs_stay_as_they_are(count: int) -> None:
    session = CommandSession(Plugins([Loaded(PluginSource("labelled", "test", ""), Labelled)]))
    labels = np.arange(count).astype(np.uint8) % 10
    images = np.broadcast_to(labels[:, None, None], (count, 28, 28)).copy()
    epochs = list(epoch_pixels(session, Split(images, labels), 5, plain_epochs=2))
    changed = [np.mean(epoch[:, 0, 0] == labels + 100) for epoch in epochs]
    assert changed[:3] == [1, 1, 1]
    for epoch in epochs[3:]:
        assert (epoch[:, 0, 0] % 100 == labels).all(), "each image is beside its label"
    if count == 1000:
        assert changed[3:] == pytest.approx([1 - UNCHANGED] * 2, abs=0.05)
        assert (epochs[3] != epochs[4]).any(), "other images each time"


def test_prepared_images_are_what_a_model_sees(digits: Dataset) -> None:
    images = digits.test.images[:120].copy()
    images[:40] //= 3  # faint, but in their place
    images[40:80] = np.roll(images[40:80], 3, axis=2) // 2  # faint, and moved
    prepared = prepare_split(Split(images, digits.test.labels[:120])).images
    seen = to_model_input(images)
    assert np.array_equal(prepared, np.rint(seen * 255))
    clean = digits.test.images[clean_images(digits.test.images)][:50]
    assert np.array_equal(prepare_split(Split(clean, digits.test.labels[:50])).images, clean)
