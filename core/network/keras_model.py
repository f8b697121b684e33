"""Build a Keras model from a network's plain layers."""

from typing import Any

from ..base.problems import ModelRejected
from ..base.quiet_keras import import_keras
from .network import Network

INPUT = "images"


def build_model(network: Network) -> Any:
    """Return a Keras model of a network, with its arrays; imports Keras (seconds).

    Layers are named by kind and position, so that the same network gives the same names.

    Returns
    -------
    keras.Sequential
        From float32 (N, *input_shape) to float32 (N, 10).

    Raises
    ------
    ModelRejected
        When Keras doesn't accept a layer's options.
    """
    keras = import_keras()
    try:
        model = keras.Sequential([keras.Input(network.input_shape, name=INPUT)], name="inkhook")
        for place, layer in enumerate(network.layers, 1):
            name = f"{layer.kind.lower()}_{place}"
            model.add(getattr(keras.layers, layer.kind)(name=name, **layer.options))
            if layer.weights:
                model.layers[-1].set_weights(list(layer.weights.values()))
    except Exception as error:
        raise ModelRejected("build", "Keras can't build the model's layers.") from error
    return model


def follow(model: Any, network: Network) -> Any:
    """Return a compiled Keras model with a network's arrays: the same one, if there is one.

    Parameters
    ----------
    model : keras.Sequential or None
        What this function returned for an earlier state of the network.
    network : Network
    """
    if model is None:
        model = build_model(network)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
    model.set_weights([array for layer in network.layers for array in layer.weights.values()])
    return model
