"""Where frames come from: a camera, a stream or a video file, opened by OpenCV.

`Feed` takes the frames on a thread of its own, so that Ctrl-C is heard while one is waited for, and
that a camera's frames never queue. Not for what is in them (`frames`).
"""

import os
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from ...core.base.problems import DataProblem
from ...core.base.text import quote
from ...core.base.types import UInt8Array

if TYPE_CHECKING:
    import cv2

ASKED = (1280, 720)
"""Width and height that a camera is asked for."""

OPENING = 10_000
"""Milliseconds that a stream gets to be opened, where OpenCV can keep to that."""

CLOSING = 1.0
"""Seconds that a source gets to be closed."""

FAILURES = 30
"""So many frames in a row that can't be read are the end."""

LARGEST = 50_000_000
"""Pixels of a frame."""

RATES = (1.0, 1000.0)
"""Frames a second that a file may state; else 25 are assumed."""

Kind = Literal["camera", "stream", "file"]


class SourceProblem(DataProblem):
    """There is no such camera or video, or it can't be read."""


class Frame(NamedTuple):
    """One frame.

    Attributes
    ----------
    image : uint8 (H, W, 3)
        Blue, green and red.
    at : float
        Seconds since the first frame: of a file by its own time.
    taken : float
        When it was taken from its source, by `time.monotonic`.
    """

    image: UInt8Array
    at: float
    taken: float


@dataclass(frozen=True)
class Source:
    """What the user has named.

    Attributes
    ----------
    name : str
    kind : {"camera", "stream", "file"}
    """

    name: str
    kind: Kind

    def open(self) -> "cv2.VideoCapture":
        """Open it; raises SourceProblem."""
        import cv2

        # both libraries write many lines about what one sentence says
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        if self.kind == "stream":
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPENING]
            capture = cv2.VideoCapture(self.name, cv2.CAP_FFMPEG, limits)
        else:
            capture = cv2.VideoCapture(int(self.name) if self.name.isdecimal() else self.name)
        if not capture.isOpened():
            raise SourceProblem(self._why_closed())
        if self.kind == "camera":
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, ASKED[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, ASKED[1])
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def _why_closed(self) -> str:
        if self.kind == "stream":
            return f"The stream {quote(self.name, 200)} can't be opened; is the address right?"
        if self.kind == "file":
            return f"'{self.name}' isn't a video that OpenCV can read."
        device = Path(f"/dev/video{self.name}" if self.name.isdecimal() else self.name)
        others = sorted(str(path) for path in Path("/dev").glob("video*"))
        if device.exists():
            return f"Camera '{self.name}' can't be read; does another program use it?"
        if others:
            return f"There is no camera '{self.name}'; there is {', '.join(others)}."
        return f"There is no camera '{self.name}' here; name a video file or a stream instead."


def source_of(name: str) -> Source:
    """Tell what a name stands for.

    Parameters
    ----------
    name : str
        The number of a camera, a device, a video file, or the address of a stream.

    Raises
    ------
    SourceProblem
        When it is none of these.
    """
    if name.isdecimal() and name.isascii() and len(name) < 4 and not os.path.exists(name):
        return Source(name, "camera")
    if "://" in name:
        return Source(name, "stream")
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError) as error:
        if name.startswith("/dev/"):
            return Source(name, "camera")
        raise SourceProblem(f"There is no video '{name}'.") from error
    if stat.S_ISREG(mode):
        return Source(name, "file")
    if stat.S_ISCHR(mode):
        return Source(name, "camera")
    raise SourceProblem(f"'{name}' is neither a video file nor a camera.")


class Feed:
    """Takes frames on a thread of its own.

    Of a camera or a stream, and of a file that is played at its own speed, only the newest frame is
    kept. Of a file otherwise, every frame waits until it is taken.
    """

    def __init__(self, source: Source, *, every: bool = False) -> None:
        """Open the source, and take its first frame.

        Parameters
        ----------
        source : Source
        every : bool
            For a file, whether no frame may be dropped.

        Raises
        ------
        SourceProblem
            When it can't be read.
        """
        self.source = source
        self._every = every and source.kind == "file"
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._error: BaseException | None = None
        self._ended = self._closed = False
        # a daemon, because a stream that stalls can't be interrupted
        self._thread = threading.Thread(target=self._run, name="inkhook-frames", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether there is no further frame, nor an error that `take` would raise."""
        with self._changed:
            return self._ended and self._frame is None and self._error is None

    def take(self, seconds: float) -> Frame | None:
        """Return the next or newest frame, or None if none comes within some seconds.

        Raises
        ------
        SourceProblem
            When the source can't be opened, or its first frame can't be read.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._ended, seconds)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def close(self) -> None:
        """Take no further frame, and wait for the source to be closed, if it answers at all.

        A thread that leaves OpenCV while Python ends would abort the process.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(CLOSING)

    def _run(self) -> None:
        try:
            capture = self.source.open()
            try:
                self._read(capture)
            finally:
                capture.release()
        except BaseException as error:  # raised where frames are taken
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read(self, capture: "cv2.VideoCapture") -> None:
        clock = _clock_of(capture) if self.source.kind == "file" else None
        start = time.monotonic()
        number = failures = 0
        while not self._closed and failures < FAILURES:
            there, image = capture.read()
            if not there or image is None:
                failures += 1
                if self.source.kind != "file":
                    time.sleep(0.1)
                continue
            if image.shape[0] * image.shape[1] > LARGEST:
                raise SourceProblem(f"'{self.source.name}' has frames of more than 50 megapixels.")
            at = clock(number) if clock else time.monotonic() - start
            failures, number = 0, number + 1
            if clock and not self._every:
                time.sleep(max(0.0, start + at - time.monotonic()))
            self._put(Frame(image, at, time.monotonic()))
        if not number and not self._closed:
            raise SourceProblem(f"No frame of '{self.source.name}' can be read.")
        if self.source.kind == "camera" and not self._closed:
            raise SourceProblem(
                f"Camera '{self.source.name}' sends no more frames; is it still plugged in?"
            )

    def _put(self, frame: Frame) -> None:
        with self._changed:
            if self._every:
                self._changed.wait_for(lambda: self._frame is None or self._closed)
            self._frame = frame
            self._changed.notify_all()


def _clock_of(capture: "cv2.VideoCapture") -> Callable[[int], float]:
    """Return a function from a frame's number to its time: the file's own, or else its rate's."""
    import cv2

    stated = float(capture.get(cv2.CAP_PROP_FPS))
    rate = stated if RATES[0] <= stated <= RATES[1] else 25.0
    before = -1.0

    def clock(number: int) -> float:
        nonlocal before
        at = float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        # some formats know no times, or those of the frame after
        plain = number / rate
        before = at if at > before and abs(at - plain) < 1 + 0.5 * plain else max(before, plain)
        return before

    return clock
