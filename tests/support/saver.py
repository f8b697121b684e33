"""Save two models in turn over one path, in children that are killed at random moments.

Prints how many of the kills left a model that is neither the one nor the other. A program of its
own because it forks: `python saver.py PATH KILLS`.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from inkhook.core.modelfile import artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network.network import Layer, Network

path, kills = Path(sys.argv[1]), int(sys.argv[2])
CARDS = [Card("test", "0" * 64, "784-512-10", value) for value in (0, 1)]
chance = random.Random(1)


def dense(inputs: int, units: int, activation: str, value: int) -> Layer:
    """Return a layer with all weights set to `value`."""
    options = {"units": units, "activation": activation, "use_bias": True}
    kernel = np.full((inputs, units), value, np.float32)
    return Layer("Dense", options, {"kernel": kernel, "bias": kernel[0]})


NETWORKS = [
    Network((784,), (dense(784, 512, "relu", value), dense(512, 10, "softmax", value)), 784)
    for value in (0, 1)
]


FILES = [artifact.ModelFile(network) for network in NETWORKS]


def save(value: int) -> None:
    """Save the network with all weights set to `value`."""
    FILES[value].write(path, CARDS[value])


save(0)
broken = 0
for _ in range(kills):
    child = os.fork()
    if child == 0:
        value = 1
        while True:
            save(value)
            value = 1 - value
    time.sleep(chance.uniform(0, 0.06))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    loaded = artifact.read_artifact(path)
    assert loaded.card
    value = loaded.card.parameters
    arrays = [array for layer in loaded.network.layers for array in layer.weights.values()]
    broken += not (value in (0, 1) and all((array == value).all() for array in arrays))
print(f"broken: {broken} of {kills}; strays: {len(list(path.parent.glob('.inkhook-*')))}")
