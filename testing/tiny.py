"""A small dataset and a small model for tests: real digits, no Keras and no waiting.

The digits are the first few hundred of the dataset that the installed plugins call `mnist`. The
model is fitted to them in NumPy in a fraction of a second and written like every other artifact. It
reads three digits out of four: enough to test with, not to use.
See docs/decisions/021-tiny-dataset.md.
"""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..core.base.types import DIGITS, SIDE, Dataset, FloatArray
from ..core.images import preprocess
from ..core.jobs.embedded_digits import load_mnist
from ..core.modelfile.artifact import ModelFile
from ..core.modelfile.card import Card
from ..core.network.network import Layer, Network

TRAIN, TEST = 400, 100
SHRINK, STEEPNESS = 20, 8
INPUTS = SIDE * SIDE


@functools.cache
def dataset() -> Dataset:
    """Return the first 400 training and 100 test digits of MNIST.

    Raises
    ------
    DataProblem
        When no installed plugin has MNIST.
    """
    return replace(load_mnist(TRAIN, TEST), name="tiny")


def write_dataset(path: Path) -> Path:
    """Write the digits as a `.npz` for `--data`, and return its path."""
    digits = dataset()
    np.savez(
        path,
        x_train=digits.train.images,
        y_train=digits.train.labels,
        x_test=digits.test.images,
        y_test=digits.test.labels,
    )
    return path


@functools.cache
def weights() -> tuple[FloatArray, FloatArray]:
    """Fit one dense layer to the training digits; return kernel (784, 10) and bias (10,)."""
    train = dataset().train
    images = preprocess.to_model_input(train.images).reshape(-1, INPUTS)
    images -= (mean := images.mean(axis=0))
    wanted = np.eye(len(DIGITS), dtype=np.float32)[train.labels]
    # ridge regression in its dual form, one equation per image, scaled up to look like logits
    likeness = images @ images.T + np.float32(SHRINK) * np.eye(len(images), dtype=np.float32)
    kernel = np.float32(STEEPNESS) * images.T @ np.linalg.solve(likeness, wanted)
    kernel = np.ascontiguousarray(kernel, np.float32)
    bias = np.asarray(-mean @ kernel, np.float32)
    return kernel, bias


def write_model(path: Path) -> Path:
    """Write the model as a `.h5` for `--model`, and return its path."""
    digits = dataset()
    card = Card(digits.name, digits.sha256, network().architecture, network().parameters)
    ModelFile(network()).write(path, card)
    return path


@functools.cache
def network() -> Network:
    """Return the model as a network for `Classifier`."""
    kernel, bias = weights()
    options = {"units": len(DIGITS), "activation": "softmax", "use_bias": True}
    layer = Layer("Dense", options, {"kernel": kernel, "bias": bias})
    return Network((INPUTS,), (layer,), INPUTS)
