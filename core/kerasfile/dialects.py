"""Layers as ten years of Keras described them, translated into today's terms.

Keras renamed classes and arguments, and changed the meaning of `hard_sigmoid`. Here one layer's
description becomes the descriptions of the layers that do the same today: usually one, none if the
layer does nothing when predicting, several if an activation has arguments of its own. Not for
shapes and arrays (`rules`, `weight_store`). See docs/decisions/028-foreign-models.md.
"""

from collections.abc import Mapping
from typing import Any

from .fields import ACTIVATION_NAMES

Described = tuple[str, dict[str, Any]]
"""The class of a layer, and its config."""

RENAMED_CLASSES = {
    "AtrousConvolution2D": "Conv2D",
    "AvgPool2D": "AveragePooling2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "CenterCrop": "Cropping2D",
    "Convolution2D": "Conv2D",
    "CuDNNLSTM": "LSTM",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "MaxPool2D": "MaxPooling2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "SyncBatchNormalization": "BatchNormalization",
    "ThresholdedReLU": "ReLU",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
}
"""Classes that have another name today, or that another class can stand in for."""

IDLE = frozenset(
    {
        "ActivityRegularization",
        "AlphaDropout",
        "Dropout",
        "GaussianDropout",
        "GaussianNoise",
        "RandomBrightness",
        "RandomContrast",
        "RandomFlip",
        "RandomHeight",
        "RandomRotation",
        "RandomTranslation",
        "RandomWidth",
        "RandomZoom",
        "SpatialDropout1D",
        "SpatialDropout2D",
    }
)
"""Classes that do nothing when predicting."""

RENAMED_ARGUMENTS = {
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "border_mode": "padding",
    "inner_activation": "recurrent_activation",
    "nb_filter": "filters",
    "output_dim": "units",
    "subsample": "strides",
}
"""Arguments by the names that Keras 1 gave them."""

DATA_FORMATS = {"th": "channels_first", "tf": "channels_last"}

FUNCTIONS = {name: name for name in ACTIVATION_NAMES} | {
    "hard_sigmoid": "hard_sigmoid",
    "relu6": "relu6",
    "softmax_v2": "softmax",
    "swish": "silu",
}
"""Activations by their names in files, with today's names."""

AS_LAYERS = ("ELU", "LeakyReLU", "ReLU", "Softmax", "ThresholdedReLU")
"""Layers that may be given as an activation."""

OLD_SLOPE = 1.2
"""Until Keras 2, hard_sigmoid(x) was x/5 + 1/2 between 0 and 1; since Keras 3 it is x/6 + 1/2."""


def is_function(value: Mapping[str, Any]) -> bool:
    """Tell whether this is how Keras 3 writes an activation that is a TensorFlow function."""
    name = value.get("config")
    plain = isinstance(name, str) and name in FUNCTIONS
    return value.get("class_name") == value.get("registered_name") == "function" and plain


def modern(kind: str, config: Mapping[str, Any], version: str) -> list[Described]:
    """Return the layers of today that do what a described layer does.

    Parameters
    ----------
    kind : str
        The class in the file.
    config : mapping
        Its arguments in the file; isn't changed.
    version : str
        Of the Keras that wrote it; empty if the file doesn't say.
    """
    if kind in IDLE:
        return []
    old = not version.startswith("3")
    fields = {RENAMED_ARGUMENTS.get(key, key): value for key, value in config.items()}
    order = fields.pop("dim_ordering", None)
    if isinstance(order, str) and order in DATA_FORMATS:
        fields["data_format"] = DATA_FORMATS[order]
    if "nb_row" in fields and "nb_col" in fields:
        fields["kernel_size"] = [fields.pop("nb_row"), fields.pop("nb_col")]
    if kind == "LeakyReLU" and "alpha" in fields:
        fields["negative_slope"] = fields.pop("alpha")
    if kind == "ThresholdedReLU":
        fields["threshold"] = fields.pop("theta", 1.0)
    if kind == "GRU" and old:
        fields.setdefault("reset_after", False)
    if kind in ("LSTM", "GRU"):
        gates = fields.get("recurrent_activation", "hard_sigmoid" if old else "sigmoid")
        fields["recurrent_activation"] = gates
        fields["gate_factor"] = OLD_SLOPE if old and gates == "hard_sigmoid" else 1.0
    if kind == "BatchNormalization" and fields.get("mode", 0) != 0:
        fields["axis"] = None  # a mode of Keras 1 that depends on the whole batch: refused
    return _split(RENAMED_CLASSES.get(kind, kind), fields, old)


def _split(kind: str, fields: dict[str, Any], old: bool) -> list[Described]:
    """Turn activations that aren't plain functions into layers of their own."""
    value = fields.get("activation", "linear")
    if value is None:
        value = "linear"
    if isinstance(value, dict) and is_function(value):
        value = value["config"]
    name = f"{fields.get('name')}/activation"
    after: list[Described] = []
    if isinstance(value, dict) and value.get("class_name") in AS_LAYERS:
        own = value.get("config")
        own = own if isinstance(own, dict) else {}
        after = modern(value["class_name"], own | {"name": name}, "" if old else "3")
        value = "linear"
    if isinstance(value, str):
        value = FUNCTIONS.get(value, value)
    if value == "relu6":
        after, value = [("ReLU", {"name": name, "max_value": 6.0})], "linear"
    if value == "hard_sigmoid" and old:
        after = [
            ("Rescaling", {"name": f"{name}/scale", "scale": OLD_SLOPE}),
            ("Activation", {"name": name, "activation": value}),
        ]
        value = "linear"
    if kind == "Activation" and after:
        return after
    if "activation" in fields:
        fields = fields | {"activation": value}
    return [(kind, fields), *after]
