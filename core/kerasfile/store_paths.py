"""The arrays of a `.keras` file, by the layers that its description names.

Keras stores them by class and number, not by name: `layers/dense_1/vars/0` belongs to the second
Dense layer of its model, whatever that is called, and `layers/sequential/layers/dense/vars/0` is
in a model within the model. See docs/decisions/041-keras-archives.md.
"""

import re
from collections.abc import Mapping, Sequence

from ..base.problems import ModelRejected
from ..base.text import parse_json
from ..base.types import FloatArray
from .architecture import natural
from .unroll import LayerConfig, unroll
from .weight_store import LayerArrays

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""What a model's layers are stored below; the second until Keras 2.13."""

Arrays = dict[str, FloatArray]


def by_layer(description: str, stored: LayerArrays) -> dict[str, Arrays]:
    """Return the arrays of each layer under its name, after those of the models around it.

    Parameters
    ----------
    description : str
        Keras's `config.json`.
    stored : mapping of str to mapping of str to float32 array
        The arrays of `model.weights.h5` by group and path.

    Returns
    -------
    dict of str to dict of str to float32 array
        Such as `{"features/dense_7": {"vars/0": …}}`. Arrays of no layer keep their own path.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong in the description, or `no_weights`.
    """
    steps = unroll(parse_json(description, "Its description"))[1]
    root = {f"{group}/{key}": array for group, own in stored.items() for key, array in own.items()}
    inside = _contained(root)
    if not inside:
        raise ModelRejected("no_weights", "It has no weights of layers.")
    return _assign(steps, inside, 0)


def _contained(arrays: Mapping[str, FloatArray]) -> Arrays:
    """Return the arrays of a model's layers by their paths below its container."""
    found: Arrays = {}
    for key, array in arrays.items():
        # Keras 2.12 on Windows separates with backslashes
        container, _, rest = key.replace("\\", "/").partition("/")
        if container in CONTAINERS:
            if rest in found:
                raise ModelRejected("ambiguous", "It has the weights of its layers twice.")
            found[rest] = array
    return found


def _assign(steps: Sequence[LayerConfig], arrays: Arrays, depth: int) -> dict[str, Arrays]:
    """Give the arrays in one container to the layers and models that it belongs to."""
    groups: dict[str, Arrays] = {}
    for key, array in arrays.items():
        group, _, rest = key.partition("/")
        groups.setdefault(group, {})[rest] = array
    members: dict[tuple[str, str], list[LayerConfig]] = {}
    for step in steps:
        members.setdefault((step.path[depth], step.kinds[depth]), []).append(step)
    found: dict[str, Arrays] = {}
    for member, group in _groups_of(list(members), list(groups)).items():
        own, inner = groups.pop(group), members[member]
        if len(inner[0].path) == depth + 1:
            found["/".join(inner[0].path)] = own
        else:
            found |= _assign(inner, _contained(own), depth + 1)
    if groups:
        raise ModelRejected("extra_weights", "It has weights for layers that it doesn't describe.")
    return found


def _groups_of(
    members: Sequence[tuple[str, str]], groups: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Return the group that each layer or model of a container is stored in, if there is one."""
    same_kind: dict[str, list[tuple[str, str]]] = {}
    for member in members:
        same_kind.setdefault(_snake_case(member[1]), []).append(member)
    found: dict[tuple[str, str], str] = {}
    for stem, own in same_kind.items():
        expected = [stem, *(f"{stem}_{number}" for number in range(1, len(own)))]
        there = [name for name in groups if re.fullmatch(rf"{re.escape(stem)}(_\d{{1,4}})?", name)]
        if len(there) == len(own):
            # Keras 2.12 and 2.13 counted layers that have weights twice: dense, dense_2, dense_4
            expected = sorted(there, key=natural)
        found |= {member: name for member, name in zip(own, expected, strict=True) if name in there}
    return found


def _snake_case(kind: str) -> str:
    """Return a class's name as Keras stores it: keras/src/utils/naming.py."""
    kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()
