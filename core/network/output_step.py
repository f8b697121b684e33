"""How a network ends: what turns its last numbers into probabilities.

The classifier does it in NumPy after the network; for others' tools it is put into the network.
"""

from dataclasses import replace

from .network import Layer, Network

_PASSIVE = ("Flatten", "Reshape", "Dropout")
"""Layers that change no number."""


def last_step(network: Network) -> str:
    """Say what turns the network's numbers into probabilities: nothing, `softmax` or `share`.

    A network that ends without an activation gives logits; one that ends in sigmoids gives ten
    independent answers, of which each gets its share.
    """
    place = _last_active(network)
    if place is None:
        return "softmax"
    layer = network.layers[place]
    last = "softmax" if layer.kind == "Softmax" else layer.options.get("activation", "linear")
    return {"softmax": "", "sigmoid": "share"}.get(last, "softmax")


def with_probabilities(network: Network, temperature: float = 1.0) -> Network:
    """Return a network that gives by itself what `Classifier(network, temperature)` gives.

    It ends in a softmax, before which a Rescaling layer divides by the temperature. Shares of
    sigmoids are the softmax of their logarithms. The learnt arrays stay as they are.

    Parameters
    ----------
    network : Network
    temperature : float
        Above 0; what the logits are divided by.
    """
    finish, place = last_step(network), _last_active(network)
    if not finish and temperature == 1:
        return network
    layers = list(network.layers)
    if place is not None and finish != "softmax":
        # in place of probabilities or sigmoids: what, but for a constant, are their logarithms
        layers[place] = _activated(layers[place], "log_sigmoid" if finish else "linear")
    if temperature != 1:
        layers.append(Layer("Rescaling", {"scale": 1 / temperature, "offset": 0.0}, {}))
    layers.append(Layer("Softmax", {}, {}))
    return replace(network, layers=tuple(layers))


def _last_active(network: Network) -> int | None:
    places = range(len(network.layers) - 1, -1, -1)
    return next((n for n in places if network.layers[n].kind not in _PASSIVE), None)


def _activated(layer: Layer, activation: str) -> Layer:
    """Return a layer with another activation; in place of a Softmax layer, the activation alone."""
    if layer.kind == "Softmax":
        return Layer("Activation", {"activation": activation}, {})
    return replace(layer, options={**layer.options, "activation": activation})
