"""Pack a model as the bytes of a Keras `.h5`: the description, and a group for each layer.

Written here rather than by `model.save`, which can only write to a path and leaves HDF5 in a bad
state when the disk is full; see docs/decisions/002-h5-written-in-memory.md. The layout is Keras
3's: keras/src/legacy/saving/legacy_h5_format.
"""

import io
from collections.abc import Mapping

import numpy as np

from ..base.installed import version
from ..base.text import to_json
from ..base.types import FloatArray
from ..network.network import Network
from .h5scan import import_h5py

Layers = Mapping[str, Mapping[str, FloatArray]]
"""The arrays of each layer by their paths, in Keras's order."""


def pack_h5(description: str, layers: Layers, texts: Mapping[str, str]) -> bytes:
    """Return a file's bytes.

    Parameters
    ----------
    description : str
        Keras's `model_config`.
    layers : Layers
    texts : mapping of str to str
        Root attributes besides Keras's own.
    """
    h5py = import_h5py()
    signs = {"keras_version": version("keras"), "backend": "tensorflow"}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs.update(signs | {"model_config": description} | dict(texts))
        weights = file.create_group("model_weights")
        weights.attrs.update(signs | {"layer_names": [name.encode() for name in layers]})
        for name, arrays in layers.items():
            group = weights.create_group(name)
            group.attrs["weight_names"] = [path.encode() for path in arrays]
            for path, array in arrays.items():
                group.create_dataset(path, data=np.asarray(array))
        weights.create_group("top_level_model_weights").attrs["weight_names"] = []
    return buffer.getvalue()


def parts_of(network: Network) -> tuple[str, Layers]:
    """Return a network's description and layers for `pack`, without an import of Keras."""
    shape = [None, *network.input_shape]
    described = [_object("InputLayer", {"name": "images", "batch_shape": shape})]
    layers = {}
    for place, layer in enumerate(network.layers, 1):
        name = f"{layer.kind.lower()}_{place}"
        described.append(_object(layer.kind, {"name": name, **layer.options}))
        layers[name] = {f"{name}/{role}": array for role, array in layer.weights.items()}
    config = {"name": "inkhook", "layers": described}
    return to_json(_object("Sequential", config, "keras")), layers


def _object(
    kind: str, config: Mapping[str, object], module: str = "keras.layers"
) -> dict[str, object]:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}
