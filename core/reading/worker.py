"""The process that reads files for `pool`: if a decoder crashes here, only this process ends.

Started as `python -m inkhook.core.reading.worker`. It first gets a Job and then one question after
another, as pickles. It answers in frames of JSON and plain bytes, because a process that reads
untrusted files can't be trusted with pickles. What libraries write to the standard streams is
discarded.
"""

import json
import os
import pickle
import struct
import subprocess
import sys
from functools import partial
from typing import IO, Any

from ..base import signals
from ..base.threads import ONE_THREAD

FRAME = struct.Struct("<II")
"""The lengths of an answer's JSON and of the bytes after it."""


def main() -> None:
    """Answer questions until there are no more."""
    signals.ignore()  # a scheduler may send them to all processes; the command ends this one
    questions, answers = _take_streams()
    import cv2
    from PIL import Image

    from ..base.problems import ImageRefused, Problem
    from ..images import pdf
    from ..images.imagefile import read_bytes
    from .predictor import Predictor, reader_for

    def answer(kind: str, value: Any, body: bytes = b"") -> None:
        head = json.dumps([kind, value]).encode()
        answers.write(FRAME.pack(len(head), len(body)) + head)
        answers.write(body)
        answers.flush()

    cv2.setNumThreads(1)
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit; `Limits` has the user's
    try:
        job = pickle.load(questions)  # noqa: S301 - from the process that started this one
        predictor = Predictor(job)
        _silence()
        answer("ready", None)
        while True:
            kind, value = pickle.load(questions)  # noqa: S301
            try:
                if kind == "read":
                    image = reader_for(job)(value, job.limits)
                    answer("image", [image.pixels.shape, image.notice], image.pixels.tobytes())
                elif kind == "pages":
                    answer("pages", pdf.count_pages(read_bytes(value, job.limits)))
                else:
                    paths, places = value
                    started = partial(answer, "started") if kind == "one_by_one" else None
                    found = predictor(paths, places, started)
                    # a pipe is faster than zlib, and images for plugins are large
                    answer("rows", None, found.to_bytes(packed=False))
            except ImageRefused as refused:
                answer("refused", [refused.status, str(refused)])
            except Problem as problem:
                answer("problem", str(problem))
    except EOFError:  # there are no more
        return


def start() -> Any:
    """Start the process; returns a subprocess.Popen, which the terminal's Ctrl-C doesn't reach.

    Loading its libraries takes as long as loading the command's own, so start it first. It ends
    when its stdin is closed.
    """
    # -P: a file in the current folder must not be imported as a module
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "inkhook.core.reading.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # until it is ready
        env=os.environ | ONE_THREAD,
        process_group=0 if os.name == "posix" else None,
    )


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the standard streams for questions and answers; libraries get the null device.

    The pipe for errors stays until everything is loaded, so that they can be told.
    """
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _discard(0, 1)
    sys.stdin = sys.stdout = open(os.devnull, "r+", encoding="utf-8")  # noqa: SIM115
    return questions, answers


def _silence() -> None:
    """Discard what is written to stderr from now on."""
    _discard(2)
    sys.stderr = sys.stdout


def _discard(*numbers: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(null, number)
    os.close(null)


if __name__ == "__main__":
    main()
