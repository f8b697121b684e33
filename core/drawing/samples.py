"""Drawings as PNG files, in a folder for each label; no file is ever overwritten."""

import secrets
from datetime import datetime
from pathlib import Path

from ..base import files
from ..base.types import UInt8Array
from ..events import records

FOLDER = "drawings"
"""Below `artifacts/`."""


def save_sample(image: UInt8Array, label: int | None = None, root: Path | None = None) -> Path:
    """Write a drawing as PNG.

    Parameters
    ----------
    image : uint8 (H, W)
        0 is paper, 255 is ink; the file holds the same.
    label : int, optional
        0 to 9; the file goes into the folder of that name.
    root : pathlib.Path, optional
        In place of `artifacts/drawings`.

    Returns
    -------
    pathlib.Path
        A new file, whole.

    Raises
    ------
    OutputProblem
        When it can't be written.
    """
    import cv2

    folder = records.ROOT / FOLDER if root is None else root
    if label is not None:
        folder = folder / str(label)
    with files.reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)
    # the time is for people, the rest keeps two programs from choosing the same name
    name = f"{datetime.now():%Y-%m-%d-%H%M%S}-{secrets.token_hex(3)}.png"
    files.write_file(folder / name, cv2.imencode(".png", image)[1].tobytes())
    return folder / name


def move_sample(before: Path | None, image: UInt8Array, label: int, root: Path | None) -> Path:
    """Write a drawing under another label than before, if it had one: that was a slip.

    Parameters are those of `save_sample`. Raises OutputProblem or OSError.
    """
    path = save_sample(image, label, root)
    if before is not None:
        before.unlink(missing_ok=True)
    return path
