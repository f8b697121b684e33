"""Where an attack is prepared, what it is, and the good model that most attacks change."""

import io
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from inkhook.core.modelfile.card import Card

Json = dict[str, Any]
Arrays = dict[str, dict[str, npt.NDArray[Any]]]

CONFIDENTIAL = "TOP-SECRET-7f3a91-"
"""What a secret file holds, again and again; it's finite as float32, too."""

HIDDEN = 8
VARIABLE = h5py.string_dtype()
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
