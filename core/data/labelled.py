"""A labelled set of arrays from outside, to measure a model on.

Every label is checked before anything is measured. The images are handed out a few at a time, so
that a set may be larger than the memory. They are neither prepared nor classified here; see
`evaluation`. Image files with labels are `reading.labelled_files`'s concern.
"""

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, UInt8Array
from ..images.imagefile import DEFAULT_LIMITS
from . import datasets, idx

PAIRS = (("x_test", "y_test"), ("images", "labels"), ("x", "y"))
"""What a `.npz` may call its images and labels; of several pairs the first counts."""

BLOCK_BYTES = 64 * 2**20

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, MemoryError)


@dataclass(frozen=True, eq=False)
class LabelledArrays:
    """Images in arrays.

    Attributes
    ----------
    notice : str
        What was taken, as a sentence for the user.
    labels : uint8 (N,)
        0 to 9.
    blocks : callable
        From a number to an iterator of uint8 (n, H, W), n at most that number, N in all.
    problems : sequence of str
        What isn't measured though it was meant to be, a sentence each.
    """

    notice: str
    labels: UInt8Array
    blocks: Callable[[int], Iterator[UInt8Array]]
    problems: Sequence[str] = ()


def open_arrays(data: Path) -> LabelledArrays | None:
    """Open a set of arrays: a `.npz`, or a folder with one or with IDX files.

    Returns
    -------
    LabelledArrays or None
        None for a folder that has neither.

    Raises
    ------
    DataProblem
        When it can't be read, or a label is no digit.
    """
    if not data.is_dir():
        return _open_npz(data)
    try:
        if datasets.find_idx(data):
            return _test_split(data)
        archives = sorted(data.glob("*.npz"))
    except OSError as error:
        raise DataProblem(f"Can't list '{data}': {error.strerror}.") from error
    if len(archives) > 1:
        raise DataProblem(f"'{data}' has {len(archives)} .npz files; name one of them.")
    return _open_npz(archives[0]) if archives else None


def _test_split(folder: Path) -> LabelledArrays:
    dataset = datasets.load_folder(folder)
    split = dataset.test

    def blocks(size: int) -> Iterator[UInt8Array]:
        for start in range(0, len(split), size):
            yield split.images[start : start + size]

    return LabelledArrays(f"The {len(split):,} test images of '{folder}'.", split.labels, blocks)


def _open_npz(path: Path) -> LabelledArrays:
    try:
        with np.load(path, allow_pickle=False) as archive:
            pair = next((pair for pair in PAIRS if set(pair) <= set(archive.files)), None)
            if pair is None:
                known = " or ".join(f"{images} and {labels}" for images, labels in PAIRS)
                raise DataProblem(f"'{path}' has no arrays {known}.")
            labels = idx.as_labels(path, np.asarray(archive[pair[1]]))
        with _images_in(path, pair[0]) as (_, shape):
            pass
    except _BROKEN as error:
        raise DataProblem(f"'{path}' is no whole .npz file of plain arrays.") from error
    if len(labels) != shape[0]:
        raise DataProblem(f"'{path}' has {shape[0]} images but {len(labels)} labels.")
    if not len(labels):
        raise DataProblem(f"'{path}' has no images.")
    if labels.max() >= len(DIGITS):
        raise DataProblem(f"'{path}' has the label {labels.max()}; digits are 0 to 9.")
    test = "test " if pair == PAIRS[0] else ""
    notice = f"The {len(labels):,} {test}images of '{path}'."
    return LabelledArrays(notice, labels, lambda size: _npz_blocks(path, pair[0], size))


@contextlib.contextmanager
def _images_in(path: Path, name: str) -> Iterator[tuple[IO[bytes], tuple[int, ...]]]:
    """Open one array of a `.npz` at its first image, and give its shape (N, H, W)."""
    form = np.lib.format
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        first = form.read_magic(file) == (1, 0)
        header = form.read_array_header_1_0 if first else form.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if dtype != np.uint8 or len(shape) != 3:
            raise DataProblem(f"'{path}' has {name} as {dtype} {shape}, not uint8 (N, H, W).")
        if fortran:
            raise DataProblem(
                f"'{path}' has {name} in Fortran's order; save np.ascontiguousarray({name})."
            )
        if not 0 < shape[1] * shape[2] <= DEFAULT_LIMITS.most_pixels:
            raise DataProblem(f"'{path}' has images of {shape[2]}×{shape[1]} pixels.")
        yield file, shape


def _npz_blocks(path: Path, name: str, size: int) -> Iterator[UInt8Array]:
    """Read a few images at a time: unlike np.load, which needs memory for all of them."""
    try:
        with _images_in(path, name) as (file, (count, height, width)):
            size = max(min(size, BLOCK_BYTES // (height * width)), 1)
            for start in range(0, count, size):
                shape = min(size, count - start), height, width
                data = file.read(shape[0] * height * width)
                yield np.frombuffer(data, np.uint8).reshape(shape)
    except _BROKEN as error:
        raise DataProblem(f"'{path}' is damaged: {name} can't be read to the end.") from error
