"""NumPy gives the same probabilities as Keras, on every layer that is allowed."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import randomise, run_in_keras
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import ModelProblem, ModelRejected
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.jobs.find_model import SHIPPED
from inkhook.core.kerasfile.fields import ACTIVATION_NAMES
from inkhook.core.kerasfile.rules import RULES
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import INPUT_SHAPES, Network

SHAPED = (
    "AveragePooling2D",
    "Conv1D",
    "Conv1D, padded",
    "Conv2D",
    "Cropping2D",
    "DepthwiseConv2D",
    "GRU",
    "GRU, its old way",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "LSTM",
    "LSTM, the other way",
    "MaxPooling2D",
    "Permute",
    "Resizing",
    "Resizing, nearest",
    "SeparableConv2D",
    "SimpleRNN",
    "UpSampling2D",
    "ZeroPadding2D",
)
ACTIVATION = st.sampled_from(ACTIVATION_NAMES)


@st.composite
def dense_layers(draw: st.DrawFn) -> list[Any]:
    """Draw a few layers that take inputs of any shape."""
    layers = import_keras().layers
    units = st.integers(1, 20)
    kinds = {
        "Activation": lambda: layers.Activation(draw(ACTIVATION)),
        "BatchNormalization": lambda: layers.BatchNormalization(
            epsilon=draw(st.floats(1e-4, 0.1)),
            center=draw(st.booleans()),
            scale=draw(st.booleans()),
        ),
        "Dense": lambda: layers.Dense(
            draw(units), activation=draw(ACTIVATION), use_bias=draw(st.booleans())
        ),
        "Dropout": lambda: layers.Dropout(draw(st.floats(0, 0.9))),
        "ELU": lambda: layers.ELU(alpha=draw(st.floats(0.1, 2))),
        "LeakyReLU": lambda: layers.LeakyReLU(negative_slope=draw(st.floats(0, 1))),
        "LayerNormalization": lambda: layers.LayerNormalization(center=draw(st.booleans())),
        "PReLU": layers.PReLU,
        "ReLU": lambda: layers.ReLU(
            draw(st.none() | st.floats(0.5, 2)), draw(st.floats(0, 1)), draw(st.floats(0, 0.5))
        ),
        "Rescaling": lambda: layers.Rescaling(draw(st.floats(-2, 2)), draw(st.floats(-1, 1))),
        "Reshape": lambda: layers.Reshape((1, -1)),
        "Softmax": layers.Softmax,
        "UnitNormalization": layers.UnitNormalization,
    }
    tried = {"Flatten", *(name.split(",")[0] for name in SHAPED)}
    assert set(kinds) - {"Dropout"} == set(RULES) - tried
    return [kinds[kind]() for kind in draw(st.lists(st.sampled_from(sorted(kinds)), max_size=4))]


def shaped() -> dict[str, tuple[Any, tuple[int, ...]]]:
    """Return layers that want inputs of a shape of their own."""
    layers = import_keras().layers
    image, rows = (28, 28, 1), (28, 28)
    return {
        "AveragePooling2D": (layers.AveragePooling2D((3, 2), 2, "same"), image),
        "Conv1D": (layers.Conv1D(6, 5, strides=3, activation="relu"), rows),
        "Conv1D, padded": (layers.Conv1D(4, 4, strides=3, padding="same", use_bias=False), rows),
        "Conv2D": (layers.Conv2D(7, (5, 4), (2, 3), "same", activation="gelu"), image),
        "Cropping2D": (layers.Cropping2D(((1, 2), (0, 3))), image),
        "DepthwiseConv2D": (layers.DepthwiseConv2D(3, 2, depth_multiplier=3), image),
        "GRU": (layers.GRU(5, activation="relu"), rows),
        "GRU, its old way": (layers.GRU(5, reset_after=False, return_sequences=True), rows),
        "GlobalAveragePooling2D": (layers.GlobalAveragePooling2D(), image),
        "GlobalMaxPooling2D": (layers.GlobalMaxPooling2D(keepdims=True), image),
        "LSTM": (layers.LSTM(6, recurrent_activation="hard_sigmoid"), rows),
        "LSTM, the other way": (layers.LSTM(6, use_bias=False, go_backwards=True), rows),
        "MaxPooling2D": (layers.MaxPooling2D(3, 2, "same"), image),
        "Permute": (layers.Permute((3, 1, 2)), image),
        "Resizing": (layers.Resizing(20, 41), image),
        "Resizing, nearest": (layers.Resizing(13, 40, interpolation="nearest"), image),
        "SeparableConv2D": (layers.SeparableConv2D(6, (2, 5), depth_multiplier=2), image),
        "SimpleRNN": (layers.SimpleRNN(7, activation="tanh"), rows),
        "UpSampling2D": (layers.UpSampling2D((2, 1)), image),
        "ZeroPadding2D": (layers.ZeroPadding2D(((1, 2), (3, 0))), image),
    }


@pytest.mark.parametrize("name", SHAPED)
def test_layers_agree_on_images_and_rows(name: str) -> None:
    keras = import_keras()
    layer, shape = shaped()[name]
    end = [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input(shape), layer, *end])
    randomise(model, 1)
    images = np.random.default_rng(1).random((5, 28, 28), np.float32)
    ours, theirs = numpy_and_keras(artifact.ModelFile(model).network, images)
    assert np.abs(ours - theirs).max() <= 1e-5
    plain = np.asarray(model(images.reshape(5, *shape), training=False))
    assert np.abs(ours - plain).max() <= 1e-5


def numpy_and_keras(network: Network, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    theirs = Classifier(network)
    theirs._run = partial(run_in_keras, network)
    return Classifier(network)(images), theirs(images)


@given(dense_layers(), st.sampled_from(INPUT_SHAPES), ACTIVATION, st.integers(0, 999))
@settings(max_examples=40, deadline=None)
def test_layers_agree(layers: list[Any], shape: tuple[int, ...], last: str, seed: int) -> None:
    keras = import_keras()
    end = [keras.layers.Flatten(), keras.layers.Dense(10, activation=last)]
    model = keras.Sequential([keras.Input(shape), *layers, *end])
    randomise(model, seed)
    images = np.random.default_rng(seed).random((5, 28, 28), np.float32)
    ours, theirs = numpy_and_keras(artifact.ModelFile(model).network, images)
    assert ours.dtype == np.float32
    assert np.allclose(ours.sum(axis=1), 1, atol=1e-5) or last == "sigmoid"
    assert np.abs(ours - theirs).max() <= 1e-5
    if last == "softmax":
        plain = np.asarray(model(images.reshape(5, *shape), training=False))
        assert np.abs(ours - plain).max() <= 1e-5, "as the model that was saved"


@pytest.mark.parametrize("name", ACTIVATION_NAMES)
def test_activations_hold_at_the_extremes(name: str) -> None:
    keras = import_keras()
    model = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(10, activation=name, use_bias=False)]
    )
    kernel = np.zeros((784, 10), np.float32)
    kernel[0] = [-1e4, -100, -20, -1, -1e-3, 1e-3, 1, 20, 100, 1e4]
    model.set_weights([kernel])
    images = np.zeros((1, 28, 28), np.float32)
    images[0, 0, 0] = 1
    ours, theirs = numpy_and_keras(artifact.ModelFile(model).network, images)
    assert np.isfinite(ours).all()
    assert np.abs(ours - theirs).max() <= 1e-5


def convolutional() -> Any:
    layers = import_keras().layers
    return import_keras().Sequential(
        [
            import_keras().Input((28, 28, 1)),
            layers.Rescaling(2.0, -1.0),
            layers.Conv2D(4, 3, activation="relu", padding="same", strides=2),
            layers.BatchNormalization(),
            layers.SpatialDropout2D(0.2),
            layers.AveragePooling2D(2, padding="same"),
            layers.Conv2D(6, (3, 2), dilation_rate=2, use_bias=False),
            layers.LeakyReLU(),
            layers.SeparableConv2D(5, 2, depth_multiplier=2, padding="same"),
            layers.DepthwiseConv2D(2, depth_multiplier=2, padding="same"),
            layers.MaxPooling2D((2, 1)),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def test_a_convolutional_network_from_a_file(tmp_path: Path) -> None:
    model = convolutional()
    randomise(model, 3)
    path = tmp_path / "theirs.h5"
    model.save(path, include_optimizer=False)
    found = artifact.read_artifact(path)
    assert found.card is None
    assert found.network.architecture == (
        "Conv2D BatchNormalization AveragePooling2D Conv2D SeparableConv2D DepthwiseConv2D "
        "MaxPooling2D Dense"
    )
    classifier = Classifier(found.network)
    images = np.random.default_rng(0).random((3, 28, 28), np.float32)
    logits = np.asarray(model(images[..., None], training=False))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert np.abs(classifier(images) - expected).max() <= 1e-5


def test_a_functional_chain_runs_and_branches_do_not() -> None:
    keras = import_keras()
    start = keras.Input((28, 28))
    flat = keras.layers.Flatten()(start)
    one, two = keras.layers.Dense(10)(flat), keras.layers.Dense(10)(flat)
    model = keras.Model(start, keras.layers.Softmax()(one))
    images = np.random.default_rng(0).random((2, 28, 28), np.float32)
    expected = np.asarray(model(images, training=False))
    assert np.abs(Classifier(artifact.ModelFile(model).network)(images) - expected).max() <= 1e-5
    with pytest.raises(ModelRejected):
        artifact.ModelFile(keras.Model(start, keras.layers.Add()([one, two])))


def test_any_number_of_images() -> None:
    keras = import_keras()
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
    classifier = Classifier(artifact.ModelFile(model).network)
    images = np.random.default_rng(0).random((2500, 28, 28), np.float32)
    whole = classifier(images)
    assert classifier(images[:0]).shape == (0, 10)
    flat = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    assert Classifier(artifact.ModelFile(flat).network)(images[:0]).shape == (0, 10)
    assert np.allclose(classifier(images[:1]), whole[:1], atol=1e-6)
    assert whole.shape == (2500, 10)


@pytest.mark.parametrize("ink", [0.0, 0.02, 0.3, 0.9, 1.0])
def test_an_image_by_itself_is_read_as_in_a_batch(ink: float) -> None:
    layers = import_keras().layers
    hidden = layers.Dense(512, "relu"), layers.Dense(512, "sigmoid")
    model = import_keras().Sequential(
        [import_keras().Input((784,)), *hidden, layers.Dense(10, "softmax")]
    )
    randomise(model, 1)
    network = artifact.ModelFile(model).network
    rng = np.random.default_rng(2)
    images = (rng.random((6, 28, 28)) * (rng.random((6, 28, 28)) < ink)).astype(np.float32)
    classify = Classifier(network)
    alone = np.concatenate([classify(image[np.newaxis]) for image in images])
    assert np.abs(alone - classify(images)).max() <= 1e-5
    assert np.abs(alone - run_in_keras(network, images.reshape(6, 784))).max() <= 1e-5


def test_numbers_that_overflow_are_a_sentence() -> None:
    keras = import_keras()
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(9), keras.layers.Dense(10)])
    model.set_weights([np.full_like(array, 3e38) for array in model.get_weights()])
    with pytest.raises(ModelProblem, match="overflow"):
        Classifier(artifact.ModelFile(model).network)(np.ones((1, 28, 28), np.float32))


def test_a_prediction_imports_neither_tensorflow_nor_keras(tmp_path: Path) -> None:
    keras = import_keras()
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
    artifact.ModelFile(model).write(tmp_path / "m.h5", Card("x", "0" * 64, "784-10", 7850))
    code = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from inkhook.core.modelfile import artifact\n"
        "from inkhook.core.network.classifier import Classifier\n"
        f"network = artifact.read_artifact(Path({str(tmp_path / 'm.h5')!r})).network\n"
        "assert Classifier(network)(np.zeros((1, 28, 28), np.float32)).shape == (1, 10)\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@given(st.floats(0.1, 10))
@settings(deadline=None, max_examples=20)
def test_a_temperature_changes_how_sure_and_not_what(temperature: float) -> None:
    network = artifact.read_artifact(SHIPPED).network
    images = np.random.default_rng(0).random((20, 28, 28), np.float32)
    plain, other = Classifier(network)(images), Classifier(network, temperature)(images)
    assert np.array_equal(plain.argmax(axis=1), other.argmax(axis=1))
    assert other.sum(axis=1) == pytest.approx(1, abs=1e-5)
    surer = other.max(axis=1) >= plain.max(axis=1) - 1e-5
    assert surer.all() if temperature <= 1 else (other.max(1) <= plain.max(1) + 1e-5).all()
