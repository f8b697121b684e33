"""A process that reads files, seen from the one that asks it: questions, patience, and its end.

If a file kills it, its portion is read again file by file in a new one; the culprit becomes
`decoder_crash`, and the others are read as if nothing had happened. See
docs/decisions/020-predict-dir-workers.md. `worker` is what runs in the process, `pool` has several.
"""

import contextlib
import json
import pickle
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Any

import numpy as np

from ..base import opencv
from ..base.problems import ImageRefused, ModelProblem, Problem
from ..images.imagefile import GreyImage, Limits
from . import rows
from .predictor import Job
from .rows import Rows, Status
from .worker import FRAME, start

CRASHED = "Its decoder crashed."

File = str | bytes
"""What a worker reads: a path, an entry's path, or the bytes of a whole file."""


class WorkerLost(Exception):  # noqa: N818 - it is caught where it is expected
    """A worker's process ended before it answered."""


class Worker:
    """One process, replaced by a new one whenever it dies; used by one thread at a time."""

    def __init__(self, process: Any = None) -> None:
        """Take a process, or start one now, so that its libraries are loaded when a job comes."""
        self._job: Job | None = None
        self._patience: float | None = None
        self._ready = self._closed = False
        self._lock = threading.Lock()
        self._process = process or start()

    def begin(self, job: Job, patience: float | None = None) -> None:
        """Set what to do with every file; call it once, before anything else.

        An answer that takes more than `patience` seconds costs the process its life.
        """
        self._job, self._patience = job, patience
        self._send(job)

    def predict(self, paths: Sequence[File], places: Sequence[int] | None) -> Rows:
        """Read and classify files, as Predictor does; those that kill the process are marked."""
        try:
            found: Rows = self._ask("batch", (paths, places))
        except WorkerLost:
            return self._one_by_one(paths, places)
        return found

    def read(self, path: File, limits: Limits) -> GreyImage:
        """Read a file, as `entries.read_entry` does with the job's limits."""
        try:
            image: GreyImage = self._ask("read", path)
        except WorkerLost as lost:
            raise ImageRefused("decoder_crash", CRASHED) from lost
        return image

    def count_pages(self, path: str) -> int:
        """Return the number of pages in a PDF; raises ImageRefused."""
        try:
            return int(self._ask("pages", path))
        except WorkerLost as lost:
            raise ImageRefused("decoder_crash", CRASHED) from lost

    def close(self) -> None:
        """Kill the process, whatever it is doing."""
        with self._lock:
            self._closed = True
            self._end()

    def _one_by_one(self, paths: Sequence[File], places: Sequence[int] | None) -> Rows:
        """Read files that killed the process; the new one says which file it begins."""
        left, crashed = list(range(len(paths))), []
        while True:
            begun: list[int] = []
            rest = None if places is None else [places[i] for i in left]
            question = [paths[i] for i in left], rest
            try:
                found: Rows = self._ask("one_by_one", question, begun)
                break
            except WorkerLost:
                # if none was begun, it isn't any file's fault; but this has to end some time
                crashed.append(left.pop(begun[-1] if begun else 0))
        whole = rows.empty(
            len(paths), images=found.pixels is not None, thumbs=found.thumbs is not None
        )
        whole.status[crashed] = Status.DECODER_CRASH
        return replace(whole, remarks=dict.fromkeys(crashed, CRASHED)).put(left, found)

    def _ask(self, kind: str, value: Any, begun: list[int] | None = None) -> Any:
        """Send a question and return the answer; raises WorkerLost if none comes."""
        if self._process.poll() is not None:
            self._restart()
        if not self._ready:
            self._hear()
            self._ready = True
        with self._hurry():
            self._send((kind, value))
            while True:
                said, answer = self._hear()
                if said != "started":
                    break
                if begun is not None:
                    begun.append(answer)
        if said == "refused":
            raise ImageRefused(*answer)
        if said == "problem":
            raise ModelProblem(answer)
        return answer

    @contextlib.contextmanager
    def _hurry(self) -> Iterator[None]:
        """End the process if the block takes longer than there is patience for."""
        if self._patience is None:
            yield
            return
        timer = threading.Timer(self._patience, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _restart(self) -> None:
        with self._lock:
            if self._closed:
                raise WorkerLost
            self._end()
            self._process, self._ready = start(), False
        self._send(self._job)

    def _send(self, value: Any) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has died; `_hear` finds out
            pickle.dump(value, self._process.stdin, protocol=5)
            self._process.stdin.flush()

    def _hear(self) -> Any:
        try:
            return _answer_from(self._process.stdout)
        except (OSError, ValueError, TypeError, KeyError) as error:
            self._process.kill()
            self._process.wait()
            if not self._ready and not self._closed:
                raise self._reason() from error
            raise WorkerLost from error

    def _reason(self) -> Problem:
        """Return why the process has ended before it was ready, from what it wrote to stderr."""
        text = self._process.stderr.read().decode(errors="replace")
        last = text.strip().rpartition("\n")[2].rstrip(".") or f"exit code {self._process.poll()}"
        sentence = f"The process that reads files ends as it starts: {last}."
        return opencv.explain(text) or Problem(sentence)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):  # what wasn't sent can't be sent now
                stream.close()


def _answer_from(stream: IO[bytes]) -> tuple[str, Any]:
    """Read one of a worker's answers; raises ValueError if it isn't one."""
    lengths = stream.read(FRAME.size)
    if len(lengths) < FRAME.size:
        raise ValueError("the answer is cut short")
    head, body = (stream.read(length) for length in FRAME.unpack(lengths))
    kind, value = json.loads(head)
    if kind == "rows":
        return kind, Rows.from_bytes(body)
    if kind == "image":
        shape, notice = value
        pixels = np.frombuffer(body, np.uint8).reshape(shape)
        return kind, GreyImage(pixels, str(notice))
    if kind == "refused" and not Status.of(value[0]).failed:
        raise ValueError(f"'{value[0]}' isn't a reason to refuse a file")
    return str(kind), value
