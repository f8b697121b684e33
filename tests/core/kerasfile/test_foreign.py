"""Files of every Keras: each form of one network gives that network's answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzz_descriptions
import numpy as np
import numpy.typing as npt
import pytest
from foreign import Array, drawn, functional, layer, sequential, write
from helpers import ROOT, run_in_keras

from inkhook.core.base.problems import ModelRejected
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.foreign import input_way
from inkhook.core.modelfile import artifact, h5guard
from inkhook.core.modelfile.card import Card
from inkhook.core.modelfile.interpretations import TURNED
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import Network

HERE = ROOT / "tests" / "support" / "keras_files"
IMAGES = np.random.default_rng(0).random((6, 28, 28), np.float32)

W1, B1, W2, B2 = drawn(784, 8), drawn(8), drawn(8, 10), drawn(10)


def softmax(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def dense_answers(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What the small dense network answers."""
    return softmax(np.maximum(images.reshape(-1, 784) @ W1 + B1, 0) @ W2 + B2)


def run(network: Network, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Run a network on inputs as it wants them."""
    return Classifier(network)(ready(network, images))


def ready(network: Network, images: npt.NDArray[Any]) -> Array:
    return np.ascontiguousarray(images.reshape(-1, *network.input_shape), np.float32)


def examined(path: Path, architecture: str | None = None) -> dict[str, Network]:
    """Read a file in this process; the child would run the same lines."""
    return h5guard.check_model_file(path.read_bytes(), architecture)[1]


def opened(path: Path) -> Network:
    return next(iter(examined(path).values()))


def refusal(path: Path, architecture: str | None = None) -> ModelRejected:
    with pytest.raises(ModelRejected) as caught:
        examined(path, architecture)
    return caught.value


# ------------------------------------------------------------------ one dense network in all forms

DENSE = layer("Dense", "dense_1", units=8, activation="relu", batch_input_shape=[None, 784])
LAST = layer("Dense", "dense_2", units=10, activation="softmax")
PLAIN = {
    "dense_1": {"dense_1/kernel:0": W1, "dense_1/bias:0": B1},
    "dense_2": {"dense_2/kernel:0": W2, "dense_2/bias:0": B2},
}


def with_shape(**shape: Any) -> dict[str, Any]:
    return layer("Dense", "dense_1", units=8, activation="relu", **shape)


KERAS_1 = sequential(
    layer(
        "Dense",
        "dense_1",
        output_dim=8,
        activation="linear",
        batch_input_shape=[None, 784],
        input_dim=784,
        bias=True,
        init="glorot_uniform",
        W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01},
        b_constraint=None,
    ),
    layer("Activation", "activation_1", activation="relu"),
    layer("Dropout", "dropout_1", p=0.5),
    layer("Dense", "dense_2", output_dim=10, activation="softmax", init="he_normal", bias=True),
    bare=True,
)
INPUT = layer("InputLayer", "input_1", batch_input_shape=[None, 784], sparse=False)
IMAGE = layer("InputLayer", "input_1", batch_input_shape=[None, 28, 28], sparse=False)
FLAT = layer("Flatten", "flatten_1")
NESTED = sequential(sequential(DENSE, name="inner"), sequential(LAST, name="head"))

FORMS: dict[str, tuple[Any, dict[str, dict[str, Array]]]] = {
    "keras 2": (sequential(DENSE, LAST), PLAIN),
    "a bare list": (sequential(DENSE, LAST, bare=True), PLAIN),
    "keras 1": (
        KERAS_1,
        {
            "dense_1": {"dense_1_W": W1, "dense_1_b": B1},
            "dense_2": {"dense_2_W:0": W2, "dense_2_b:0": B2},
            "dropout_1": {},
        },
    ),
    "numbered parameters": (
        KERAS_1,
        {"dense_1": {"param_0": W1, "param_1": B1}, "dense_2": {"param_0": W2, "param_1": B2}},
    ),
    "numbered variables": (
        sequential(DENSE, LAST),
        {"dense_1": {"vars/0": W1, "vars/1": B1}, "dense_2": {"vars/0": W2, "vars/1": B2}},
    ),
    "names without :0": (
        sequential(DENSE, LAST),
        {
            "dense_1": {"sequential/dense_1/kernel": W1, "sequential/dense_1/bias": B1},
            "dense_2": {"sequential/dense_2/kernel": W2, "sequential/dense_2/bias": B2},
        },
    ),
    "names made unique": (
        sequential(DENSE, LAST),
        {
            "dense_1": {"dense_1_4/kernel_1:0": W1, "dense_1_4/bias_1:0": B1},
            "dense_2": {"kernel:0": W2, "bias:0": B2},
        },
    ),
    "build_input_shape": (
        {
            "class_name": "Sequential",
            "config": {"layers": [with_shape(), LAST], "build_input_shape": [None, 784]},
        },
        PLAIN,
    ),
    "batch_shape": (sequential(with_shape(batch_shape=[32, 784]), LAST), PLAIN),
    "input_dim": (sequential(with_shape(input_dim=784), LAST), PLAIN),
    "no shape": (sequential(with_shape(), LAST), PLAIN),
    "no shape of an image": (sequential(FLAT, with_shape(), LAST), PLAIN),
    "a batch of 32": (sequential(with_shape(batch_input_shape=[32, 784]), LAST), PLAIN),
    "an image": (sequential(IMAGE, FLAT, with_shape(), LAST), PLAIN),
    "an image of one channel": (
        sequential(
            layer("InputLayer", "i", batch_input_shape=[None, 28, 28, 1]), FLAT, with_shape(), LAST
        ),
        PLAIN,
    ),
    "functional": (functional(INPUT, with_shape(), LAST), PLAIN),
    "functional, out of order": (
        {
            "class_name": "Functional",
            "config": functional(INPUT, with_shape(), LAST)["config"]
            | {"layers": functional(INPUT, with_shape(), LAST)["config"]["layers"][::-1]},
        },
        PLAIN,
    ),
    "nested": (
        NESTED,
        {
            "inner": {"dense_1/kernel:0": W1, "dense_1/bias:0": B1},
            "head": {"dense_2/kernel:0": W2, "dense_2/bias:0": B2},
        },
    ),
    "nested in keras 1": (
        sequential(sequential(DENSE, LAST, bare=True) | {"name": "inner"}, bare=True),
        {
            "inner": {
                "dense_1_W": W1,
                "dense_1_b": B1,
                "dense_2_W": W2,
                "dense_2_b": B2,
            }
        },
    ),
    "functional in a sequential": (
        sequential(functional(INPUT, with_shape(), name="body"), LAST),
        {
            "body": {"dense_1/kernel:0": W1, "dense_1/bias:0": B1},
            "dense_2": PLAIN["dense_2"],
        },
    ),
    "idle layers": (
        sequential(
            layer("RandomRotation", "r", factor=0.1, batch_input_shape=[None, 28, 28]),
            layer("GaussianNoise", "g", stddev=0.1),
            FLAT,
            with_shape(activity_regularizer={"class_name": "L2", "config": {"l2": 0.01}}),
            layer("AlphaDropout", "a", rate=0.1),
            LAST,
        ),
        PLAIN,
    ),
    "functions of tensorflow": (
        sequential(
            with_shape(input_dim=784),
            layer("Dense", "dense_2", units=10, activation="softmax_v2"),
        ),
        PLAIN,
    ),
    "a layer as an activation": (
        sequential(
            layer(
                "Dense",
                "dense_1",
                units=8,
                input_dim=784,
                activation={"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.0}},
            ),
            LAST,
        ),
        PLAIN,
    ),
    "names with slashes": (
        sequential(
            layer("Dense", "body/one", units=8, activation="relu", input_dim=784),
            layer("Dense", "body/two", units=10, activation="softmax"),
        ),
        {
            "body/one": {"body/one/kernel:0": W1, "body/one/bias:0": B1},
            "body/two": {"body/two/kernel:0": W2, "body/two/bias:0": B2},
        },
    ),
    "logits": (sequential(DENSE, layer("Dense", "dense_2", units=10)), PLAIN),
    "mixed precision": (
        sequential(
            with_shape(
                input_dim=784,
                dtype={"class_name": "Policy", "config": {"name": "mixed_float16"}},
            ),
            LAST,
        ),
        PLAIN,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_dense_network(form: str, tmp_path: Path) -> None:
    description, groups = FORMS[form]
    version = "1.2.2" if "keras 1" in form or "parameters" in form else "2.4.0"
    path = write(tmp_path / "m.h5", description, groups, version=version)
    assert np.abs(run(opened(path), IMAGES) - dense_answers(IMAGES)).max() <= 1e-5


TEXTS: dict[str, Callable[[str], Any]] = {
    "bytes": str.encode,
    "variable": str,
    "fixed": lambda text: np.bytes_(text.encode()),
    "longer than its text": lambda text: np.array(text.encode(), f"S{len(text) + 9}"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_every_kind_of_text(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.h5", sequential(DENSE, LAST), PLAIN, text=TEXTS[kind])
    assert np.abs(run(opened(path), IMAGES) - dense_answers(IMAGES)).max() <= 1e-5


def test_a_file_that_does_not_say_its_keras(tmp_path: Path) -> None:
    path = write(tmp_path / "m.h5", *FORMS["keras 1"], version=None, backend=None)
    assert np.abs(run(opened(path), IMAGES) - dense_answers(IMAGES)).max() <= 1e-5


# ------------------------------------------------------------------ layers, against today's Keras


def keras_network(*layers: Any, shape: tuple[int, ...] = (28, 28, 1)) -> tuple[Any, Any]:
    keras = import_keras()
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(1)
    for variable in model.weights:
        fan = max(1, int(np.prod(variable.shape[:-1])))
        values = rng.normal(0, fan**-0.5, variable.shape)
        positive = variable.path.endswith("moving_variance")
        variable.assign(np.abs(values) + 0.1 if positive else values)
    return model, np.asarray(model(IMAGES.reshape(-1, *shape), training=False))


def test_channels_first_and_theano(tmp_path: Path) -> None:
    """A network as Keras 1 kept it with Theano: channels first, kernels another way round."""
    keras = import_keras()
    model, expected = keras_network(
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.BatchNormalization(),
        keras.layers.Permute((3, 1, 2)),  # so that Flatten takes a channel after the other
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    )
    kernel, bias, gamma, beta, mean, variance, dense, dense_bias = model.get_weights()
    first = {"dim_ordering": "th"}
    description = sequential(
        layer(
            "Convolution2D",
            "convolution2d_1",
            nb_filter=4,
            nb_row=3,
            nb_col=3,
            border_mode="valid",
            subsample=[1, 1],
            activation="relu",
            batch_input_shape=[None, 1, 28, 28],
            **first,
        ),
        layer("MaxPooling2D", "maxpooling2d_1", pool_size=[2, 2], border_mode="valid", **first),
        layer("BatchNormalization", "batchnormalization_1", axis=1, mode=0, epsilon=1e-3),
        layer("Flatten", "flatten_1"),
        layer("Dense", "dense_1", output_dim=10, activation="softmax"),
        bare=True,
    )
    groups = {
        "convolution2d_1": {
            "convolution2d_1_W": kernel.transpose(3, 2, 0, 1),
            "convolution2d_1_b": bias,
        },
        "batchnormalization_1": {
            "batchnormalization_1_gamma": gamma,
            "batchnormalization_1_beta": beta,
            "batchnormalization_1_running_mean": mean,
            "batchnormalization_1_running_std": variance,
        },
        "dense_1": {"dense_1_W": dense, "dense_1_b": dense_bias},
    }
    path = write(tmp_path / "th.h5", description, groups, version="1.2.2", backend=None)
    networks = examined(path)
    assert list(networks) == ["", TURNED]
    assert np.abs(run(networks[""], IMAGES) - expected).max() <= 1e-5
    assert [one.kind for one in networks[""].layers].count("Permute") == 2, "others cancel out"

    turned = groups | {
        "convolution2d_1": {
            "convolution2d_1_W": kernel.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1],
            "convolution2d_1_b": bias,
        }
    }
    path = write(tmp_path / "turned.h5", description, turned, version="1.2.2", backend=None)
    networks = examined(path)
    assert np.abs(run(networks[TURNED], IMAGES) - expected).max() <= 1e-5
    path = write(tmp_path / "said.h5", description, turned, version="2.0.1", backend="theano")
    networks = examined(path)
    assert list(networks) == [TURNED]
    assert np.abs(run(networks[TURNED], IMAGES) - expected).max() <= 1e-5


def test_channels_first_and_last_in_one_network(tmp_path: Path) -> None:
    """The second convolution takes the rows for channels, and so must we."""
    keras = import_keras()
    model, expected = keras_network(
        keras.layers.Conv2D(4, 3),
        keras.layers.Permute((3, 1, 2)),
        keras.layers.Conv2D(5, (2, 3), strides=(1, 2)),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    )
    one, one_bias, two, two_bias, dense, dense_bias = model.get_weights()
    first = {"data_format": "channels_first", "batch_input_shape": [None, 1, 28, 28]}
    last = {"data_format": "channels_last", "strides": [1, 2]}
    description = sequential(
        layer("Conv2D", "a", filters=4, kernel_size=[3, 3], **first),
        layer("Conv2D", "b", filters=5, kernel_size=[2, 3], **last),
        FLAT,
        layer("Dense", "c", units=10, activation="softmax"),
    )
    groups = {
        "a": {"a/kernel:0": one, "a/bias:0": one_bias},
        "b": {"b/kernel:0": two, "b/bias:0": two_bias},
        "c": {"c/kernel:0": dense, "c/bias:0": dense_bias},
    }
    path = write(tmp_path / "m.h5", description, groups)
    assert np.abs(run(opened(path), IMAGES) - expected).max() <= 1e-5


def old_hard_sigmoid(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.clip(0.2 * x + 0.5, 0, 1)


def old_lstm(parts: dict[str, Array], units: int) -> npt.NDArray[Any]:
    """Keras 1's LSTM over the rows of the images, step by step in doubles."""
    h = c = np.zeros((len(IMAGES), units))

    def sums(gate: str, x: npt.NDArray[Any], h: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(x @ parts[f"W_{gate}"] + h @ parts[f"U_{gate}"] + parts[f"b_{gate}"])

    for row in range(28):
        x = IMAGES[:, row].astype(float)
        take, keep, show = (old_hard_sigmoid(sums(gate, x, h)) for gate in "ifo")
        c = keep * c + take * np.tanh(sums("c", x, h))
        h = show * np.tanh(c)
    return np.asarray(h)


def test_an_lstm_of_keras_1(tmp_path: Path) -> None:
    parts: dict[str, Array] = {}
    for seed, gate in enumerate("icfo"):
        parts |= {f"W_{gate}": 3 * drawn(28, 5, seed=seed), f"U_{gate}": drawn(5, 5, seed=seed)}
        parts[f"b_{gate}"] = drawn(5, seed=seed)
    kernel, bias = drawn(5, 10), drawn(10)
    description = sequential(
        layer(
            "LSTM",
            "lstm_1",
            output_dim=5,
            activation="tanh",
            inner_activation="hard_sigmoid",
            batch_input_shape=[None, 28, 28],
            consume_less="cpu",
        ),
        layer("Dense", "dense_1", output_dim=10, activation="softmax"),
        bare=True,
    )
    groups = {
        "lstm_1": {f"lstm_1_{name}": array for name, array in parts.items()},
        "dense_1": {"dense_1_W": kernel, "dense_1_b": bias},
    }
    path = write(tmp_path / "m.h5", description, groups, version="1.2.2")
    expected = softmax(old_lstm(parts, 5) @ kernel + bias)
    assert np.abs(run(opened(path), IMAGES) - expected).max() <= 1e-5


def test_an_lstm_of_a_graphics_card(tmp_path: Path) -> None:
    keras = import_keras()
    model, expected = keras_network(
        keras.layers.LSTM(6), keras.layers.Dense(10, activation="softmax"), shape=(28, 28)
    )
    kernel, memory, bias, dense, dense_bias = model.get_weights()

    # cuDNN's memory has the kernel of a gate as units × inputs, whatever shape Keras calls it
    kernels = [part.ravel("F").reshape(part.shape) for part in np.hsplit(kernel, 4)]
    half = drawn(24)
    description = sequential(
        layer("CuDNNLSTM", "l", units=6, batch_input_shape=[None, 28, 28]),
        layer("Dense", "d", units=10, activation="softmax"),
    )
    groups = {
        "l": {
            "l/kernel:0": np.hstack(kernels),
            "l/recurrent_kernel:0": np.hstack([part.T for part in np.hsplit(memory, 4)]),
            "l/bias:0": np.concatenate([half, bias - half]),
        },
        "d": {"d/kernel:0": dense, "d/bias:0": dense_bias},
    }
    path = write(tmp_path / "m.h5", description, groups)
    assert np.abs(run(opened(path), IMAGES) - expected).max() <= 1e-5


def test_hard_sigmoid_meant_something_else(tmp_path: Path) -> None:
    hidden = layer("Dense", "dense_1", units=8, activation="hard_sigmoid", input_dim=784)
    path = write(tmp_path / "m.h5", sequential(hidden, LAST), PLAIN)
    expected = softmax(old_hard_sigmoid(3 * IMAGES.reshape(-1, 784) @ W1 + B1) @ W2 + B2)
    assert np.abs(run(opened(path), 3 * IMAGES) - expected).max() <= 1e-5
    new = write(tmp_path / "new.h5", sequential(hidden, LAST), PLAIN, version="3.1.0")
    assert np.abs(run(opened(new), 3 * IMAGES) - expected).max() > 1e-3


@pytest.mark.parametrize("axis", [-1, [3], None, [1, 2, 3], "config"])
def test_normalization(axis: Any, tmp_path: Path) -> None:
    shape = {None: (), "config": (1, 1, 1, 1)}.get(str(axis) if axis == "config" else None)
    if isinstance(axis, int | list):
        shape = (28, 28, 1) if axis == [1, 2, 3] else (1,)
    assert shape is not None
    mean, variance = drawn(*shape), np.square(drawn(*shape, seed=1)) + np.float32(0.1)
    own: dict[str, Any] = {"axis": -1 if axis == "config" else axis}
    arrays = {"mean:0": mean, "variance:0": variance, "count:0": np.int64(7)}
    if axis == "config":
        own |= {"mean": mean.tolist(), "variance": variance.tolist()}
        arrays = {}
    description = sequential(
        layer("InputLayer", "i", batch_input_shape=[None, 28, 28, 1]),
        layer("Normalization", "n", **own),
        FLAT,
        with_shape(),
        LAST,
    )
    path = write(tmp_path / "m.h5", description, {"n": arrays, **PLAIN})  # type: ignore[dict-item]
    images = (IMAGES[..., None] - mean) / np.sqrt(variance)
    assert np.abs(run(opened(path), IMAGES) - dense_answers(images)).max() <= 1e-5


@pytest.mark.parametrize("name", [path.stem for path in sorted(HERE.glob("*.h5"))])
def test_both_engines_agree_with_keras_2(name: str) -> None:
    with np.load(HERE / "answers.npz", allow_pickle=False) as stored:
        images, expected = stored["images"], stored[name]
    network = opened(HERE / f"{name}.h5")
    x = images.astype(np.float32) / np.float32(255)
    lengths = np.sqrt(np.square(x).sum(axis=1, keepdims=True))
    scaled = {
        "augmented": x * 255,
        "convolution": x * 2 - 1,
        "functional": x / np.where(lengths == 0, 1, lengths),
        "nested": 1 - x,
        "separable": x - np.float32(0.5),
    }.get(name, x)
    batch = ready(network, scaled)
    assert np.abs(Classifier(network)._run(batch) - expected).max() <= 1e-5
    assert np.abs(run_in_keras(network, batch) - expected).max() <= 1e-5


def test_the_stored_files_are_small() -> None:
    assert sum(path.stat().st_size for path in HERE.iterdir()) < 350_000


# ------------------------------------------------------------------ written anew


@pytest.mark.parametrize("name", [path.stem for path in sorted(HERE.glob("*.h5"))])
def test_what_is_written_anew_is_the_same_for_us_and_for_keras(name: str, tmp_path: Path) -> None:
    network = input_way.at_default(opened(HERE / f"{name}.h5"))
    card = Card("mnist", "0" * 64, network.architecture, network.parameters, origin={"file": "x"})
    artifact.ModelFile(network).write(tmp_path / "m.h5", card)
    again = artifact.read_artifact(tmp_path / "m.h5")
    assert again.card == card
    expected = Classifier(network)(IMAGES)
    assert np.array_equal(Classifier(again.network)(IMAGES), expected)
    model = import_keras().models.load_model(tmp_path / "m.h5", compile=False)
    batch = IMAGES.reshape(-1, *network.input_shape)
    theirs = np.asarray(model(batch, training=False))
    assert np.abs(theirs - Classifier(network)._run(batch)).max() <= 1e-5


def test_damaged_descriptions_are_refused_or_harmless() -> None:
    found = fuzz_descriptions.fuzz(800, 5)
    assert found["accepted"] < 600
    assert len(found) > 5


# ------------------------------------------------------------------ weights only


def test_weights_of_a_dense_stack_are_enough(tmp_path: Path) -> None:
    short = {
        name: {key.split("/")[1]: array for key, array in own.items()}
        for name, own in PLAIN.items()
    }
    numbered = {
        "dense": {"vars/0": W1, "vars/1": B1},
        "dense_1": {"vars/0": W2, "vars/1": B2},
    }
    odd_names = {"out": PLAIN["dense_2"], "zero": PLAIN["dense_1"]}
    forms = [("", PLAIN), ("", short), ("layers", numbered), ("", odd_names)]
    for place, (root, groups) in enumerate(forms):
        path = write(tmp_path / f"{place}.h5", None, groups, root=root)
        networks = examined(path)
        assert [name.split()[0] for name in networks] == ["relu", "sigmoid", "tanh"]
        answers = run(next(iter(networks.values())), IMAGES)
        assert np.abs(answers - dense_answers(IMAGES)).max() <= 1e-5
        assert next(iter(examined(path, "dense:8,10").values())).architecture == "784-8-10"


def test_weights_that_do_not_say_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", None, PLAIN, root="")
    assert "784→8 and 8→10, which isn't dense:9,10" in str(refusal(path, "dense:9,10"))
    assert "isn't an architecture such as" in str(refusal(path, "conv:3"))
    two = {"a": {"kernel": drawn(8, 8)}, "b": {"kernel": drawn(8, 8, seed=1)}}
    stack = {"z": {"kernel": W1}, **two, "c": {"kernel": W2}}
    assert "--architecture" in str(refusal(write(tmp_path / "b.h5", None, stack, root="")))
    conv = {"conv2d": {"conv2d/kernel:0": drawn(3, 3, 1, 4)}, **PLAIN}
    problem = refusal(write(tmp_path / "c.h5", None, conv, root=""))
    assert problem.code == "no_description"
    assert "'conv2d' isn't dense, because it has an array of 3×3×1×4. Save" in str(problem)
    whole = write(tmp_path / "d.h5", sequential(DENSE, LAST), PLAIN)
    assert "leave out --architecture" in str(refusal(whole, "dense:8,10"))


# ------------------------------------------------------------------ refused by name


def described(tmp_path: Path, *layers: Any) -> str:
    return str(refusal(write(tmp_path / "m.h5", sequential(*layers), PLAIN)))


def test_what_is_refused_is_named(tmp_path: Path) -> None:
    code = layer("Lambda", "l", function=["x", None, None], function_type="lambda")
    assert "It has a Lambda layer, which is a program" in described(tmp_path, DENSE, code, LAST)
    own = layer("Capsule", "c")
    assert "It names the class 'Capsule'" in described(tmp_path, DENSE, own, LAST)
    own = layer("Dense", "dense_1", units=8, input_dim=784) | {"registered_name": "Mine>Dense"}
    assert "the custom object 'Mine>Dense'" in described(tmp_path, own, LAST)
    letters = layer("Dense", "dense_2", units=26)
    path = write(
        tmp_path / "letters.h5",
        sequential(DENSE, letters),
        PLAIN | {"dense_2": {"kernel": drawn(8, 26), "bias": drawn(26)}},
    )
    assert "It has 26 classes, so it isn't for the ten digits." in str(refusal(path))
    wide = layer("Dense", "dense_1", units=8, batch_input_shape=[None, 40, 30, 1])
    assert "inputs of shape (40, 30, 1), not images of digits" in described(tmp_path, wide, LAST)
    batch = layer("BatchNormalization", "b", mode=2, axis=-1)
    assert "'axis' that isn't supported" in described(tmp_path, DENSE, batch, LAST)


STRANGE: dict[str, tuple[bytes, str]] = {
    "a pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
        "a Git LFS pointer to it; fetch the file itself with 'git lfs pull'",
    ),
    "a page": (b"\n<!DOCTYPE html>\n<html><body>Not found</body></html>", "a web page"),
    "an old torch": (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "PyTorch"),
    "a torch": (b"PK\x03\x04" + bytes(26) + b"archive/data.pkl" + bytes(50), "a PyTorch model"),
    "a pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.", "a pickle"),
    "a mangled file": (
        "\ufffdHDF\r\n\x1a\n\x00\ufffd".encode(),
        "one that was transferred as text, which destroyed it",
    ),
    "other line ends": (b"\x89HDF\n\x1a\n\0\0", "transferred as text"),
    "a .keras file": (b"PK\x03\x04" + b"\0" * 40 + b"model.weights.h5", "a .keras file"),
    "json": (
        b'{"class_name": "Sequential"}',
        "JSON, perhaps a model's description without its weights",
    ),
    "lite": (b"\x1c\0\0\0TFL3\0\0", "a TensorFlow Lite model"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_hdf5_is_named(kind: str, tmp_path: Path) -> None:
    data, what = STRANGE[kind]
    path = tmp_path / "m.h5"
    path.write_bytes(data)
    problem = refusal(path)
    assert problem.code == "not_hdf5"
    assert what in str(problem)
    assert str(problem).count("\n") == 0


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    data = (HERE / "convolution.h5").read_bytes()
    (tmp_path / "m.h5").write_bytes(data[: len(data) // 2])
    assert "It is damaged or cut short." in str(refusal(tmp_path / "m.h5"))
