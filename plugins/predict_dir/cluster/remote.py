"""Do a shard on a worker machine: read its files, and write their rows.

Nothing here knows who sends the shards. What is sent is small, a ShardWork and a few numbers;
names, model and rows travel through a disk that the machines share. Files are read in separate
processes, as on one machine, so that a decoder's crash ends neither the shard nor the worker.
"""

import os
import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....core.base.problems import DataProblem, ModelProblem
from ....core.images.imagefile import Limits
from ....core.modelfile import artifact
from ....core.network.network import Network
from ....core.reading.predictor import Job
from ....core.reading.rows import Rows, Status
from ....core.reading.worker_process import Worker
from .. import header, journal
from . import shards
from .shards import Piece, Shard

MODEL = "model.h5"
"""The model's name in the work folder."""


@dataclass(frozen=True)
class ShardWork:
    """What all shards of one piece of work have in common; small, and can be pickled.

    Attributes
    ----------
    identity : str
        As `header.identity_of` gives it.
    journal : str
        The path of the journal with the names.
    folder : str
        The path of the work folder, where the model lies and rows are written.
    base : str
        The folder that names are relative to, as an absolute path.
    samples : tuple of str
        Some of the files; where none of them is there, the folder isn't.
    model : str
        The SHA-256 of the model's file in the work folder.
    versions : mapping of str to str
        As `header.versions` gives them.
    temperature, reject_below, limits, images, thumbs, pages, cuts
        As for Job.
    """

    identity: str
    journal: str
    folder: str
    base: str
    samples: tuple[str, ...]
    model: str
    versions: Mapping[str, str]
    temperature: float
    reject_below: float
    limits: Limits
    images: bool
    thumbs: bool
    pages: int
    cuts: bool

    def job(self, network: Network) -> Job:
        """Return what to do with each file."""
        return Job(
            network,
            self.temperature,
            self.reject_below,
            self.limits,
            self.images,
            self.thumbs,
            self.pages,
            self.cuts,
        )


def compare(here: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Raise DataProblem if this machine (`here`) has other versions than the command."""
    other = [name for name in there if here.get(name) != there[name]]
    if other:
        has = " and ".join(f"{name} {here.get(name)}" for name in other)
        wanted = " and ".join(f"{name} {there[name]}" for name in other)
        raise DataProblem(f"It has {has}, but the command has {wanted}; install the same on both.")


def look(work: ShardWork) -> None:
    """Check that this machine can do the work, and get ready for it.

    Raises
    ------
    DataProblem
        When it has other versions, or doesn't see the files or the work folder.
    ModelProblem
        When the model differs, or can't be used.
    """
    _workers_for(work)


def do_shard(work: ShardWork, shard: Shard, places: Sequence[int]) -> None:
    """Do a shard.

    Parameters
    ----------
    work : ShardWork
    shard : Shard
    places : sequence of int
        The offsets of its batches' names in the journal.

    Raises
    ------
    Problem
        When this machine can't do the work, or can't write the rows.
    """
    workers = _workers_for(work)
    batches = journal.read_names(Path(work.journal), places)
    pieces = []
    for batch, names in zip(shard.batches, batches, strict=True):
        chosen = shard.places(batch)
        paths = [os.path.join(work.base, names[place]) for place in chosen]
        pieces.append(Piece(batch, chosen.start, workers.predict(paths, chosen)))
    if all((piece.rows.status == Status.UNREADABLE).all() for piece in pieces):
        _see_files(work)  # a disk may have gone away since
    shards.write_shard(Path(work.folder), work.identity, shard, pieces)


class _Workers:
    """The processes that read files for one piece of work; one for each thread that asks."""

    def __init__(self, work: ShardWork) -> None:
        compare(header.versions(), work.versions)
        _see_files(work)
        path = Path(work.folder) / MODEL
        if not path.is_file():
            raise DataProblem(
                f"It doesn't see the work folder '{work.folder}'; write -o to a disk that all "
                "machines have at the same path."
            )
        first = Worker()  # loads its libraries while the model is read
        try:
            model = artifact.read_artifact(path)
            if model.sha256 != work.model:
                raise ModelProblem(
                    f"It has another model ({model.sha256[:12]}) than the command "
                    f"({work.model[:12]}); both must see the same '{path}'."
                )
        except ModelProblem as problem:
            first.close()
            raise ModelProblem(str(problem)) from problem
        self._job = work.job(model.network)
        first.begin(self._job)
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._idle.put(first)

    def predict(self, paths: Sequence[str], places: Sequence[int]) -> Rows:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = Worker()
            worker.begin(self._job)
        try:
            return worker.predict(paths, places)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the idle processes."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


_kept: dict[str, _Workers] = {}
_lock = threading.Lock()


def _workers_for(work: ShardWork) -> _Workers:
    """Return this process's workers for some work; those idle for other work are ended."""
    with _lock:
        if work.identity not in _kept:
            for other in _kept.values():
                other.close()
            _kept[work.identity] = _Workers(work)
        return _kept[work.identity]


def release(identity: str) -> None:
    """End the workers that this process keeps ready for some work."""
    with _lock:
        workers = _kept.pop(identity, None)
    if workers:
        workers.close()


def _see_files(work: ShardWork) -> None:
    if not os.path.isdir(work.base):
        raise DataProblem(
            f"It doesn't see the folder '{work.base}'; all machines must have the images at the "
            "same path."
        )
    if work.samples and not any(map(os.path.exists, work.samples)):
        raise DataProblem(
            f"It sees the folder '{work.base}' but not the images in it; all machines must have "
            "them at the same path."
        )
