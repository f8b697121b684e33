"""Import Keras quietly, without TensorFlow's log lines."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from types import ModuleType

from . import home

_LOG_LINE = re.compile(
    rb"[IWE]\d{4} \d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::|To enable the following instructions:"
)


def quiet_tensorflow() -> None:
    """Set how much TensorFlow logs, before anything imports it; the user's own settings win.

    It and Keras keep files in the home folder, so there must be one.
    """
    home.settle()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def import_keras() -> ModuleType:
    """Return the keras module; the first call takes seconds.

    TensorFlow logs from C++. Most of it obeys the environment, but during the import some lines go
    straight to the file descriptor.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    import logging

    quiet_tensorflow()
    logging.getLogger("absl").setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with _without_log_lines():
        import keras
    module: ModuleType = keras
    return module


@contextlib.contextmanager
def _without_log_lines() -> Iterator[None]:
    """Buffer what is written to file descriptor 2, then pass on everything but log lines."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed: nothing can be seen anyway
        yield
        return
    import tempfile

    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held:
                if not _LOG_LINE.match(line):
                    os.write(2, line)
