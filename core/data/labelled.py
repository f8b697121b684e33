"""A labelled set from outside, to measure a model on: arrays of images, or image files.

What a path holds is found out here, and every label is checked before anything is measured. The
images are handed out a few at a time, so that a set may be larger than the memory. They are
neither prepared nor classified here; see `evaluation`.
"""

import contextlib
import csv
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from ..base.problems import DataProblem
from ..base.text import quote
from ..base.types import DIGITS, UInt8Array
from ..images.imagefile import DEFAULT_LIMITS
from . import datasets, idx

PAIRS = (("x_test", "y_test"), ("images", "labels"), ("x", "y"))
"""What a `.npz` may call its images and labels; of several pairs the first counts."""

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".pbm", ".pgm", ".ppm")
)
"""The names of image files in a folder; what else lies there (notes, tables) isn't looked at."""

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
    """

    notice: str
    labels: UInt8Array
    blocks: Callable[[int], Iterator[UInt8Array]]


@dataclass(frozen=True, eq=False)
class LabelledFiles:
    """Image files.

    Attributes
    ----------
    notice : str
        What was taken, as a sentence for the user.
    entries : callable
        Gives an iterator of (id, path, label); the id is the path below the folder, with /.
    """

    notice: str
    entries: Callable[[], Iterator[tuple[str, str, int]]]


def open_set(data: Path, labels: Path | None = None) -> LabelledArrays | LabelledFiles:
    """Find out what a path holds.

    Parameters
    ----------
    data : pathlib.Path
        A folder of IDX files, with a `.npz`, or of images in folders named 0 to 9; or a `.npz`.
    labels : pathlib.Path, optional
        A CSV file with the columns `file` (below `data`) and `label`; `data` is then a folder of
        images.

    Raises
    ------
    DataProblem
        When it is none of these, or a label is no digit.
    """
    if not os.path.exists(data):  # Path.exists raises where a name is too long
        raise DataProblem(f"There is no file or folder '{data}'.")
    if labels is not None:
        if not data.is_dir():
            raise DataProblem(f"--labels names files in a folder, and '{data}' is none.")
        rows = _read_csv(data, labels)
        return LabelledFiles(f"{len(rows):,} image files by '{labels}'.", lambda: iter(rows))
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
    if archives:
        return _open_npz(archives[0])
    if next(_walk(data), None) is None:
        raise DataProblem(
            f"'{data}' has no image in a folder named 0 to 9, as digits/7/a.png; "
            "where a table has the labels, name it with --labels."
        )
    return LabelledFiles("Image files by the names of their folders.", lambda: _walk(data))


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


def _walk(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Find the images below a folder whose own folder is named 0 to 9, in the names' order."""

    def fail(error: OSError) -> None:
        raise DataProblem(f"Can't list '{error.filename}': {error.strerror}.") from error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        label = os.path.basename(os.path.abspath(place))
        if label not in DIGITS:
            continue
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith("."):
                path = os.path.join(place, name)
                yield _id(os.path.relpath(path, folder)), path, int(label)


def _id(path: str) -> str:
    """Return a path with /, and as text that can be written: names may be any bytes."""
    return os.fsencode(path).decode("utf-8", "replace").replace(os.sep, "/")


def _read_csv(folder: Path, path: Path) -> list[tuple[str, str, int]]:
    rows = []
    for where, name, label in read_labels(path):
        full = os.path.join(folder, name)
        if not os.path.isfile(full):
            raise DataProblem(f"{where} names {quote(name)}, no file in '{folder}'.")
        rows.append((_id(name), full, label))
    if not rows:
        raise DataProblem(f"'{path}' names no files.")
    return rows


def read_labels(path: Path) -> Iterator[tuple[str, str, int]]:
    """Read a CSV file with the columns `file` and `label`.

    Yields
    ------
    tuple of str, str and int
        Where it stands, for messages; the file; its label, 0 to 9.

    Raises
    ------
    DataProblem
        When it can't be read, a column is missing, or a label is no digit.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            missing = {"file", "label"} - set(table.fieldnames or ())
            if missing:
                names = " and ".join(sorted(missing))
                raise DataProblem(f"'{path}' has no column {names}; its first line names them.")
            for row in table:
                where = f"Line {table.line_num} of '{path}'"
                label = (row["label"] or "").strip()
                if label not in DIGITS:
                    raise DataProblem(f"{where} has the label {quote(label)}; digits are 0 to 9.")
                yield where, row["file"] or "", int(label)
    except OSError as error:
        raise DataProblem(f"'{path}' can't be read: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataProblem(f"'{path}' is no CSV file in UTF-8.") from error
