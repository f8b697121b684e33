"""What reads: the models, the processes that decode pictures, and who hears of it.

Pictures from outside are decoded in processes that may die; strokes are read in this one. Not for
how many may wait (`limits`) nor for what is sent (`routes`).
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import numpy as np

from ...core.base.processor import cores
from ...core.base.types import Predictions, UInt8Array
from ...core.drawing.reading import DrawingReader
from ...core.events.session import CommandSession
from ...core.images.imagefile import DEFAULT_LIMITS, GreyImage
from ...core.jobs import find_model, read_numbers
from ...core.jobs.read_drawings import DrawingModels, replace_digits
from ...core.judging.score import sure_from
from ...core.modelfile.artifact import Artifact
from ...core.network.classifier import Classifier
from ...core.numbers.number import Numbers
from ...core.reading.pool import FILES_A_WORKER, WorkerPool
from ...core.reading.predictor import Job
from ...core.reading.rows import Rows
from .loading import Loading
from .plugin_thread import PluginThread
from .problems import busy

PICTURE_SECONDS = 20.0
"""How long a picture may take to read; then its process is ended, and it counts as one whose
decoder crashed."""

LONGEST = 1200
"""Pixels of the longer side of a page that is shown with its numbers."""

Value = TypeVar("Value")


class Engine:
    """Reads strokes and pictures, with the models of one command.

    Attributes
    ----------
    facts : dict
        Which models these are, for JSON.
    title : str
        The same for people.
    drawings : DrawingReader
    """

    facts: dict[str, Any]
    title: str
    drawings: DrawingReader
    _models: DrawingModels
    _digits: WorkerPool

    def __init__(
        self,
        session: CommandSession,
        plugins: PluginThread,
        loading: Loading,
        *,
        strict: bool = False,
    ) -> None:
        """Begin without models; `load` reads them."""
        self._session, self._plugins, self._strict = session, plugins, strict
        self._loading = loading
        self._numbers: Future[WorkerPool] | None = None
        self._pools: list[WorkerPool] = []
        self._ended = False
        self._lock = threading.Lock()
        self._swapping = threading.Lock()  # nothing is submitted to a pool that is to end
        self._short = ThreadPoolExecutor(cores(), "inkhook-page")
        self._readers = ThreadPoolExecutor(cores(), "inkhook-reader")

    def load(self, model: str | None) -> None:
        """Read the models; raises ModelProblem."""
        session = self._session
        self._digits = self._new_pool()
        self._models = DrawingModels(model, session.note)
        chosen = self._models.digits
        self._name(chosen)
        classify = Classifier(chosen.network, chosen.temperature)
        self.drawings = DrawingReader(
            classify, sure_from(chosen), self._numbers_drawn, session, strict=self._strict
        )
        self._start(self._digits, chosen)

    @property
    def model(self) -> Artifact:
        """The model for single digits."""
        return self._models.digits

    def use(self, model: Artifact) -> None:
        """Read single digits with another model from now on; what has begun is read to its end."""
        pool = self._new_pool()
        self._start(pool, model)
        replace_digits(self._models, self.drawings, model)
        self._name(model)
        with self._swapping:
            before, self._digits = self._digits, pool
        threading.Thread(target=self._retire, args=[before], daemon=True).start()

    async def read_digits(self, pictures: Sequence[bytes], names: Sequence[str]) -> Rows:
        """Read pictures of one digit each.

        Parameters
        ----------
        pictures : sequence of bytes
            Image files.
        names : sequence of str
            What plugins are told.
        """
        with self._swapping:
            # no places: a block for each picture would be mostly empty
            future = self._digits.submit(pictures, None)
        rows, _ = await asyncio.wrap_future(future)
        answered = np.flatnonzero(rows.answered).tolist()
        if answered and self._plugins.has("on_prediction"):
            part = rows.take(answered)
            told = Predictions(
                "upload",
                tuple(names[place] for place in answered),
                part.images,
                part.probabilities,
            )
            self._plugins.tell("on_prediction", predictions=told)
        return rows

    async def read_numbers(self, picture: bytes, name: str) -> Numbers:
        """Read a picture of any number of numbers; the page is there for showing it."""
        pool = await asyncio.wrap_future(self.numbers())
        rows, _ = await asyncio.wrap_future(pool.submit([picture], [0]))
        found = rows.numbers_of(0, name)
        if found.size != (0, 0):
            await self._plugins.do(partial(read_numbers.tell, self._session, found))
        return found

    def _numbers_drawn(self, canvas: UInt8Array) -> Numbers:
        """Read the numbers of a drawing in another process: here it would slow down all pens."""
        height, width = canvas.shape
        plain = b"P5 %d %d 255\n" % (width, height) + canvas.tobytes()
        rows, _ = self.numbers().result().submit([plain], [0]).result()
        return rows.numbers_of(0, "")

    async def read_picture(self, path: str) -> GreyImage:
        """Decode a file; raises ImageRefused."""
        with self._swapping:
            future = self._digits.submit_read(path)
        return await asyncio.wrap_future(future)

    async def run(self, work: Callable[[], Value]) -> Value:
        """Wait for something short that is to be done on another core."""
        return await asyncio.get_running_loop().run_in_executor(self._short, work)

    def submit_drawing(self, work: Callable[[], Value]) -> "Future[Value]":
        """Have a drawing read that takes longer; with plugins, in turn with all they are told."""
        if self.drawings.has_plugins:
            return self._plugins.submit(work)
        return self._readers.submit(work)

    def close(self) -> None:
        """End the processes, also those that are being started."""
        with self._lock:
            self._ended = True
        for threads in (self._short, self._readers):
            threads.shutdown(wait=False, cancel_futures=True)
        for pool in tuple(self._pools):
            pool.__exit__()

    def numbers(self) -> "Future[WorkerPool]":
        """Return what reads numbers, started when it is first asked for, or if that failed."""
        with self._lock:
            numbers = self._numbers
            if numbers is None or (numbers.done() and numbers.exception()):
                numbers = self._numbers = self._loading.start(self._start_numbers)
            return numbers

    def _name(self, model: Artifact) -> None:
        self.facts, self.title = find_model.facts(model), find_model.title_of(model)

    def _start(self, pool: WorkerPool, model: Artifact) -> None:
        """Start what reads pictures of single digits."""
        job = Job(
            model.network,
            model.temperature,
            sure_from(model),
            DEFAULT_LIMITS,
            images=True,  # corrected ones become samples
        )
        pool.start(
            job,
            cores() * FILES_A_WORKER,
            change=self._change("upload"),
            patience=PICTURE_SECONDS,
        )

    def _retire(self, pool: WorkerPool) -> None:
        pool.finish()
        self._pools.remove(pool)

    def _start_numbers(self) -> WorkerPool:
        model = self._models.numbers()
        pool = self._new_pool()
        pool.start(
            read_numbers.numbers_job(model, pages=LONGEST, cuts=True),
            cores() * FILES_A_WORKER,
            change=self._change("number"),
            find=self._find(),
            patience=PICTURE_SECONDS,
        )
        return pool

    def _new_pool(self) -> WorkerPool:
        """Return a pool that `close` ends, whether or not it has been started by then."""
        with self._lock:
            if self._ended:
                raise busy("The server is about to end.")
            pool = WorkerPool()
            self._pools.append(pool)
            return pool

    def _change(self, source: str) -> Callable[[UInt8Array], UInt8Array] | None:
        """Return a function that has the plugins change a picture, on their thread."""
        if not self._session.has("prepare_image"):
            return None
        chain = partial(self._session.chain, "prepare_image", same_shape=False, source=source)
        return lambda image: self._plugins.submit(lambda: chain(image)).result()

    def _find(self) -> Callable[[UInt8Array], Any] | None:
        """Return a function that asks the plugins for the numbers of a page, on their thread."""
        if not self._session.has("find_numbers"):
            return None
        ask = partial(self._session.ask, "find_numbers")
        return lambda image: self._plugins.submit(lambda: ask(image=image)).result()
