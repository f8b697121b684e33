"""A model's description, from any version of Keras, as one plain chain of described layers.

The model may be Sequential, given as a dictionary or a bare list; functional, if its layers form a
chain, in whatever order they are listed; or nest such models. Everything else is refused. Nothing
is looked up by name and nothing is executed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..base.problems import ModelRejected
from ..base.text import quote
from ..base.types import SIDE
from ..network.network import Shape
from .dialects import IDLE, RENAMED_CLASSES, is_function
from .rules import RULES

MOST_LAYERS = 64
MODELS = ("Sequential", "Functional", "Model")
OTHERS = ("Normalization",)
"""Classes that are replaced by others once their arrays are known."""

KNOWN = frozenset({*RULES, *IDLE, *RENAMED_CLASSES, *OTHERS, *MODELS, "InputLayer"})
"""The classes of layers that may be in a description."""

# What Keras's descriptions mention besides layers: how weights were initialised and constrained.
# None of it matters for predicting, and none of it is ever built.
_MENTIONED = frozenset(
    {
        "DTypePolicy",
        "Policy",
        "PolicyV1",
        "TensorShape",
        "__keras_tensor__",
        "__tuple__",
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

_PACKAGES = ("keras", "tf_keras")
"""Keras, and the package that Keras 2 is today."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
"""Such as glorot_uniform: a plain word, which can't reach into a module."""

_SHAPES = ("batch_shape", "batch_input_shape", "input_shape")


@dataclass(frozen=True)
class LayerConfig:
    """One layer of the chain, as the file describes it.

    Attributes
    ----------
    config : dict
    path : tuple of str
        The names of the models that contain it, and its own.
    kinds : tuple of str
        Their classes, and its own.
    """

    config: dict[str, Any]
    path: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The class that the file names."""
        return self.kinds[-1]


def unroll(content: Any) -> tuple[Shape | None, list[LayerConfig]]:
    """Return the shape of the chain's inputs, or None if it isn't stated, and its layers.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    audit(content)
    walk = _Walk()
    walk.model(content, (), ())
    return walk.shape, walk.steps


def audit(value: Any) -> None:
    """Refuse a description that names an unknown class, module or function anywhere."""
    if isinstance(value, dict):
        if is_function(value):
            return
        name = value.get("class_name")
        if name is not None and not (
            isinstance(name, str) and (name in KNOWN or name in _MENTIONED)
        ):
            raise ModelRejected("class", _unknown(name))
        module = value.get("module")
        if module is not None and not (
            isinstance(module, str) and module.partition(".")[0] in _PACKAGES
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
        # the training configuration is never read
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            if key != "compile_config":
                audit(part)
    elif isinstance(value, str) and "://" in value:
        raise ModelRejected("url", "Its description contains a URL.")


def _unknown(name: object) -> str:
    if name == "Lambda":
        return "It has a Lambda layer, which is a program, and inkhook never runs those."
    return f"It names the class {quote(name)}, which isn't allowed."


class _Walk:
    """Walks through a model and the models inside it, in the order of the data flow."""

    def __init__(self) -> None:
        self.shape: Shape | None = None
        self.steps: list[LayerConfig] = []

    def model(self, content: Any, path: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        """Add the layers of a model; `path` and `kinds` are those of the models down to it."""
        kind = content.get("class_name") if isinstance(content, dict) else None
        if kind not in MODELS:
            raise ModelRejected("description", "Its description isn't of a Sequential model.")
        config = content.get("config")
        layers = config.get("layers") if isinstance(config, dict) else config
        if not isinstance(layers, list) or not layers:
            raise ModelRejected("description", "Its description has no layers.")
        self._count(len(layers))
        for layer in layers:
            own = layer.get("config") if isinstance(layer, dict) else None
            if not isinstance(own, dict | list) or not isinstance(layer.get("class_name"), str):
                raise ModelRejected("description", "Its description has a layer without a config.")
        if kind != "Sequential":
            layers = _in_order(config if isinstance(config, dict) else {}, layers)
        at_start = not self.steps
        for place, layer in enumerate(layers):
            self._layer(layer, path, kinds, first=place == 0)
        if isinstance(config, dict) and at_start:
            self._note_shape(config.get("build_input_shape"))

    def _layer(
        self,
        layer: dict[str, Any],
        path: tuple[str, ...],
        kinds: tuple[str, ...],
        *,
        first: bool,
    ) -> None:
        kind, config = layer["class_name"], layer["config"]
        name = config.get("name") if isinstance(config, dict) else None
        name = name if name is not None else layer.get("name", "")
        if not isinstance(name, str):
            raise ModelRejected("config", f"A {kind} layer has a 'name' that isn't supported.")
        if kind in MODELS:
            self.model(layer, (*path, name), (*kinds, kind))
            return
        if not isinstance(config, dict):
            raise ModelRejected("description", "Its description has a layer without a config.")
        if kind == "InputLayer" and not first:
            raise ModelRejected("description", "It has more than one input.")
        if first and not self.steps:
            for key in _SHAPES:
                self._note_shape(config.get(key))
            if self.shape is None and type(config.get("input_dim")) is int:
                rows = config.get("input_length")
                sizes = [rows] if type(rows) is int else []
                self._note_shape([None, *sizes, config["input_dim"]])
        if kind != "InputLayer":
            self.steps.append(LayerConfig(config, (*path, name), (*kinds, kind)))
            self._count(len(self.steps))

    def _note_shape(self, value: Any) -> None:
        """Keep the first shape found, without the batch axis."""
        if isinstance(value, dict):
            value = value.get("items")
        if value is None or self.shape is not None:
            return
        if not isinstance(value, list) or not 2 <= len(value) <= 4:
            raise ModelRejected("input", "It doesn't state the shape of its inputs.")
        sizes = value[1:]
        if len(sizes) > 1 and sizes[-1] is not None:  # any height and width: take a digit's
            sizes = [SIDE if size is None else size for size in sizes]
        if not all(type(size) is int for size in sizes):
            raise ModelRejected("input", "Its inputs have no fixed shape.")
        self.shape = tuple(sizes)

    def _count(self, layers: int) -> None:
        if layers > MOST_LAYERS:
            raise ModelRejected("layers", f"It has {layers} layers; the limit is {MOST_LAYERS}.")


def _in_order(config: dict[str, Any], layers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a functional model's layers in the order in which they are connected."""
    broken = ModelRejected("branches", "Its layers aren't a plain chain.")
    after: dict[str | None, dict[str, Any]] = {}
    for layer in layers:
        own = layer["config"]
        name = layer.get("name", own.get("name") if isinstance(own, dict) else None)
        if not isinstance(name, str):
            raise ModelRejected("description", "Its description has a layer without a name.")
        sources = _sources(layer.get("inbound_nodes", []))
        if len(sources) > 1 or (sources[0] if sources else None) in after:
            raise broken
        after[sources[0] if sources else None] = layer | {"name": name}
    ordered: list[dict[str, Any]] = []
    before: str | None = None
    while before in after:
        ordered.append(after.pop(before))
        before = ordered[-1]["name"]
    ends = [ordered[0]["name"], before] if ordered else []
    named = [_texts(config.get("input_layers")), _texts(config.get("output_layers"))]
    if after or named != [ends[:1], ends[1:]]:
        raise broken
    return ordered


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
    if not isinstance(value, list):
        return []
    if len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is type(value[2]) is int:
        return [value[0], *_sources(value[3:])]  # until Keras 2: ["dense", 0, 0, {}]
    return [name for part in value for name in _sources(part)]
