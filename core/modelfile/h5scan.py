"""Read the texts and the weights from an HDF5 file's bytes, and nothing else.

Walks through a Keras `.h5` in memory and refuses whatever could make reading do more than read:
links to other places, storage outside the file, filters, types with references, sizes that the
file can't hold. HDF5 may crash or hang on crafted bytes all the same, so `h5guard` has a
child process do this first.
"""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.problems import ModelRejected
from ..base.types import FloatArray
from .filekinds import SIGNATURE, guess

TEXTS = ("model_config", "inkhook", "keras_version", "backend")
"""The root attributes to read; no other attribute's value is ever read."""

WEIGHTS = "model_weights"
ASIDE = ("optimizer", "metrics", "loss")
"""Prefixes of groups whose numbers aren't a network's."""

MOST_COUNTS = 16
"""Arrays of at most this many integers are counts or a random generator's state; not read."""

FLOATS = ("16LE", "16BE", "32LE", "32BE", "64LE", "64BE")
DEEPEST, MOST_LINKS, MOST_OBJECTS = 10, 1000, 4000
MOST_ATTRIBUTES, LONGEST_TEXT = 64, 1_000_000
LARGEST_HEAP = 4 * LONGEST_TEXT


@dataclass(frozen=True, eq=False)
class Contents:
    """What a model file holds: its texts by name, and its weights by layer and by path in it."""

    texts: dict[str, str]
    weights: dict[str, dict[str, FloatArray]]


def import_h5py() -> Any:
    """Return the h5py module, keeping HDF5 from loading filters installed on this machine."""
    os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")
    import h5py

    return h5py


def scan(data: bytes) -> Contents:
    """Read a file's bytes.

    Returns
    -------
    Contents
        All weights as float32.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    h5py = import_h5py()
    if not data.startswith(SIGNATURE):
        raise ModelRejected("not_hdf5", f"It isn't an HDF5 file but {guess(data)}.")
    # long texts are in heaps, which HDF5 reads whole; weights never match all eight bytes
    for heap in re.finditer(rb"GCOL\x01\0\0\0", data):
        if int.from_bytes(data[heap.start() + 8 : heap.start() + 16], "little") > LARGEST_HEAP:
            raise ModelRejected("text_size", "One of its texts is too long.")
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return _Walk(h5py, len(data)).run(file)
    except ModelRejected:
        raise
    except MemoryError as error:
        raise ModelRejected("memory", "Reading it takes more memory than allowed.") from error
    except Exception as error:
        # h5py raises nearly anything on damaged structures
        raise ModelRejected("damaged", "It is damaged or cut short.") from error


class _Walk:
    """One pass over a file: visits every object once and adds up every size."""

    def __init__(self, h5py: Any, size: int) -> None:
        self._h5py = h5py
        self._size = size
        self._declared = 0
        self._seen: set[int] = set()

    def run(self, file: Any) -> Contents:
        self._enter(file)
        texts = {name: self._text(file, name) for name in TEXTS if name in file.attrs}
        names = list(self._links(file))
        if WEIGHTS in names:
            group = self._open(file, WEIGHTS)
            return Contents(texts, {name: self._layer(group, name) for name in self._links(group)})
        if "model_config" in texts:
            raise ModelRejected("no_weights", f"It has no group '{WEIGHTS}'.")
        # weights alone: layers at the top, or in whatever groups there are
        groups = [name for name in names if not name.startswith(ASIDE)]
        weights = {name: self._layer(file, name) for name in groups}
        if not any(weights.values()):
            raise ModelRejected("no_weights", "It has neither a network's description nor weights.")
        return Contents(texts, weights)

    def _layer(self, group: Any, name: str) -> dict[str, FloatArray]:
        """Return a layer's arrays by their paths below it, such as `dense/kernel:0`."""
        found: dict[str, FloatArray] = {}
        item = self._open(group, name)
        if group.name == "/" and isinstance(item, self._h5py.Dataset):
            self._add(item, name, found)
        else:
            self._collect(item, found, "", 0)
        return found

    def _collect(self, group: Any, found: dict[str, FloatArray], path: str, depth: int) -> None:
        h5py = self._h5py
        if depth > DEEPEST:
            raise ModelRejected("depth", "Its groups are nested too deep.")
        if not isinstance(group, h5py.Group):
            raise ModelRejected("not_a_group", "It has data where a layer's group should be.")
        for name in self._links(group):
            item = self._open(group, name)
            if isinstance(item, h5py.Dataset):
                self._add(item, path + name, found)
            else:
                self._collect(item, found, f"{path}{name}/", depth + 1)

    def _add(self, dataset: Any, path: str, found: dict[str, FloatArray]) -> None:
        kind, space = dataset.id.get_type(), dataset.id.get_space()
        is_integer = kind.get_class() == self._h5py.h5t.INTEGER
        if not (is_integer and 0 <= space.get_simple_extent_npoints() <= MOST_COUNTS):
            found[path] = self._array(dataset)

    def _links(self, group: Any) -> Iterator[str]:
        """Yield the names in a group, all of which must be hard links."""
        h5py = self._h5py
        if not isinstance(group, h5py.Group):
            raise ModelRejected("not_a_group", "It has data where a group should be.")
        if group.id.get_num_objs() > MOST_LINKS:
            raise ModelRejected("too_many", f"A group has more than {MOST_LINKS} members.")
        for name in group:
            if "/" in name:  # HDF5 would take it for a path and follow links along it
                raise ModelRejected("link", "It has a member whose name is a path.")
            if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
                raise ModelRejected("link", "It has a soft or an external link.")
            yield name

    def _open(self, group: Any, name: str) -> Any:
        item = group[name]
        self._enter(item)
        return item

    def _enter(self, item: Any) -> None:
        h5py = self._h5py
        if not isinstance(item, h5py.Group | h5py.Dataset):
            raise ModelRejected("object", "It has an object that is neither group nor array.")
        address = int(h5py.h5o.get_info(item.id).addr)
        if address in self._seen:
            raise ModelRejected("revisited", "Two links lead to the same object.")
        self._seen.add(address)
        if len(self._seen) > MOST_OBJECTS:
            raise ModelRejected("too_many", f"It has more than {MOST_OBJECTS} objects.")
        self._check_attributes(item)

    def _check_attributes(self, item: Any) -> None:
        """Check the types of an object's attributes, without reading their values."""
        h5py = self._h5py
        count = h5py.h5a.get_num_attrs(item.id)
        if count > MOST_ATTRIBUTES:
            raise ModelRejected("too_many", f"An object has {count} attributes.")
        plain = (h5py.h5t.STRING, h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM)
        for index in range(count):
            kind = h5py.h5a.open(item.id, index=index).get_type().get_class()
            if kind not in plain:
                raise ModelRejected("attribute_type", "An attribute is neither text nor number.")

    def _text(self, file: Any, name: str) -> str:
        h5py = self._h5py
        attribute = h5py.h5a.open(file.id, name.encode())
        kind = attribute.get_type()
        if kind.get_class() != h5py.h5t.STRING:
            raise ModelRejected("text_type", f"Its '{name}' isn't text.")
        if attribute.get_space().get_simple_extent_npoints() != 1:
            raise ModelRejected("text_shape", f"Its '{name}' isn't one text.")
        if not kind.is_variable_str() and kind.get_size() > LONGEST_TEXT:
            raise ModelRejected("text_size", f"Its '{name}' has {kind.get_size():,} characters.")
        # read as bytes: h5py's own decoding takes four times the memory and hides wrong bytes
        as_bytes = h5py.string_dtype() if kind.is_variable_str() else attribute.dtype
        cell = np.empty((), dtype=as_bytes)
        attribute.read(cell.reshape(attribute.shape))
        value = bytes(cell[()])
        if len(value) > LONGEST_TEXT:
            raise ModelRejected("text_size", f"Its '{name}' has {len(value):,} characters.")
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise ModelRejected("text_encoding", f"Its '{name}' isn't UTF-8.") from error

    def _array(self, dataset: Any) -> FloatArray:
        """Return an array's values as float32, after checking how it is stored."""
        h5py = self._h5py
        plist = dataset.id.get_create_plist()
        if plist.get_external_count():
            raise ModelRejected("external", "An array's values lie in another file.")
        if plist.get_layout() not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS):
            raise ModelRejected("storage", "An array is stored in chunks or made from others.")
        if plist.get_nfilters():
            raise ModelRejected("storage", "An array is compressed or otherwise filtered.")
        kind = dataset.id.get_type()
        if not any(kind.equal(getattr(h5py.h5t, f"IEEE_F{name}")) for name in FLOATS):
            raise ModelRejected("weight_type", "An array isn't of 16, 32 or 64-bit numbers.")
        size = dataset.id.get_space().get_simple_extent_npoints() * kind.get_size()
        self._declared += size
        if self._declared > self._size:
            raise ModelRejected("size", "Its arrays claim to be larger than the file.")
        if dataset.id.get_storage_size() != size:
            raise ModelRejected("missing", "An array doesn't have all of its values.")
        values = np.asarray(dataset[()])
        if not np.isfinite(values).all():
            raise ModelRejected("not_finite", "An array holds NaN or infinity.")
        with np.errstate(over="ignore"):
            result = np.ascontiguousarray(values, dtype=np.float32)
        if not np.isfinite(result).all():
            raise ModelRejected("not_finite", "An array holds numbers too large for 32 bits.")
        return result
