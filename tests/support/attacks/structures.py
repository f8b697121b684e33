"""Links, storage elsewhere, and structures that aren't a model's."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .lab import (
    ATTACKS,
    ESCAPE,
    HIDDEN,
    KERNEL,
    VARIABLE,
    Attack,
    Lab,
    attack,
    replaced,
    swapped,
)


@attack("link")
def external_link(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        del file["model_weights/dense"]
        file["model_weights/dense"] = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")

    return lab.changed(change)


@attack("link")
def external_link_at_the_top(lab: Lab) -> Path:
    secret = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")
    return lab.changed(lambda file: file.__setitem__("elsewhere", secret))


@attack("link", "damaged")
def link_name_that_is_a_path(lab: Lab) -> Path:
    """Have a hard link whose name leads through an external one in a group nobody looks at."""

    def change(file: h5py.File) -> None:
        file["decoy/e"] = h5py.ExternalLink(str(lab.folder / "secret.h5"), "/layer")
        file["model_weights/dense/_decoy_e_kernel"] = np.zeros(3, np.float32)

    data = lab.changed(change).read_bytes()
    return lab.file(swapped(data, {b"_decoy_e_kernel\0": b"/decoy/e/kernel\0"}))


@attack("link")
def soft_link(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        file["model_weights/dense"].move("sequential", "hidden")
        file["model_weights/dense/sequential"] = h5py.SoftLink("/model_weights/dense/hidden")

    return lab.changed(change)


@attack("link")
def dangling_soft_link(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("nowhere", h5py.SoftLink("/no/where")))


@attack("external")
def external_storage(lab: Lab) -> Path:
    size = 784 * HIDDEN * 4
    options = {"dtype": "f4", "external": [(str(lab.secret), 0, size)]}
    return lab.changed(lambda file: replaced(file, (784, HIDDEN), **options))


@attack("storage")
def virtual_dataset(lab: Lab) -> Path:
    layout = h5py.VirtualLayout((784, HIDDEN), "f4")
    layout[:] = h5py.VirtualSource(str(lab.folder / "secret.h5"), "layer/kernel", (784, HIDDEN))

    def change(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_virtual_dataset(KERNEL, layout)

    return lab.changed(change)


@attack("revisited")
def hard_link_cycle(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("loop", file["model_weights"])
    )


@attack("revisited")
def one_array_under_two_names(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        group = file[KERNEL].parent
        group["again"] = group["kernel"]

    return lab.changed(change)


@attack("ambiguous")
def two_arrays_of_one_name(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("kernel", np.zeros(3, "f4"))
    )


@attack("ambiguous")
def two_arrays_of_one_name_with_escapes(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        file["model_weights/dense"][ESCAPE] = np.zeros(3, np.float32)
        file["model_weights/dense"][ESCAPE + ":0"] = np.zeros(3, np.float32)

    return lab.changed(change)


@attack("depth")
def groups_fifty_deep(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file["model_weights/dense"].__setitem__("g/" * 50 + "x", np.zeros(3, "f4"))
    )


@attack("too_many")
def group_of_1500_members(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(1500):
            file.create_group(f"model_weights/g{count}")

    return lab.changed(change)


@attack("too_many")
def five_thousand_groups(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(5000):
            file.create_group(f"model_weights/g{count % 10}/h{count}")

    return lab.changed(change)


@attack("too_many")
def many_attributes(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        for count in range(100):
            file["model_weights"].attrs[f"a{count}"] = count

    return lab.changed(change)


@attack("object")
def named_type(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("model_weights/dense/type", np.dtype("f4")))


@attack("not_a_group")
def array_instead_of_a_layer(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__setitem__("model_weights/other", np.zeros(3, "f4")))


@attack("not_a_group")
def array_instead_of_all_layers(lab: Lab) -> Path:
    def change(file: h5py.File) -> None:
        del file["model_weights"]
        file["model_weights"] = np.zeros(3, np.float32)

    return lab.changed(change)


@attack("no_weights")
def no_weights_at_all(lab: Lab) -> Path:
    return lab.changed(lambda file: file.__delitem__("model_weights"))


@attack("no_weights")
def another_hdf5_file(lab: Lab) -> Path:
    with h5py.File(lab.path, "w") as file:
        file["x"] = 1
    return lab.path


def attribute(value: Any, **options: Any) -> Callable[[Lab], Path]:
    """Return an attack with one more attribute on a layer's group."""
    return lambda lab: lab.changed(
        lambda file: file["model_weights/dense"].attrs.create("x", value, **options)
    )


@attack("attribute_type")
def attribute_of_references(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file.attrs.create("x", file["model_weights"].ref, dtype=h5py.ref_dtype)
    )


@attack("attribute_type")
def attribute_of_region_references(lab: Lab) -> Path:
    return lab.changed(
        lambda file: file.attrs.create("x", file[KERNEL].regionref[0], dtype=h5py.regionref_dtype)
    )


LISTS = np.empty(2, object)
LISTS[:] = [np.arange(9, dtype="i4"), np.arange(3, dtype="i4")]
ATTRIBUTES: dict[str, Callable[[Lab], Path]] = {
    "attribute_compound": attribute(np.zeros(2, "i4,f4")),
    "attribute_opaque": attribute(np.void(b"opaque")),
    "attribute_of_lists": attribute(LISTS, dtype=h5py.vlen_dtype("i4")),
}
ATTACKS.update({name: Attack(build, ("attribute_type",)) for name, build in ATTRIBUTES.items()})


@attack("weights", "extra_weights")
def attribute_alias_bomb(lab: Lab) -> Path:
    """Have 4,000 texts share one of 1 MB in the heap: 4 GB for whoever reads the attribute.

    Nothing else is wrong with the file but one layer too many, so that it must be refused for
    that, and quickly: the attribute is never read.
    """
    count = 4000

    def change(file: h5py.File) -> None:
        texts = np.array([f"{n:04}" for n in range(count - 1)] + ["x" * 1_000_000], object)
        file["model_weights/dense"].attrs.create("x", texts, dtype=VARIABLE)
        file["model_weights/other/kernel"] = np.zeros(3, np.float32)

    data = lab.changed(change).read_bytes()
    # an element is its length, the address of its heap, and its number there
    last = re.search(struct.pack("<I", 1_000_000) + b".{12}", data, re.DOTALL)
    if last is None:
        raise ValueError("the attribute isn't there")
    start = last.end() - 16 * count
    return lab.file(data[:start] + last.group() * count + data[last.end() :])
