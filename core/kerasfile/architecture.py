"""Files of bare weights: a stack of dense layers, inferred from the shapes of its arrays.

Such a file doesn't say how its layers are connected. A stack of dense layers can still be put
together, because each takes as many numbers as the one before gives. Activations are assumed.
"""

import json
import re
from collections.abc import Sequence
from itertools import islice, permutations

from ..base.problems import ModelRejected
from ..base.text import quote
from ..base.types import DIGITS, FloatArray
from .fields import LARGEST_SIZE, is_image
from .weight_store import LayerArrays

Sizes = tuple[int, ...]

MOST_SHUFFLED = 6
"""Up to this many layers are tried in every order, if the order of their names doesn't fit."""

_AROUND = ("layers", "vars", "_layer_checkpoint_dependencies", "model_weights")
"""Parts of an array's path that don't name a layer."""


def parse_architecture(text: str) -> Sizes:
    """Read the value of `--architecture`, such as "dense:512,10"; raises ModelRejected."""
    match = re.fullmatch(r"dense:(\d{1,5}(?:,\d{1,5})*)", text.replace(" ", ""))
    sizes = tuple(int(part) for part in match[1].split(",")) if match else ()
    if not sizes or not all(1 <= size <= LARGEST_SIZE for size in sizes):
        raise ModelRejected(
            "architecture", f"{quote(text)} isn't an architecture such as 'dense:512,10'."
        )
    return sizes


def group_by_layer(weights: LayerArrays) -> dict[str, dict[str, FloatArray]]:
    """Return each layer's arrays under its name, sorted by the numbers in the names."""
    found: dict[str, dict[str, FloatArray]] = {}
    for group, arrays in weights.items():
        for key, array in arrays.items():
            *parts, leaf = f"{group}/{key}".split("/")
            names = list(dict.fromkeys(part for part in parts if part not in _AROUND))
            found.setdefault("/".join(names) or leaf, {})[leaf] = array
    return {name: found[name] for name in sorted(found, key=natural)}


def dense_config(layers: dict[str, dict[str, FloatArray]], sizes: Sizes | None, hidden: str) -> str:
    """Return Keras's description of a stack of dense layers, as JSON.

    Parameters
    ----------
    layers : dict of str to dict of str to float32 array
        As `group_by_layer` gives them.
    sizes : tuple of int, optional
        The size of each layer's output, in order, if the user gave it.
    hidden : str
        The activation between layers; the last is softmax.

    Raises
    ------
    ModelRejected
        `no_description`, with what is missing and what to pass.
    """
    shapes = {name: _dense(name, arrays) for name, arrays in layers.items()}
    order = _order(shapes, sizes)
    shape = [None, shapes[order[0]][0]]
    content = [{"class_name": "InputLayer", "config": {"name": "input", "batch_shape": shape}}]
    for name in order:
        own = {"name": name, "units": shapes[name][1], "use_bias": len(layers[name]) > 1}
        own["activation"] = "softmax" if name == order[-1] else hidden
        content.append({"class_name": "Dense", "config": own})
    return json.dumps({"class_name": "Sequential", "config": {"layers": content}})


def _dense(name: str, arrays: dict[str, FloatArray]) -> tuple[int, int]:
    """Return the sizes of a dense layer's input and output."""
    ranks = sorted(array.ndim for array in arrays.values())
    kernel = max(arrays.values(), key=lambda array: array.ndim)
    fits = ranks in ([2], [1, 2]) and all(a.shape[-1] == kernel.shape[1] for a in arrays.values())
    if not fits:
        shape = "×".join(map(str, kernel.shape))
        raise ModelRejected(
            "no_description",
            "It holds only weights, which don't say how its layers are connected: "
            f"{quote(name)} isn't dense, because it has an array of {shape}. Save the whole model "
            "from the program that made it, with model.save('model.h5').",
        )
    return int(kernel.shape[0]), int(kernel.shape[1])


def _order(shapes: dict[str, tuple[int, int]], sizes: Sizes | None) -> list[str]:
    """Return the names of layers so that each takes what the one before gives."""
    by_name = list(shapes)
    if _fits(shapes, by_name, sizes):
        return by_name
    named = [f"{n}→{m}" for n, m in shapes.values()]
    given = " and ".join(named[:MOST_SHUFFLED]) + (" …" if len(named) > MOST_SHUFFLED else "")
    some = permutations(by_name) if len(shapes) <= MOST_SHUFFLED else ()
    orders = list(islice((list(one) for one in some if _fits(shapes, one, sizes)), 2))
    if len(orders) == 1:
        return orders[0]
    if sizes and orders:
        raise ModelRejected(
            "no_description",
            f"Its weights belong to dense layers {given}, and nothing says in which order those of "
            "equal size come.",
        )
    if sizes:
        text = ",".join(map(str, sizes))
        raise ModelRejected(
            "no_description",
            f"Its weights belong to dense layers {given}, which isn't dense:{text}.",
        )
    raise ModelRejected(
        "no_description",
        f"It holds only weights, of dense layers {given}; state their order with "
        f"'inkhook models import FILE --architecture dense:512,{len(DIGITS)}' or the like.",
    )


def _fits(shapes: dict[str, tuple[int, int]], order: Sequence[str], sizes: Sizes | None) -> bool:
    """Tell whether each layer takes what the one before gives, and the last gives ten."""
    takes, gives = zip(*(shapes[name] for name in order), strict=True)
    return (
        takes[1:] == gives[:-1]
        and gives[-1] == len(DIGITS)
        and is_image(takes[:1])
        and sizes in (None, gives)
    )


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts dense_10 after dense_9, and dense before both."""
    parts = re.findall(r"([0-9]{1,9})|([^0-9]+)", name)
    return [(1, int(digits), "") if digits else (0, 0, text) for digits, text in parts]
