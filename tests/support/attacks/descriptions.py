"""Descriptions of networks that aren't any, or not in the form that Keras writes."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .lab import (
    ATTACKS,
    ESCAPE,
    Attack,
    Json,
    Lab,
    dense,
    description,
    functional,
    layer,
    model,
    node,
)


def field(place: tuple[str | int, ...], value: Any) -> Callable[[Lab], Path]:
    """Return an attack that sets one value in the description."""

    def build(lab: Lab) -> Path:
        def change(content: Json) -> None:
            target: Any = content
            for step in place[:-1]:
                target = target[step]
            target[place[-1]] = copy.deepcopy(value)

        return lab.described(change)

    return build


UNITS = ("config", "layers", 1, "config", "units")
FIELDS: dict[str, tuple[tuple[str | int, ...], Any, str]] = {
    "units_three_million": (UNITS, 3_000_000, "config"),
    "units_text": (UNITS, "8", "config"),
    "units_float": (UNITS, 8.0, "config"),
    "units_bool": (UNITS, True, "config"),
    "units_negative": (UNITS, -8, "config"),
    "units_null": (UNITS, None, "config"),
    "units_list": (UNITS, [8], "config"),
    "units_20_digits": (UNITS, 10**19, "config"),
    "units_other_than_the_array": (UNITS, 9, "shape"),
    "layers_dict": (("config", "layers"), {"0": dense("dense", 8)}, "description"),
    "layers_text": (("config", "layers"), "Dense", "description"),
    "layers_empty": (("config", "layers"), [], "description"),
    "layers_of_numbers": (("config", "layers"), [1, 2, 3], "description"),
    "layers_five_thousand": (
        ("config", "layers"),
        [{"class_name": "Flatten", "config": {"name": "f"}}] * 5000,
        "layers",
    ),
    "config_list": (("config",), [], "description"),
    "layer_config_list": (("config", "layers", 1, "config"), [], "description"),
    "layer_config_null": (("config", "layers", 1, "config"), None, "description"),
    "name_number": (("config", "layers", 1, "config", "name"), 7, "config"),
    "name_with_escapes": (("config", "layers", 1, "config", "name"), ESCAPE, "weights"),
    "name_twice": (("config", "layers", 2, "config", "name"), "dense", "names"),
    "use_bias_text": (("config", "layers", 1, "config", "use_bias"), "yes", "config"),
    "activation_list": (("config", "layers", 1, "config", "activation"), ["relu"], "config"),
    "input_too_small": (("config", "layers", 0, "config", "batch_shape"), [None, 49], "input"),
    "input_huge": (("config", "layers", 0, "config", "batch_shape"), [None, 10**18], "input"),
    "input_text": (("config", "layers", 0, "config", "batch_shape"), "784", "input"),
    "input_open": (("config", "layers", 0, "config", "batch_shape"), [None, None], "input"),
    "output_nine": (("config", "layers", 2, "config", "units"), 9, "shape"),
    "a_list_instead_of_a_model": (("class_name",), ["Sequential"], "class"),
    "another_kind_of_model": (("class_name",), "Dense", "description"),
    "no_kind_of_model": (("class_name",), None, "description"),
}
for _name, (_place, _content, _code) in FIELDS.items():
    ATTACKS[_name] = Attack(field(_place, _content), (_code,))

QUOTES = '"' + '\\"' * 450_000
"""A text without an end, in which each quote could begin another."""

DESCRIPTIONS: dict[str, tuple[Callable[[], str], str]] = {
    "json_deep": (lambda: "[" * 100_000 + "]" * 100_000, "json_depth"),
    "json_deep_behind_brackets_in_texts": (
        lambda: '["' + "]" * 900 + '", ' + "[" * 900 + "]" * 900 + "]",
        "json_depth",
    ),
    "json_integer_of_5000_digits": (
        lambda: json.dumps(description()).replace('"units": 8', '"units": ' + "9" * 5000),
        "json_number",
    ),
    "json_nan": (lambda: json.dumps(description(dense("d", float("nan")))), "json_number"),
    "json_infinity": (lambda: json.dumps(description(dense("d", float("inf")))), "json_number"),
    "json_float_beyond_64_bits": (
        lambda: json.dumps(description()).replace('"units": 8', '"note": 1e999, "units": 8'),
        "json_number",
    ),
    "json_of_quotes": (lambda: QUOTES, "json_syntax"),
    "json_half": (lambda: json.dumps(description())[:-9], "json_syntax"),
    "json_empty": (lambda: "", "json_syntax"),
    "json_null": (lambda: "null", "description"),
    "json_two_megabytes": (lambda: json.dumps(description()) + " " * 2_000_000, "text_size"),
    "yaml": (lambda: "!!python/object/apply:os.system ['true']", "json_syntax"),
    "branches": (lambda: json.dumps(branched()), "branches"),
    "two_inputs": (lambda: json.dumps(two_inputs()), "branches"),
    "two_outputs": (lambda: json.dumps(functional(("dense", "digits"))), "branches"),
    "input_in_the_middle": (lambda: json.dumps(late_input()), "branches"),
    "output_in_the_middle": (lambda: json.dumps(functional(("dense",))), "branches"),
    "inputs_in_a_row": (
        lambda: json.dumps(description(layer("InputLayer", "again", batch_shape=[None, 8]))),
        "description",
    ),
    "output_without_a_last_layer": (lambda: json.dumps(headless()), "output"),
    "reshape_that_does_not_fit": (
        lambda: json.dumps(description(layer("Reshape", "r", target_shape=[3, -1]))),
        "config",
    ),
    "reshape_huge": (
        lambda: json.dumps(description(layer("Reshape", "r", target_shape=[2**40]))),
        "config",
    ),
    "convolution_of_no_image": (
        lambda: json.dumps(description(layer("Conv2D", "c", filters=4, kernel_size=[3, 3]))),
        "config",
    ),
    "sixty_five_layers": (
        lambda: json.dumps(description(*[layer("Flatten", f"f{n}") for n in range(65)])),
        "layers",
    ),
}
for _name, (_text, _code) in DESCRIPTIONS.items():
    ATTACKS[_name] = Attack(lambda lab, text=_text: lab.file(model(text())), (_code,))  # type: ignore[misc]


def branched() -> Json:
    content = functional()
    content["config"]["layers"].insert(
        2, dense("side", 8) | {"name": "side", "inbound_nodes": [node("input")]}
    )
    content["config"]["layers"][3]["inbound_nodes"] = [node("dense", "side")]
    return content


def two_inputs() -> Json:
    content = functional()
    own = layer("InputLayer", "other", batch_shape=[None, 784])
    content["config"]["layers"].insert(1, own | {"name": "other", "inbound_nodes": []})
    content["config"]["layers"][2]["inbound_nodes"] = [node("input", "other")]
    return content


def late_input() -> Json:
    content = functional()
    content["config"]["input_layers"] = [["dense", 0, 0]]
    return content


def headless() -> Json:
    content = description()
    content["config"]["layers"].append(layer("Reshape", "last", target_shape=[2, 5]))
    return content
