"""The two networks that read strips, as Keras layers: one is dense, one has convolutions.

Both see a strip as an image, (32, columns, 1), whatever its length. The dense one slides each layer
along the columns, which it sees whole; the other one looks for strokes wherever they are, and then
at three digits at once. They make different mistakes, so that two of them read more than either:
see docs/decisions/054-two-networks-for-numbers.md and docs/decisions/056-longer-context.md.
"""

from typing import Any

from ...core.network.network import STRIP_HEIGHT, STRIP_STEP
from ...core.numbers.strip import CLASSES

DENSE: tuple[tuple[int, int], ...] = ((96, 9), (192, 3), (256, 3), (320, 3), (320, 3), (320, 5))
"""Units and width of each sliding layer; the first takes steps of STRIP_STEP columns."""

SEEN = ((24, (5, 3), (2, 1)), (48, (3, 3), (2, STRIP_STEP)), (96, (3, 3), None))
"""Convolutions: filters, size of the kernel, and of the maximum's pool if any; down and across."""

TOLD: tuple[tuple[int, int], ...] = ((256, 3), (256, 9), (256, 9))
"""Units and width of each dense layer that slides along what the convolutions have seen."""

WINDOWS = {"dense": 45, "convolutional": 67}
"""By a network's name, how many columns it sees at once: 9 + 3 × (2 + 2 + 2 + 2 + 4), and
3 + 2 + 2 + 3 × (2 + 2 + 8 + 8)."""


def chain(layers: Any, name: str) -> list[Any]:
    """Return new layers from a strip's grey values to a logit for each class at each place.

    Parameters
    ----------
    layers : module
        `keras.layers`.
    name : str
        One of WINDOWS.
    """
    made: list[Any] = [layers.Rescaling(1 / 255)]
    height, filters, told = STRIP_HEIGHT, 1, DENSE
    if name == "convolutional":
        told = TOLD
        for filters, size, pool in SEEN:
            made += _followed(layers, layers.Conv2D(filters, size, use_bias=False))
            height -= size[0] - 1
            if pool:
                made.append(layers.MaxPooling2D(pool))
                height //= pool[0]
    made += [layers.Permute((2, 1, 3)), layers.Reshape((-1, height * filters))]
    for place, (units, wide) in enumerate(told):
        step = STRIP_STEP if told is DENSE and not place else 1
        made += _followed(layers, layers.Conv1D(units, wide, strides=step, use_bias=False))
    return [*made, layers.Dense(CLASSES)]


def _followed(layers: Any, layer: Any) -> list[Any]:
    return [layer, layers.BatchNormalization(momentum=0.98), layers.ReLU()]
