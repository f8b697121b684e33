"""Files that hold several images: pages of a PDF, lines of Kaggle's CSV.

From the listing on, each image is an entry of its own, named by its file and its number from 1, as
in `scan.pdf#2`. So it can be resumed, divided among machines and labelled like any file. See
docs/decisions/038-entries-of-a-file.md.
"""

import functools
import os
import re
from pathlib import Path

from ..base.problems import DataProblem, ImageRefused
from ..base.types import read_only
from ..data.pixel_table import PixelTable, is_pixel_table
from ..images.imagefile import (
    DEFAULT_LIMITS,
    GreyImage,
    Limits,
    decode_image,
    read_bytes,
    read_image,
)

TABLE, PAGES = ".csv", ".pdf"

_ENTRY = re.compile(r"(.*\.(?:csv|pdf))#([1-9]\d{0,8})", re.IGNORECASE | re.DOTALL)


def split_entry(path: str) -> tuple[str, int] | None:
    """Return the file and the number in an entry's name or path; None for other names."""
    match = _ENTRY.fullmatch(path) if "#" in path else None
    return (match[1], int(match[2])) if match else None


def file_of(path: str) -> str:
    """Return the path of the file that holds an entry; for any other file, its own path."""
    entry = split_entry(path)
    return entry[0] if entry else path


def read_entry(
    path: str | bytes, limits: Limits = DEFAULT_LIMITS, *, fine: bool = False
) -> GreyImage:
    """Read an image file, or an entry of one; as `imagefile.read_image`.

    In place of a path it may be the bytes of a whole file.
    """
    if isinstance(path, bytes):
        return decode_image(path, limits, fine=fine)
    entry = split_entry(path)
    if entry is None:
        return read_image(path, limits, fine=fine)
    file, number = entry
    if file.lower().endswith(PAGES):
        return decode_image(read_bytes(file, limits), limits, number, fine=fine)
    try:
        facts = os.stat(file)
        table = _table(file, facts.st_mtime_ns, facts.st_size)
        image = table.images([number])[0] if number <= len(table) else None
    except OSError as error:
        raise ImageRefused("unreadable", f"It can't be read: {error.strerror}.") from error
    except DataProblem as problem:
        raise ImageRefused(
            "corrupt", "It is damaged: the line doesn't hold a whole image."
        ) from problem
    if image is None:
        raise ImageRefused(
            "corrupt", f"It has only {len(table):,} images, so there is no image {number:,}."
        )
    return GreyImage(read_only(image))


def count_entries(path: str) -> int | None:
    """Return the number of entries in a file; None if it is one image, or can't be read.

    The caller counts PDFs, in a process that may die.
    """
    if not path.lower().endswith(TABLE) or not is_pixel_table(Path(path)):
        return None
    try:
        return len(PixelTable(Path(path)))
    except DataProblem:
        return None


@functools.lru_cache(maxsize=2)
def _table(path: str, changed: int, size: int) -> PixelTable:
    return PixelTable(Path(path))
