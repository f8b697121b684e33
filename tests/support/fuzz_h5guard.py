"""Examine thousands of damaged models, each in a process of its own.

`python tests/support/fuzz_h5guard.py [COUNT=3000] [SEED=0] [SECONDS=5]` prints what became of them
as JSON; a file gets so many seconds of a processor's time. The exit code is 1 if the guard raised
anything but its own refusal, or accepted what isn't a whole network. That a child crashes, runs out
of memory or hangs is counted and allowed: HDF5 does so, and it's why there is a child.
`KEEP=folder` in the environment keeps the files of those.
"""

import io
import json
import os
import random
import re
import resource
import signal
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attacks
import h5py
import numpy as np

from inkhook.core.base.problems import ModelRejected
from inkhook.core.images.preprocess import PreprocessSettings
from inkhook.core.modelfile import h5guard
from inkhook.core.modelfile.card import Card
from inkhook.core.network.network import Network

SIZES = (1, 2, 4, 8)
NUMBERS = (0, 1, 2, 3, 7, 8, 16, 24, 96, 127, 128, 255, 2**15, 2**16 - 1, 2**31, 2**32 - 1)
NUMBERS_OF_8 = (*NUMBERS, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


def structure(data: bytes) -> list[int]:
    """Return the positions of a file's bytes that aren't the arrays' values."""
    values: set[int] = set()

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.size > 100:
            start = item.id.get_offset()
            values.update(range(start, start + item.id.get_storage_size()))

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(visit)
    return [place for place in range(len(data)) if place not in values]


class Mutator:
    """Damages one good file in many ways, nearly always where its structure is."""

    def __init__(self, data: bytes, seed: int) -> None:
        self._data = data
        self._chance = random.Random(seed)
        # texts are long and harmless; the rest is what HDF5 follows
        texts = [range(*match.span()) for match in re.finditer(rb"[ -~]{16,}", data)]
        places = structure(data)
        self._places = places
        self._numbers = sorted(set(places).difference(*texts))
        self._kinds: list[Callable[[bytearray], None]] = [
            self._flip,
            self._number,
            self._number,
            self._number,
            self._copy,
            self._repeat,
            self._cut,
            self._address,
        ]

    def __call__(self) -> bytes:
        """Return another damaged file."""
        data = bytearray(self._data)
        for _ in range(self._chance.choice((1, 1, 1, 2, 3, 8))):
            self._chance.choice(self._kinds)(data)
        return bytes(data)

    def _place(self, data: bytearray) -> int:
        among = self._places if self._chance.random() < 0.3 else self._numbers
        return min(self._chance.choice(among), len(data) - 1)

    def _flip(self, data: bytearray) -> None:
        data[self._place(data)] ^= 1 << self._chance.randrange(8)

    def _number(self, data: bytearray) -> None:
        size = self._chance.choice(SIZES)
        value = self._chance.choice(NUMBERS_OF_8 if size == 8 else NUMBERS) % 256**size
        place = self._place(data) // size * size
        data[place : place + size] = value.to_bytes(size, "little")

    def _address(self, data: bytearray) -> None:
        """Let something point somewhere else in the file."""
        place = self._place(data) // 8 * 8
        data[place : place + 8] = struct.pack("<Q", self._place(data) // 8 * 8)

    def _copy(self, data: bytearray) -> None:
        size = self._chance.choice((4, 8, 16, 40, 100))
        start, place = self._place(data), self._place(data)
        part = data[start : start + size]
        data[place : place + len(part)] = part

    def _repeat(self, data: bytearray) -> None:
        place, size = self._place(data), self._chance.choice((1, 8, 64, 1000))
        data[place:place] = data[place : place + size]

    def _cut(self, data: bytearray) -> None:
        if self._chance.random() < 0.5:
            place = self._place(data)
            del data[place : place + self._chance.choice((1, 8, 64, 1000))]
        else:
            del data[max(self._place(data), 1) :]


def judge(data: bytes) -> str:
    """Return what the guard makes of bytes; anything that it shouldn't raise goes through."""
    try:
        contents, networks = h5guard.check_model_file(data)
        if "inkhook" in contents.texts:
            PreprocessSettings.from_dict(Card.from_json(contents.texts["inkhook"]).preprocess)
    except ModelRejected as problem:
        if not str(problem).isprintable():
            return "bug: a refusal with control characters"
        return f"rejected: {problem.code}"
    except MemoryError:
        return "rejected: memory"
    good = all(whole(network) for network in networks.values())
    return "accepted" if good else "bug: accepted what isn't a network for digits"


def whole(network: Network) -> bool:
    """Tell whether a network of dense layers has finite arrays of the right shapes."""
    size = network.input_shape[-1]
    for layer in network.layers:
        arrays = layer.weights.values()
        if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays):
            return False
        if layer.kind == "Dense":
            units = layer.options["units"]
            if layer.weights["kernel"].shape != (size, units):
                return False
            size = units
    return network.input_shape[-1] in (28, 784) and size == 10


def in_child(data: bytes, seconds: int) -> str:
    """Return what became of bytes in a process with the guard's limits, or less time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            signal.alarm(h5guard.CHILD_SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (h5guard.CHILD_MEMORY, h5guard.CHILD_MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            try:
                answer = judge(data)
            except BaseException:
                answer = "bug: " + traceback.format_exc(limit=-3)
            os.write(writing, answer.encode(errors="backslashreplace")[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        slow = number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL)
        return "hang" if slow else f"crash: {signal.Signals(number).name}"
    return answer or "crash: no answer"


def fuzz(count: int, seed: int, seconds: int = h5guard.CHILD_CPU_SECONDS) -> Counter[str]:
    """Examine `count` damaged files and count what became of them."""
    # half of them are as h5py writes by default, half with newer structures
    mutators = [
        Mutator(attacks.model(), seed),
        Mutator(attacks.model(libver="latest"), seed + 1),
        Mutator(attacks.model(text=json.dumps(attacks.functional())), seed + 2),
    ]
    found: Counter[str] = Counter()
    keep = os.environ.get("KEEP")
    for number in range(count):
        data = mutators[(0, 1, 0, 2)[number % 4]]()
        answer = in_child(data, seconds)
        found[answer] += 1
        if keep and answer.startswith(("crash", "hang", "bug")):
            Path(keep, f"{seed}-{number}-{answer.split()[0].strip(':')}.h5").write_bytes(data)
    return found


def bugs(found: Counter[str]) -> list[str]:
    """Return those answers that mustn't be."""
    return [answer for answer in found if answer.startswith("bug")]


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    result = fuzz(*(words + [3000, 0][len(words) :]))
    print(json.dumps(dict(result.most_common()), indent=2))
    sys.exit(1 if bugs(result) else 0)
