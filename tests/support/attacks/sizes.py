"""Files that would take all memory, all time or all of a disk."""

import io
import os
import struct
from pathlib import Path

import h5py
import numpy as np

from inkhook.core.modelfile.h5guard import LARGEST_FILE

from .lab import (
    HIDDEN,
    KERNEL,
    Lab,
    attack,
    model,
    number,
    replaced,
    swapped,
    weights,
)


@attack("size")
def shape_of_a_petabyte(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (2**48,), "f4"))


@attack("size")
def shape_of_many_dimensions(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (4,) * 24, "f4"))


@attack("missing", "size")
def shape_without_values(lab: Lab) -> Path:
    return lab.changed(lambda file: replaced(file, (784, HIDDEN), "f4"))


@attack("size", "missing")
def many_shapes_without_values(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(500):
            file.create_dataset(f"model_weights/bomb/a{count}", (10**9,), "f4", fillvalue=1)

    return lab.changed(change)


@attack("size")
def many_arrays_in_the_same_place(lab: Lab) -> Path:
    """Have forty arrays whose storage is the same fifth of the file."""
    names = [f"model_weights/a{count}/kernel" for count in range(40)]

    def change(file: h5py.File) -> None:
        for name in names:
            file[name] = np.zeros(5003 if name != names[0] else 50_021, np.float32)

    data = lab.changed(change).read_bytes()
    with h5py.File(io.BytesIO(data)) as file:
        first, *rest = [file[name].id.get_offset() for name in names]
    target = number(first) + number(4 * 50_021)
    places = {number(offset) + number(4 * 5003): target for offset in rest}
    return lab.file(swapped(data, places | {number(5003): number(50_021)}))


@attack("size", "missing", "damaged")
def shape_that_overflows(lab: Lab) -> Path:
    """Have a shape with 2^64 numbers, which is none in 64 bits."""

    def change(file: h5py.File) -> None:
        replaced(file, data=np.zeros((7919, 3), np.float32))

    data = lab.changed(change).read_bytes()
    shape, huge = number(7919) + number(3), number(2**32) * 2
    return lab.file(swapped(data, {shape: huge}))


@attack("size", "missing", "damaged")
def shape_of_a_negative_size(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        replaced(file, data=np.zeros((7919, 3), np.float32))

    data = lab.changed(change).read_bytes()
    shape, huge = number(7919) + number(3), number(2**62 + 1) + number(2)
    return lab.file(swapped(data, {shape: huge}))


@attack("hang")
def heap_that_never_ends(lab: Lab) -> Path:
    """Have a text whose size lets HDF5's search in its heap stay in one place (found by fuzzing).

    With its header of 16 bytes it's 2^64 long, which is nothing.
    """
    data = model()
    place = data.index(b"GCOL") + 16 + 8
    return lab.file(data[:place] + number(2**64 - 16) + data[place + 8 :])


@attack("hang")
def heap_with_an_empty_object(lab: Lab) -> Path:
    """Have a text without bytes where HDF5 counts on some (found by fuzzing)."""
    data = model()
    place = data.index(struct.pack("<HHIQ", 5, 0, 0, 6)) + 8
    return lab.file(data[:place] + number(0) + data[place + 8 :])


@attack("storage")
def gzip_bomb(lab: Lab) -> Path:
    options = {"chunks": (2048, 2048), "compression": "gzip", "fillvalue": 0}

    def change(file: h5py.File) -> None:
        replaced(file, (20_000, 20_000), "f4", **options)
        file[KERNEL][:2048, :2048] = 0

    return lab.changed(change)


@attack("storage")
def chunks(lab: Lab) -> Path:
    options = {"chunks": (49, HIDDEN), "fletcher32": True}
    return lab.changed(lambda file: replaced(file, data=weights()["dense"]["kernel"], **options))


@attack("text_size", "memory")
def text_that_fills_the_file(lab: Lab) -> Path:
    """Have a description as long as a file may be, which takes four times that as a text."""
    return lab.file(model("x" * (LARGEST_FILE - 50_000) + "\N{GRINNING FACE}"))


@attack("weights", "memory")
def arrays_that_fill_the_file(lab: Lab) -> Path:
    """Have half-precision numbers as many as a file may have, in a layer that has no such array."""
    arrays = weights()
    arrays["dense"]["evil"] = np.zeros((LARGEST_FILE - 100_000) // 2, np.float16)
    return lab.file(model(arrays=arrays))


@attack("too_large")
def sparse_file_over_the_limit(lab: Lab) -> Path:
    lab.file(model())
    os.truncate(lab.path, LARGEST_FILE + 1)
    return lab.path


@attack("too_large")
def sparse_file_of_a_terabyte(lab: Lab) -> Path:
    lab.file(b"")
    os.truncate(lab.path, 2**40)
    return lab.path


@attack("not_hdf5")
def sparse_file_of_zeros(lab: Lab) -> Path:
    lab.file(b"")
    os.truncate(lab.path, LARGEST_FILE)
    return lab.path
