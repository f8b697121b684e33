"""`.keras` files, as Keras 2.12 and today's write them: the same networks as in a `.h5`."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attacks
import numpy as np
import pytest
from attacks import archives
from helpers import ROOT, randomise

from inkhook.core.base.problems import ModelRejected, OutputProblem
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.modelfile import artifact, h5guard
from inkhook.core.network.classifier import Classifier
from inkhook.core.network.network import Network

OLD = ROOT / "tests" / "support" / "keras_files"
IMAGES = np.random.default_rng(0).random((6, 28, 28), np.float32)


def network_of(data: bytes) -> Network:
    """Read a file in this process; the child would run the same lines."""
    (network,) = h5guard.check_model_file(data)[1].values()
    return network


def saved(model: Any, folder: Path) -> bytes:
    path = folder / "model.keras"
    model.save(path)
    return path.read_bytes()


def assert_same(one: Network, other: Network) -> None:
    assert [(layer.kind, layer.options) for layer in one.layers] == [
        (layer.kind, layer.options) for layer in other.layers
    ]
    for mine, theirs in zip(one.layers, other.layers, strict=True):
        assert list(mine.weights) == list(theirs.weights)
        for role, array in mine.weights.items():
            assert np.array_equal(array, theirs.weights[role])


@pytest.mark.parametrize("name", ["functional", "nested"])
def test_keras_2_12_is_read_as_its_h5_is(name: str) -> None:
    ours = network_of((OLD / f"{name}.keras").read_bytes())
    assert_same(ours, network_of((OLD / f"{name}.h5").read_bytes()))


def named(layers: Any) -> list[Any]:
    """Return layers of one class with names of their own, one of them idle."""
    return [
        layers.Flatten(name="dense"),
        layers.Dense(9, activation="relu", name="dense_1"),
        layers.Dropout(0.1, name="dense_2"),
        layers.BatchNormalization(name="vars"),
        layers.Dense(8, activation="relu", name="first"),
        layers.Dense(10, activation="softmax", name="0"),
    ]


def nested(layers: Any) -> list[Any]:
    """Return models within a model, whose layers have the same names as each other's."""
    sequential = import_keras().Sequential
    return [
        layers.RandomRotation(0.1),
        sequential([layers.Reshape((28, 28, 1)), layers.Conv2D(2, 5, 3, name="a")], name="one"),
        sequential(
            [layers.BatchNormalization(name="b"), sequential([layers.Conv2D(3, 3, name="a")])],
            name="two",
        ),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10, name="a"),
    ]


def rows(layers: Any) -> list[Any]:
    return [
        layers.LSTM(4, return_sequences=True),
        layers.GRU(4, return_sequences=True),
        layers.LSTM(3),
        layers.Dense(10),
    ]


@pytest.mark.parametrize("chain", [named, nested, rows])
@pytest.mark.parametrize("functional", [False, True])
def test_todays_keras_is_read_as_keras_runs_it(
    chain: Callable[[Any], list[Any]], functional: bool, tmp_path: Path
) -> None:
    keras = import_keras()
    start = keras.Input((28, 28))
    layers = chain(keras.layers)
    if functional:
        end = start
        for layer in layers:
            end = layer(end)
        model = keras.Model(start, end)
    else:
        model = keras.Sequential([start, *layers])
    randomise(model, 4)
    network = network_of(saved(model, tmp_path))
    run = Classifier(network)
    expected = np.asarray(model(IMAGES, training=False))
    if chain is not named:  # logits
        expected = np.asarray(keras.ops.softmax(expected))
    assert np.abs(run(IMAGES) - expected).max() <= 1e-5


def test_what_training_leaves_in_a_file_is_passed_over(tmp_path: Path) -> None:
    keras = import_keras()
    dense = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((784,)), dense])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    (layer,) = network_of(saved(model, tmp_path)).layers
    assert np.array_equal(layer.weights["kernel"], dense.kernel.numpy())


def test_a_packed_archive_and_others_members_are_read() -> None:
    """Whoever unpacked and packed a file has other members in it, and all of them smaller."""
    more = {"__MACOSX/._config.json": b"x", ".DS_Store": b"x", "日本.txt": b"x"}
    data = archives.archive(archives.parts() | more, zipfile.ZIP_DEFLATED)
    assert network_of(data).architecture == "784-8-10"
    assert len(data) < len(archives.archive())


def test_windows_and_keras_2_13_store_elsewhere() -> None:
    def moved(file: Any) -> None:
        for place in ("dense", "dense_1"):
            number = {"dense": "dense", "dense_1": "dense_2"}[place]
            for own in ("0", "1"):
                path = f"_layer_checkpoint_dependencies\\{number}\\vars\\{own}"
                file[path] = file[f"layers/{place}/vars/{own}"][()]
        del file["layers"]

    data = archives.archive(archives.parts(weights=archives.stored(moved)))
    assert_same(network_of(data), network_of(archives.archive()))


def test_a_card_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    notes = json.dumps({"inkhook": json.dumps(attacks.card()), "inkhook_input": "x"})
    path.write_bytes(archives.archive(archives.parts(notes=notes)))
    found = artifact.read_artifact(path)
    assert found.card is not None
    assert found.card.metrics == {"test_accuracy": 0.5}


def test_no_model_is_written_under_another_kinds_name(tmp_path: Path) -> None:
    found = artifact.read_artifact(OLD / "nested.keras")
    with pytest.raises(OutputProblem, match=r"must end in \.h5; 'inkhook models export' writes"):
        artifact.ModelFile(found.network).write(tmp_path / "a.keras", None)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def damaged() -> Iterator[bytes]:
    """Yield the good archive with one byte changed, at a few hundred places."""
    good = archives.archive()
    rng = np.random.default_rng(0)
    directory = good.index(b"PK\x01\x02")
    places = [*rng.integers(0, len(good), 100), *range(directory, len(good)), *range(60)]
    for place in places:
        data = bytearray(good)
        data[place] ^= int(rng.integers(1, 256))
        yield bytes(data)


def test_a_damaged_byte_is_refused_or_does_no_harm() -> None:
    good = network_of(archives.archive())
    for data in damaged():
        try:
            found = network_of(data)
        except ModelRejected:
            continue
        assert_same(found, good)


def test_a_member_is_unpacked_in_memory_only(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    network_of(archives.archive())
    assert list(tmp_path.iterdir()) == []
