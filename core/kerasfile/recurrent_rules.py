"""The rules of recurrent layers, which read an image row by row; see `rules`."""

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


RECURRENT_RULES: dict[str, Callable[[Fields, Shape], Result]] = {
    kind: partial(_recurrent, kind) for kind in GATES
}
