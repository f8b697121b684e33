"""A network with its probabilities built in gives what the classifier gives."""

from typing import Any

import numpy as np
import pytest
from helpers import randomise

from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.modelfile import artifact
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.keras_model import build_model
from inkhook.core.network.network import Network
from inkhook.core.network.output_step import with_probabilities

ENDINGS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "softmax": [("Dense", {"units": 10, "activation": "softmax"})],
    "logits": [("Dense", {"units": 10})],
    "relu": [("Dense", {"units": 10}), ("ReLU", {})],
    "sigmoids": [("Dense", {"units": 10, "activation": "sigmoid"})],
    "a softmax layer": [("Dense", {"units": 10}), ("Softmax", {})],
    "an activation": [("Dense", {"units": 10}), ("Activation", {"activation": "sigmoid"})],
    "in another shape": [
        ("Dense", {"units": 10}),
        ("Reshape", {"target_shape": (1, 10)}),
        ("Softmax", {}),
        ("Dropout", {"rate": 0.5}),
        ("Flatten", {}),
    ],
    "a normalisation": [("Dense", {"units": 10}), ("BatchNormalization", {})],
}


def network(ending: str) -> Network:
    keras = import_keras()
    layers = [getattr(keras.layers, kind)(**options) for kind, options in ENDINGS[ending]]
    model = keras.Sequential([keras.Input((784,)), *layers])
    randomise(model, 0)
    return artifact.ModelFile(model).network


@pytest.mark.parametrize("temperature", [0.3, 1, 4.5])
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_probabilities_are_the_classifiers(ending: str, temperature: float) -> None:
    images = np.random.default_rng(1).random((20, 28, 28), np.float32)
    plain = network(ending)
    model = build_model(with_probabilities(plain, temperature))
    given = np.asarray(model(images.reshape(20, 784), training=False))
    expected = Classifier(plain, temperature)(images)
    assert np.ptp(expected) > 0.02, "they say something"
    assert np.abs(given - expected).max() <= 1e-5


def test_what_gives_probabilities_already_stays_as_it_is() -> None:
    plain = network("softmax")
    assert with_probabilities(plain, 1) is plain
