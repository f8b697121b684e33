"""The model file: what Keras reads, what the card says, and that it is whole at any moment."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.problems import ModelRejected, OutputProblem
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.images.preprocess import PreprocessSettings
from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card

CARD = Card("mnist", "0" * 64, "784-8-10", 6370, metrics={"test_accuracy": 0.5})


@pytest.fixture(scope="module")
def model() -> Any:
    keras = import_keras()
    return keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def contents(file: h5py.File) -> dict[str, Any]:
    """Return all arrays and attributes of a file but the descriptions."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        found[name] = item[()].tolist() if isinstance(item, h5py.Dataset) else None
        found.update({f"{name}@{k}": np.asarray(v).tolist() for k, v in item.attrs.items()})

    file.visititems(visit)
    return found


def test_keras_loads_what_we_write(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    artifact.ModelFile(model).write(path, CARD)
    loaded = import_keras().models.load_model(path)
    inputs = np.random.default_rng(0).random((5, 784), np.float32)
    assert np.array_equal(loaded(inputs), model(inputs))


def test_the_layout_is_that_of_keras(model: Any, tmp_path: Path) -> None:
    artifact.ModelFile(model).write(tmp_path / "ours.h5", CARD)
    model.save(tmp_path / "theirs.h5", include_optimizer=False)
    with h5py.File(tmp_path / "ours.h5") as ours, h5py.File(tmp_path / "theirs.h5") as theirs:
        assert contents(ours) == contents(theirs)
        assert set(ours.attrs) == {*theirs.attrs, "inkhook"}


def test_the_card_comes_back(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    artifact.ModelFile(model).write(path, CARD)
    assert artifact.read_artifact(path).card == CARD
    with h5py.File(path) as file:
        content = json.loads(file.attrs["inkhook"])
    assert content["versions"]["keras"] == import_keras().__version__
    assert content["preprocess"] == PreprocessSettings().as_dict()
    assert content["class_names"] == list("0123456789")


@given(
    st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
    st.text(),
    st.dictionaries(st.text(), st.none() | st.integers(-9999, 9999) | st.lists(st.text())),
)
def test_any_card_comes_back(
    metrics: dict[str, float], name: str, training: dict[str, Any]
) -> None:
    card = Card(name, "0" * 64, name, 3, training=training, metrics=metrics)
    assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize("text", ["[]", "{", '{"format": 99}', '{"format": 2}', "null"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(ModelRejected):
        Card.from_json(text)


def test_weights_that_are_not_finite_are_not_saved(model: Any, tmp_path: Path) -> None:
    kept = model.get_weights()
    model.set_weights([np.full_like(kept[0], np.nan), *kept[1:]])
    try:
        with pytest.raises(ModelRejected, match="NaN or infinity"):
            artifact.ModelFile(model).write(tmp_path / "model.h5", CARD)
    finally:
        model.set_weights(kept)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"metrics": {"test_loss": float("nan")}}, "Its card has the number NaN."),
        ({"training": {"notes": "x" * 1_000_000}}, "Its card has 1,000,"),
        ({"preprocess": {"version": 99}}, "prepared in a way"),
    ],
)
def test_a_card_that_nobody_could_read_is_not_written_over_one_that_can(
    model: Any, tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "model.h5"
    file = artifact.ModelFile(model, "What came out")
    written = file.write(path, CARD)
    with pytest.raises(ModelRejected, match=f"What came out can't be saved: .*{sentence}"):
        file.write(path, replace(CARD, **change))
    found = artifact.read_artifact(path)
    assert (found.sha256, found.card) == (written.sha256, CARD)


def test_what_was_written_is_what_is_read(model: Any, tmp_path: Path) -> None:
    written = artifact.ModelFile(model).write(tmp_path / "model.h5", CARD)
    found = artifact.read_artifact(tmp_path / "model.h5")
    assert (found.sha256, found.card) == (written.sha256, written.card)
    assert (found.path, found.settings) == (written.path, written.settings)
    assert found.network.architecture == written.network.architecture == "784-8-10"


def test_a_full_disk_leaves_the_old_model(model: Any, small_disk: Path) -> None:
    path = small_disk / "model.h5"
    file = artifact.ModelFile(model)
    before = file.write(path, CARD)
    with contextlib.suppress(OSError):
        (small_disk / "filler").write_bytes(b"x" * 20_000_000)
    with pytest.raises(OutputProblem, match="No space left on device"):
        file.write(path, replace(CARD, dataset="other"))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before.sha256
    assert sorted(os.listdir(small_disk)) == ["filler", "model.h5"]


@pytest.mark.parametrize("kills", [20, pytest.param(500, marks=pytest.mark.soak)])
def test_kills_while_saving_never_leave_half_a_model(kills: int, tmp_path: Path) -> None:
    saver = ROOT / "tests" / "support" / "saver.py"
    words = [sys.executable, str(saver), str(tmp_path / "model.h5"), str(kills)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=True)
    assert done.stdout.startswith(f"broken: 0 of {kills};")


@pytest.mark.parametrize(("dataset", "holds_digits"), [("mnist", True), ("fashion", False)])
def test_an_old_card_holds_digits_if_it_is_of_mnist(dataset: str, holds_digits: bool) -> None:
    content = json.loads(replace(CARD, dataset=dataset).to_json())
    del content["holds_digits"]
    assert Card.from_json(json.dumps(content)).holds_digits is holds_digits
    with pytest.raises(ModelRejected, match="no valid 'holds_digits'"):
        Card.from_json(json.dumps(content | {"holds_digits": 1}))
