"""The rules of layers that read an image row by row, recurrent or sliding; see `rules`."""

from collections.abc import Callable
from functools import partial

from ..base.problems import ModelRejected
from ..network.network import Shape
from .fields import ACTIVATION_NAMES, Fields, Result

GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}


def _recurrent(kind: str, fields: Fields, shape: Shape) -> Result:
    if len(shape) != 2:
        raise ModelRejected("config", f"A {kind} layer expects rows of numbers, got {shape}.")
    rows, size = shape
    units, bias = fields.integer("units"), fields.flag("use_bias")
    every = fields.flag("return_sequences", False)
    options = {
        "units": units,
        "activation": fields.choice("activation", ACTIVATION_NAMES, "tanh"),
        "use_bias": bias,
        "return_sequences": every,
        "go_backwards": fields.flag("go_backwards", False),
    }
    for key in ("return_state", "time_major"):
        if fields.flag(key, False):
            raise fields.wrong(key)
    wide = GATES[kind] * units
    weights: dict[str, Shape] = {"kernel": (size, wide), "recurrent_kernel": (units, wide)}
    if bias:
        weights["bias"] = (wide,)
    if kind != "SimpleRNN":
        activation = fields.choice("recurrent_activation", ACTIVATION_NAMES, "sigmoid")
        options["recurrent_activation"] = activation
    if kind == "GRU":
        options["reset_after"] = fields.flag("reset_after")
        if bias and options["reset_after"]:
            weights["bias"] = (2, wide)
    return options, weights, fields.bounded((rows, units) if every else (units,))


def _conv1d(fields: Fields, shape: Shape) -> Result:
    if len(shape) != 2:
        raise ModelRejected("config", f"A Conv1D layer expects rows of numbers, got {shape}.")
    rows, size = shape
    (kernel,), (stride,) = fields.window("kernel_size"), fields.window("strides")
    for key in ("dilation_rate", "groups"):
        if fields.has(key) and fields.window(key) != (1,):
            raise fields.wrong(key)
    filters, bias = fields.integer("filters"), fields.flag("use_bias")
    padding = fields.choice("padding", ("valid", "same"), "valid")
    out = -(-rows // stride) if padding == "same" else (rows - kernel) // stride + 1
    options = {
        "filters": filters,
        "kernel_size": kernel,
        "strides": stride,
        "padding": padding,
        "activation": fields.choice("activation", ACTIVATION_NAMES, "linear"),
        "use_bias": bias,
    }
    weights: dict[str, Shape] = {"kernel": (kernel, size, filters)}
    if bias:
        weights["bias"] = (filters,)
    return options, weights, fields.bounded((out, filters))


ROW_RULES: dict[str, Callable[[Fields, Shape], Result]] = {
    "Conv1D": _conv1d,
    **{kind: partial(_recurrent, kind) for kind in GATES},
}
