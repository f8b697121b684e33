"""Datasets of 28×28 digits from a folder: four IDX files, gzipped or not, or a Keras-style `.npz`.

The files are found and put together here; `idx` reads them.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, Dataset, Split, UInt8Array
from . import idx

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")

# qmnist-train-images-idx3-ubyte.gz, train-labels.idx1-ubyte, emnist-digits-test-labels-idx1-ubyte
_FILE_NAME = re.compile(
    r"(?:.*[-_.])?(train|t10k|test)[-_.](images|labels)[-_.]idx\d-(?:ubyte|int)(\.gz)?",
    re.IGNORECASE,
)


def load_folder(folder: Path) -> Dataset:
    """Load a dataset from a folder of four IDX files or of one `.npz`, or from that file.

    Raises
    ------
    DataProblem
        When files are missing, doubled, damaged, or don't hold 28×28 digits with their labels.
    """
    if not os.path.exists(folder):  # Path.exists raises where a name is too long
        raise DataProblem(f"There is no folder '{folder}' (--data).")
    archives = [folder] if folder.is_file() else sorted(folder.glob("*.npz"))
    files = {} if folder.is_file() else find_idx(folder)
    if files:
        missing = [part for part in PARTS if part not in files]
        if missing:
            raise DataProblem(f"'{folder}' has no file of {' and '.join(missing)}.")
        read = [idx.read_idx(files[part]) for part in PARTS]
        if files["train-images"].name.lower().startswith("emnist"):
            # EMNIST's images lie on their side: columns and rows are exchanged (Cohen et al. 2017)
            for place in (0, 2):
                turned = np.ascontiguousarray(read[place][0].transpose(0, 2, 1))
                read[place] = turned, idx.digest(turned)
    elif len(archives) == 1:
        read = idx.read_npz(archives[0])
    elif archives:
        raise DataProblem(f"'{folder}' has {len(archives)} .npz files; name one of them.")
    else:
        raise DataProblem(
            f"'{folder}' has neither the four IDX files (train-images-idx3-ubyte …) nor a .npz."
        )
    name = folder.stem if folder.is_file() else folder.resolve().name
    return assemble(name, f"'{folder}'", read)


def find_idx(folder: Path) -> dict[str, Path]:
    """Return a folder's IDX files by part; of a file and its gzipped twin, the plain one.

    Raises
    ------
    DataProblem
        When two files claim to be the same part.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):  # 'x' comes before 'x.gz'
        match = _FILE_NAME.fullmatch(path.name)
        if not match:
            continue
        split = match[1].lower().replace("test", "t10k")
        part = f"{split}-{match[2].lower()}"
        if part in found and path.name != f"{found[part].name}.gz":
            raise DataProblem(
                f"'{folder}' has both {found[part].name} and {path.name}; "
                "keep one dataset a folder."
            )
        found.setdefault(part, path)
    return found


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
    """Return a dataset of the first images of each split; None is all of them.

    Raises
    ------
    ValueError
        When a number is below 1 or larger than the split.
    """
    splits = []
    for name, split, count in (("train", dataset.train, train), ("test", dataset.test, test)):
        if count is not None and not 1 <= count <= len(split):
            raise ValueError(f"{name} must be from 1 to {len(split):,}, not {count:,}.")
        # copies, so that the other images can be forgotten
        splits.append(Split(split.images[:count].copy(), split.labels[:count].copy()))
    return with_splits(dataset, *splits)


def with_splits(dataset: Dataset, train: Split, test: Split) -> Dataset:
    """Return a dataset of other images, with their digest."""
    arrays = (train.images, train.labels, test.images, test.labels)
    digest = idx.combine([idx.digest(array) for array in arrays])
    return replace(dataset, sha256=digest, train=train, test=test)
