"""Read the IDX format of MNIST.

IDX is a big-endian header (two zero bytes, the type, the number of axes, then each axis's length
as 32 bits) and the bare values; described at yann.lecun.com/exdb/mnist.
"""

import gzip
import hashlib
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np

from ..base.problems import DataProblem
from ..base.types import SIDE, UInt8Array
from . import forms

UBYTE, INT = 0x08, 0x0C
MOST_IMAGES = 5_000_000
"""More than any digit set has; a header that claims more is refused before memory is asked for."""


def read_idx(path: Path) -> tuple[UInt8Array, str]:
    """Read a file of images or labels, gzipped or not.

    Returns
    -------
    uint8 (N, 28, 28) or uint8 (N,)
        QMNIST's labels, eight int32 for each image, are cut down to the first, the digit.
    str
        The SHA-256 of the decompressed file.

    Raises
    ------
    DataProblem
        When the file isn't IDX, has another size than its header says, or is damaged.
    """
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if not zipped:
                return _parse(path, plain)
            with gzip.open(plain) as unzipped:
                return _parse(path, cast(IO[bytes], unzipped))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataProblem(
            f"'{path}' is damaged: its gzip data can't be read to the end."
        ) from error
    except OSError as error:
        raise DataProblem(f"'{path}' can't be read: {error.strerror or error}.") from error


def _parse(path: Path, file: IO[bytes]) -> tuple[UInt8Array, str]:
    start = file.read(4)
    if len(start) < 4:
        raise DataProblem(f"'{path}' is truncated: it ends inside its header.")
    zero, kind, axes = struct.unpack(">HBB", start)
    if zero != 0 or (kind, axes) not in ((UBYTE, 1), (UBYTE, 3), (INT, 2)):
        raise DataProblem(
            f"'{path}' has the wrong magic number {start.hex()} for images or labels."
        )
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise DataProblem(f"'{path}' is truncated: it ends inside its header.")
    shape = struct.unpack(f">{axes}I", sizes)
    if axes == 3 and shape[1:] != (SIDE, SIDE):
        raise DataProblem(f"'{path}' holds images of {shape[2]}×{shape[1]} pixels, not 28×28.")
    if shape[0] > MOST_IMAGES or math.prod(shape[1:]) > SIDE * SIDE:
        raise DataProblem(f"'{path}' claims the size {shape}, which no digit set has.")
    expected = math.prod(shape) * (4 if kind == INT else 1)
    body = file.read(expected)
    if len(body) < expected:
        raise DataProblem(f"'{path}' is truncated: {len(body)} bytes of {expected}.")
    if file.read(1):
        raise DataProblem(f"'{path}' has the wrong size: more than the {expected} bytes it names.")
    if kind == INT:
        labels = forms.as_labels(np.frombuffer(body, ">i4").reshape(shape)[:, 0], f"'{path}'")
        return labels, digest(labels)
    array: UInt8Array = np.frombuffer(body, np.uint8).reshape(shape)
    return array, hashlib.sha256(start + sizes + body).hexdigest()


def digest(array: UInt8Array) -> str:
    """Return the SHA-256 that an array's IDX file has."""
    header = struct.pack(f">HBB{array.ndim}I", 0, UBYTE, array.ndim, *array.shape)
    return hashlib.sha256(header + np.ascontiguousarray(array).tobytes()).hexdigest()


def combine(digests: Sequence[str]) -> str:
    """Return one SHA-256 for the four files of a dataset."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()
