"""Make sure that a set's images are upright, and light ink on dark paper.

A set that lies on its side, is mirrored, or has black and white exchanged trains like any other,
and its network then misreads everybody else's digits. So a few of its images are shown to a network
that reads digits, in all eight ways that a square can lie. What it reads in no way (clothes,
letters) isn't touched. That network is the caller's: nothing here knows one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.problems import DataProblem
from ..base.types import SIDE, Dataset, FloatArray, Split, UInt8Array
from ..images.preprocess import to_model_input
from .datasets import with_splits
from .labelled import LabelledArrays
from .npz import BLOCK_BYTES

Judge = Callable[[FloatArray], UInt8Array]
"""From prepared images, float32 (N, 28, 28), to the digits read on them, uint8 (N,)."""

Note = Callable[[str], None]

SEEN = 300
"""How many images of a split are examined. The included model reads 99 % of MNIST upright, and at
most 45 % in any other orientation."""

ENOUGH = 0.5
"""A set holds digits if at least this share of its images is read."""

FEW = 0.05
"""A share of images that needs no explanation: misread, or on neither light nor dark paper."""

PROOF = 5
"""Misread images that are read in another orientation: fewer are accidents."""

UPRIGHT = "upright"

LIES: dict[str, Callable[[Any], Any]] = {
    UPRIGHT: lambda images: images,
    "transposed": lambda images: images.transpose(0, 2, 1),
    "turned by 90° to the right": lambda images: images.transpose(0, 2, 1)[:, ::-1],
    "turned by 90° to the left": lambda images: images.transpose(0, 2, 1)[:, :, ::-1],
    "upside down": lambda images: images[:, ::-1, ::-1],
    "mirrored": lambda images: images[:, :, ::-1],
    "mirrored and upside down": lambda images: images[:, ::-1],
    "transposed and upside down": lambda images: images.transpose(0, 2, 1)[:, ::-1, ::-1],
}
"""How images may be oriented, and what turns them upright."""


@dataclass(frozen=True)
class Look:
    """The orientation of some images (a key of LIES), and the share that is read when upright."""

    lie: str
    share: float

    @property
    def holds_digits(self) -> bool:
        """Whether at least half of them are read."""
        return self.share >= ENOUGH


def set_upright(dataset: Dataset, judge: Judge, note: Note) -> Dataset:
    """Return a dataset with upright, light digits, and with `holds_digits` filled in.

    Parameters
    ----------
    dataset : Dataset
    judge : callable
    note : callable
        Takes lines for the user, such as `session.note`.

    Raises
    ------
    DataProblem
        When it holds digits and it isn't clear how they lie.
    """
    train, _ = _split_upright(dataset.train, f"training images of '{dataset.name}'", judge, note)
    test, found = _split_upright(dataset.test, f"test images of '{dataset.name}'", judge, note)
    # a network that has never seen a 3 will read it as something else
    complete = len(np.unique(train.labels)) == len(dataset.class_names)
    if (train, test) != (dataset.train, dataset.test):
        dataset = with_splits(dataset, train, test)
    return replace(dataset, holds_digits=found.holds_digits and complete)


def set_labelled_upright(
    data: LabelledArrays, name: str, judge: Judge, note: Note
) -> LabelledArrays:
    """Return a labelled set with its images upright; see `set_upright`."""
    side = next(data.blocks(1)).shape[1:]
    places = _sample(len(data.labels), most=BLOCK_BYTES // (side[0] * side[1]))
    blocks, start, seen = data.blocks(SEEN), 0, []
    for block in blocks:
        inside = places[(places >= start) & (places < start + len(block))]
        seen.append(block[inside - start])
        start += len(block)
    lie = _look(np.concatenate(seen), data.labels[places], judge, f"images of '{name}'").lie
    if lie == UPRIGHT:
        return data
    note(f"The images of '{name}' are {lie}; turning them upright.")
    return replace(data, blocks=lambda size: map(LIES[lie], data.blocks(size)))


def _split_upright(split: Split, what: str, judge: Judge, note: Note) -> tuple[Split, Look]:
    """Return a split with its images upright and light on dark, and what was found."""
    places = _sample(len(split))
    found = _look(split.images[places], split.labels[places], judge, what)
    if not found.holds_digits:
        return split, found
    images = LIES[found.lie](split.images)
    if found.lie != UPRIGHT:
        note(f"The {what} are {found.lie}; turning them upright.")
    inverse = _on_light_paper(images)
    if inverse.any():
        some = "The" if inverse.all() else f"{inverse.sum():,} of the"
        note(f"{some} {what} are dark ink on light paper; inverting them.")
        images = np.where(inverse[:, np.newaxis, np.newaxis], 255 - images, images)
    if images is split.images:
        return split, found
    return Split(np.ascontiguousarray(images), split.labels), found


def _sample(count: int, most: int = SEEN) -> np.ndarray:
    """Return the places of the images to examine: int (n,), evenly spread."""
    return np.linspace(0, count - 1, max(min(SEEN, most, count), 1)).astype(int)


def _look(images: UInt8Array, labels: UInt8Array, judge: Judge, what: str) -> Look:
    """Find out how images of digits are oriented.

    A way counts as better than another where it reads more images by three standard errors: the
    difference of two counts on the same N images has a variance of at most N.
    """
    # the centre of mass, at (14, 14), is the middle of 29×29: it stays there when that is rotated
    prepared = np.pad(to_model_input(images), ((0, 0), (0, 1), (0, 1)))

    def read(lie: str) -> np.ndarray:
        turned = LIES[lie](prepared)[:, :SIDE, :SIDE]
        return np.equal(judge(np.ascontiguousarray(turned)), labels)

    right = {UPRIGHT: read(UPRIGHT)}
    upright = Look(UPRIGHT, float(right[UPRIGHT].mean()))
    if upright.share >= 1 - FEW:
        return upright
    right = {lie: right[lie] if lie in right else read(lie) for lie in LIES}
    best = max(right, key=lambda lie: int(right[lie].sum()))
    alike = int(right[best].sum()) - 3 * len(labels) ** 0.5
    if right[UPRIGHT].sum() >= alike:
        best = UPRIGHT
    found = Look(best, float(right[best].mean()))
    if not found.holds_digits:
        return upright
    missed = ~right[best]
    for lie, those in right.items():
        explains = missed.mean() > FEW and those[missed].mean() > ENOUGH
        explains &= those[missed].sum() >= PROOF
        if explains or (UPRIGHT != best != lie and those.sum() >= alike):
            raise DataProblem(
                f"It isn't clear whether the {what} are {best} or {lie}, or some of each; "
                "set all of them upright."
            )
    return found


def _on_light_paper(images: UInt8Array) -> np.ndarray:
    """Tell which images are light, at their frames and on the whole: bool (N,).

    None are where more than a few are of no clear kind: then it is for preprocessing to look at
    each.
    """
    frames = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    light = np.mean([frame.mean(axis=1) for frame in frames], axis=0)
    clear = (light < 64) | (light >= 192)
    whole = images.mean(axis=(1, 2)) >= 128  # else the frame is a line around the digit
    return np.asarray((light >= 192) & whole & (clear.mean() >= 1 - FEW))
