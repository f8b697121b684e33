"""Texts of other kinds, and cards that nobody wrote."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from inkhook.core.images.preprocess import PreprocessSettings

from .lab import ATTACKS, ESCAPE, VARIABLE, Attack, Lab, card, model

QUOTES = '"' + '\\"' * 450_000


def text_attribute(value: Any, name: str = "model_config", **options: Any) -> Callable[[Lab], Path]:
    """Return an attack that has something else where a text belongs."""

    def build(lab: Lab) -> Path:
        def change(file: h5py.File) -> None:
            del file.attrs[name]
            if value is not None:
                file.attrs.create(name, value, **options)

        return lab.changed(change)

    return build


TEXTS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "model_config_missing": (text_attribute(None), "no_description"),
    "model_config_number": (text_attribute(7), "text_type"),
    "model_config_several": (text_attribute(["{}"] * 3, dtype=VARIABLE), "text_shape"),
    "model_config_empty": (text_attribute(h5py.Empty("S5")), "text_shape"),
    "model_config_not_utf8": (text_attribute(np.bytes_(b"{\xff\xfe}")), "text_encoding"),
    "model_config_not_utf8_variable": (
        text_attribute(b'{"class_name": "\xff"}', dtype=VARIABLE),
        "text_encoding",
    ),
    "card_huge": (text_attribute(" " * 1_500_000, "inkhook"), "text_size"),
    "card_number": (text_attribute(1.5, "inkhook"), "text_type"),
    "card_alias_bomb": (
        text_attribute(["x" * 10_000] * 3000, "inkhook", dtype=VARIABLE),
        "text_shape",
    ),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in TEXTS.items()})


def signed(**changes: Any) -> Callable[[Lab], Path]:
    """Return an attack with another card."""
    return lambda lab: lab.file(model(sign=json.dumps(card() | changes)))


CARDS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "card_of_another_format": (signed(format=99), "card"),
    "card_of_no_format": (signed(format=None), "card"),
    "card_with_a_list_of_metrics": (signed(metrics=[0.5]), "card"),
    "card_with_a_metric_of_text": (signed(metrics={"test_accuracy": "1"}), "card"),
    "card_with_parameters_as_text": (signed(parameters=ESCAPE), "card"),
    "card_with_eleven_names": (signed(class_names=["x"] * 11), "card"),
    "card_with_names_of_numbers": (signed(class_names=list(range(10))), "card"),
    "card_that_is_a_list": (lambda lab: lab.file(model(sign="[]")), "card"),
    "card_that_is_no_json": (lambda lab: lab.file(model(sign=ESCAPE)), "json_syntax"),
    "card_of_quotes": (lambda lab: lab.file(model(sign=QUOTES)), "json_syntax"),
    "card_with_a_long_text": (signed(dataset="x" * 500_000), "card"),
    "card_deep": (lambda lab: lab.file(model(sign="[" * 5000)), "json_depth"),
    "card_deep_behind_brackets_in_texts": (
        lambda lab: lab.file(
            model(
                sign=json.dumps(card() | {"dataset": "]" * 900}).replace(
                    '"training": {}', '"training": {"x": ' + "[" * 900 + "]" * 900 + "}"
                )
            )
        ),
        "json_depth",
    ),
    "card_nan": (signed(metrics={"test_accuracy": float("nan")}), "json_number"),
    "card_float_beyond_64_bits": (
        lambda lab: lab.file(model(sign=json.dumps(card()).replace("0.5", "1e999"))),
        "json_number",
    ),
    "preprocess_of_the_future": (signed(preprocess={"version": 99}), "preprocess"),
    "preprocess_with_more": (
        signed(preprocess=PreprocessSettings().as_dict() | {"hook": "os"}),
        "preprocess",
    ),
    "temperature_of_zero": (signed(temperature=0.0), "card"),
    "temperature_of_a_million": (signed(temperature=1e6), "card"),
    "temperature_as_text": (signed(temperature="1.0"), "card"),
    "threshold_above_one": (signed(reject_below=1.5), "card"),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in CARDS.items()})
