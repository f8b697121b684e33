"""A folder of images as a dataset: digits/0 … digits/9, or such folders below train and test.

The files are read and prepared as everywhere else, in processes that may die.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.text import visible
from ..base.types import DIGITS, SIDE, Dataset, Split, UInt8Array
from ..data import idx
from ..data.datasets import assemble, dataset_name, split_by_class
from ..images.imagefile import DEFAULT_LIMITS
from . import answers
from .labelled_files import LabelledFiles
from .predictor import Job
from .rows import Status

MOST_NAMED = 5

_PART = re.compile(r"(train|test)(?:ing)?", re.IGNORECASE)


def load_image_folder(
    folder: Path,
    share: float,
    seed: int,
    note: Callable[[str], None],
    change: Callable[[UInt8Array], UInt8Array] | None = None,
) -> Dataset:
    """Read the images in folders named after digits.

    Parameters
    ----------
    folder : pathlib.Path
    share : float
        Between 0 and 1: what part of each class is kept for the test, unless the images lie in the
        folders `train` and `test`.
    seed : int
        Draws those.
    note : callable
        Takes lines for the user: how many images each class has, and what is left out.
    change : callable, optional
        As for `WorkerPool.start`.

    Raises
    ------
    DataProblem
        When there are no such images.
    """
    files = LabelledFiles(folder)
    note(files.notice)
    names, images = read_digits(files.names(), files.path_of, note, change)
    for problem in files.problems:
        note(problem)
    where = f"'{folder}'"
    if not names:
        raise DataProblem(f"{where} has no image of a digit.")
    whole = Split(images, files.labels(names).astype(np.uint8))
    counts = np.bincount(whole.labels, minlength=len(DIGITS)).tolist()
    listed = ", ".join(f"{count:,} of {digit}" for digit, count in zip(DIGITS, counts, strict=True))
    note(f"Images by class: {listed}.")
    parts = [_part_of(name) for name in names]
    if {"train", "test"} == set(parts):
        train, test = (_take(whole, [part == name for part in parts]) for name in ("train", "test"))
    else:
        train, test = split_by_class(whole, share, seed, where)
    arrays = (train.images, train.labels, test.images, test.labels)
    return assemble(dataset_name(folder), where, [(array, idx.digest(array)) for array in arrays])


def read_digits(
    files: Iterable[str],
    path_of: Callable[[str], str],
    note: Callable[[str], None],
    change: Callable[[UInt8Array], UInt8Array] | None = None,
) -> tuple[list[str], UInt8Array]:
    """Read and prepare all files that show a digit.

    Parameters
    ----------
    files : iterable of str
    path_of : callable
        From a file's name to its path.
    note : callable
        Takes lines for the user: what is left out.
    change : callable, optional
        As for `WorkerPool.start`.

    Returns
    -------
    list of str
        The files' names.
    uint8 (N, 28, 28)
    """
    job = Job(None, 1.0, 0.0, DEFAULT_LIMITS, images=True)
    names: list[str] = []
    parts = [np.zeros((0, SIDE, SIDE), np.uint8)]
    without: Counter[Status] = Counter()
    with contextlib.closing(answers.read_all(job, files, path_of, change=change)) as batches:
        for batch in batches:
            answered = batch.rows.answered
            parts.append(np.rint(batch.rows.images[answered] * 255).astype(np.uint8))
            names += [name for name, has in zip(batch.names, answered, strict=True) if has]
            for name, status, remark in batch.remarkable():
                if not status.answered:
                    without[status] += 1
                    if without.total() <= MOST_NAMED:
                        note(f"Skipped '{visible(name)}': {remark or status.word}")
    if without:
        counted = ", ".join(f"{count:,} {status.word}" for status, count in without.items())
        note(f"Skipped {without.total():,} files without a digit ({counted}).")
    return names, np.concatenate(parts)


def _part_of(name: str) -> str:
    """Return the part that a file's topmost folder names: "train", "test" or neither."""
    match = _PART.fullmatch(name.partition("/")[0])
    return match[1].lower() if match else ""


def _take(split: Split, chosen: Sequence[bool]) -> Split:
    return Split(split.images[chosen], split.labels[chosen])
