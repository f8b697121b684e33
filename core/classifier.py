"""From 28×28 images to probabilities, with a Keras model."""

from typing import Any

import numpy as np

from .problems import ModelProblem
from .types import DIGITS, SIDE, FloatArray

BATCH = 2500
"""Images a call: large enough to be fast, small enough to need little memory."""


def probabilities(model: Any, images: FloatArray) -> FloatArray:
    """Classify images.

    Parameters
    ----------
    model : keras.Model
        Takes (N, 784), (N, 28, 28) or (N, 28, 28, 1).
    images : float32 (N, 28, 28)
        0 is paper, 1 is ink.

    Returns
    -------
    float32 (N, 10)
        Each row sums to 1.

    Raises
    ------
    ModelProblem
        When the model takes other images or doesn't tell ten classes apart.
    """
    shape = tuple(model.input_shape[1:])
    if shape not in ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1)):
        raise ModelProblem(f"The model takes inputs of shape {shape}, not 28×28 images.")
    if tuple(model.output_shape[1:]) != (len(DIGITS),):
        raise ModelProblem(f"The model gives {model.output_shape[1:]} numbers an image, not ten.")
    inputs = images.reshape(-1, *shape)
    parts = [
        np.asarray(model(inputs[start : start + BATCH], training=False), dtype=np.float32)
        for start in range(0, len(inputs), BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty((0, len(DIGITS)), np.float32)
