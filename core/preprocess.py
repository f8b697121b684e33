"""From pixels to what a model sees: the one function that every image goes through.

Its settings are written into each artifact, so that a model is always fed as it was trained.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .problems import ModelRejected
from .types import FloatArray, UInt8Array


@dataclass(frozen=True)
class PreprocessSettings:
    """How images are prepared.

    Attributes
    ----------
    version : int
        Grows whenever the same input gives another output.
    """

    version: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PreprocessSettings":
        """Read a model's settings; raises ModelRejected where they aren't known here."""
        if dict(values) != cls().as_dict():
            raise ModelRejected(
                "preprocess", "It was trained on images prepared in a way that isn't known here."
            )
        return cls()


def to_model_input(images: UInt8Array) -> FloatArray:
    """Scale images that are centred and sized as MNIST's are.

    Parameters
    ----------
    images : uint8 (N, 28, 28)
        0 is paper, 255 is ink.

    Returns
    -------
    float32 (N, 28, 28)
        0 to 1.
    """
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)
