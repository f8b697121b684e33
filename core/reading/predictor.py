"""A batch of paths becomes rows: read, prepare, classify, or read the numbers.

This is the piece of work that any engine can be given: it needs nothing but a Job, which can be
pickled, and gives the same rows wherever and in whatever portions it is done. It starts no
processes, keeps no order and writes nothing; see `pool` and `answers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ..base.problems import ImageRefused
from ..base.types import DIGITS, SIDE, FloatArray, UInt8Array
from ..images import preprocess
from ..images.imagefile import GreyImage, Limits
from ..images.layout import are_digits
from ..images.preprocess import Found, Prepared
from ..network.classifier import Classifier
from ..network.network import Network
from ..network.second_look import look_again
from ..numbers.number import Numbers
from . import rows
from .entries import read_entry
from .page_numbers import Finder, PageNumbers
from .rows import THUMB, Rows, Status

BLOCK, SMALL_BLOCK = 32, 128
"""The classifier always gets this many images at once; the latter of those that are 28×28 already,
which come in large portions. The last bits of a matrix product depend on the number of rows and on
a row's place among them. So every image has a fixed place in a block of fixed size, and its answer
is always the same to the last bit. By the bare matrix product, an image of 128 takes about two
thirds of the time of one of 32."""


@dataclass(frozen=True, eq=False)
class Job:
    """What to do with each file.

    Attributes
    ----------
    network : Network or None
        It says whether single digits or numbers are read. None where the files are only to be
        prepared: their rows then have no probabilities.
    temperature : float
        For the classifier.
    reject_below : float
        Confidence, 0 to 1; an answer below it is `unsure`.
    limits : Limits
        How large a file may be.
    images, thumbs : bool
        Whether the rows should hold what the model saw, and thumbnails of the files; for single
        digits.
    pages : int
        For numbers: how long the longer side of the page may be that each file's numbers keep, in
        pixels; 0 for none.
    cuts : bool
        For numbers: whether their digits should hold their images.
    """

    network: Network | None
    temperature: float
    reject_below: float
    limits: Limits
    images: bool = False
    thumbs: bool = False
    pages: int = 0
    cuts: bool = False

    @property
    def reads_numbers(self) -> bool:
        """Whether files may show any number of digits."""
        return self.network is not None and self.network.reads_strips


class Predictor:
    """Does a job; safe to call from several threads if its functions are."""

    def __init__(
        self,
        job: Job,
        read: Callable[[Any, Limits], GreyImage] | None = None,
        change: Callable[[UInt8Array], UInt8Array] | None = None,
        find: Finder | None = None,
    ) -> None:
        """Prepare the classifier, or what reads numbers.

        Parameters
        ----------
        job : Job
        read : callable, optional
            Reads a file.
        change : callable, optional
            Changes a grey image before it is prepared.
        find : callable, optional
            Finds the numbers of a page in a way of its own.

        Raises
        ------
        ModelProblem
            When the network is for something else.
        """
        self._job = job
        self._read = read or reader_for(job)
        self._change = change
        self._classify = self._numbers = None
        if job.network and job.reads_numbers:
            self._numbers = PageNumbers(
                job.network,
                job.temperature,
                job.reject_below,
                longest=job.pages,
                cuts=job.cuts,
                find=find,
            )
        elif job.network:
            self._classify = Classifier(job.network, job.temperature)

    def __call__(
        self,
        paths: Sequence[Any] | np.ndarray,
        places: Sequence[int] | None,
        started: Callable[[int], None] | None = None,
    ) -> Rows:
        """Read and classify files.

        Parameters
        ----------
        paths : sequence of str
            Or of whatever else `read` takes.
        places : sequence of int or None
            The place of each file in its batch, ascending. None if the last bits don't matter: then
            all are classified in one go, which is twice as fast.
        started : callable, optional
            Called with the number of each file, counted from 0, before it is read.

        Returns
        -------
        Rows
            One for each path.
        """
        found = rows.empty(len(paths), thumbs=self._job.thumbs)
        numbers: dict[int, Numbers] = {}
        seen, peaks = np.zeros((len(paths), SIDE, SIDE), np.uint8), np.ones(len(paths), np.uint8)
        remarks: dict[int, str] = {}
        pictures: dict[int, UInt8Array] = {}
        for i, path in enumerate(paths):
            if started:
                started(i)
            try:
                image = self._read(path, self._job.limits)
            except ImageRefused as refused:
                found.status[i] = Status.of(refused.status)
                remarks[i] = str(refused)
                continue
            if image.notice:
                remarks[i] = image.notice
            if found.thumbs is not None:
                found.thumbs[i] = _thumb(image.pixels)
            pixels = self._change(image.pixels) if self._change else image.pixels
            if self._numbers:
                numbers[i] = self._numbers(pixels)
                found.status[i] = Status.of(numbers[i].status)
            elif pixels.shape == (SIDE, SIDE):
                pictures[i] = pixels
            else:
                found.status[i], digit = self._prepare(pixels)
                if digit is not None:
                    seen[i], peaks[i] = digit
        if pictures:  # small pictures are prepared together, which is many times as fast
            at = np.array(list(pictures))
            seen[at], peaks[at] = preprocess.all_to_pixels(np.stack(list(pictures.values())))
            inked = seen[at].any(axis=(1, 2))
            found.status[at[~inked]] = Status.BLANK
        self._answer(found, preprocess.scale(seen, peaks), places, list(pictures))
        if self._job.images:
            found = replace(found, pixels=seen, peaks=peaks)
        return replace(found, remarks=remarks, numbers=numbers)

    def _prepare(self, pixels: UInt8Array) -> tuple[Status, Prepared | None]:
        """Prepare one image; files that are only to be prepared show one digit each."""
        if self._classify is None:
            digit = preprocess.to_pixels(pixels)
            return Status.BLANK if digit is None else Status.OK, digit
        picture = preprocess.find_digit(pixels)
        status = status_of(picture, self._classify)
        return status, picture.digit if status is Status.OK else None

    def _answer(
        self,
        found: Rows,
        images: FloatArray,
        places: Sequence[int] | None,
        as_in_datasets: list[int],
    ) -> None:
        """Classify the images block by block, each in its fixed place, or all at once.

        What was 28×28 already, as datasets have it, is answered by the network alone: so that
        a dataset's figures are the same from its arrays and from its files.
        """
        answered = np.flatnonzero(found.answered)
        if self._classify is None or not len(answered):
            return
        small = np.zeros(len(found), bool)
        small[as_in_datasets] = True
        others = answered[~small[answered]]
        if places is None:
            found.probabilities[answered] = self._classify(images[answered])
        else:
            at = np.asarray(places)
            for chosen, size in ((answered[small[answered]], SMALL_BLOCK), (others, BLOCK)):
                found.probabilities[chosen] = self._in_blocks(images[chosen], at[chosen], size)
        likely = found.probabilities[others]
        look_again(self._classify, images[others], likely)
        found.probabilities[others] = likely
        confidence = found.probabilities[answered].max(axis=1)
        unsure = answered[confidence < self._job.reject_below]
        found.status[unsure] = Status.UNSURE

    def _in_blocks(self, images: FloatArray, places: np.ndarray, size: int) -> FloatArray:
        """Return the answers for images with places in their batch: float32 (N, 10)."""
        answers = np.empty((len(images), len(DIGITS)), np.float32)
        if self._classify is None:
            return answers
        blocks, slots = np.divmod(places, size)
        for block in np.unique(blocks):
            chosen = blocks == block
            full = np.zeros((size, SIDE, SIDE), np.float32)
            full[slots[chosen]] = images[chosen]
            answers[chosen] = self._classify(full)[slots[chosen]]
        return answers


def reader_for(job: Job) -> Callable[[Any, Limits], GreyImage]:
    """Return what reads files for a job: where there may be many numbers, in full detail."""
    return partial(read_entry, fine=job.reads_numbers)


def status_of(picture: Found, classify: Callable[[FloatArray], FloatArray]) -> Status:
    """Return what becomes of a picture, from what preprocessing makes of it; the only place.

    Parameters
    ----------
    picture : Found
    classify : callable
        From float32 (N, 28, 28) to float32 (N, 10); asked where geometry can't tell several digits
        from one that is in pieces.
    """
    if picture.layout.several:
        return Status.SEVERAL
    if picture.digit is None:
        return Status.BLANK
    if picture.parts:
        pixels, peaks = zip(picture.digit, *picture.parts, strict=True)
        block = np.zeros((BLOCK, SIDE, SIDE), np.float32)
        block[: len(pixels)] = preprocess.scale(np.stack(pixels), np.array(peaks, np.uint8))
        if are_digits(classify(block)[: len(pixels)], picture.layout):
            return Status.SEVERAL
    return Status.OK


def _thumb(image: UInt8Array) -> UInt8Array:
    """Return the picture, scaled to fit a square, on grey."""
    import cv2

    factor = THUMB / max(image.shape)
    height, width = (max(1, round(side * factor)) for side in image.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    small = cv2.resize(image, (width, height), interpolation=method)
    square = np.full((THUMB, THUMB), 238, np.uint8)
    top, left = (THUMB - height) // 2, (THUMB - width) // 2
    square[top : top + height, left : left + width] = small
    return square
