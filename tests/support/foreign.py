"""Keras files as ten years of Keras wrote them, made from one description and its arrays.

`write` takes a description as plain lists and arrays by layer, so that tests can put together any
form; `known` is a small network in today's terms, and what it answers.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Arrays = Mapping[str, Array]
Json = dict[str, Any]


def layer(kind: str, name: str, **config: Any) -> Json:
    """Return the description of a layer, as Keras 1 and 2 wrote it."""
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def sequential(*layers: Json, name: str = "sequential_1", bare: bool = False) -> Json:
    """Return the description of a Sequential model, as a dictionary or as Keras 1's bare list."""
    config = list(layers) if bare else {"name": name, "layers": list(layers)}
    return {"class_name": "Sequential", "config": config}


def functional(*layers: Json, name: str = "model_1", kind: str = "Model") -> Json:
    """Return the description of a functional chain, as Keras 2 wrote it."""
    names = [one["config"]["name"] for one in layers]
    nodes: list[Any] = [[], *([[[before, 0, 0, {}]]] for before in names[:-1])]
    linked = [
        one | {"name": own, "inbound_nodes": node}
        for one, own, node in zip(layers, names, nodes, strict=True)
    ]
    ends = {"input_layers": [[names[0], 0, 0]], "output_layers": [[names[-1], 0, 0]]}
    return {"class_name": kind, "config": {"name": name, "layers": linked, **ends}}


def write(
    path: Path,
    description: Any,
    groups: Mapping[str, Arrays],
    *,
    version: str | None = "2.4.0",
    backend: str | None = "tensorflow",
    text: Any = None,
    root: str = "model_weights",
) -> Path:
    """Write a file: the description, and for each layer's group the arrays by their paths.

    Parameters
    ----------
    path : pathlib.Path
    description : JSON value or None
        None for a file with weights only.
    groups : mapping of str to mapping of str to array
    version, backend : str, optional
        What the file says of the Keras that wrote it.
    text : callable, optional
        From the description's JSON to the attribute's value.
    root : str
        The group of all layers; empty for the file itself.
    """
    with h5py.File(path, "w") as file:
        if version:
            file.attrs["keras_version"] = version.encode()
        if backend:
            file.attrs["backend"] = backend.encode()
        if description is not None:
            content = json.dumps(description)
            file.attrs["model_config"] = text(content) if text else content.encode()
            file.attrs["training_config"] = json.dumps({"loss": "gone", "optimizer": "Gone"})
        top = file.create_group(root) if root else file
        top.attrs["layer_names"] = [name.encode() for name in groups]
        for name, arrays in groups.items():
            group = top.require_group(name)
            group.attrs["weight_names"] = [key.encode() for key in arrays]
            for key, array in arrays.items():
                group[key] = array
        if root:
            file["optimizer_weights/Adam/iterations:0"] = np.int64(3)
    return path


def drawn(*shape: int, seed: int = 0) -> Array:
    """Return numbers of a sensible size."""
    values = np.random.default_rng([seed, *shape]).normal(0, 1, shape)
    fan = max(1, math.prod(shape[:-1]))
    return np.asarray(values / math.sqrt(fan), np.float32)
