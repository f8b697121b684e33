"""The layers that a model file may have: for each, what is read from its description.

A rule takes a layer's fields and the shape of its input (without the batch) and returns the
arguments of the Keras class, the shapes of the layer's weights in Keras's order, and the shape of
its output. Whatever else a description says about a layer doesn't matter for predicting.

`dialects` translates older descriptions before a rule sees them.
"""

import math
from collections.abc import Callable

from ..base.problems import ModelRejected
from ..network.network import Shape
from . import image_layers, row_rules
from .fields import ACTIVATION_NAMES, Fields, Result


def _flatten(fields: Fields, shape: Shape) -> Result:
    return {}, {}, (math.prod(shape),)


def _reshape(fields: Fields, shape: Shape) -> Result:
    target = fields.sizes("target_shape")
    known = math.prod(size for size in target if size != -1)
    result = tuple(math.prod(shape) // known if size == -1 else size for size in target)
    if math.prod(result) != math.prod(shape):
        raise ModelRejected("config", f"A Reshape layer can't turn {shape} into {target}.")
    # -1 stays: a network that is slid along strips has it where their length is
    return {"target_shape": target}, {}, result


def _permute(fields: Fields, shape: Shape) -> Result:
    dims = fields.sizes("dims")
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise fields.wrong("dims")
    return {"dims": dims}, {}, tuple(shape[axis - 1] for axis in dims)


def _rescaling(fields: Fields, shape: Shape) -> Result:
    return {"scale": fields.number("scale", 1.0), "offset": fields.number("offset", 0.0)}, {}, shape


def _unit_normalization(fields: Fields, shape: Shape) -> Result:
    axes = fields.axes(shape)
    return {"axis": axes if len(axes) > 1 else axes[0]}, {}, shape


def _dense(fields: Fields, shape: Shape) -> Result:
    units, bias = fields.integer("units"), fields.flag("use_bias")
    activation = fields.choice("activation", ACTIVATION_NAMES, "linear")
    weights: dict[str, Shape] = {"kernel": (shape[-1], units)}
    if bias:
        weights["bias"] = (units,)
    options = {"units": units, "activation": activation, "use_bias": bias}
    return options, weights, fields.bounded((*shape[:-1], units))


def _activation(fields: Fields, shape: Shape) -> Result:
    return {"activation": fields.choice("activation", ACTIVATION_NAMES, "linear")}, {}, shape


def _relu(fields: Fields, shape: Shape) -> Result:
    options = {
        "negative_slope": fields.number("negative_slope", 0.0, 0, 1e3),
        "threshold": fields.number("threshold", 0.0, 0, 1e3),
    }
    if fields.has("max_value"):
        options["max_value"] = fields.number("max_value", 0.0, 0)
    return options, {}, shape


def _leaky_relu(fields: Fields, shape: Shape) -> Result:
    return {"negative_slope": fields.number("negative_slope", 0.3, 0, 1e3)}, {}, shape


def _elu(fields: Fields, shape: Shape) -> Result:
    return {"alpha": fields.number("alpha", 1.0, 0, 1e3)}, {}, shape


def _prelu(fields: Fields, shape: Shape) -> Result:
    shared = fields.axes(shape, "shared_axes") if fields.has("shared_axes") else ()
    slopes = tuple(1 if axis in shared else size for axis, size in enumerate(shape, 1))
    return {"shared_axes": shared or None}, {"alpha": slopes}, shape


def _softmax(fields: Fields, shape: Shape) -> Result:
    fields.last_axis(shape)
    return {}, {}, shape


def _batch_normalization(fields: Fields, shape: Shape) -> Result:
    fields.last_axis(shape)
    center, scale = fields.flag("center"), fields.flag("scale")
    names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
    options = {"epsilon": fields.number("epsilon", 1e-3, 0, 1e3), "center": center, "scale": scale}
    return options, dict.fromkeys(names, (shape[-1],)), shape


def _layer_normalization(fields: Fields, shape: Shape) -> Result:
    fields.last_axis(shape)
    center, scale = fields.flag("center"), fields.flag("scale")
    names = ["gamma"] * scale + ["beta"] * center
    options = {
        "epsilon": fields.number("epsilon", 1e-3, 1e-12, 1e3),
        "center": center,
        "scale": scale,
    }
    return options, dict.fromkeys(names, (shape[-1],)), shape


RULES: dict[str, Callable[[Fields, Shape], Result]] = {
    "Activation": _activation,
    "BatchNormalization": _batch_normalization,
    "Dense": _dense,
    "ELU": _elu,
    "Flatten": _flatten,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu,
    "PReLU": _prelu,
    "Permute": _permute,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "UnitNormalization": _unit_normalization,
    **image_layers.IMAGE_RULES,
    **row_rules.ROW_RULES,
}
"""Every layer that a network may have, by the name of its Keras class."""
