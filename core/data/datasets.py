"""Datasets of 28×28 digits: a training and a test part, from whatever `arrays` finds."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, SIDE, Dataset, Split, UInt8Array
from . import idx
from .arrays import TEST, TRAIN, FoundArrays, find_arrays

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")

TEST_SHARE = 0.15
"""The share of a set without a test part that becomes one."""


def read_dataset(
    path: Path,
    share: float = TEST_SHARE,
    seed: int = 0,
    note: Callable[[str], None] = lambda _: None,
) -> Dataset | None:
    """Load a dataset from a folder or a file; see `arrays.find_arrays`.

    Parameters
    ----------
    path : pathlib.Path
    share : float
        Between 0 and 1: what part of the images becomes the test part where the set has none.
    seed : int
        Draws those.
    note : callable, optional
        Takes lines for the user.

    Returns
    -------
    Dataset or None
        None for a folder that has no arrays.

    Raises
    ------
    DataProblem
        When files are missing, doubled, damaged, or don't hold 28×28 digits with their labels.
    """
    if not os.path.exists(path):  # Path.exists raises where a name is too long
        raise DataProblem(f"There is no file or folder '{path}' (--data).")
    found = find_arrays(path)
    if found is None:
        return None
    if found.notice:
        note(found.notice)
    return _from_arrays(path, found, share, seed)


def dataset_name(path: Path) -> str:
    """Return the name of the dataset in a file or a folder."""
    return path.stem if path.is_file() else path.resolve().name


def _from_arrays(path: Path, found: FoundArrays, share: float, seed: int) -> Dataset:
    where, read = f"'{path}'", {}
    for name, part in found.parts.items():
        images = part.images()
        if images.shape[1:] != (SIDE, SIDE):
            height, width = images.shape[1:]
            raise DataProblem(f"{where} has images of {width}×{height} pixels, not 28×28.")
        read[name] = Split(images, part.labels)
    if TRAIN in read and TEST in read:
        train, test = read[TRAIN], read[TEST]
    elif TEST in read and len(read) == 1:
        raise DataProblem(f"{where} has test images only; training needs x_train and y_train.")
    else:
        whole = next(split for name, split in read.items() if name != TEST)
        train, test = split_by_class(whole, share, seed, where)
    arrays = (train.images, train.labels, test.images, test.labels)
    return assemble(dataset_name(path), where, [(array, idx.digest(array)) for array in arrays])


def split_by_class(whole: Split, share: float, seed: int, where: str) -> tuple[Split, Split]:
    """Draw a share of each class for the test part, at least one image if there are two.

    Parameters
    ----------
    whole : Split
    share : float
        Between 0 and 1.
    seed : int
    where : str
        What to call the set in a sentence.

    Returns
    -------
    tuple of Split
        The training and the test part, each in its old order.

    Raises
    ------
    DataProblem
        When no class has two images.
    """
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(whole), bool)
    for label in range(len(DIGITS)):
        places = rng.permutation(np.flatnonzero(whole.labels == label))
        count = min(max(round(share * len(places)), 1), len(places) - 1)
        chosen[places[: max(count, 0)]] = True
    if not chosen.any():
        raise DataProblem(f"{where} has no digit twice, so none can be kept for testing.")
    train, test = np.flatnonzero(~chosen), np.flatnonzero(chosen)
    return (
        Split(whole.images[train], whole.labels[train]),
        Split(whole.images[test], whole.labels[test]),
    )


def assemble(name: str, where: str, read: Sequence[tuple[UInt8Array, str]]) -> Dataset:
    """Put the four arrays of a dataset together.

    Parameters
    ----------
    name : str
        The dataset's name.
    where : str
        What to call its place in a sentence.
    read : sequence of (array, str)
        The arrays in the order of PARTS, each with its digest.

    Raises
    ------
    DataProblem
        When images and labels don't belong together.
    """
    arrays = [array for array, _ in read]
    splits = []
    for split, (images, labels) in zip(("training", "test"), (arrays[:2], arrays[2:]), strict=True):
        if len(images) != len(labels):
            raise DataProblem(
                f"{where} has {len(images)} {split} images but {len(labels)} {split} labels."
            )
        if not len(images):
            raise DataProblem(f"{where} has no {split} images.")
        if labels.max() >= len(DIGITS):
            raise DataProblem(f"{where} has the {split} label {labels.max()}; digits are 0 to 9.")
        splits.append(Split(images, labels))
    train, test = splits
    return Dataset(name, idx.combine([digest for _, digest in read]), DIGITS, train, test)


def first(dataset: Dataset, train: int | None, test: int | None) -> Dataset:
    """Return a dataset of the first images of each split; None stands for all of them.

    Raises
    ------
    ValueError
        When a number is below 1 or larger than the split.
    """
    splits = []
    for name, split, count in (("train", dataset.train, train), ("test", dataset.test, test)):
        if count is not None and not 1 <= count <= len(split):
            raise ValueError(f"{name} must be from 1 to {len(split):,}, not {count:,}.")
        # copies, so that the other images can be freed
        splits.append(Split(split.images[:count].copy(), split.labels[:count].copy()))
    return with_splits(dataset, *splits)


def with_splits(dataset: Dataset, train: Split, test: Split) -> Dataset:
    """Return a dataset of other images, with their digest."""
    arrays = (train.images, train.labels, test.images, test.labels)
    digest = idx.combine([idx.digest(array) for array in arrays])
    return replace(dataset, sha256=digest, train=train, test=test)
