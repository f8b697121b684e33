"""Measure how well a network reads composed strips, and calibrate its confidence on them.

See docs/decisions/062-sure-by-more-looks.md.
"""

from dataclasses import dataclass

import numpy as np

from ...core.judging.calibration import reject_threshold
from ...core.network.network import Network
from ...core.numbers.decode import best_path, probability_of
from ...core.numbers.looks import read_strips
from ...core.numbers.recogniser import Recogniser
from ...core.numbers.strip import SYMBOLS
from .compose import Strips

PRECISION = 0.985
"""The share of the sure strips that are read right. Of what people write, more are."""

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
    """Read strips, and compare their digits with what is written on them.

    Unless `calibrate` is false, the temperature and the threshold are measured, too, which takes
    three times as long.
    """
    recogniser = Recogniser(network)
    found = [recogniser(image) for image in strips.images]
    paths = [[seen.symbol for seen in best_path(each)] for each in found]
    right = np.array(
        [_digits(path) == _digits(text) for path, text in zip(paths, strips.texts, strict=True)]
    )
    exact = float(right.mean())
    if not calibrate:
        return Measured(exact, 1.0, 0.0)
    losses = {}
    for temperature in TEMPERATURES:
        sure = np.array([_confidence(path, each, temperature)
                         for path, each in zip(paths, found, strict=True)])  # fmt: skip
        clipped = sure.clip(1e-6, 1 - 1e-6)
        losses[temperature] = -np.where(right, np.log(clipped), np.log(1 - clipped)).mean()
    temperature = min(losses, key=lambda each: losses[each])
    return Measured(exact, temperature, _threshold(Recogniser(network, temperature), strips))


def _threshold(recogniser: Recogniser, strips: Strips) -> float:
    """Return the confidence from which on strips are sure, read as the rows of a page are."""
    said = read_strips(recogniser, strips.images)
    right = [_digits(one.look.symbols) == _digits(text)
             for one, text in zip(said, strips.texts, strict=True)]  # fmt: skip
    return reject_threshold(np.array([one.chance for one in said]), np.array(right), PRECISION)


def _digits(symbols: "list[int] | tuple[int, ...]") -> str:
    return "".join(SYMBOLS[symbol] for symbol in symbols if symbol < 10)


def _confidence(path: list[int], probabilities: np.ndarray, temperature: float) -> float:
    sharper = probabilities ** np.float32(1 / temperature)
    return probability_of(path, sharper / sharper.sum(axis=1, keepdims=True))
