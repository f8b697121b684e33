"""Arrays that aren't a network's weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from .lab import (
    ATTACKS,
    HIDDEN,
    KERNEL,
    VARIABLE,
    Arrays,
    Attack,
    Lab,
    attack,
    dense,
    description,
    layer,
    model,
    replaced,
    weights,
)


def kernel(change: Callable[[npt.NDArray[Any]], Any], **options: Any) -> Callable[[Lab], Path]:
    """Return an attack with another first kernel."""
    return lambda lab: lab.changed(
        lambda file: replaced(file, data=change(weights()["dense"]["kernel"]), **options)
    )


def with_value(value: float, dtype: str = "f4") -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    def change(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        result = array.astype(dtype)
        result[-1, -1] = value
        return result

    return change


ENUM = h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i4")
ARRAYS: dict[str, tuple[Callable[[Lab], Path], str]] = {
    "weights_nan": (kernel(with_value(np.nan)), "not_finite"),
    "weights_infinite": (kernel(with_value(-np.inf)), "not_finite"),
    "weights_beyond_32_bits": (kernel(with_value(1e300, "f8")), "not_finite"),
    "weights_half_infinite": (kernel(with_value(np.inf, "f2")), "not_finite"),
    "weights_int8": (kernel(lambda array: array.astype("i1")), "weight_type"),
    "weights_uint64": (kernel(lambda array: array.astype("u8")), "weight_type"),
    "weights_bool": (kernel(lambda array: array > 0), "weight_type"),
    "weights_enum": (kernel(lambda array: (array > 0).astype("i4"), dtype=ENUM), "weight_type"),
    "weights_complex": (kernel(lambda array: array.astype("c8")), "weight_type"),
    "weights_long_double": (kernel(lambda array: array.astype(np.longdouble)), "weight_type"),
    "weights_text": (kernel(lambda _: np.full(784, "x", "S9")), "weight_type"),
    "weights_variable_text": (
        kernel(lambda _: ["x" * 99] * 784, dtype=VARIABLE),
        "weight_type",
    ),
    "weights_compound": (kernel(lambda _: np.zeros(784, "f4,f4")), "weight_type"),
    "weights_opaque": (kernel(lambda _: np.zeros(784, "V4")), "weight_type"),
    "weights_of_lists": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.vlen_dtype("f4"))),
        "weight_type",
    ),
    "weights_of_arrays": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), np.dtype("(8,)f4"))),
        "weight_type",
    ),
    "weights_of_references": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.ref_dtype)),
        "weight_type",
    ),
    "weights_of_region_references": (
        lambda lab: lab.changed(lambda file: replaced(file, (784,), h5py.regionref_dtype)),
        "weight_type",
    ),
    "weights_transposed": (kernel(lambda array: array.T), "shape"),
    "weights_flat": (kernel(lambda array: array.ravel()), "shape"),
    "weights_scalar": (kernel(lambda array: array[0, 0]), "shape"),
    "weights_without_rows": (kernel(lambda array: array[:0]), "shape"),
    "weights_null": (
        lambda lab: lab.changed(lambda file: replaced(file, data=h5py.Empty("f4"))),
        "damaged",
    ),
    "weights_missing": (lambda lab: lab.changed(lambda file: file.__delitem__(KERNEL)), "weights"),
    "weights_of_a_layer_missing": (
        lambda lab: lab.changed(lambda file: file.__delitem__("model_weights/dense")),
        "weights",
    ),
    "weights_one_too_many": (
        lambda lab: lab.changed(
            lambda file: file.__setitem__("model_weights/dense/gate", np.zeros(3, "f4"))
        ),
        "weights",
    ),
    "weights_of_another_layer": (
        lambda lab: lab.changed(
            lambda file: file.__setitem__("model_weights/evil/kernel", np.zeros(3, "f4"))
        ),
        "extra_weights",
    ),
}
ATTACKS.update({name: Attack(build, (code,)) for name, (build, code) in ARRAYS.items()})


@attack("weight_type")
def weights_of_a_made_up_float(lab: Lab) -> Path:
    """Have floats of two bytes which only fit into sixteen: eight times the memory."""

    def change(file: h5py.File) -> None:
        kind = h5py.h5t.IEEE_F16LE.copy()
        kind.set_fields(15, 1, 14, 0, 1)
        del file[KERNEL]
        space = h5py.h5s.create_simple((784, HIDDEN))
        dataset = h5py.h5d.create(file[KERNEL.rpartition("/")[0]].id, b"kernel", kind, space)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros((784, HIDDEN), np.longdouble))

    return lab.changed(change)


@attack("names", "weights", "shape")
def two_layers_of_one_name(lab: Lab) -> Path:
    content = description(dense("twin", 8), dense("twin", 8))
    arrays = weights()
    arrays["twin"] = {"kernel": np.eye(8, dtype=np.float32), "bias": np.zeros(8, np.float32)}
    return lab.file(model(json.dumps(content), arrays))


@attack("variance")
def negative_variance(lab: Lab) -> Path:
    arrays = weights()
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    arrays["norm"] = {name: np.full(HIDDEN, -1, np.float32) for name in names}
    return lab.file(model(json.dumps(description(layer("BatchNormalization", "norm"))), arrays))


@attack("work")
def convolutions_that_take_forever(lab: Lab) -> Path:
    options = {"filters": 250, "padding": "same"}
    content = description()
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "first", kernel_size=[1, 1], **options),
        layer("Conv2D", "second", kernel_size=[5, 5], **options),
    ]
    bias = np.zeros(250, np.float32)
    arrays: Arrays = {
        "first": {"kernel": np.zeros((1, 1, 1, 250), np.float32), "bias": bias},
        "second": {"kernel": np.zeros((5, 5, 250, 250), np.float32), "bias": bias},
    }
    return lab.file(model(json.dumps(content), arrays))


@attack("config")
def convolution_that_keras_refuses(lab: Lab) -> Path:
    content = description()
    both = {"kernel_size": [3, 3], "strides": [2, 2], "dilation_rate": [2, 2]}
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "dense", filters=4, **both),
    ]
    return lab.file(model(json.dumps(content)))


@attack("config")
def convolution_to_more_than_fits(lab: Lab) -> Path:
    content = description()
    content["config"]["layers"] = [
        layer("InputLayer", "input", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", "dense", filters=16_000, kernel_size=[1, 1]),
    ]
    return lab.file(model(json.dumps(content)))


@attack("output")
def nine_outputs(lab: Lab) -> Path:
    content = description()
    content["config"]["layers"][2]["config"]["units"] = 9
    arrays = weights()
    arrays["digits"] = {key: array[..., :9] for key, array in arrays["digits"].items()}
    return lab.file(model(json.dumps(content), arrays))
