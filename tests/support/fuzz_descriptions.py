"""Damage good descriptions at random and count what is made of them.

Whatever a description says, it is a network or a refusal, never another exception. To damage more:
`python tests/fuzz_descriptions.py COUNT SEED`, which prints the counts.
"""

import copy
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inkhook.core.base.problems import ModelRejected
from inkhook.core.foreign import input_way
from inkhook.core.kerasfile.unroll import KNOWN
from inkhook.core.modelfile.h5scan import Contents, scan
from inkhook.core.modelfile.interpretations import readings

FILES = sorted(Path(__file__).with_name("keras_files").glob("*.h5"))

VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1, 3, 28, 784, 10**6, 1.5, -0.0, "", "relu", "th", "linear", "a/b"),
    *("channels_first", "hard_sigmoid", [], [1], [None, 28], [None, 28, 28, 1], {}, ["dense"]),
    *([[1, 2], [3, 4]], [["x", 0, 0, {}]], {"class_name": "ReLU"}, {"type": "ndarray", "value": 1}),
    {"class_name": "LeakyReLU", "config": {"alpha": "x"}},
    {"class_name": "function", "registered_name": "function", "config": "relu6"},
    {"class_name": "__tuple__", "items": [None, 784]},
)
KEYS = (
    *(
        "activation",
        "alpha",
        "axis",
        "batch_input_shape",
        "build_input_shape",
        "config",
        "cropping",
    ),
    *("class_name", "data_format", "depth_multiplier", "dim_ordering", "dims", "gate_factor"),
    *("inbound_nodes", "input_dim", "input_length", "invert", "kernel_size", "layers", "max_value"),
    *("mean", "mode", "module", "name", "nb_col", "nb_row", "padding", "recurrent_activation"),
    *("registered_name", "reset_after", "return_sequences", "shared_axes", "target_shape", "theta"),
    *("units", "variance"),
)

Place = tuple[Any, ...]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Yield the way to every value in a value."""
    yield path
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield from places(value[key], (*path, key))


def at(value: Any, path: Place) -> Any:
    for key in path:
        value = value[key]
    return value


def damaged(value: Any, chance: random.Random) -> Any:
    """Return a copy with up to three changes."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        *path, key = chance.choice([place for place in places(value) if place])
        target, how = at(value, tuple(path)), chance.random()
        if how < 0.4:
            target[key] = copy.deepcopy(chance.choice(VALUES))
        elif how < 0.6 and isinstance(target, dict):
            target[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
        elif how < 0.75 and isinstance(target, dict) and "class_name" in target:
            target["class_name"] = chance.choice(sorted(KNOWN))
        elif how < 0.85:
            del target[key]
        else:
            target[key] = copy.deepcopy(at(value, chance.choice(list(places(value)))))
    return value


def fuzz(count: int, seed: int) -> Counter[str]:
    """Return what became of `count` damaged descriptions; raises what no guard should."""
    chance = random.Random(seed)
    good = [scan(path.read_bytes()) for path in FILES]
    found: Counter[str] = Counter()
    for _ in range(count):
        contents = chance.choice(good)
        description = damaged(json.loads(contents.texts["model_config"]), chance)
        version = chance.choice(("1.2.2", "2.12.0", "2.12.0", "3.0.0", "", "x"))
        texts = {"model_config": json.dumps(description), "keras_version": version}
        try:
            for network in readings(Contents(texts, contents.weights)).values():
                input_way.at_default(network)
            found["accepted"] += 1
        except ModelRejected as problem:
            if not str(problem).isprintable():
                raise ValueError(f"control characters: {problem!r}") from problem
            found[problem.code] += 1
    return found


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    print(json.dumps(dict(fuzz(*(words + [3000, 0][len(words) :])).most_common()), indent=2))
