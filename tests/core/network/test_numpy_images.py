"""Convolutions and pooling in NumPy agree with Keras, whatever their sizes, and with themselves."""

import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import randomise, run_in_keras
from hypothesis import given, settings
from hypothesis import strategies as st

from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import FloatArray
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network import numpy_engine
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.folding import folded
from inkhook.core.network.network import Layer, Network, is_window
from inkhook.core.network.numpy_convolutions import ALONE, WIDE
from inkhook.core.network.numpy_engine import BUSY, SHARED, TOGETHER, compile_network

SIZE = st.tuples(st.integers(1, 5), st.integers(1, 5))
STEP = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADDING = st.sampled_from(["valid", "same"])


def chain(*layers: Any, shape: tuple[int, ...] = (28, 28, 1), seed: int = 0) -> Network:
    """Return a network of Keras's layers and ten outputs, with random weights."""
    keras = import_keras()
    end = [keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input(shape), *layers, *end])
    randomise(model, seed)
    return artifact.ModelFile(model).network


def lenet() -> Network:
    layers = import_keras().layers
    return chain(
        layers.Conv2D(6, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
    )


def broad() -> Network:
    """Return a network whose images the cores share."""
    layers = import_keras().layers
    network = chain(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2))
    assert network.largest >= BUSY
    return network


def digits_like(count: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).random((count, 28, 28), np.float32)


@st.composite
def sliding_layers(draw: st.DrawFn) -> list[tuple[str, dict[str, Any]]]:
    """Draw the classes and arguments of one to three layers; never both strides and dilation."""

    def window() -> dict[str, Any]:
        gaps = draw(STEP)
        both = max(gaps) > 1
        return {
            "kernel_size": draw(SIZE),
            "dilation_rate": gaps,
            "strides": (1, 1) if both else draw(STEP),
            "padding": draw(PADDING),
            "activation": draw(st.sampled_from(["linear", "relu", "tanh", "softmax"])),
            "use_bias": draw(st.booleans()),
        }

    def even(options: dict[str, Any]) -> dict[str, Any]:
        # TensorFlow wants the same stride both ways where each channel has its own filters
        return options | {"strides": options["strides"][:1] * 2}

    def pool() -> dict[str, Any]:
        return {"pool_size": draw(SIZE), "strides": draw(STEP), "padding": draw(PADDING)}

    many, few = st.integers(1, 40), st.integers(1, 3)
    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "AveragePooling2D": pool,
        "Conv2D": lambda: {"filters": draw(many)} | window(),
        "DepthwiseConv2D": lambda: even({"depth_multiplier": draw(few)} | window()),
        "MaxPooling2D": pool,
        "SeparableConv2D": lambda: even(
            {"filters": draw(many), "depth_multiplier": draw(few)} | window()
        ),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=3))
    return [(kind, kinds[kind]()) for kind in chosen]


@given(sliding_layers(), st.sampled_from([(28, 28, 1), (41, 41, 3)]), st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_windows_agree_with_keras(
    described: list[tuple[str, dict[str, Any]]], shape: tuple[int, ...], seed: int
) -> None:
    layers = import_keras().layers
    try:
        network = chain(
            *(getattr(layers, kind)(**options) for kind, options in described),
            shape=shape,
            seed=seed,
        )
    except ValueError:  # nothing is left of the image
        return
    images = np.random.default_rng(seed).random((11, *shape), np.float32)
    ours, theirs = compile_network(network)(images), run_in_keras(network, images)
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs).max() <= 1e-5 * max(1, np.abs(theirs).max())


@pytest.mark.parametrize("first", [3, 40])
@pytest.mark.parametrize("options", [{"strides": (3, 2)}, {"dilation_rate": (2, 3)}])
def test_many_filters_go_line_by_line(first: int, options: dict[str, Any]) -> None:
    layers = import_keras().layers
    network = chain(layers.Conv2D(first, 3), layers.Conv2D(70, (4, 3), **options))
    assert (network.layers[1].weights["kernel"].size * WIDE > ALONE) == (first == 40)
    images = digits_like(TOGETHER[1] + 1)[..., np.newaxis]
    ours, theirs = compile_network(network)(images), run_in_keras(network, images)
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("limit", [{}, {"max_value": 0.4}, {"negative_slope": 0.2}])
def test_a_normalisation_after_a_product_changes_nothing(
    bias: bool, limit: dict[str, float]
) -> None:
    layers = import_keras().layers
    network = chain(
        layers.Conv2D(7, 3, use_bias=bias),
        layers.BatchNormalization(),
        layers.ReLU(**limit),
        layers.Conv2D(5, 3, activation="tanh"),
        layers.BatchNormalization(center=False, scale=False),
        layers.Reshape((-1, 5)),
        layers.Conv1D(6, 4, use_bias=bias),
        layers.BatchNormalization(),
        layers.BatchNormalization(scale=False),
        layers.ReLU(**limit),
        layers.Dense(3, use_bias=bias),
        layers.BatchNormalization(center=False),
    )
    fewer = folded(network.layers)
    assert len(network.layers) - len(fewer) == (4 if limit else 6)
    images = digits_like(9)[..., np.newaxis]
    ours, theirs = compile_network(network)(images), run_in_keras(network, images)
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


def test_a_network_slides_along_images_of_any_length() -> None:
    keras = import_keras()
    layers = keras.layers
    seen = [
        layers.Conv2D(6, (5, 3), activation="relu"),
        layers.MaxPooling2D((2, 3)),
        layers.Permute((2, 1, 3)),
        layers.Reshape((-1, 14 * 6)),
        layers.Conv1D(16, 9),
        layers.Dense(4),
        layers.Softmax(),
    ]
    window, long = (keras.Sequential([keras.Input((32, n, 1)), *seen]) for n in (29, None))
    randomise(window, 0)
    network = artifact.ModelFile(window).network
    assert network.reads_strips
    assert network.symbols == 4
    for columns in (29, 32, 73):
        strip = np.random.default_rng(columns).random((1, 32, columns, 1), np.float32)
        ours, theirs = compile_network(network)(strip), np.asarray(long(strip))
        assert ours.shape == theirs.shape == (1, (columns - 29) // 3 + 1, 4)
        assert np.abs(ours - theirs).max() <= 1e-5


def not_sliding(kind: str) -> tuple[tuple[int, ...], list[Any]]:
    """Return a window's shape and layers that work for this window alone."""
    layers = import_keras().layers
    return {
        "flat": ((32, 43, 1), [layers.Flatten(), layers.Reshape((1, -1))]),
        "of a fixed length": ((43, 32), [layers.Reshape((-1, 43)), layers.Conv1D(16, 32)]),
        "pooled": (
            (32, 43, 1),
            [layers.GlobalMaxPooling2D(keepdims=True), layers.Reshape((-1, 1))],
        ),
        "too wide": ((32, 4000, 1), [layers.Conv2D(1, (32, 4000)), layers.Reshape((-1, 1))]),
        "too narrow": ((1, 32), []),
    }[kind]


@pytest.mark.parametrize("kind", ["flat", "of a fixed length", "pooled", "too wide", "too narrow"])
def test_a_network_that_can_not_be_slid_is_refused(kind: str) -> None:
    keras = import_keras()
    shape, layers = not_sliding(kind)
    model = keras.Sequential([keras.Input(shape), *layers, keras.layers.Dense(16)])
    randomise(model, 0)
    with pytest.raises(ModelProblem):
        artifact.ModelFile(model)


@pytest.mark.parametrize("shape", [(), (32,), (23, 32), (32, 32), (129, 32), (32, 43, 3), (32, 43)])
def test_shapes_that_are_no_window(shape: tuple[int, ...]) -> None:
    assert not is_window(shape)
    assert is_window((45, 32))
    assert is_window((32, 43, 1))


def test_products_that_would_overflow_are_not_folded() -> None:
    layers = import_keras().layers
    network = chain(layers.Conv2D(2, 3), layers.BatchNormalization())
    huge = [dict(layer.weights) for layer in network.layers]
    huge[0]["kernel"] = np.full_like(huge[0]["kernel"], 1e30)
    huge[1]["gamma"] = np.full_like(huge[1]["gamma"], 1e30)
    both = [replace(layer, weights=own) for layer, own in zip(network.layers, huge, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(folded(both)) == len(both)


def test_channels_that_come_first() -> None:
    """Torch's order: a Permute before each layer and after it."""
    layers = import_keras().layers
    own, theirs = lenet(), {"data_format": "channels_first"}
    model = import_keras().Sequential(
        [
            import_keras().Input((1, 28, 28)),
            layers.Conv2D(6, 5, activation="relu", **theirs),
            layers.MaxPooling2D(2, **theirs),
            layers.Conv2D(16, 5, activation="relu", **theirs),
            layers.MaxPooling2D(2, **theirs),
            layers.GlobalAveragePooling2D(**theirs),
            layers.Dense(10),
        ]
    )
    randomise(model, 0)
    turned = artifact.ModelFile(model).network
    expected = Network(
        own.input_shape,
        (*own.layers[:4], Layer("GlobalAveragePooling2D", {}, {}), turned.layers[-1]),
        own.largest,
    )
    images = digits_like(5)
    found = compile_network(turned)(images[:, np.newaxis])
    wanted = compile_network(expected)(images[..., np.newaxis])
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_answers_do_not_depend_on_other_images() -> None:
    classify = Classifier(lenet())
    images = digits_like(32)
    whole = classify(images)
    for seed in range(3):
        others = digits_like(32, seed + 1)
        others[20] = images[20]
        assert np.array_equal(classify(others)[20], whole[20])
    alone = np.concatenate([classify(images[n : n + 1]) for n in range(len(images))])
    assert np.abs(alone - whole).max() <= 1e-6


@pytest.mark.parametrize("count", [1, SHARED - 1, SHARED, SHARED + 3])
def test_cores_change_nothing(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run, images = compile_network(broad()), digits_like(count)[..., np.newaxis]
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(numpy_engine, "cores", lambda cores=cores: cores)
        found.append(run(images))
    assert found[0].shape == (count, 10)
    assert np.array_equal(found[0], found[1])


def test_numbers_that_overflow_in_threads_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    network = broad()
    for layer in network.layers:
        for array in layer.weights.values():
            array[:] = 3e38
    monkeypatch.setattr(numpy_engine, "cores", lambda: 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ModelProblem, match="overflow"):
            Classifier(network)(digits_like(SHARED))


def test_memory_is_bounded_however_large_the_kernels() -> None:
    layers = import_keras().layers
    large = [
        layers.Conv2D(1, 60, padding="same"),
        layers.DepthwiseConv2D(50, padding="same"),
    ]
    network = chain(*large)
    run, images = compile_network(network), digits_like(20)[..., np.newaxis]
    tracemalloc.start()
    run(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 2**20, "each window has 3,600 numbers, each image 784 windows"


FIRST_ANSWERS = """
import sys
from inkhook.__main__ import main
try:
    main()
finally:
    print([name for name in ("tensorflow", "keras") if name in sys.modules], file=sys.stderr)
"""


def test_commands_answer_without_tensorflow(tmp_path: Path) -> None:
    import cv2

    import_keras()
    network = lenet()
    model = tmp_path / "lenet.h5"
    artifact.ModelFile(network).write(model, Card("x", "0" * 64, network.architecture, 1))
    (tmp_path / "digits").mkdir()
    image = (digits_like(1)[0] * 255).astype(np.uint8)
    (tmp_path / "digits" / "a.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
    done = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWERS, "predict-dir", "digits", "--model", str(model)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert "a.png" in done.stdout, done.stderr
    assert done.stderr.rstrip().endswith("[]")
