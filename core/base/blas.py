"""Keep NumPy's matrix products on the thread that asks for them.

For work that is divided among threads already. OpenBLAS, which NumPy's wheels bring, has threads of
its own that wait for each other by spinning: where another program has one of the cores, a product
takes four times as long as on one thread. Other libraries are left as they are. See
docs/decisions/052-training-without-tensorflow.md.
"""

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np


@dataclass
class _OpenBlas:
    """The library in NumPy's wheel.

    `users` counts the blocks that want one thread, `before` is how many there were without them.
    """

    get: Callable[[], int]
    put: Callable[[int], None]
    users: int = 0
    before: int = 1


_lock = threading.Lock()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Switch OpenBLAS's threads off, for all of the process, until the last block has ended."""
    library = _openblas()
    if library is None:
        yield
        return
    with _lock:
        if not library.users:
            library.before = library.get()
            library.put(1)
        library.users += 1
    try:
        yield
    finally:
        with _lock:
            library.users -= 1
            if not library.users:
                library.put(library.before)


def threads() -> int | None:
    """Return how many threads OpenBLAS uses; None where NumPy has come with another library."""
    library = _openblas()
    return library.get() if library else None


@cache
def _openblas() -> _OpenBlas | None:
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in folder.glob("*openblas*"):
            with contextlib.suppress(OSError, AttributeError):
                library = ctypes.CDLL(str(path))  # loaded already: this only finds it
                return _OpenBlas(
                    library.scipy_openblas_get_num_threads64_,
                    library.scipy_openblas_set_num_threads64_,
                )
    return None
