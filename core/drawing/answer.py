"""The final answer for a drawing: as a line of output, and as plugins get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.text import to_json
from ..base.types import Predictions, UInt8Array
from .reading import Reading


@dataclass(eq=False)
class DrawingAnswer:
    """An answer, and the user's label for it.

    Attributes
    ----------
    name : str
        Its id, such as "drawing-1".
    canvas : uint8 (side, side)
        A copy of the drawing.
    reading : Reading
    label : int or None
        The digit it was, if the user has said so.
    path : pathlib.Path or None
        The labelled sample's file.
    """

    name: str
    canvas: UInt8Array
    reading: Reading
    label: int | None = None
    path: Path | None = None

    def __str__(self) -> str:
        unsure = "" if self.reading.sure else ", not sure"
        return f"{self.reading.digit} ({int(self.reading.confidence * 100)} %{unsure})"

    def as_json(self, facts: Mapping[str, object]) -> str:
        """Return the answer as a line of JSON, with facts on the model."""
        line: dict[str, object] = {
            "id": self.name,
            "digit": self.reading.digit,
            "confidence": round(self.reading.confidence, 6),
            "sure": self.reading.sure,
            "probabilities": [round(float(p), 6) for p in self.reading.probabilities],
        }
        return to_json({**line, **facts})

    def predictions(self) -> Predictions:
        """Return a batch of this one answer, with the truth where it is known."""
        return Predictions(
            source="canvas",
            ids=(self.name,),
            images=self.reading.image[np.newaxis],
            probabilities=self.reading.probabilities[np.newaxis],
            truth=None if self.label is None else np.array([self.label], np.uint8),
        )
