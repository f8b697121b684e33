"""One image in whatever form a program has it: a path, bytes, an array, a Pillow image."""

import os
from dataclasses import dataclass

from ..base.problems import DataProblem
from ..images import imagefile
from ..images.arrays import as_grey
from ..images.imagefile import GreyImage, Limits


@dataclass(frozen=True)
class File:
    """An image file: its path or its bytes."""

    source: str | bytes


def given(image: object) -> tuple[object, str]:
    """Return what `read` takes for an image, and its path, empty if it has none.

    Raises
    ------
    DataProblem
        When it is a path, and there is no such file.
    """
    if isinstance(image, bytes):
        return File(image), ""
    if not isinstance(image, str | os.PathLike):
        return image, ""
    path = os.fspath(image)
    if not os.path.exists(path):
        raise DataProblem(f"There is no file '{path}'.")
    if os.path.isdir(path):
        raise DataProblem(f"'{path}' is a folder; use read_folder for its files.")
    return File(path), path


def read(image: object, limits: Limits, *, fine: bool = False) -> GreyImage:
    """Read an image; arrays and Pillow images are taken as they are.

    Raises
    ------
    ImageRefused
        When a file can't be read.
    TypeError, ValueError
        When it isn't an image, or its numbers are ambiguous.
    """
    if not isinstance(image, File):
        return GreyImage(as_grey(image))
    if isinstance(image.source, bytes):
        return imagefile.decode_image(image.source, limits, fine=fine)
    return imagefile.read_image(image.source, limits, fine=fine)
