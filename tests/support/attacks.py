"""Model files that try to do harm, made on the spot; each knows what code it must be refused with.

Most are a small good model in Keras 3's layout with one thing changed. Those that would run code
try to create a sentinel file; those that would read elsewhere point at a secret.
"""

import base64
import copy
import io
import json
import marshal
import os
import pickle
import re
import socket
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from inkhook.core.images.preprocess import PreprocessSettings
from inkhook.core.modelfile.card import Card
from inkhook.core.modelfile.h5guard import LARGEST_FILE

Json = dict[str, Any]
Arrays = dict[str, dict[str, npt.NDArray[Any]]]

CONFIDENTIAL = "TOP-SECRET-7f3a91-"
"""What a secret file holds, again and again; it's finite as float32, too."""

HIDDEN = 8
TIME = "2026-01-01T00:00:00+00:00"
ESCAPE = "\x1b]0;owned\x07\x1b[31m"
"""What would change a terminal's title and colour."""


@dataclass(frozen=True)
class Lab:
    """Where an attack is prepared.

    Attributes
    ----------
    folder : pathlib.Path
        For the file and whatever it needs.
    secret : pathlib.Path
        A file that the attack wants to read; `secret.h5` beside it has it as HDF5.
    sentinel : pathlib.Path
        A file that the attack wants to create.
    """

    folder: Path
    secret: Path
    sentinel: Path

    @classmethod
    def at(cls, folder: Path) -> "Lab":
        """Make a folder with a secret and without a sentinel."""
        folder.mkdir()
        lab = cls(folder, folder / "secret.txt", folder / "sentinel")
        lab.secret.write_text(CONFIDENTIAL * 4000)
        with h5py.File(folder / "secret.h5", "w") as file:
            file.attrs["text"] = CONFIDENTIAL
            for name, array in weights()["dense"].items():
                file[f"layer/{name}"] = array
        return lab

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / "model.h5"

    def file(self, data: bytes) -> Path:
        """Write the file's bytes."""
        self.path.write_bytes(data)
        return self.path

    def changed(self, change: Callable[[h5py.File], None]) -> Path:
        """Write a good model with a change made in HDF5."""
        self.file(model())
        with h5py.File(self.path, "r+") as file:
            change(file)
        return self.path

    def described(self, change: Callable[[Json], None]) -> Path:
        """Write a good model with a change in its description."""
        content = description()
        change(content)
        return self.file(model(json.dumps(content)))


@dataclass(frozen=True)
class Attack:
    """How a file is made, and the codes one of which it must be refused with."""

    build: Callable[[Lab], Path]
    codes: tuple[str, ...]


ATTACKS: dict[str, Attack] = {}


def attack(*codes: str) -> Callable[[Callable[[Lab], Path]], Callable[[Lab], Path]]:
    """Enter a function into the corpus under its name."""

    def enter(build: Callable[[Lab], Path]) -> Callable[[Lab], Path]:
        ATTACKS[build.__name__] = Attack(build, codes)
        return build

    return enter


# ------------------------------------------------------------------ the good model


def keras_object(module: str, name: str, config: Any, **more: Any) -> Json:
    """Return what Keras 3 writes for an object."""
    plain = {"module": module, "class_name": name, "config": config, "registered_name": None}
    return plain | more


def layer(kind: str, name: str, **config: Any) -> Json:
    """Return the description of a layer."""
    dtype = keras_object("keras", "DTypePolicy", {"name": "float32"})
    own = {"name": name, "trainable": True, "dtype": dtype} | config
    return keras_object("keras.layers", kind, own)


def dense(name: str, units: Any, activation: Any = "relu", **config: Any) -> Json:
    """Return the description of a Dense layer."""
    more: Json = {
        "units": units,
        "activation": activation,
        "use_bias": True,
        "kernel_initializer": keras_object("keras.initializers", "GlorotUniform", {"seed": None}),
        "bias_initializer": keras_object("keras.initializers", "Zeros", {}),
        "kernel_regularizer": None,
    }
    return layer("Dense", name, **more | config)


def description(*between: Json) -> Json:
    """Return the description of a 784-8-10 network, with other layers before its last."""
    layers = [
        layer("InputLayer", "input", batch_shape=[None, 784], sparse=False),
        dense("dense", HIDDEN),
        *between,
        dense("digits", 10, "softmax"),
    ]
    return keras_object("keras", "Sequential", {"name": "sequential", "layers": layers})


def functional(outputs: Any = ("digits",)) -> Json:
    """Return the same network as a Functional model."""
    content = description()
    content["class_name"] = "Functional"
    config = content["config"]
    for before, own in zip(config["layers"], config["layers"][1:], strict=False):
        own["inbound_nodes"] = [node(before["config"]["name"])]
    for own in config["layers"]:
        own["name"] = own["config"]["name"]
        own.setdefault("inbound_nodes", [])
    config["input_layers"] = [["input", 0, 0]]
    config["output_layers"] = [[name, 0, 0] for name in outputs]
    return content


def node(*sources: str) -> Json:
    """Return one call of a layer on other layers' outputs."""
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}
        for name in sources
    ]
    return {"args": tensors, "kwargs": {}}


def weights() -> Arrays:
    """Return the arrays of the good model."""
    chance = np.random.default_rng(7)
    shapes = {"dense": (784, HIDDEN), "digits": (HIDDEN, 10)}
    return {
        name: {
            "kernel": chance.normal(0, 0.1, shape).astype(np.float32),
            "bias": np.zeros(shape[1], np.float32),
        }
        for name, shape in shapes.items()
    }


def card() -> Json:
    """Return the good model's card."""
    made = Card("mnist", "0" * 64, "784-8-10", 6370, metrics={"test_accuracy": 0.5}, created=TIME)
    content: Json = json.loads(made.to_json())
    return content


def model(
    text: str | None = None,
    arrays: Mapping[str, Mapping[str, Any]] | None = None,
    sign: str | None = None,
    **options: Any,
) -> bytes:
    """Return a model file: Keras 3's layout and a card.

    Parameters
    ----------
    text : str, optional
        The description; the good model's by default.
    arrays : mapping of str to mapping of str to array, optional
        The weights by layer and name.
    sign : str, optional
        The card.
    **options
        For `h5py.File`.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        file.attrs["keras_version"] = "3.15.1"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(description()) if text is None else text
        file.attrs["inkhook"] = json.dumps(card()) if sign is None else sign
        group = file.create_group("model_weights")
        found = weights() if arrays is None else arrays
        group.attrs["layer_names"] = [name.encode() for name in found]
        for name, own in found.items():
            for key, array in own.items():
                group[f"{name}/sequential/{name}/{key}"] = array
    return buffer.getvalue()


KERNEL = "model_weights/dense/sequential/dense/kernel"


def replaced(file: h5py.File, *args: Any, **options: Any) -> None:
    """Put another dataset in place of the first kernel."""
    del file[KERNEL]
    file.create_dataset(KERNEL, *args, **options)


def swapped(data: bytes, changes: Mapping[bytes, bytes]) -> bytes:
    """Return bytes with parts replaced, each of which must be there."""
    for old, new in changes.items():
        if old not in data or len(old) != len(new):
            raise ValueError(f"can't replace {old!r}")
        data = data.replace(old, new)
    return data


def number(value: int) -> bytes:
    """Return eight bytes as HDF5 writes sizes and addresses."""
    return struct.pack("<Q", value)


# ------------------------------------------------------------------ code


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


# ------------------------------------------------------------------ the description


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


# ------------------------------------------------------------------ the texts


def text_attribute(value: Any, name: str = "model_config", **options: Any) -> Callable[[Lab], Path]:
    """Return an attack that has something else where a text belongs."""

    def build(lab: Lab) -> Path:
        def change(file: h5py.File) -> None:
            del file.attrs[name]
            if value is not None:
                file.attrs.create(name, value, **options)

        return lab.changed(change)

    return build


VARIABLE = h5py.string_dtype()
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


# ------------------------------------------------------------------ links, storage, structure


@attack("link")
def external_link(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        del file["model_weights/dense"]
        file["model_weights/dense"] = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")

    return lab.changed(change)


@attack("link")
def external_link_at_the_top(lab: Lab) -> Path:
    secret = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")
    return lab.changed(lambda file: file.__setitem__("elsewhere", secret))


@attack("link", "damaged")
def link_name_that_is_a_path(lab: Lab) -> Path:
    """Have a hard link whose name leads through an external one in a group nobody looks at."""

    def change(file: h5py.File) -> None:
        file["decoy/e"] = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")
        file["model_weights/dense/_decoy_e_kernel"] = np.zeros(3, np.float32)

    data = lab.changed(change).read_bytes()
    return lab.file(swapped(data, {b"_decoy_e_kernel\0": b"/decoy/e/kernel\0"}))


@attack("link")
def soft_link(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        file["model_weights/dense"].move("sequential", "hidden")
        file["model_weights/dense/sequential"] = h5py.SoftLink("/model_weights/dense/hidden")

    return lab.changed(change)


@attack("link")
def dangling_soft_link(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("nowhere", h5py.SoftLink("/no/where")))


@attack("external")
def external_storage(lab: Lab) -> Path:
    size = 784 * HIDDEN * 4
    options = {"dtype": "f4", "external": [(str(lab.secret), 0, size)]}
    return lab.changed(lambda file: replaced(file, (784, HIDDEN), **options))


@attack("storage")
def virtual_dataset(lab: Lab) -> Path:
    layout = h5py.VirtualLayout((784, HIDDEN), "f4")
    layout[:] = h5py.VirtualSource(str(lab.folder / "secret.h5"), "layer/kernel", (784, HIDDEN))

    def change(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_virtual_dataset(KERNEL, layout)

    return lab.changed(change)


@attack("revisited")
def hard_link_cycle(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("loop", file["model_weights"])
    )


@attack("revisited")
def one_array_under_two_names(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        group = file[KERNEL].parent
        group["again"] = group["kernel"]

    return lab.changed(change)


@attack("ambiguous")
def two_arrays_of_one_name(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("kernel", np.zeros(3, "f4"))
    )


@attack("ambiguous")
def two_arrays_of_one_name_with_escapes(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        file["model_weights/dense"][ESCAPE] = np.zeros(3, np.float32)
        file["model_weights/dense"][ESCAPE + ":0"] = np.zeros(3, np.float32)

    return lab.changed(change)


@attack("depth")
def groups_fifty_deep(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("g/" * 50 + "x", np.zeros(3, "f4"))
    )


@attack("too_many")
def group_of_1500_members(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(1500):
            file.create_group(f"model_weights/g{count}")

    return lab.changed(change)


@attack("too_many")
def five_thousand_groups(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(5000):
            file.create_group(f"model_weights/g{count % 10}/h{count}")

    return lab.changed(change)


@attack("too_many")
def many_attributes(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(100):
            file["model_weights"].attrs[f"a{count}"] = count

    return lab.changed(change)


@attack("object")
def named_type(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("model_weights/dense/type", np.dtype("f4")))


@attack("not_a_group")
def array_instead_of_a_layer(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("model_weights/other", np.zeros(3, "f4")))


@attack("not_a_group")
def array_instead_of_all_layers(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        del file["model_weights"]
        file["model_weights"] = np.zeros(3, np.float32)

    return lab.changed(change)


@attack("no_weights")
def no_weights_at_all(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__delitem__("model_weights"))


@attack("no_weights")
def another_hdf5_file(lab: Lab) -> Path:
    with h5py.File(lab.path, "w") as file:
        file["x"] = 1
    return lab.path


def attribute(value: Any, **options: Any) -> Callable[[Lab], Path]:
    """Return an attack with one more attribute on a layer's group."""
    return lambda lab: lab.changed(
        lambda file: file["model_weights/dense"].attrs.create("x", value, **options)
    )


@attack("attribute_type")
def attribute_of_references(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file.attrs.create("x", file["model_weights"].ref, dtype=h5py.ref_dtype)
    )


@attack("attribute_type")
def attribute_of_region_references(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file.attrs.create("x", file[KERNEL].regionref[0], dtype=h5py.regionref_dtype)
    )


LISTS = np.empty(2, object)
LISTS[:] = [np.arange(9, dtype="i4"), np.arange(3, dtype="i4")]
ATTRIBUTES: dict[str, Callable[[Lab], Path]] = {
    "attribute_compound": attribute(np.zeros(2, "i4,f4")),
    "attribute_opaque": attribute(np.void(b"opaque")),
    "attribute_of_lists": attribute(LISTS, dtype=h5py.vlen_dtype("i4")),
}
ATTACKS.update({name: Attack(build, ("attribute_type",)) for name, build in ATTRIBUTES.items()})


@attack("weights", "extra_weights")
def attribute_alias_bomb(lab: Lab) -> Path:
    """Have 4,000 texts share one of 1 MB in the heap: 4 GB for whoever reads the attribute.

    Nothing else is wrong with the file but one layer too many, so that it must be refused for
    that, and quickly: the attribute is never read.
    """
    count = 4000

    def change(file: h5py.File) -> None:
        texts = np.array([f"{n:04}" for n in range(count - 1)] + ["x" * 1_000_000], object)
        file["model_weights/dense"].attrs.create("x", texts, dtype=VARIABLE)
        file["model_weights/other/kernel"] = np.zeros(3, np.float32)

    data = lab.changed(change).read_bytes()
    # an element is its length, the address of its heap, and its number there
    last = re.search(struct.pack("<I", 1_000_000) + b".{12}", data, re.DOTALL)
    if last is None:
        raise ValueError("the attribute isn't there")
    start = last.end() - 16 * count
    return lab.file(data[:start] + last.group() * count + data[last.end() :])


# ------------------------------------------------------------------ sizes


@attack("size")
def shape_of_a_petabyte(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (2**48,), "f4"))


@attack("size")
def shape_of_many_dimensions(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (4,) * 24, "f4"))


@attack("missing", "size")
def shape_without_values(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (784, HIDDEN), "f4"))


@attack("size", "missing")
def many_shapes_without_values(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(500):
            file.create_dataset(f"model_weights/bomb/a{count}", (10**9,), "f4", fillvalue=1)

    return lab.changed(change)


@attack("size")
def many_arrays_in_the_same_place(lab: Lab) -> Path:
    """Have forty arrays whose storage is the same fifth of the file."""
    names = [f"model_weights/a{count}/kernel" for count in range(40)]

    def change(file: h5py.File) -> None:
        for name in names:
            file[name] = np.zeros(5003 if name != names[0] else 50_021, np.float32)

    data = lab.changed(change).read_bytes()
    with h5py.File(io.BytesIO(data)) as file:
        first, *rest = [file[name].id.get_offset() for name in names]
    target = number(first) + number(4 * 50_021)
    places = {number(offset) + number(4 * 5003): target for offset in rest}
    return lab.file(swapped(data, places | {number(5003): number(50_021)}))


@attack("size", "missing", "damaged")
def shape_that_overflows(lab: Lab) -> Path:
    """Have a shape with 2^64 numbers, which is none in 64 bits."""

    def change(file: h5py.File) -> None:
        replaced(file, data=np.zeros((7919, 3), np.float32))

    data = lab.changed(change).read_bytes()
    shape, huge = number(7919) + number(3), number(2**32) * 2
    return lab.file(swapped(data, {shape: huge}))


@attack("size", "missing", "damaged")
def shape_of_a_negative_size(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        replaced(file, data=np.zeros((7919, 3), np.float32))

    data = lab.changed(change).read_bytes()
    shape, huge = number(7919) + number(3), number(2**62 + 1) + number(2)
    return lab.file(swapped(data, {shape: huge}))


@attack("hang")
def heap_that_never_ends(lab: Lab) -> Path:
    """Have a text whose size lets HDF5's search in its heap stay in one place (found by fuzzing).

    With its header of 16 bytes it's 2^64 long, which is nothing.
    """
    data = model()
    place = data.index(b"GCOL") + 16 + 8
    return lab.file(data[:place] + number(2**64 - 16) + data[place + 8 :])


@attack("hang")
def heap_with_an_empty_object(lab: Lab) -> Path:
    """Have a text without bytes where HDF5 counts on some (found by fuzzing)."""
    data = model()
    place = data.index(struct.pack("<HHIQ", 5, 0, 0, 6)) + 8
    return lab.file(data[:place] + number(0) + data[place + 8 :])


@attack("storage")
def gzip_bomb(lab: Lab) -> Path:
    options = {"chunks": (2048, 2048), "compression": "gzip", "fillvalue": 0}

    def change(file: h5py.File) -> None:
        replaced(file, (20_000, 20_000), "f4", **options)
        file[KERNEL][:2048, :2048] = 0

    return lab.changed(change)


@attack("storage")
def chunks(lab: Lab) -> Path:
    options = {"chunks": (49, HIDDEN), "fletcher32": True}
    return lab.changed(lambda file: replaced(file, data=weights()["dense"]["kernel"], **options))


@attack("text_size", "memory")
def text_that_fills_the_file(lab: Lab) -> Path:
    """Have a description as long as a file may be, which takes four times that as a text."""
    return lab.file(model("x" * (LARGEST_FILE - 50_000) + "\N{GRINNING FACE}"))


@attack("weights", "memory")
def arrays_that_fill_the_file(lab: Lab) -> Path:
    """Have half-precision numbers as many as a file may have, in a layer that has no such array."""
    arrays = weights()
    arrays["dense"]["evil"] = np.zeros((LARGEST_FILE - 100_000) // 2, np.float16)
    return lab.file(model(arrays=arrays))


@attack("too_large")
def sparse_file_over_the_limit(lab: Lab) -> Path:
    lab.file(model())
    os.truncate(lab.path, LARGEST_FILE + 1)
    return lab.path


@attack("too_large")
def sparse_file_of_a_terabyte(lab: Lab) -> Path:
    lab.file(b"")
    os.truncate(lab.path, 2**40)
    return lab.path


@attack("not_hdf5")
def sparse_file_of_zeros(lab: Lab) -> Path:
    lab.file(b"")
    os.truncate(lab.path, LARGEST_FILE)
    return lab.path


# ------------------------------------------------------------------ the arrays


def kernel(change: Callable[[npt.NDArray[Any]], Any], **options: Any) -> Callable[[Lab], Path]:
    """Return an attack with another first kernel."""
    return lambda lab: lab.changed(
        lambda file: replaced(file, data=change(weights()["dense"]["kernel"]), **options)
    )


def with_value(value: float, dtype: str = "f4") -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    def change(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        result = array.astype(dtype)
        result[-1, -1] = value
        return result

    return change


ENUM = h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i4")
ARRAYS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "weights_nan": (kernel(with_value(np.nan)), "not_finite"),
    "weights_infinite": (kernel(with_value(-np.inf)), "not_finite"),
    "weights_beyond_32_bits": (kernel(with_value(1e300, "f8")), "not_finite"),
    "weights_half_infinite": (kernel(with_value(np.inf, "f2")), "not_finite"),
    "weights_int8": (kernel(lambda array: array.astype("i1")), "weight_type"),
    "weights_uint64": (kernel(lambda array: array.astype("u8")), "weight_type"),
    "weights_bool": (kernel(lambda array: array > 0), "weight_type"),
    "weights_enum": (kernel(lambda array: (array > 0).astype("i4"), dtype=ENUM), "weight_type"),
    "weights_complex": (kernel(lambda array: array.astype("c8")), "weight_type"),
    "weights_long_double": (kernel(lambda array: array.astype(np.longdouble)), "weight_type"),
    "weights_text": (kernel(lambda _: np.full(784, "x", "S9")), "weight_type"),
    "weights_variable_text": (
        kernel(lambda _: ["x" * 99] * 784, dtype=VARIABLE),
        "weight_type",
    ),
    "weights_compound": (kernel(lambda _: np.zeros(784, "f4,f4")), "weight_type"),
    "weights_opaque": (kernel(lambda _: np.zeros(784, "V4")), "weight_type"),
    "weights_of_lists": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.vlen_dtype("f4"))),
        "weight_type",
    ),
    "weights_of_arrays": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), np.dtype("(8,)f4"))),
        "weight_type",
    ),
    "weights_of_references": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.ref_dtype)),
        "weight_type",
    ),
    "weights_of_region_references": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.regionref_dtype)),
        "weight_type",
    ),
    "weights_transposed": (kernel(lambda array: array.T), "shape"),
    "weights_flat": (kernel(lambda array: array.ravel()), "shape"),
    "weights_scalar": (kernel(lambda array: array[0, 0]), "shape"),
    "weights_without_rows": (kernel(lambda array: array[:0]), "shape"),
    "weights_null": (
        lambda lab: lab.changed(lambda file: replaced(file, data=h5py.Empty("f4"))),
        "damaged",
    ),
    "weights_missing": (lambda lab: lab.changed(lambda file: file.__delitem__(KERNEL)), "weights"),
    "weights_of_a_layer_missing": (
        lambda lab: lab.changed(lambda file: file.__delitem__("model_weights/dense")),
        "weights",
    ),
    "weights_one_too_many": (
        lambda lab: lab.changed(
            lambda file: file.__setitem__("model_weights/dense/gate", np.zeros(3, "f4"))
        ),
        "weights",
    ),
    "weights_of_another_layer": (
        lambda lab: lab.changed(
            lambda file: file.__setitem__("model_weights/evil/kernel", np.zeros(3, "f4"))
        ),
        "extra_weights",
    ),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in ARRAYS.items()})


@attack("weight_type")
def weights_of_a_made_up_float(lab: Lab) -> Path:
    """Have floats of two bytes which only fit into sixteen: eight times the memory."""

    def change(file: h5py.File) -> None:
        kind = h5py.h5t.IEEE_F16LE.copy()
        kind.set_fields(15, 1, 14, 0, 1)
        del file[KERNEL]
        space = h5py.h5s.create_simple((784, HIDDEN))
        dataset = h5py.h5d.create(file[KERNEL.rpartition("/")[0]].id, b"kernel", kind, space)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros((784, HIDDEN), np.longdouble))

    return lab.changed(change)


@attack("names", "weights", "shape")
def two_layers_of_one_name(lab: Lab) -> Path:
    content = description(dense("twin", 8), dense("twin", 8))
    arrays = weights()
    arrays["twin"] = {"kernel": np.eye(8, dtype=np.float32), "bias": np.zeros(8, np.float32)}
    return lab.file(model(json.dumps(content), arrays))


@attack("variance")
def negative_variance(lab: Lab) -> Path:
    arrays = weights()
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    arrays["norm"] = {name: np.full(HIDDEN, -1, np.float32) for name in names}
    return lab.file(model(json.dumps(description(layer("BatchNormalization", "norm"))), arrays))


@attack("work")
def convolutions_that_take_forever(lab: Lab) -> Path:
    options = {"filters": 250, "padding": "same"}
    content = description()
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "first", kernel_size=[1, 1], **options),
        layer("Conv2D", "second", kernel_size=[5, 5], **options),
    ]
    bias = np.zeros(250, np.float32)
    arrays: Arrays = {
        "first": {"kernel": np.zeros((1, 1, 1, 250), np.float32), "bias": bias},
        "second": {"kernel": np.zeros((5, 5, 250, 250), np.float32), "bias": bias},
    }
    return lab.file(model(json.dumps(content), arrays))


@attack("config")
def convolution_that_keras_refuses(lab: Lab) -> Path:
    content = description()
    both = {"kernel_size": [3, 3], "strides": [2, 2], "dilation_rate": [2, 2]}
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "dense", filters=4, **both),
    ]
    return lab.file(model(json.dumps(content)))


@attack("config")
def convolution_to_more_than_fits(lab: Lab) -> Path:
    content = description()
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "dense", filters=16_000, kernel_size=[1, 1]),
    ]
    return lab.file(model(json.dumps(content)))


@attack("output")
def nine_outputs(lab: Lab) -> Path:
    content = description()
    content["config"]["layers"][2]["config"]["units"] = 9
    arrays = weights()
    arrays["digits"] = {key: array[..., :9] for key, array in arrays["digits"].items()}
    return lab.file(model(json.dumps(content), arrays))


# ------------------------------------------------------------------ no such files at all


def cut(share: float, less: int = 0) -> Callable[[Lab], Path]:
    """Return an attack that is a part of the good model."""

    def build(lab: Lab) -> Path:
        data = model()
        return lab.file(data[: int(len(data) * share) - less])

    return build


CUTS = {"1": (1, 1), "2": (1, 8), "3": (0.9, 0), "4": (0.5, 0), "5": (0.1, 0), "6": (0.02, 0)}
ATTACKS.update({f"cut_off_{name}": Attack(cut(*how), ("damaged",)) for name, how in CUTS.items()})


def only(data: bytes) -> Callable[[Lab], Path]:
    return lambda lab: lab.file(data)


def keras_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("config.json", json.dumps(description()))
        archive.writestr("model.weights.h5", model())
    return buffer.getvalue()


OTHERS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "empty": (only(b""), "not_hdf5"),
    "nothing_but_the_signature": (only(b"\x89HDF\r\n\x1a\n"), "damaged"),
    "signature_and_zeros": (only(b"\x89HDF\r\n\x1a\n" + bytes(5000)), "damaged"),
    "signature_and_ones": (only(b"\x89HDF\r\n\x1a\n" + b"\xff" * 5000), "damaged"),
    "keras_archive": (lambda lab: lab.file(keras_zip()), "not_hdf5"),
    "web_page": (only(b"<!DOCTYPE html><script>alert(1)</script>"), "not_hdf5"),
    "text_with_escapes": (only(ESCAPE.encode() * 100), "not_hdf5"),
    "old_hdf4": (only(b"\x0e\x03\x13\x01" + bytes(500)), "not_hdf5"),
    "block_before_the_signature": (lambda lab: lab.file(bytes(512) + model()), "not_hdf5"),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in OTHERS.items()})


@attack("not_a_file")
def pipe(lab: Lab) -> Path:
    os.mkfifo(lab.path)
    return lab.path


@attack("not_a_file")
def folder(lab: Lab) -> Path:
    lab.path.mkdir()
    return lab.path


@attack("unreadable", "not_a_file")
def unix_socket(lab: Lab) -> Path:
    handle = os.open(lab.folder, os.O_RDONLY)
    try:  # a short way to the folder: a socket's path may have 108 bytes only
        socket.socket(socket.AF_UNIX).bind(f"/proc/self/fd/{handle}/{lab.path.name}")
    finally:
        os.close(handle)
    return lab.path


@attack("not_a_file")
def endless_device(lab: Lab) -> Path:
    return Path("/dev/zero")


@attack("not_a_file")
def link_to_an_endless_device(lab: Lab) -> Path:
    lab.path.symlink_to("/dev/zero")
    return lab.path


@attack("unreadable")
def link_to_nowhere(lab: Lab) -> Path:
    lab.path.symlink_to(lab.folder / "nowhere")
    return lab.path


@attack("unreadable")
def link_to_itself(lab: Lab) -> Path:
    lab.path.symlink_to(lab.path)
    return lab.path


@attack("not_hdf5")
def link_to_the_secret(lab: Lab) -> Path:
    lab.path.symlink_to(lab.secret)
    return lab.path


@attack("unreadable")
def name_with_a_nul(lab: Lab) -> Path:
    return lab.folder / "model\0.h5"


@attack("unreadable")
def name_too_long(lab: Lab) -> Path:
    return lab.folder / ("x" * 300)
