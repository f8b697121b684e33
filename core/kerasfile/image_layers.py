"""The rules of layers that work on images of height × width × channels; see `rules`."""

from collections.abc import Callable

from ..base.problems import ModelRejected
from ..network.network import Shape
from .fields import ACTIVATION_NAMES, Fields, Result


def _conv2d(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    filters, bias = fields.integer("filters"), fields.flag("use_bias")
    options, kernel, out = _window(fields, shape)
    weights: dict[str, Shape] = {"kernel": (*kernel, channels, filters)}
    if bias:
        weights["bias"] = (filters,)
    return {"filters": filters} | options, weights, fields.bounded((*out, filters))


def _depthwise_conv2d(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    each = fields.integer("depth_multiplier") if fields.has("depth_multiplier") else 1
    options, kernel, out = _window(fields, shape)
    weights: dict[str, Shape] = {"kernel": (*kernel, channels, each)}
    if options["use_bias"]:
        weights["bias"] = (channels * each,)
    return {"depth_multiplier": each} | options, weights, fields.bounded((*out, channels * each))


def _separable_conv2d(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    filters = fields.integer("filters")
    each = fields.integer("depth_multiplier") if fields.has("depth_multiplier") else 1
    options, kernel, out = _window(fields, shape)
    fields.bounded((*out, channels * each))
    weights: dict[str, Shape] = {
        "depthwise_kernel": (*kernel, channels, each),
        "pointwise_kernel": (1, 1, channels * each, filters),
    }
    if options["use_bias"]:
        weights["bias"] = (filters,)
    options = {"filters": filters, "depth_multiplier": each} | options
    return options, weights, fields.bounded((*out, filters))


def _window(fields: Fields, shape: Shape) -> tuple[dict[str, object], tuple[int, int], Shape]:
    """Return what convolutions have in common: arguments, kernel size and output size."""
    height, width, _ = fields.image(shape)
    kernel, strides = fields.pair("kernel_size"), fields.pair("strides")
    dilation = fields.pair("dilation_rate")
    padding = fields.choice("padding", ("valid", "same"), "valid")
    if fields.number("groups", 1) != 1:
        raise ModelRejected("config", "A Conv2D layer has groups.")
    if max(strides) > 1 < max(dilation):
        raise ModelRejected("config", "A Conv2D layer has both strides and dilation.")
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    options = {
        "kernel_size": kernel,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation,
        "activation": fields.choice("activation", ACTIVATION_NAMES, "linear"),
        "use_bias": fields.flag("use_bias"),
    }
    return options, kernel, _slide((height, width), reach, strides, padding)


def _pooling(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    pool = fields.pair("pool_size", (2, 2))
    strides = fields.pair("strides", pool)
    padding = fields.choice("padding", ("valid", "same"), "valid")
    out = _slide((height, width), pool, strides, padding)
    options = {"pool_size": pool, "strides": strides, "padding": padding}
    return options, {}, fields.bounded((*out, channels))


def _slide(size: Shape, reach: Shape, strides: Shape, padding: str) -> Shape:
    """Return the height and width after a window of `reach` has gone over `size` in `strides`."""
    if padding == "same":
        return tuple(-(-n // step) for n, step in zip(size, strides, strict=True))
    return tuple((n - r) // s + 1 for n, r, s in zip(size, reach, strides, strict=True))


def _global_pooling(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    if fields.flag("keepdims", False):
        return {"keepdims": True}, {}, (1, 1, channels)
    return {}, {}, (channels,)


def _zero_padding(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    rows, columns = fields.margins("padding")
    out = height + sum(rows), width + sum(columns), channels
    return {"padding": (rows, columns)}, {}, fields.bounded(out)


def _cropping(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    rows, columns = fields.margins("cropping")
    out = height - sum(rows), width - sum(columns), channels
    return {"cropping": (rows, columns)}, {}, fields.bounded(out)


def _up_sampling(fields: Fields, shape: Shape) -> Result:
    height, width, channels = fields.image(shape)
    size = fields.pair("size", (2, 2))
    fields.choice("interpolation", ("nearest",), "nearest")
    return {"size": size}, {}, fields.bounded((height * size[0], width * size[1], channels))


def _resizing(fields: Fields, shape: Shape) -> Result:
    *_, channels = fields.image(shape)
    size = fields.integer("height"), fields.integer("width")
    options = {
        "height": size[0],
        "width": size[1],
        "interpolation": fields.choice("interpolation", ("bilinear", "nearest"), "bilinear"),
    }
    for key in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"):
        if fields.flag(key, False):
            raise fields.wrong(key)
    return options, {}, fields.bounded((*size, channels))


IMAGE_RULES: dict[str, Callable[[Fields, Shape], Result]] = {
    "AveragePooling2D": _pooling,
    "Conv2D": _conv2d,
    "Cropping2D": _cropping,
    "DepthwiseConv2D": _depthwise_conv2d,
    "GlobalAveragePooling2D": _global_pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "MaxPooling2D": _pooling,
    "Resizing": _resizing,
    "SeparableConv2D": _separable_conv2d,
    "UpSampling2D": _up_sampling,
    "ZeroPadding2D": _zero_padding,
}
