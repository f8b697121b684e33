"""A network that gives probabilities by itself, for others' tools.

Here the classifier turns its last numbers into probabilities, in NumPy after the network.
See docs/decisions/027-exported-temperature.md.
"""

from dataclasses import replace

from .classifier import last_active, last_step
from .network import Layer, Network


def with_probabilities(network: Network, temperature: float = 1.0) -> Network:
    """Return a network that itself gives what `Classifier(network, temperature)` gives.

    It ends in a softmax, preceded by a Rescaling layer that divides by the temperature. Normalised
    sigmoids are the softmax of their logarithms. The learnt arrays don't change.

    Parameters
    ----------
    network : Network
    temperature : float
        Above 0; what the logits are divided by.
    """
    finish, place = last_step(network), last_active(network)
    if not finish and temperature == 1:
        return network
    layers = list(network.layers)
    if place is not None and finish != "softmax":
        # in place of probabilities or sigmoids, their logarithms up to a constant
        layers[place] = _activated(layers[place], "log_sigmoid" if finish else "linear")
    if temperature != 1:
        layers.append(Layer("Rescaling", {"scale": 1 / temperature, "offset": 0.0}, {}))
    layers.append(Layer("Softmax", {}, {}))
    return replace(network, layers=tuple(layers))


def _activated(layer: Layer, activation: str) -> Layer:
    """Return a layer with another activation; a Softmax layer becomes the activation alone."""
    if layer.kind == "Softmax":
        return Layer("Activation", {"activation": activation}, {})
    return replace(layer, options={**layer.options, "activation": activation})
