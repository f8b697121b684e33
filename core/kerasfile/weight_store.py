"""Find a layer's arrays, whatever version of Keras named them, and give them today's layout.

Names come as `kernel`, `dense/kernel:0`, `sequential/dense/kernel`, `dense_1_W`, `param_0` or
`vars/0`. What counts is the last part, which gives an array's role or its place in Keras's order,
and in nested models the layer's own name on the path to it.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from ..base.problems import ModelRejected
from ..base.text import quote
from ..base.types import FloatArray
from ..network.network import Shape

LayerArrays = Mapping[str, Mapping[str, FloatArray]]
"""The arrays of each layer of a file by their paths."""

_ROLES = {
    "alphas": "alpha",
    "b": "bias",
    "mean": "moving_mean",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",  # Keras 1 called it so, but it is the variance
    "U": "recurrent_kernel",
    "variance": "moving_variance",
    "W": "kernel",
}
"""The roles of arrays, by the names that older versions of Keras used."""

_KNOWN = sorted(
    (
        *("alpha", "beta", "bias", "depthwise_kernel", "gamma", "kernel", "moving_mean"),
        *("moving_variance", "pointwise_kernel", "recurrent_kernel", *_ROLES),
        *(f"{letter}_{gate}" for letter in "WUb" for gate in "ifcozrh"),
    ),
    key=len,
    reverse=True,
)
_PLACE = re.compile(r"(?:param_)?(\d{1,3})")
_GATES = {4: "ifco", 3: "zrh"}
"""The gates in Keras's order, by their number; Keras 1 stored an array for each."""


class Store:
    """The arrays of one file; each can be taken once."""

    def __init__(self, arrays: LayerArrays) -> None:
        self._arrays = arrays
        self._taken: set[tuple[str, str]] = set()

    def take(
        self,
        path: Sequence[str],
        expected: Mapping[str, Shape],
        reshaped: Mapping[str, Sequence[int]] | None = None,
    ) -> dict[str, FloatArray]:
        """Return the arrays of a layer, in the expected order and with the expected shapes.

        Parameters
        ----------
        path : sequence of str
            The names of the models that contain it, and its own.
        expected : mapping of str to tuple of int
        reshaped : mapping of str to sequence of int, optional
            How to reorder the axes of an array in the file, as for `numpy.transpose`.

        Raises
        ------
        ModelRejected
            `weights`, `ambiguous`, `names` or `shape`.
        """
        if not expected:
            return {}
        name = path[-1]
        group, found = self._of(path)
        if any((group, key) in self._taken for key in found):
            raise ModelRejected("names", f"Two layers are named {quote(name)}.")
        self._taken |= {(group, key) for key in found}
        arrays = _joined(_by_role(name, found, expected), expected)
        if set(arrays) != set(expected):
            raise ModelRejected(
                "weights", f"The layer {quote(name)} doesn't have the weights it needs."
            )
        for role, axes in (reshaped or {}).items():
            if role in arrays and arrays[role].ndim == len(axes):
                arrays[role] = np.ascontiguousarray(arrays[role].transpose(axes))
        return {role: _fitting(name, role, arrays[role], expected[role]) for role in expected}

    @property
    def left(self) -> bool:
        """Whether there are arrays that no layer has taken."""
        return any(
            (group, key) not in self._taken
            for group, found in self._arrays.items()
            for key in found
        )

    def _of(self, path: Sequence[str]) -> tuple[str, Mapping[str, FloatArray]]:
        """Return the group that holds a layer's arrays, and those of them that are its own."""
        name, whole = path[-1], "/".join(path)
        if whole in self._arrays:
            return whole, self._arrays[whole]
        # a slash in a layer's name makes groups in groups of it
        path = [part for name in path for part in name.split("/")]
        if path[0] not in self._arrays or len(path) == 1:
            return name, self._arrays.get(name, {})
        inside = self._arrays[path[0]]
        for names in (path[1:], path[-1:]):  # not every Keras names the models in between
            own = {key: array for key, array in inside.items() if _lies_in(key, names)}
            if own:
                return path[0], own
        return path[0], {}


def _lies_in(key: str, names: Sequence[str]) -> bool:
    """Tell whether an array's path contains these names; Keras 1 used them as a prefix."""
    *parts, leaf = key.split("/")
    return all(name in parts for name in names) or (
        len(names) == 1 and re.fullmatch(rf"{re.escape(names[0])}_\D\w*(:\d+)?", leaf) is not None
    )


def _by_role(
    layer: str, found: Mapping[str, FloatArray], expected: Mapping[str, Shape]
) -> dict[str, FloatArray]:
    """Return arrays by role, or by position if their names say no more."""
    leaves = {key: re.sub(r":\d+$", "", key.rsplit("/", 1)[-1]) for key in found}
    places = {key: match for key, leaf in leaves.items() if (match := _PLACE.fullmatch(leaf))}
    if found and len(places) == len(found):
        ordered = sorted(found, key=lambda key: int(places[key][1]))
        if len(ordered) < len(expected):
            return {}
        # anything after the expected arrays isn't needed, such as a count
        return {role: found[key] for role, key in zip(expected, ordered, strict=False)}
    arrays: dict[str, FloatArray] = {}
    for key, leaf in leaves.items():
        role = _role(leaf)
        if role == "depthwise_kernel" and role not in expected:
            role = "kernel"
        if role in arrays:
            raise ModelRejected("ambiguous", f"A layer has two arrays named {quote(leaf)}.")
        arrays[role] = found[key]
    return arrays


def _role(leaf: str) -> str:
    plain = re.sub(r"_\d+$", "", leaf)
    for known in _KNOWN:
        if plain == known or plain.endswith(f"_{known}"):
            return _ROLES.get(known, known)
    return leaf


def _joined(arrays: dict[str, FloatArray], expected: Mapping[str, Shape]) -> dict[str, FloatArray]:
    """Return arrays with those of a layer's gates, which Keras 1 stored separately, joined."""
    if "recurrent_kernel" not in expected or "recurrent_kernel" in arrays:
        return arrays
    units, wide = expected["recurrent_kernel"]
    gates = _GATES.get(wide // units, "")
    joined = {}
    for letter, role in (("W", "kernel"), ("U", "recurrent_kernel"), ("b", "bias")):
        parts = [arrays[f"{letter}_{gate}"] for gate in gates if f"{letter}_{gate}" in arrays]
        if parts and len(parts) == len(gates) and len({part.ndim for part in parts}) == 1:
            if len({part.shape[:-1] for part in parts}) > 1 or parts[0].ndim == 0:
                return arrays
            joined[role] = np.concatenate(parts, axis=-1)
    return joined if len(arrays) == len(joined) * len(gates) else arrays


def _fitting(layer: str, role: str, array: FloatArray, shape: Shape) -> FloatArray:
    if np.size(array) == 1 and shape == ():  # some HDF5 libraries have no plain numbers
        array = array.reshape(())
    if np.shape(array) != shape:
        raise ModelRejected(
            "shape",
            f"The array '{role}' of layer {quote(layer)} has the shape "
            f"{np.shape(array)}, but its description says {shape}.",
        )
    if role == "moving_variance" and array.size and array.min() < 0:
        raise ModelRejected("variance", f"The layer {quote(layer)} has a negative variance.")
    return array
