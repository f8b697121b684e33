"""Training on in NumPy: the right slopes, which layers, and what stays."""

from pathlib import Path

import numpy as np
import pytest

from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.types import FloatArray
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import Layer, Network
from inkhook.core.network.training import Lesson, Training, between

RNG = np.random.default_rng(0)


def dense(inputs: int, units: int, activation: str, *, bias: bool = True) -> Layer:
    options = {"units": units, "activation": activation, "use_bias": bias}
    kernel = RNG.normal(0, inputs**-0.5, (inputs, units)).astype(np.float32)
    weights = {"kernel": kernel} | ({"bias": np.zeros(units, np.float32)} if bias else {})
    return Layer("Dense", options, weights)


def network(*layers: Layer) -> Network:
    return Network((784,), layers, 784)


def loss(of: Network, images: FloatArray, wanted: FloatArray) -> float:
    return float(-(wanted * np.log(Classifier(of)(images))).sum(axis=1).mean())


IMAGES = RNG.random((40, 28, 28), np.float32)
WANTED = np.eye(10, dtype=np.float32)[RNG.integers(0, 10, 40)]


@pytest.mark.parametrize("last", ["softmax", "sigmoid", "linear"])
def test_the_first_step_goes_down_the_slope(last: str) -> None:
    """Adam's first step changes each number by the rate, against the sign of its slope."""
    before = network(dense(784, 20, "relu"), dense(20, 15, "linear"), dense(15, 10, last))
    training = Training(before)
    lesson = Lesson(training.inputs(IMAGES), WANTED)
    after = training.train([lesson], 1e-6, 0)
    for place in range(3):
        for name, array in before.layers[place].weights.items():
            at = tuple(int(RNG.integers(0, side)) for side in array.shape)
            slopes = []
            for by in (1e-2, -1e-2):
                weights = dict(before.layers[place].weights)
                weights[name] = array.copy()
                weights[name][at] += np.float32(by)
                layers = list(before.layers)
                layers[place] = Layer("Dense", layers[place].options, weights)
                slopes.append(loss(network(*layers), IMAGES, WANTED))
            step = after.layers[place].weights[name][at] - array[at]
            if abs(slopes[0] - slopes[1]) > 1e-5:
                assert step * (slopes[0] - slopes[1]) <= 0


def test_it_learns_and_repeats() -> None:
    before = network(dense(784, 20, "relu"), dense(20, 10, "softmax"))
    training = Training(before)
    lessons = [Lesson(training.inputs(IMAGES), WANTED)] * 20
    after = training.train(lessons, 1e-2, 1)
    assert loss(after, IMAGES, WANTED) < 0.9 * loss(before, IMAGES, WANTED)
    again = training.train(lessons, 1e-2, 1)
    for one, other in zip(after.layers, again.layers, strict=True):
        assert all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_what_lies_below_the_last_dense_layers_stays() -> None:
    before = network(dense(784, 20, "tanh"), dense(20, 15, "relu"), dense(15, 10, "softmax"))
    training = Training(before)
    assert training.inputs(IMAGES).shape == (40, 20)
    after = training.train([Lesson(training.inputs(IMAGES), WANTED)], 1e-2, 1)
    kept = [
        np.array_equal(one.weights["kernel"], other.weights["kernel"])
        for one, other in zip(before.layers, after.layers, strict=True)
    ]
    assert kept == [True, False, False]


def test_between_two_networks() -> None:
    old, new = network(dense(784, 10, "softmax")), network(dense(784, 10, "softmax"))
    half = between(old, new, 0.5).layers[0].weights["kernel"]
    ends = [each.layers[0].weights["kernel"] for each in (old, new)]
    assert np.allclose(half, (ends[0] + ends[1]) / 2, atol=1e-7)


def test_a_network_that_can_not_be_trained_on(tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match="can't be trained on: its last layer must be dense"):
        Training(network(dense(784, 10, "tanh")))
