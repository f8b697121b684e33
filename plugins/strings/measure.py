"""Measure how well a network reads composed strips, and calibrate its confidence on them."""

from dataclasses import dataclass

import numpy as np

from ...core.judging.calibration import reject_threshold
from ...core.network.network import Network
from ...core.numbers.decode import best_path, probability_of
from ...core.numbers.recogniser import Recogniser
from ...core.numbers.strip import SYMBOLS
from .compose import Strips

PRECISION = 0.995
"""The share of the sure strips that are read right. Of what people write, fewer are."""

TEMPERATURES = (0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)


@dataclass(frozen=True)
class Measured:
    """What came out.

    Attributes
    ----------
    exact : float
        The share of strips of which every digit was read, 0 to 1.
    temperature, reject_below : float
        For the model's card.
    """

    exact: float
    temperature: float
    reject_below: float


def measure(network: Network, strips: Strips, *, calibrate: bool = True) -> Measured:
    """Read strips, and compare their digits with what is written on them."""
    recogniser = Recogniser(network)
    found = [recogniser(image) for image in strips.images]
    paths = [[seen.symbol for seen in best_path(each)] for each in found]
    right = np.array(
        [_digits(path) == _digits(text) for path, text in zip(paths, strips.texts, strict=True)]
    )
    exact = float(right.mean())
    if not calibrate:
        return Measured(exact, 1.0, 0.0)
    best = (np.inf, 1.0, np.zeros(len(right)))
    for temperature in TEMPERATURES:
        sure = np.array([_confidence(path, each, temperature)
                         for path, each in zip(paths, found, strict=True)])  # fmt: skip
        clipped = sure.clip(1e-6, 1 - 1e-6)
        loss = -np.where(right, np.log(clipped), np.log(1 - clipped)).mean()
        best = min(best, (loss, temperature, sure), key=lambda each: each[0])
    _, temperature, sure = best
    return Measured(exact, temperature, reject_threshold(sure, right, PRECISION))


def _digits(symbols: "list[int] | tuple[int, ...]") -> str:
    return "".join(SYMBOLS[symbol] for symbol in symbols if symbol < 10)


def _confidence(path: list[int], probabilities: np.ndarray, temperature: float) -> float:
    sharper = probabilities ** np.float32(1 / temperature)
    return probability_of(path, sharper / sharper.sum(axis=1, keepdims=True))
