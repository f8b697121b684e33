"""Sets of digits in arrays, in whatever files: IDX, `.npz`, and Kaggle's CSV files.

What a path holds is found out here, and its parts are read. What is made of them is `datasets`' and
`labelled`'s concern; folders of image files are `reading.labelled_files`'.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.types import DIGITS, UInt8Array
from . import idx
from .npz import Archive
from .pixel_table import PixelTable, is_pixel_table

TRAIN, TEST, WHOLE = "train", "test", ""

TITLES = {TRAIN: "training images", TEST: "test images", WHOLE: "images"}

# qmnist-train-images-idx3-ubyte.gz, train-labels.idx1-ubyte, emnist-digits-test-labels-idx1-ubyte
_IDX_NAME = re.compile(
    r"(?:.*[-_.])?(train|t10k|test)[-_.](images|labels)[-_.]idx\d-(?:ubyte|int)(\.gz)?",
    re.IGNORECASE,
)
# kmnist-train-imgs.npz
_NPZ_NAME = re.compile(
    r"(?:.*[-_.])?(train|t10k|test)[-_.](images|imgs|labels)\.npz", re.IGNORECASE
)
_TABLE_NAME = re.compile(r"(?:.*[-_. ])?(train|test)(?:ing)?(?:[-_. ].*)?\.csv", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class ArrayPart:
    """Images with their labels, read on demand.

    Attributes
    ----------
    labels : uint8 (N,)
        0 to 9.
    blocks : callable
        From a number to an iterator of uint8 (n, H, W), n at most that number, N in all.
    """

    labels: UInt8Array
    blocks: Callable[[int], Iterator[UInt8Array]]

    def images(self) -> UInt8Array:
        """Return all images, uint8 (N, H, W)."""
        blocks = list(self.blocks(max(len(self.labels), 1)))
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


@dataclass(frozen=True, eq=False)
class FoundArrays:
    """What was found.

    Attributes
    ----------
    parts : dict of str to Part
        By TRAIN and TEST, or by WHOLE where the set has no parts.
    notice : str
        What was left out, as a sentence; mostly empty.
    """

    parts: dict[str, ArrayPart]
    notice: str = ""


def find_arrays(path: Path) -> FoundArrays | None:
    """Find out what a file or a folder holds.

    Parameters
    ----------
    path : pathlib.Path
        A `.npz` or a CSV file; or a folder with four IDX files, gzipped or not, with four `.npz`
        files (KMNIST), with one `.npz`, or with CSV files; or one that has such a folder where
        torchvision has it.

    Returns
    -------
    Arrays or None
        None for a folder that has none of them.

    Raises
    ------
    DataProblem
        When a file is missing, doubled, damaged, or what it holds isn't clear.
    """
    if not path.is_dir():
        return _table(path) if is_pixel_table(path) else _archive(path)
    try:
        for folder in (path, *sorted(path.glob("raw")), *sorted(path.glob("*/raw"))):
            found = _in_folder(folder)
            if found:
                return found
    except OSError as error:
        raise DataProblem(f"Can't list '{path}': {error.strerror}.") from error
    return None


def _in_folder(folder: Path) -> FoundArrays | None:
    if files := _find(folder, _IDX_NAME):
        return _idx(folder, files)
    if files := _find(folder, _NPZ_NAME):
        return _four_archives(_all_four(folder, files))
    archives = sorted(folder.glob("*.npz"))
    if len(archives) > 1:
        raise DataProblem(f"'{folder}' has {len(archives)} .npz files; choose one of them.")
    if archives:
        return _archive(archives[0])
    return _tables(
        folder, [table for table in sorted(folder.glob("*.csv")) if is_pixel_table(table)]
    )


def _find(folder: Path, pattern: re.Pattern[str]) -> dict[tuple[str, str], Path]:
    """Return a folder's files by part and kind; prefer a plain file to its gzipped twin.

    Unpacked archives often hold a folder with a file's name and the file inside it.

    Raises
    ------
    DataProblem
        When two files claim to be the same.
    """
    found: dict[tuple[str, str], Path] = {}
    entries = sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name))
    for entry in entries:  # 'x' comes before 'x.gz', and files come before folders
        match = pattern.fullmatch(entry.name)
        path = entry / entry.name if entry.is_dir() else entry
        if not match or not path.is_file():
            continue
        part = TRAIN if match[1].lower() == "train" else TEST
        key = part, "labels" if match[2].lower() == "labels" else "images"
        if key in found and not entry.is_dir() and path.name != f"{found[key].name}.gz":
            raise DataProblem(
                f"'{folder}' has both {found[key].name} and {path.name}; keep only one."
            )
        found.setdefault(key, path)
    return found


def _all_four(folder: Path, files: dict[tuple[str, str], Path]) -> dict[tuple[str, str], Path]:
    keys = [(part, kind) for part in (TRAIN, TEST) for kind in ("images", "labels")]
    missing = [f"{part}-{kind}" for part, kind in keys if (part, kind) not in files]
    if missing:
        raise DataProblem(f"'{folder}' has no file of {' and '.join(missing)}.")
    return files


def _idx(folder: Path, files: dict[tuple[str, str], Path]) -> FoundArrays:
    read = {key: idx.read_idx(path)[0] for key, path in _all_four(folder, files).items()}
    if files[TRAIN, "images"].name.lower().startswith("emnist"):
        # EMNIST's images are transposed (Cohen et al. 2017)
        for part in (TRAIN, TEST):
            read[part, "images"] = np.ascontiguousarray(read[part, "images"].transpose(0, 2, 1))
    return FoundArrays(
        {
            part: _in_memory(f"'{folder}'", part, read[part, "images"], read[part, "labels"])
            for part in (TRAIN, TEST)
        }
    )


def _in_memory(where: str, part: str, images: UInt8Array, labels: UInt8Array) -> ArrayPart:
    _check_counts(where, part, len(images), labels)

    def blocks(size: int) -> Iterator[UInt8Array]:
        for start in range(0, len(images), size):
            yield images[start : start + size]

    return ArrayPart(labels, blocks)


def _four_archives(files: dict[tuple[str, str], Path]) -> FoundArrays:
    parts = {}
    for part in (TRAIN, TEST):
        images, labels = (Archive(files[part, kind]) for kind in ("images", "labels"))
        parts[part] = _of_archives(part, images, images.only_array(), labels, labels.only_array())
    return FoundArrays(parts)


def _archive(path: Path) -> FoundArrays:
    archive = Archive(path)
    if not archive.parts:
        raise DataProblem(
            f"'{path}' has no arrays x_train and y_train, x_test and y_test, or images and labels."
        )
    return FoundArrays(
        {
            part: _of_archives(part, archive, images, archive, labels)
            for part, (images, labels) in archive.parts.items()
        }
    )


def _of_archives(
    part: str, images: Archive, name: str, labels: Archive, labels_name: str
) -> ArrayPart:
    truth = labels.labels(labels_name)
    _check_counts(f"'{images.path}'", part, images.shape(name)[0], truth)
    factor = images.factor(name)
    return ArrayPart(truth, lambda size: images.blocks(name, size, factor))


def _table(path: Path) -> FoundArrays:
    return FoundArrays({WHOLE: _of_table(WHOLE, PixelTable(path))})


def _tables(folder: Path, paths: list[Path]) -> FoundArrays | None:
    """Return the contents of a folder's tables: one, or a training and a test table."""
    if not paths:
        return None
    if len(paths) == 1:
        return _table(paths[0])
    named = [
        (match[1].lower(), path) for path in paths if (match := _TABLE_NAME.fullmatch(path.name))
    ]
    if sorted(part for part, _ in named) != [TEST, TRAIN]:
        raise DataProblem(f"'{folder}' has {len(paths)} tables of images; choose one of them.")
    tables = {part: PixelTable(path) for part, path in named}
    if not tables[TEST].has_labels:  # as Kaggle gives them out
        notice = f"'{tables[TEST].path}' has no labels and is ignored."
        return FoundArrays({WHOLE: _of_table(TRAIN, tables[TRAIN])}, notice)
    return FoundArrays({part: _of_table(part, table) for part, table in tables.items()})


def _of_table(part: str, table: PixelTable) -> ArrayPart:
    labels = table.labels()
    _check_counts(f"'{table.path}'", part, len(table), labels)
    return ArrayPart(labels, lambda size: map(table.images, table.chunks(size)))


def _check_counts(where: str, part: str, count: int, labels: UInt8Array) -> None:
    """Raise DataProblem if images and labels don't match."""
    title = TITLES[part]
    if count != len(labels):
        raise DataProblem(
            f"{where} has {count} {title} but {len(labels)} {title.replace('images', 'labels')}."
        )
    if not count:
        raise DataProblem(f"{where} has no {title}.")
    if labels.max() >= len(DIGITS):
        label = TITLES[part].replace("images", "label")
        raise DataProblem(f"{where} has the {label} {labels.max()}; digits are 0 to 9.")
