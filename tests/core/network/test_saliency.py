"""What an answer rests on agrees with what wiping a part out does to it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import randomise

import inkhook
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import Dataset, FloatArray
from inkhook.core.modelfile import artifact
from inkhook.core.network import saliency
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import Layer, Network, plain
from inkhook.core.network.saliency import contributions

SIDE, PART = 28, 7


@pytest.fixture(scope="module")
def model() -> inkhook.Model:
    return inkhook.load_model("pretrained")


def parts(images: FloatArray) -> FloatArray:
    """Return the sums over 4 × 4 parts of each image: (N, 16)."""
    blocks = images.reshape(-1, SIDE // PART, PART, SIDE // PART, PART)
    return np.asarray(blocks.sum(axis=(2, 4)).reshape(len(images), -1))


def odds(model: inkhook.Model, images: FloatArray, digit: int) -> FloatArray:
    """Return log p/(1 - p) of a digit: (N,). Wiped images stay in their place."""
    likely = Classifier(model._stored.network, model._stored.temperature)(images).astype(float)
    others = np.delete(likely, digit, axis=1).sum(axis=1)
    return np.asarray(np.log(likely[:, digit].clip(1e-30)) - np.log(others.clip(1e-30)))


def test_parts_that_speak_for_a_digit_are_those_whose_loss_costs_most(
    model: inkhook.Model, digits: Dataset
) -> None:
    images = digits.test.images[:60]
    contributed = parts(model.explain(images))
    agreed = []
    for image, contribution, digit in zip(images, contributed, model.predict(images), strict=True):
        seen = image.astype(np.float32) / 255
        wiped = np.repeat(seen[np.newaxis], len(contribution), axis=0)
        for place, each in enumerate(wiped):
            row, column = (PART * index for index in divmod(place, SIDE // PART))
            each[row : row + PART, column : column + PART] = 0
        lost = odds(model, seen[np.newaxis], digit) - odds(model, wiped, digit)
        inked = contribution != 0
        agreed.append(np.corrcoef(contribution[inked], lost[inked])[0, 1])
    assert np.median(agreed) > 0.7


def test_it_is_exact_for_rectified_layers_without_biases() -> None:
    rng = np.random.default_rng(0)
    kernels = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in ((784, 30), (30, 10))]
    layers = (
        plain("Flatten"),
        Layer("Dense", {"units": 30, "activation": "relu"}, {"kernel": kernels[0]}),
        Layer("Dense", {"units": 10, "activation": "linear"}, {"kernel": kernels[1]}),
    )
    network = Network((SIDE, SIDE), layers, 784)
    images = rng.random((4, SIDE, SIDE), np.float32)
    logits = np.maximum(images.reshape(4, -1) @ kernels[0], 0) @ kernels[1]
    likely = Classifier(network)(images)
    for digit in range(10):
        found = contributions(network, images, np.full(4, digit))
        others = np.delete(likely, digit, axis=1)
        mean = (others * np.delete(logits, digit, axis=1)).sum(axis=1) / others.sum(axis=1)
        expected = logits[:, digit] - mean
        np.testing.assert_allclose(found.sum(axis=(1, 2)), expected, rtol=1e-3, atol=1e-4)


def pooled() -> list[Any]:
    layers = import_keras().layers
    return [
        layers.Conv2D(4, (3, 4), strides=(2, 1), padding="same", activation="elu"),
        layers.MaxPooling2D((2, 3), strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.DepthwiseConv2D(3, dilation_rate=2, depth_multiplier=2, activation="tanh"),
        layers.AveragePooling2D(2, strides=1, padding="same"),
        layers.SeparableConv2D(8, 2, depth_multiplier=2, padding="same", activation="relu"),
        layers.GlobalMaxPooling2D(),
    ]


def resized() -> list[Any]:
    layers = import_keras().layers
    return [
        layers.ZeroPadding2D(((1, 2), (3, 0))),
        layers.Resizing(20, 23),
        layers.Cropping2D(((1, 0), (2, 3))),
        layers.UpSampling2D((1, 2)),
        layers.Conv2D(5, 3, strides=2),
        layers.Permute((3, 1, 2)),
        layers.LeakyReLU(),
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Flatten(),
    ]


def mixed() -> list[Any]:
    layers = import_keras().layers
    return [layers.Flatten(), layers.Dense(12, activation="softmax")]


@pytest.mark.parametrize("layers", [pooled, resized, mixed])
def test_slopes_agree_with_keras(
    layers: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    keras = import_keras()
    end = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), *layers(), end])
    randomise(model, 0)
    network = artifact.ModelFile(model).network
    rng = np.random.default_rng(0)
    images, digits = rng.random((6, SIDE, SIDE), np.float32), rng.integers(0, 10, 6)
    ours = contributions(network, images, digits)
    monkeypatch.setattr(saliency, "_has_slopes", lambda _: False)
    theirs = contributions(network, images, digits)
    assert np.abs(theirs).max() > 0
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(theirs).max())


def test_paper_says_nothing_and_neither_do_blank_images(
    model: inkhook.Model, digits: Dataset
) -> None:
    blank = np.zeros((SIDE, SIDE), np.uint8)
    found = model.explain([digits.test.images[0], blank])
    assert found.dtype == np.float32
    assert found.shape == (2, SIDE, SIDE)
    assert found[0].any()
    assert not found[0][0].any(), "the uppermost row is paper"
    assert not found[1].any()
    assert model.explain([]).shape == (0, SIDE, SIDE)
