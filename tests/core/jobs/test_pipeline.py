"""From a trainer's answer to the saved model: what counts, and how often the model is examined."""

import json
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from helpers import Run, WritePlugin, card_of

from inkhook.core.jobs.pipeline import shipped_judge
from inkhook.core.kerasfile.build import build
from inkhook.core.modelfile.h5scan import scan

OUT = Path("out")

TRAINER = """
import keras, numpy as np
from inkhook import Split, Trained
from inkhook.core.images.preprocess import to_model_input

def fitted(dataset):
    flat = keras.layers.Flatten()
    model = keras.Sequential([keras.Input((28, 28)), flat, keras.layers.Dense(10, "softmax")])
    images = to_model_input(dataset.train.images)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[200:], dataset.train.labels[200:], verbose=0)
    return model

def held(dataset):
    return Split(dataset.train.images[:200], dataset.train.labels[:200])
"""


@pytest.mark.parametrize(
    "answer",
    [
        """
        return Trained(fitted(dataset), {"rate": np.float32(0.5)}, held(dataset))
        """,
        """
        session.training["rate"] = 0.5  # as plugins for 1.0 of the hooks do
        session.held_out = held(dataset)
        return fitted(dataset)
        """,
    ],
)
def test_what_a_trainer_says_of_its_work_is_kept(
    run_small: Run, write_plugin: WritePlugin, answer: str
) -> None:
    path = write_plugin(f"{TRAINER}\n@hookimpl\ndef train_model(session, dataset):{answer}")
    assert run_small("--plugins", path).exit_code == 0
    card = card_of(OUT / "model.h5")
    assert card.training == {"rate": 0.5, "seed": 1}
    assert json.loads((OUT / "run.json").read_text())["training"] == {"rate": 0.5}
    assert card.temperature != 1, "calibrated on what was held back"
    assert 0 < card.reject_below <= 1


def test_a_model_alone_is_enough(run_small: Run, write_plugin: WritePlugin) -> None:
    answer = "return fitted(dataset)"
    path = write_plugin(f"{TRAINER}\n@hookimpl\ndef train_model(dataset): {answer}")
    assert run_small("--plugins", path).exit_code == 0
    card = card_of(OUT / "model.h5")
    assert (card.temperature, card.reject_below, card.training) == (1, 0, {"seed": 1})


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("Trained(None)", "returned no Keras model from train_model: AttributeError"),
        ("Trained(1, 'fast')", "failed in train_model: TypeError: arguments must be a mapping"),
        ("Trained(1, {}, 0.1)", "failed in train_model: TypeError: held_out must be a Split"),
    ],
)
def test_a_trainer_that_says_something_else_is_named(
    run_small: Run, write_plugin: WritePlugin, answer: str, sentence: str
) -> None:
    code = "from inkhook import Trained\n@hookimpl\n"
    result = run_small("--plugins", write_plugin(f"{code}def train_model(): return {answer}"))
    assert result.exit_code == 2
    assert f"Error: Plugin 'mine' {sentence}" in result.stderr


def test_a_trained_model_is_examined_once(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def train_model():
            import keras
            return keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax")])
        """
    )
    shipped_judge()  # so that the shipped model, which looks at the dataset, isn't counted
    names: dict[CodeType, str] = {scan.__code__: "scanned", build.__code__: "built"}
    counts: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in names:
            counts[names[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        result = run_small("--plugins", path)
    finally:
        sys.setprofile(before)
    assert result.exit_code == 0
    assert counts == {"scanned": 1, "built": 1}
    assert card_of(OUT / "model.h5").metrics, "and was written twice all the same"
