"""A network as an ONNX file: written by tf2onnx, read by ONNX's own reference evaluator.

Both come with the extra `inkhook[onnx]`, and are imported where they are used. See
docs/decisions/026-onnx.md.
"""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..base.quiet_keras import import_keras
from ..base.types import FloatArray
from ..network.keras_model import INPUT, build_model
from ..network.network import Layer, Network

SUFFIX = ".onnx"
OUTPUT = "probabilities"


def is_installed() -> bool:
    """Tell whether the libraries are installed, without importing them."""
    return all(find_spec(name) for name in ("onnx", "tf2onnx"))


def write_onnx(network: Network, notes: Mapping[str, str], path: Path) -> None:
    """Write a network as ONNX, with one input `images` and one output `probabilities`.

    The number of images, N, is variable.

    Parameters
    ----------
    network : Network
    notes : mapping of str to str
        The file's metadata.
    path : pathlib.Path
    """
    model = build_model(replace(network, layers=tuple(map(_without_erfc, network.layers))))
    import onnx
    import tensorflow as tf
    import tf2onnx

    # it logs what it can't convert and goes on; reading the file finds that, too
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    signature = [tf.TensorSpec((None, *network.input_shape), tf.float32, name=INPUT)]

    def run(images: Any) -> dict[str, Any]:
        return {OUTPUT: model(images, training=False)}

    function = tf.function(run, input_signature=signature)
    content, _ = tf2onnx.convert.from_function(function, input_signature=signature)
    for value in (content.graph.input[0], content.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    onnx.helper.set_model_props(content, dict(notes))
    path.write_bytes(content.SerializeToString())


def load_onnx(path: Path) -> Callable[[FloatArray], FloatArray]:
    """Check an ONNX file, and return a function that runs it.

    The evaluator is ONNX's definition of what its operators do, in NumPy: slow, but it needs no
    further library.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    content = onnx.load(str(path))
    onnx.checker.check_model(content, full_check=True)
    evaluator = ReferenceEvaluator(content)

    def run(batch: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):  # it computes both branches of a choice, and takes one
            return np.asarray(evaluator.run([OUTPUT], {INPUT: batch})[0])

    return run


def _without_erfc(layer: Layer) -> Layer:
    """Express gelu with erf: Keras's own uses TensorFlow's erfc, which tf2onnx doesn't know."""
    if layer.options.get("activation") != "gelu":
        return layer
    return replace(layer, options={**layer.options, "activation": _gelu})


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + import_keras().ops.erf(x * math.sqrt(0.5)))
