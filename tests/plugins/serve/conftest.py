"""A server for the tests of a file, whose processes are forked from one that has all libraries."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from forker import Forker
from served import Served, serving

from inkhook.core.reading import worker, worker_process

PYTHONPATH = os.environ.get("PYTHONPATH")


@pytest.fixture(scope="module", autouse=True)
def forked_readers(forker: Forker) -> Iterator[None]:
    """Fork the processes that read files, but where a test wants its own Python for them."""
    start, one = worker.start, threading.Lock()

    def fork() -> Any:
        if os.environ.get("PYTHONPATH") != PYTHONPATH:
            return start()
        with one:  # the servers of a file start theirs on threads of their own
            return forker.start(f"{worker.__name__}:main")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "start", fork)
        patch.setattr(worker_process, "start", fork)
        yield


@pytest.fixture(scope="module")
def served(forked_readers: None) -> Iterator[Served]:
    """A server with the included models."""
    with serving(model="pretrained") as served:
        yield served
