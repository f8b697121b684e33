"""Batches of composed strips, with what the network is told of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from ...core.base.types import FloatArray, UInt8Array
from ...core.network.network import STRIP_HEIGHT
from ...core.numbers.strip import BLANK, STEP
from .compose import Strips, compose

ROUNDED = 24
"""Strips of a batch are widened to a multiple of this many columns."""

PORTION = 100
"""Batches that are composed together; their strips are sorted by length."""


class Batch(NamedTuple):
    """Strips of similar lengths.

    Attributes
    ----------
    strips : float32 (B, 32, columns, 1)
        The columns are rounded up, so that TensorFlow meets few shapes.
    texts : int32 (B, longest)
        What is written, filled up with 0.
    lengths, places : int32 (B,)
        Of the texts, and of the strips in steps of STEP columns.
    where : int32 (B, places)
        What is written at each place, BLANK for nothing; -1 beside a sign, where either will do.
    """

    strips: FloatArray
    texts: np.ndarray
    lengths: np.ndarray
    places: np.ndarray
    where: np.ndarray


def batches(
    digits: UInt8Array,
    labels: UInt8Array,
    rng: np.random.Generator,
    count: int,
    size: int,
    window: int,
) -> Iterator[Batch]:
    """Compose `count` batches of `size` strips for a network that sees `window` columns at once.

    The next are made on a thread of their own.
    """
    portions = [min(PORTION, count - start) for start in range(0, count, PORTION)]
    make = partial(_batches, digits, labels, rng, size, window)
    with ThreadPoolExecutor(1, "strings") as pool:
        coming = pool.submit(make, portions[0])
        for following in [*portions[1:], 0]:
            batches = coming.result()
            if following:
                coming = pool.submit(make, following)
            yield from batches


def _batches(
    digits: UInt8Array,
    labels: UInt8Array,
    rng: np.random.Generator,
    size: int,
    window: int,
    count: int,
) -> list[Batch]:
    """Compose `count` batches of strips of similar lengths, in any order."""
    strips = compose(digits, labels, rng, count * size)
    order = np.argsort([image.shape[1] for image in strips.images], kind="stable")
    groups = order.reshape(count, size)
    rng.shuffle(groups)
    return [_batch(strips, group, window) for group in groups]


def _batch(strips: Strips, group: np.ndarray, window: int) -> Batch:
    half = window // 2
    images, texts, middles = (
        [each[i] for i in group] for each in (strips.images, strips.texts, strips.places)
    )
    wide = (max(image.shape[1] for image in images) // ROUNDED + 1) * ROUNDED  # and a last place
    seen = np.zeros((len(images), STRIP_HEIGHT, wide + 2 * half, 1), np.float32)
    written = np.zeros((len(images), max(map(len, texts))), np.int32)
    where = np.full((len(images), (wide + 2 * half - window) // STEP + 1), -1, np.int32)
    for i, (image, text) in enumerate(zip(images, texts, strict=True)):
        seen[i, :, half : half + image.shape[1], 0] = image
        written[i, : len(text)] = text
        _tell(where[i, : image.shape[1] // STEP + 1], text, middles[i])
    lengths = np.array([len(text) for text in texts], np.int32)
    places = np.array([image.shape[1] // STEP + 1 for image in images], np.int32)
    return Batch(seen, written, lengths, places, where)


def _tell(where: np.ndarray, text: tuple[int, ...], middles: tuple[float, ...]) -> None:
    """Write what is to be seen at each place of a strip, int32 (places,), in place."""
    where[:] = BLANK
    last = -1
    for middle, symbol in sorted(zip(middles, text, strict=True)):
        place = middle / STEP
        own = max(round(place), last + 1)
        if own >= len(where):
            break
        for beside in (int(place), int(place) + 1):
            if last < beside < len(where) and where[beside] == BLANK:
                where[beside] = -1
        where[own] = symbol
        last = own
