"""NumPy's `.npz` files with images and labels: which array is which, and reading them in blocks.

`forms` says what the arrays' numbers mean.
"""

import contextlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ..base.problems import DataProblem
from ..base.types import UInt8Array
from ..images.imagefile import DEFAULT_LIMITS
from . import forms

IMAGE_WORDS = ("images", "imgs", "image", "img", "x", "pixels", "data")
LABEL_WORDS = ("labels", "label", "y", "targets", "target", "classes")
"""The names an archive may give its arrays, with `train` or `test` before or after, in any case and
with any separators; if there are several, the first of these words counts."""

SAMPLE = 256
"""How many images (more, if all are empty) decide whether pixels range from 0 to 1 or to 255."""

BLOCK_BYTES = 64 * 2**20

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, MemoryError)

_NAME = re.compile(
    rf"(?P<a>train|test)?(?:ing)?(?P<word>{'|'.join(IMAGE_WORDS + LABEL_WORDS)})(?P<b>train|test)?"
)


class Archive:
    """An archive's pairs of images and labels.

    Attributes
    ----------
    path : pathlib.Path
    parts : dict of str to (str, str)
        The names of images and labels for "train", "test" and "" (neither is said).
    """

    def __init__(self, path: Path) -> None:
        """Look for the arrays; raises DataProblem if it isn't such a file."""
        self.path = path
        try:
            with np.load(path, allow_pickle=False) as archive:
                self.names: list[str] = archive.files
        except (*BROKEN, AttributeError) as error:  # AttributeError: a .npy, which has no names
            raise self._broken() from error
        found: dict[tuple[str, str], tuple[int, str]] = {}
        for name in self.names:
            match = _NAME.fullmatch(re.sub(r"[^a-z0-9]", "", name.lower()))
            if not match or (match["a"] and match["b"]):
                continue
            words = IMAGE_WORDS if match["word"] in IMAGE_WORDS else LABEL_WORDS
            key = match["a"] or match["b"] or "", "images" if words is IMAGE_WORDS else "labels"
            found[key] = min(found.get(key, (99, "")), (words.index(match["word"]), name))
        self.parts = {
            part: (found[part, "images"][1], found[part, "labels"][1])
            for part in ("test", "", "train")
            if (part, "images") in found and (part, "labels") in found
        }

    def only_array(self) -> str:
        """Return the name of the only array; raises DataProblem if there are several."""
        if len(self.names) != 1:
            raise DataProblem(f"'{self.path}' has {len(self.names)} arrays, not one.")
        return self.names[0]

    def labels(self, name: str) -> UInt8Array:
        """Return an array as labels, uint8 (N,); raises DataProblem."""
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                array = np.asarray(archive[name])
        except BROKEN as error:
            raise self._broken() from error
        return forms.as_labels(array, f"'{self.path}'")

    def shape(self, name: str) -> tuple[int, int, int]:
        """Return the number of images in an array, their height and width; raises DataProblem."""
        try:
            with self._opened(name) as (_, shape, _):
                return shape
        except BROKEN as error:
            raise self._broken() from error

    def factor(self, name: str) -> int:
        """Return the factor that scales an array's pixels to 0..255, judging by its first images.

        Raises
        ------
        DataProblem
            When some of them can't be pixels.
        """
        found = forms.Range(0, 0)
        for block in self._raw(name, SAMPLE):
            found = forms.range_of(block)
            if found.low or found.high:
                break
        return forms.factor(found, self._title(name))

    def blocks(self, name: str, size: int, factor: int) -> Iterator[UInt8Array]:
        """Yield an array's images times a factor, uint8 (n, H, W), n at most `size`.

        Unlike np.load, which needs memory for all of them.

        Raises
        ------
        DataProblem
            When the file is damaged, or has other pixels than its first ones.
        """
        for block in self._raw(name, size):
            if forms.factor(forms.range_of(block), self._title(name)) < factor:
                raise DataProblem(
                    f"{self._title(name)} has pixels above 1 after many images without any."
                )
            yield forms.as_bytes(block, factor)

    def _title(self, name: str) -> str:
        return f"'{self.path}' ({name})"

    def _raw(self, name: str, size: int) -> Iterator[np.ndarray]:
        try:
            with self._opened(name) as (file, (count, height, width), dtype):
                bytes_each = height * width * dtype.itemsize
                size = max(min(size, BLOCK_BYTES // bytes_each), 1)
                for start in range(0, count, size):
                    shape = min(size, count - start), height, width
                    data = file.read(shape[0] * bytes_each)
                    yield np.frombuffer(data, dtype).reshape(shape)
        except BROKEN as error:
            raise DataProblem(
                f"'{self.path}' is damaged: {name} can't be read to the end."
            ) from error

    @contextlib.contextmanager
    def _opened(
        self, name: str
    ) -> Iterator[tuple[IO[bytes], tuple[int, int, int], "np.dtype[np.generic]"]]:
        """Open an array at its first image, and return its shape (N, H, W) and its type."""
        form, what = np.lib.format, self._title(name)
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{name}.npy") as file:
            first = form.read_magic(file) == (1, 0)
            header = form.read_array_header_1_0 if first else form.read_array_header_2_0
            shape, fortran, dtype = header(file)
            if dtype.kind not in "buif":
                raise DataProblem(f"{what} is of {dtype}; pixels must be numbers.")
            count, height, width = forms.images_size(shape, what)
            if fortran:
                raise DataProblem(f"{what} is in Fortran order; save np.ascontiguousarray({name}).")
            if not 0 < height * width <= DEFAULT_LIMITS.most_pixels:
                raise DataProblem(f"{what} has images of {width}×{height} pixels.")
            yield file, (count, height, width), dtype

    def _broken(self) -> DataProblem:
        return DataProblem(f"'{self.path}' isn't a complete .npz file of plain arrays.")
