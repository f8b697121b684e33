"""Watching: frames are read, and a steady answer is printed, told and kept.

No window here: `watch_all` reads frame after frame, and `window` those there is time for.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.base import files
from ...core.base.problems import OutputProblem
from ...core.base.text import spoken, to_json
from ...core.base.types import UInt8Array
from ...core.events.session import CommandSession
from ...core.jobs import read_numbers
from ...core.numbers.number import Numbers
from .frames import Seen, read_frame
from .sources import Feed, Frame, Source, SourceProblem
from .steady import Steady, text_of

STALLED, PATIENCE = 3.0, 15.0
"""Seconds without a frame after which that is said, and after which watching ends."""

GLANCE = 0.25
"""Seconds between two looks at whether there is a frame."""


class Watcher:
    """Hears what is read in the frames of one source.

    Attributes
    ----------
    answer : Numbers or None
        The last steady answer.
    count : int
        How many there were.
    done : bool
        Whether enough was seen.
    failed : bool
        Whether a frame couldn't be kept.
    """

    def __init__(
        self,
        session: CommandSession,
        name: str,
        read: Callable[[UInt8Array], Numbers],
        change: Callable[[UInt8Array], UInt8Array] | None,
        facts: Mapping[str, object],
        *,
        as_json: bool = False,
        once: bool = False,
        folder: Path | None = None,
    ) -> None:
        """Begin.

        Parameters
        ----------
        session : CommandSession
            Entered.
        name : str
            Of the source, for plugins and JSON.
        read, change : callable
            As for `read_frame`.
        facts : mapping
            What JSON says about the model.
        as_json : bool
            Whether answers are lines of JSON.
        once : bool
            Whether the first answer is enough.
        folder : pathlib.Path, optional
            Where the frames of answers are kept.
        """
        self.answer: Numbers | None = None
        self.count = 0
        self.done = self.failed = False
        self._session = session
        self._name = name
        self._read, self._change = read, change
        self._facts = facts
        self._as_json, self._once, self._folder = as_json, once, folder
        self._steady = Steady()

    def look(self, frame: Frame) -> Seen:
        """Read a frame; may be called on another thread."""
        return read_frame(frame.image, frame.at, self._read, self._change)

    def hear(self, frame: Frame, seen: Seen, tell: Callable[[Numbers], None]) -> None:
        """Take what was read in the next frame; print, keep and tell an answer that is steady."""
        if self.done or not self._steady.hear(seen.at, seen.numbers):
            return
        self.answer = answer = replace(seen.numbers, path=self._name)
        self.count += 1
        self.done = self._once
        kept = None
        if self._folder:
            try:
                kept = _keep(frame.image, answer, self._folder)
            except OutputProblem as problem:  # the answer itself isn't lost
                self.failed = True
                self._session.note(str(problem))
        if self._as_json:
            line: dict[str, Any] = {"at": round(seen.at, 3), **answer.as_dict()}
            if kept:
                line["frame"] = kept
            self._session.emit(to_json({**line, **self._facts}))
        else:
            for number in answer.numbers:
                self._session.emit(spoken(number.text, number.confidence, number.sure))
        tell(answer)

    def tell(self, answer: Numbers) -> None:
        """Tell the plugins of an answer."""
        read_numbers.tell(self._session, answer, "camera")


def _keep(image: UInt8Array, answer: Numbers, folder: Path) -> Path:
    """Write a frame as PNG, named after the time and the digits; raises OutputProblem."""
    import cv2

    with files.reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)
    digits = "-".join(number.number for number in answer.numbers)[:40]
    path = folder / f"{datetime.now():%Y-%m-%d-%H%M%S-%f}-{digits}.png"
    files.write_file(path, cv2.imencode(".png", image)[1].tobytes())
    return path


def title_of(answer: Numbers) -> str:
    """Return an answer as the window shows it."""
    return text_of(answer).replace(" ", "   ")


class Patience:
    """Says when a source sends no frames, and when to wait no longer."""

    def __init__(self, source: Source, note: Callable[[str], None]) -> None:
        """Begin; `note` takes a sentence."""
        self._source, self._note = source, note
        self._last = time.monotonic()
        self._said = False

    def hear(self, frame: Frame | None) -> str:
        """Take the newest frame, or None; return what is wrong, if anything.

        Raises
        ------
        SourceProblem
            When nothing has come for too long.
        """
        now = time.monotonic()
        if frame is not None:
            self._last, self._said = now, False
        seconds = now - self._last
        if seconds < STALLED:
            return ""
        trouble = f"The {self._source.kind} has sent nothing for {STALLED:.0f} seconds."
        if not self._said:
            self._said = True
            self._note(trouble)
        if seconds > PATIENCE:
            raise SourceProblem(
                f"The {self._source.kind} '{self._source.name}' has sent nothing for "
                f"{PATIENCE:.0f} seconds."
            )
        return trouble


def watch_all(watcher: Watcher, feed: Feed, patience: Patience) -> None:
    """Read frames one after another, until the source ends or enough was seen.

    Raises
    ------
    SourceProblem
        When the source can't be read, or sends nothing.
    """
    while not watcher.done and not feed.ended:
        frame = feed.take(GLANCE)
        patience.hear(frame)
        if frame is not None:
            watcher.hear(frame, watcher.look(frame), watcher.tell)
