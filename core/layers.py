"""The layers that a model file may have: for each, what is read from its description.

A rule takes a layer's fields and the shape of its input (without the batch) and returns the
arguments of the Keras class, the shapes of the layer's weights in Keras's order, and the shape of
its output. Whatever else a description says of a layer doesn't matter for predicting.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from .problems import ModelRejected

Shape = tuple[int, ...]
Result = tuple[dict[str, Any], dict[str, Shape], Shape]

LARGEST = 16_384
MOST_VALUES = 200_000
"""The largest number of values that one image may become on its way."""

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax", "gelu", "elu", "leaky_relu")


class Fields:
    """The config of one layer, read field by field with bounds."""

    def __init__(self, kind: str, config: Mapping[str, Any]) -> None:
        self._kind = kind
        self._config = config
        self.name = self.text("name")
        if config.get("data_format", "channels_last") not in ("channels_last", None):
            raise self._wrong("data_format")

    def _wrong(self, key: str) -> ModelRejected:
        return ModelRejected("config", f"A {self._kind} layer has a '{key}' that isn't supported.")

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._config.get(key)
        if not isinstance(value, str):
            raise self._wrong(key)
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of some words."""
        value = self._config.get(key, default)
        if value not in choices or not isinstance(value, str):
            raise self._wrong(key)
        return value

    def flag(self, key: str, default: bool = True) -> bool:
        """Return true or false."""
        value = self._config.get(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key)
        return value

    def integer(self, key: str, least: int = 1) -> int:
        """Return a whole number from `least` to 16384."""
        value = self._config.get(key)
        if type(value) is not int or not least <= value <= LARGEST:
            raise self._wrong(key)
        return value

    def number(self, key: str, default: float, least: float = -1e6, most: float = 1e6) -> float:
        """Return a number within bounds."""
        value = self._config.get(key, default)
        if type(value) not in (int, float) or not least <= value <= most:
            raise self._wrong(key)
        return float(value)

    def pair(self, key: str, default: tuple[int, int] = (1, 1)) -> tuple[int, int]:
        """Return two whole numbers from 1 to 1024; one number stands for both."""
        value = self._config.get(key)
        if value is None:
            return default
        values = value if isinstance(value, list) else [value, value]
        if len(values) != 2 or not all(type(v) is int and 1 <= v <= 1024 for v in values):
            raise self._wrong(key)
        return values[0], values[1]

    def sizes(self, key: str) -> Shape:
        """Return one to four whole numbers, of which one may be -1."""
        value = self._config.get(key)
        if not isinstance(value, list) or not 1 <= len(value) <= 4:
            raise self._wrong(key)
        if not all(type(v) is int and (v == -1 or 1 <= v <= LARGEST) for v in value):
            raise self._wrong(key)
        if value.count(-1) > 1:
            raise self._wrong(key)
        return tuple(value)

    def last_axis(self, shape: Shape) -> None:
        """Require that `axis` is the last one."""
        axis = self._config.get("axis", -1)
        if isinstance(axis, list) and len(axis) == 1:
            axis = axis[0]
        if type(axis) is not int or axis not in (-1, len(shape)):
            raise self._wrong("axis")

    def image(self, shape: Shape) -> tuple[int, int, int]:
        """Return height, width and channels of a layer's input."""
        if len(shape) != 3:
            raise ModelRejected("config", f"A {self._kind} layer gets no image but {shape}.")
        return shape[0], shape[1], shape[2]

    def bounded(self, shape: Shape) -> Shape:
        """Return a layer's output shape, which must have values, and not too many."""
        if min(shape, default=1) < 1 or math.prod(shape) > MOST_VALUES:
            raise ModelRejected("config", f"A {self._kind} layer gives the shape {shape}.")
        return shape


def _noise(fields: Fields, shape: Shape) -> Result:
    return {"rate": 0.0}, {}, shape  # whatever its rate, it does nothing when predicting


def _flatten(fields: Fields, shape: Shape) -> Result:
    return {}, {}, (math.prod(shape),)


def _reshape(fields: Fields, shape: Shape) -> Result:
    target = fields.sizes("target_shape")
    known = math.prod(size for size in target if size != -1)
    result = tuple(math.prod(shape) // known if size == -1 else size for size in target)
    if math.prod(result) != math.prod(shape):
        raise ModelRejected("config", f"A Reshape layer turns {shape} into {target}.")
    return {"target_shape": result}, {}, result


def _rescaling(fields: Fields, shape: Shape) -> Result:
    return {"scale": fields.number("scale", 1.0), "offset": fields.number("offset", 0.0)}, {}, shape


def _dense(fields: Fields, shape: Shape) -> Result:
    units, bias = fields.integer("units"), fields.flag("use_bias")
    activation = fields.choice("activation", ACTIVATIONS, "linear")
    weights: dict[str, Shape] = {"kernel": (shape[-1], units)}
    if bias:
        weights["bias"] = (units,)
    options = {"units": units, "activation": activation, "use_bias": bias}
    return options, weights, fields.bounded((*shape[:-1], units))


def _activation(fields: Fields, shape: Shape) -> Result:
    return {"activation": fields.choice("activation", ACTIVATIONS, "linear")}, {}, shape


def _relu(fields: Fields, shape: Shape) -> Result:
    plain = fields.number("negative_slope", 0.0) == fields.number("threshold", 0.0) == 0
    if not plain:
        raise ModelRejected("config", "A ReLU layer has a slope or a threshold.")
    return {}, {}, shape


def _leaky_relu(fields: Fields, shape: Shape) -> Result:
    return {"negative_slope": fields.number("negative_slope", 0.3, 0, 1e3)}, {}, shape


def _elu(fields: Fields, shape: Shape) -> Result:
    return {"alpha": fields.number("alpha", 1.0, 0, 1e3)}, {}, shape


def _softmax(fields: Fields, shape: Shape) -> Result:
    fields.last_axis(shape)
    return {}, {}, shape


def _batch_normalization(fields: Fields, shape: Shape) -> Result:
    fields.last_axis(shape)
    center, scale = fields.flag("center"), fields.flag("scale")
    names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
    epsilon = fields.number("epsilon", 1e-3, 1e-12, 1e3)
    options = {"epsilon": epsilon, "center": center, "scale": scale}
    return options, dict.fromkeys(names, (shape[-1],)), shape


def _conv2d(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    filters, bias = fields.integer("filters"), fields.flag("use_bias")
    kernel, strides = fields.pair("kernel_size"), fields.pair("strides")
    dilation = fields.pair("dilation_rate")
    padding = fields.choice("padding", ("valid", "same"), "valid")
    if fields.number("groups", 1) != 1:
        raise ModelRejected("config", "A Conv2D layer has groups.")
    if max(strides) > 1 < max(dilation):
        raise ModelRejected("config", "A Conv2D layer has both strides and dilation.")
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    out = _slide((height, width), reach, strides, padding)
    weights: dict[str, Shape] = {"kernel": (*kernel, channels, filters)}
    if bias:
        weights["bias"] = (filters,)
    options = {
        "filters": filters,
        "kernel_size": kernel,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "activation": fields.choice("activation", ACTIVATIONS, "linear"),
        "use_bias": bias,
    }
    return options, weights, fields.bounded((*out, filters))


def _pooling(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    pool = fields.pair("pool_size", (2, 2))
    strides = fields.pair("strides", pool)
    padding = fields.choice("padding", ("valid", "same"), "valid")
    out = _slide((height, width), pool, strides, padding)
    options = {"pool_size": pool, "strides": strides, "padding": padding}
    return options, {}, fields.bounded((*out, channels))


def _global_pooling(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    if fields.flag("keepdims", False):
        return {"keepdims": True}, {}, (1, 1, channels)
    return {}, {}, (channels,)


def _slide(size: Shape, reach: Shape, strides: Shape, padding: str) -> Shape:
    """Return the height and width after a window of `reach` has gone over `size` in `strides`."""
    if padding == "same":
        return tuple(-(-n // step) for n, step in zip(size, strides, strict=True))
    return tuple((n - r) // s + 1 for n, r, s in zip(size, reach, strides, strict=True))


RULES: dict[str, Callable[[Fields, Shape], Result]] = {
    "Activation": _activation,
    "AveragePooling2D": _pooling,
    "BatchNormalization": _batch_normalization,
    "Conv2D": _conv2d,
    "Dense": _dense,
    "Dropout": _noise,
    "ELU": _elu,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "LeakyReLU": _leaky_relu,
    "MaxPooling2D": _pooling,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "SpatialDropout2D": _noise,
}
"""Every layer that is allowed, by the name of its Keras class."""
