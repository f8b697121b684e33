"""Files that would run code."""

import base64
import json
import marshal
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .lab import (
    ATTACKS,
    ESCAPE,
    Attack,
    Json,
    Lab,
    attack,
    dense,
    description,
    keras_object,
    layer,
    model,
)


def bytecode(lab: Lab) -> str:
    """Return a lambda that creates the sentinel, as Keras writes it."""
    code = compile(f"lambda x: open({str(lab.sentinel)!r}, 'w') and x", "<lambda>", "eval")
    return base64.b64encode(marshal.dumps(code.co_consts[0])).decode()


def lambda_layer(function: Any, **more: Any) -> Json:
    return layer("Lambda", "lambda", function=function, **more)


@attack("class")
def lambda_of_keras_3(lab: Lab) -> Path:
    config = {"code": bytecode(lab), "defaults": None, "closure": None}
    content = description(lambda_layer({"class_name": "__lambda__", "config": config}))
    return lab.file(model(json.dumps(content)))


@attack("class")
def lambda_of_keras_2(lab: Lab) -> Path:
    function = [bytecode(lab), None, None]
    own = lambda_layer(function, function_type="lambda", module="__main__")
    return lab.file(model(json.dumps(description(own))))


@attack("class")
def lambda_by_name(lab: Lab) -> Path:
    own = lambda_layer("os.system", function_type="function", arguments={"command": "true"})
    return lab.file(model(json.dumps(description(own))))


@attack("class")
def lambda_in_a_model_in_a_model(lab: Lab) -> Path:
    config = {"code": bytecode(lab), "defaults": None, "closure": None}
    inner = description(lambda_layer({"class_name": "__lambda__", "config": config}))
    middle = description(inner)
    return lab.file(model(json.dumps(description(middle))))


@attack("description")
def empty_model_in_a_model(lab: Lab) -> Path:
    inner = keras_object("keras", "Sequential", {"name": "inner", "layers": []})
    return lab.file(model(json.dumps(description(inner))))


@attack("class")
def lambda_hidden_in_an_initializer(lab: Lab) -> Path:
    config = {"code": bytecode(lab), "defaults": None, "closure": None}
    own = dense("digits", 10, kernel_initializer={"class_name": "__lambda__", "config": config})
    return lab.described(lambda content: content["config"]["layers"].__setitem__(2, own))


@attack("class")
def saved_model_layer(lab: Lab) -> Path:
    own = layer("TFSMLayer", "tfsm", filepath=str(lab.folder), call_endpoint="serve")
    return lab.file(model(json.dumps(description(own))))


@attack("class")
def wrapper_layer(lab: Lab) -> Path:
    own = layer("TimeDistributed", "wrapper", layer=lambda_layer("eval"))
    return lab.file(model(json.dumps(description(own))))


@attack("class")
def class_name_that_is_a_list(lab: Lab) -> Path:
    return lab.described(
        lambda content: content["config"]["layers"][1].update(class_name=["Dense"])
    )


@attack("class")
def class_name_with_escapes(lab: Lab) -> Path:
    return lab.described(
        lambda content: content["config"]["layers"][1].update(class_name=ESCAPE + "Dense")
    )


def gadget(key: str, value: Any) -> Callable[[Lab], Path]:
    """Return an attack that gives a field of the first Dense layer a value, or what makes one."""

    def build(lab: Lab) -> Path:
        found = value(lab) if callable(value) else value
        return lab.described(
            lambda content: content["config"]["layers"][1]["config"].update({key: found})
        )

    return build


def system(lab: Lab) -> Json:
    config = {"command": f"touch {lab.sentinel}"}
    return keras_object("os", "system", config)


GADGETS: dict[str, tuple[str, Any, str]] = {
    "activation_os_system": ("activation", system, "class"),
    "activation_os_system_by_name": ("activation", "os.system", "config"),
    "activation_eval_by_name": ("activation", "builtins.eval", "config"),
    "activation_function": (
        "activation",
        keras_object("builtins", "function", "eval", registered_name="function"),
        "class",
    ),
    "initializer_os_system": ("kernel_initializer", system, "class"),
    "initializer_os_system_by_name": ("kernel_initializer", "os.system", "config"),
    "initializer_of_another_module": (
        "kernel_initializer",
        keras_object("subprocess", "GlorotUniform", {}),
        "module",
    ),
    "initializer_of_a_lookalike_module": (
        "kernel_initializer",
        keras_object("keras_evil.os", "GlorotUniform", {}),
        "module",
    ),
    "regularizer_eval": (
        "kernel_regularizer",
        lambda lab: keras_object("builtins", "eval", f"open({str(lab.sentinel)!r}, 'w')"),
        "class",
    ),
    "regularizer_eval_by_name": ("kernel_regularizer", "builtins.eval", "config"),
    "constraint_import": (
        "kernel_constraint",
        keras_object("importlib", "import_module", {"name": "antigravity"}),
        "class",
    ),
    "initializer_that_downloads": (
        "kernel_initializer",
        keras_object("keras.utils", "get_file", {"origin": "http://127.0.0.1:9/x"}),
        "class",
    ),
    "custom_object": (
        "bias_initializer",
        keras_object("keras", "Zeros", {}, registered_name="Evil>Zeros"),
        "custom",
    ),
    "url_in_the_description": ("note", "https://127.0.0.1:9/weights", "url"),
}
for _name, (_key, _value, _code) in GADGETS.items():
    ATTACKS[_name] = Attack(gadget(_key, _value), (_code,))


@attack("module", "custom")
def layer_of_a_package_of_its_own(lab: Lab) -> Path:
    return lab.described(
        lambda content: content["config"]["layers"][1].update(
            module="evil", registered_name="evil>Dense"
        )
    )


@attack("not_hdf5")
def pickle_that_runs_code(lab: Lab) -> Path:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch {lab.sentinel}",)

    return lab.file(pickle.dumps(Payload()))
