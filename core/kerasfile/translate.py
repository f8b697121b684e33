"""From a chain of described layers to plain layers with their arrays.

Each description is translated into today's terms (`dialects`), read by its rule (`rules`), and
given its arrays (`weight_store`). What today's Keras can't do directly becomes layers that give the
same numbers: channels that come first are moved to the end and back, and so on.
"""

import math
from typing import Any

import numpy as np

from ..base.problems import ModelRejected
from ..base.text import quote
from ..base.types import FloatArray
from ..network.network import Layer, Shape, plain
from .dialects import modern
from .fields import Fields
from .row_rules import GATES
from .rules import RULES
from .unroll import LayerConfig
from .weight_store import Store

LEAST_VARIANCE = 1e-14
"""Keras's Normalization divides by at least 1e-7."""

_THEANO = {"kernel": (2, 3, 1, 0)}
"""Keras 1's order of a kernel's axes if channels come first: filters, channels, height, width."""


class Translator:
    """Turns one description after another into plain layers.

    Attributes
    ----------
    layers : list of Layer
    shape : tuple of int
        The shape of one image after these layers.
    largest : int
        The largest number of values that one image has between two layers.
    work : int
        Multiplications per image.
    store : Store
        The arrays that are left.
    """

    def __init__(self, shape: Shape, store: Store, version: str, *, turned: bool) -> None:
        self.layers: list[Layer] = []
        self.shape = shape
        self.largest = math.prod(shape)
        self.work = 0
        self.store = store
        self._version = version
        self._turned = turned

    def add(self, step: LayerConfig) -> None:
        """Add the layers for one description; raises ModelRejected."""
        for kind, config in modern(step.kind, step.config, self._version):
            fields = Fields(kind, config)
            if kind == "Normalization":
                self._normalization(fields, step)
            elif kind not in RULES:
                raise ModelRejected("class", f"It has a layer {quote(kind)}, which isn't allowed.")
            else:
                self._one(kind, fields, config, step)

    def _one(self, kind: str, fields: Fields, config: dict[str, Any], step: LayerConfig) -> None:
        """Add a layer, moving its channels to the end if they come first."""
        axis = self._channels(kind, fields, config)
        rank = len(self.shape)
        if axis is None:
            self._plain(kind, fields, config, step)
            return
        rest = [other for other in range(1, rank + 1) if other != axis]
        self._permute((*rest, axis))
        self._plain(kind, fields, config | {"axis": -1}, step)
        if len(self.shape) == rank:
            back = list(range(1, rank))
            back.insert(axis - 1, rank)
            self._permute(tuple(back))

    def _channels(self, kind: str, fields: Fields, config: dict[str, Any]) -> int | None:
        """Return the axis of the channels, counted from 1, if it isn't the last."""
        rank = len(self.shape)
        if kind in ("BatchNormalization", "LayerNormalization", "Softmax"):
            axes = fields.axes(self.shape)
            return axes[0] if len(axes) == 1 and axes[0] != rank else None
        form = config.get("data_format", "channels_last")
        if form not in ("channels_last", "channels_first", None):
            raise fields.wrong("data_format")
        return 1 if form == "channels_first" and rank == 3 else None

    def _plain(self, kind: str, fields: Fields, config: dict[str, Any], step: LayerConfig) -> None:
        own = Fields(kind, config)
        options, expected, shape = RULES[kind](own, self.shape)
        if kind in GATES:
            arrays = self._rows(kind, config, step, expected)
            self.largest = max(self.largest, self.shape[0] * expected["kernel"][1])
        else:
            first = config.get("data_format") == "channels_first" and "dim_ordering" in step.config
            arrays = self.store.take(step.path, expected, _THEANO if first else None)
        if kind == "Conv2D" and self._turned:
            arrays["kernel"] = np.ascontiguousarray(arrays["kernel"][::-1, ::-1])
        kernels = sum(math.prod(size) for name, size in expected.items() if "kernel" in name)
        times = self.shape[0] if kind in GATES else math.prod(shape[:-1])
        pooled = math.prod(shape) * math.prod(options.get("pool_size", (0,)))
        self.work += times * kernels + pooled
        self._append(Layer(kind, options, arrays), shape)

    def _rows(
        self, kind: str, config: dict[str, Any], step: LayerConfig, expected: dict[str, Shape]
    ) -> dict[str, FloatArray]:
        """Return the arrays of a layer with gates, in the layout of today's Keras."""
        cudnn = step.kind == "CuDNNLSTM"
        wide = expected["kernel"][1]
        wanted = expected | ({"bias": (2 * wide,)} if cudnn else {})
        arrays = self.store.take(step.path, wanted)
        if cudnn:
            gates = np.hsplit(arrays["kernel"], GATES[kind])
            arrays["kernel"] = np.hstack([g.T.reshape(g.shape, order="F") for g in gates])
            gates = np.hsplit(arrays["recurrent_kernel"], GATES[kind])
            arrays["recurrent_kernel"] = np.hstack([g.T for g in gates])
            arrays["bias"] = arrays["bias"][:wide] + arrays["bias"][wide:]
        factor = config.get("gate_factor", 1.0)
        if factor != 1:  # all but the part that becomes the new content
            units = wide // GATES[kind]
            content = slice(2 * units, 3 * units)
            scale = np.full(wide, factor, np.float32)
            scale[content] = 1
            arrays = {name: array * scale for name, array in arrays.items()}
        return arrays

    def _normalization(self, fields: Fields, step: LayerConfig) -> None:
        """Add layers that do the same as a Normalization layer."""
        shape = self.shape
        if fields.flag("invert", False):
            raise fields.wrong("invert")
        if fields.has("mean"):
            mean, variance = fields.numbers("mean"), fields.numbers("variance")
            mean, variance = mean.squeeze(), variance.squeeze()
        else:
            axes = fields.axes(shape) if fields.has("axis") or "axis" not in step.config else ()
            expected = tuple(shape[axis - 1] for axis in axes)
            both = {"moving_mean": expected, "moving_variance": expected}
            arrays = self.store.take(step.path, both)
            mean, variance = arrays["moving_mean"], arrays["moving_variance"]
        whole = mean.size == math.prod(shape) and mean.ndim > 1
        size = math.prod(shape) if whole else shape[-1]
        if {mean.size, variance.size} - {1, size} or variance.min() < 0:
            raise fields.wrong("axis")
        statistics = {
            "moving_mean": np.broadcast_to(mean.ravel(), size),
            "moving_variance": np.broadcast_to(variance.clip(LEAST_VARIANCE).ravel(), size),
        }
        arrays = {name: np.array(array, np.float32) for name, array in statistics.items()}
        options = {"epsilon": 0.0, "center": False, "scale": False}
        if whole:
            self._append(plain("Reshape", target_shape=(size,)), (size,))
        self._append(Layer("BatchNormalization", options, arrays), self.shape)
        if whole:
            self._append(plain("Reshape", target_shape=shape), shape)

    def _permute(self, dims: tuple[int, ...]) -> None:
        """Permute axes, or drop the last permutation if this one undoes it."""
        shape = tuple(self.shape[axis - 1] for axis in dims)
        last = self.layers[-1] if self.layers else None
        if last and last.kind == "Permute":
            before = last.options["dims"]
            if tuple(before[axis - 1] for axis in dims) == tuple(range(1, len(dims) + 1)):
                self.layers.pop()
                self.shape = shape
                return
        self._append(plain("Permute", dims=dims), shape)

    def _append(self, layer: Layer, shape: Shape) -> None:
        self.layers.append(layer)
        self.shape = shape
        self.largest = max(self.largest, math.prod(shape))
