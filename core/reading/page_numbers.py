"""The numbers of one page, with what others need of it: its size, a smaller page, cut-out digits.

Not for files (`predictor`) nor for how a page is read (`numbers`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..base.problems import PluginProblem
from ..base.types import SIDE, UInt8Array
from ..images.preprocess import FULL, to_pixels
from ..network.network import Network
from ..numbers.number import Digit, Number, Numbers
from ..numbers.reader import NumbersReader
from ..numbers.recogniser import Recogniser
from .packed_numbers import pack, unpack

Finder = Callable[[UInt8Array], Sequence[Number] | None]
"""Finds the numbers of a page, uint8 (H, W), in a way of its own; None to leave it to others."""


class PageNumbers:
    """Reads the numbers of pages; safe to call from several threads if `find` is."""

    def __init__(
        self,
        network: Network,
        temperature: float,
        reject_below: float,
        *,
        longest: int = 0,
        cuts: bool = False,
        find: Finder | None = None,
    ) -> None:
        """Prepare the network; raises ModelProblem if it is for something else.

        Parameters
        ----------
        network, temperature, reject_below, longest, cuts
            As `network`, `temperature`, `reject_below`, `pages` and `cuts` of `predictor.Job`.
        find : callable, optional
            Asked first.
        """
        self._read = NumbersReader(Recogniser(network, temperature), reject_below)
        self._longest, self._cuts, self._find = longest, cuts, find

    def __call__(self, page: UInt8Array) -> Numbers:
        """Read a page, uint8 (H, W); raises PluginProblem where `find` returns something else."""
        own = self._find(page) if self._find else None
        found = self._read(page) if own is None else _checked(own)
        if self._cuts:
            found = replace(found, numbers=tuple(_with_images(n, page) for n in found.numbers))
        small = _reduced(page, self._longest) if self._longest else None
        return replace(found, size=(page.shape[1], page.shape[0]), page=small)


def _checked(numbers: object) -> Numbers:
    """Return what a plugin found, of plain values, whatever kind of numbers it has used."""
    try:
        if not isinstance(numbers, list | tuple):
            raise TypeError
        stored, body = pack({0: Numbers("ok", tuple(numbers))})
        read = unpack(stored, memoryview(b"".join(body)))[0].numbers
    except (TypeError, ValueError, AttributeError) as error:
        raise PluginProblem(
            "A plugin's find_numbers must return a list of inkhook.Number, or None to leave the "
            "picture to others."
        ) from error
    if not read:
        return Numbers("no_number")
    return Numbers("ok" if all(number.sure for number in read) else "unsure", read)


def _with_images(number: Number, page: UInt8Array) -> Number:
    """Return a number whose digits hold what is in their boxes."""
    digits = (replace(digit, image=_image(digit, page)) for digit in number.digits)
    return replace(number, digits=tuple(digits))


def _image(digit: Digit, page: UInt8Array) -> UInt8Array:
    x, y, width, height = (max(side, 0) for side in digit.box)
    part = page[y : y + height, x : x + width]
    alone = to_pixels(np.ascontiguousarray(part)) if part.size else None
    if alone is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    pixels, peak = alone
    return np.asarray(np.rint(pixels * (FULL / peak)), np.uint8)


def _reduced(page: UInt8Array, longest: int) -> UInt8Array:
    """Return a page whose longer side has at most this many pixels."""
    import cv2

    factor = longest / max(page.shape)
    if factor >= 1:
        return page
    width, height = (max(1, round(side * factor)) for side in page.shape[::-1])
    return np.asarray(cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA))
