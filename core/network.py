"""A network as a list of plain layers, built from a file's description and arrays.

Only layers that are known here are accepted, every size is bounded, and every array must have the
shape that the description implies. Nothing is looked up by name and nothing is executed: a class
name in a description only selects a row of `layers.RULES`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import bounded_json
from .layers import RULES, Fields, Shape
from .problems import ModelRejected
from .text import quote
from .types import DIGITS, SIDE, FloatArray

MOST_LAYERS = 64
MOST_WORK = 500_000_000
"""Multiplications an image; VGG-like networks on 28×28 take a tenth of that."""

INPUT_SHAPES: tuple[Shape, ...] = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1))

# What Keras's descriptions mention besides layers: how weights were first drawn and kept in bounds.
# None of it matters for predicting, and none of it is ever built.
_MENTIONED = frozenset(
    {
        "Sequential",
        "Functional",
        "Model",
        "DTypePolicy",
        "__keras_tensor__",
        "Constant",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "Identity",
        "LecunNormal",
        "LecunUniform",
        "Ones",
        "Orthogonal",
        "OrthogonalInitializer",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "VarianceScaling",
        "Zeros",
        "L1",
        "L1L2",
        "L2",
        "MaxNorm",
        "MinMaxNorm",
        "NonNeg",
        "UnitNorm",
    }
)

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
"""Such as glorot_uniform: a word, which can't reach into a module."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer.

    Attributes
    ----------
    kind : str
        The name of its class in `keras.layers`.
    options : mapping
        The arguments that this class takes; plain values.
    weights : mapping of str to float32 array
        In the order in which Keras keeps them.
    """

    kind: str
    options: Mapping[str, Any]
    weights: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Network:
    """A chain of layers from one image to ten numbers.

    Attributes
    ----------
    input_shape : tuple of int
    layers : tuple of Layer
    largest : int
        The most numbers that one image becomes between two layers.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    largest: int

    @property
    def rows(self) -> int:
        """How many images to run at once, so that no step takes more than 16 MB."""
        return max(1, min(1024, 2**22 // self.largest))

    @property
    def parameters(self) -> int:
        """How many numbers the network holds."""
        return sum(array.size for layer in self.layers for array in layer.weights.values())

    @property
    def architecture(self) -> str:
        """The layers at a glance: "784-512-10" for a dense network, else the classes."""
        counted = ("BatchNormalization", "Conv2D", "Dense")
        rest = [layer for layer in self.layers if layer.kind in counted or "Pool" in layer.kind]
        if all(layer.kind == "Dense" for layer in rest):
            return "-".join(map(str, [SIDE * SIDE, *(layer.options["units"] for layer in rest)]))
        return " ".join(layer.kind for layer in rest)


def build(description: str, weights: Mapping[str, Mapping[str, FloatArray]]) -> Network:
    """Build a network.

    Parameters
    ----------
    description : str
        Keras's `model_config`: JSON.
    weights : mapping of str to mapping of str to float32 array
        The arrays of each layer by their names.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    content = bounded_json.parse(description, "Its description")
    if isinstance(content, dict):  # how it was trained is never looked at
        content.pop("compile_config", None)
    _audit(content)
    shape, configs = _chain(content)
    input_shape = shape
    if shape not in INPUT_SHAPES:
        raise ModelRejected("input", f"It takes inputs of shape {shape}, not 28×28 images.")
    layers = []
    work, largest = 0, math.prod(shape)
    used: set[str] = set()
    for kind, config in configs:
        fields = Fields(kind, config)
        options, expected, shape = RULES[kind](fields, shape)
        arrays = _arrays(fields.name, weights.get(fields.name, {}), expected)
        if expected and fields.name in used:
            raise ModelRejected("names", f"Two layers are named '{fields.name}'.")
        used.add(fields.name)
        largest = max(largest, math.prod(shape))
        work += math.prod(shape[:-1]) * math.prod(expected.get("kernel", (0,)))
        work += math.prod(shape) * math.prod(options.get("pool_size", (0,)))
        if work > MOST_WORK:
            raise ModelRejected("work", f"It takes over {MOST_WORK:,} multiplications an image.")
        layers.append(Layer(kind, options, arrays))
    extra = sorted(name for name, arrays in weights.items() if arrays and name not in used)
    if extra:
        raise ModelRejected("extra_weights", "It has weights for layers that it doesn't describe.")
    if shape != (len(DIGITS),):
        raise ModelRejected("output", f"It gives numbers of shape {shape} an image, not ten.")
    return Network(input_shape, tuple(layers), largest)


def _audit(value: Any) -> None:
    """Refuse a description that names a class, module or function which isn't known, anywhere."""
    if isinstance(value, dict):
        name = value.get("class_name")
        if name is not None and not (
            isinstance(name, str) and (name in RULES or name in _MENTIONED or name == "InputLayer")
        ):
            raise ModelRejected("class", f"It names the class {quote(name)}, which isn't allowed.")
        module = value.get("module")
        if module is not None and not (
            isinstance(module, str) and (module == "keras" or module.startswith("keras."))
        ):
            raise ModelRejected("module", f"It names the module {quote(module)}.")
        registered = value.get("registered_name")
        if registered is not None and registered not in (name, ""):
            raise ModelRejected("custom", f"It names the custom object {quote(registered)}.")
        for key, part in value.items():
            draws = key.endswith(("_initializer", "_regularizer", "_constraint"))
            if draws and isinstance(part, str) and not _PLAIN_NAME.fullmatch(part):
                raise ModelRejected("config", f"It names {quote(part)} as a {quote(key)}.")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _audit(part)
    elif isinstance(value, str) and "://" in value:
        raise ModelRejected("url", "Its description has an address in it.")


def _chain(content: Any) -> tuple[Shape, list[tuple[str, dict[str, Any]]]]:
    """Return the input's shape, and the kind and config of each layer after it, in order."""
    kind = content.get("class_name") if isinstance(content, dict) else None
    if kind not in ("Sequential", "Functional", "Model"):
        raise ModelRejected("description", "Its description isn't of a Sequential model.")
    config = content.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not layers:
        raise ModelRejected("description", "Its description has no layers.")
    if len(layers) > MOST_LAYERS:
        raise ModelRejected("layers", f"It has {len(layers)} layers; {MOST_LAYERS} are allowed.")
    pairs = []
    for layer in layers:
        name = layer.get("class_name") if isinstance(layer, dict) else None
        own = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(own, dict) or not isinstance(name, str):
            raise ModelRejected("description", "Its description has a layer without a config.")
        if name not in RULES and name != "InputLayer":
            raise ModelRejected("class", f"It has a layer {quote(name)}, which isn't allowed here.")
        pairs.append((name, own))
    if kind != "Sequential":
        _check_order(layers)
        ends = [layers[0]["config"].get("name"), layers[-1]["config"].get("name")]
        if [_texts(config.get("input_layers")), _texts(config.get("output_layers"))] != [
            ends[:1],
            ends[1:],
        ]:
            raise ModelRejected("branches", "Its layers aren't a plain chain.")
    first, own = pairs[0]
    shape = own.get("batch_shape", own.get("batch_input_shape")) or config.get("build_input_shape")
    if first == "InputLayer":
        pairs = pairs[1:]
    if any(name == "InputLayer" for name, _ in pairs):
        raise ModelRejected("description", "It has more than one input.")
    if not isinstance(shape, list) or not 2 <= len(shape) <= 4:
        raise ModelRejected("input", "It doesn't say what shape its inputs have.")
    sizes = shape[1:]
    if not all(type(size) is int for size in sizes):
        raise ModelRejected("input", "Its inputs have no fixed shape.")
    return tuple(sizes), pairs


def _check_order(layers: Sequence[Any]) -> None:
    """Accept a Functional model only where each layer follows the one before."""
    before = None
    for layer in layers:
        sources = sorted(_sources(layer.get("inbound_nodes", [])))
        if sources != ([before] if before is not None else []):
            raise ModelRejected("branches", "Its layers aren't a plain chain.")
        before = layer["config"].get("name")
        if not isinstance(before, str):
            raise ModelRejected("description", "Its description has a layer without a name.")


def _texts(value: Any) -> list[str]:
    """Return the strings in a list of lists, such as `[["dense", 0, 0]]`."""
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _sources(value: Any) -> list[str]:
    """Return the names of the layers that a Functional layer's `inbound_nodes` mention."""
    if isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and history and isinstance(history[0], str):
            return [history[0]]
        return [name for part in value.values() for name in _sources(part)]
    return [name for part in value for name in _sources(part)] if isinstance(value, list) else []


def _arrays(
    layer: str, found: Mapping[str, FloatArray], expected: Mapping[str, Shape]
) -> dict[str, FloatArray]:
    if set(found) != set(expected):
        raise ModelRejected("weights", f"The layer {quote(layer)} has not the weights it needs.")
    for name, shape in expected.items():
        if np.shape(found[name]) != shape:
            raise ModelRejected(
                "shape",
                f"The array '{name}' of layer {quote(layer)} has the shape "
                f"{np.shape(found[name])}, but its description says {shape}.",
            )
    if "moving_variance" in found and found["moving_variance"].min() < 0:
        raise ModelRejected("variance", f"The layer {quote(layer)} has a negative variance.")
    return {name: found[name] for name in expected}
