"""The process that reads files for `crew`: if a decoder crashes here, only this process ends.

Started as `python -m inkhook.core.worker`. It speaks pickles with the process that started it:
first it gets a Job, then one question after the other. What libraries write on the standard
streams goes nowhere.
"""

import os
import pickle
import sys
from functools import partial
from typing import IO, Any

LIBRARY_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Set to 1 before this process starts: a worker has one core, and where the threads of several
workers wait for each other, small products take ten times as long."""


def main() -> None:
    """Answer questions until there are no more."""
    questions, answers = _take_streams()
    import cv2

    from .imagefile import read
    from .predictor import Predictor
    from .problems import ImageRefused, Problem

    def answer(kind: str, value: Any) -> None:
        pickle.dump((kind, value), answers, protocol=5)
        answers.flush()

    cv2.setNumThreads(1)
    try:
        job = pickle.load(questions)  # noqa: S301 - from the process that started this one
        predictor = Predictor(job)
        answer("ready", None)
        while True:
            kind, value = pickle.load(questions)  # noqa: S301
            try:
                if kind == "read":
                    answer("image", read(value, job.limits))
                else:
                    paths, places = value
                    started = partial(answer, "started") if kind == "carefully" else None
                    answer("rows", predictor(paths, places, started))
            except ImageRefused as refused:
                answer("refused", (refused.status, str(refused)))
            except Problem as problem:
                answer("problem", str(problem))
    except EOFError:  # there are no more
        return


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the standard streams for the talk, and give libraries the null device instead."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
    sys.stdin = sys.stdout = sys.stderr = open(os.devnull, "r+", encoding="utf-8")  # noqa: SIM115
    return questions, answers


if __name__ == "__main__":
    main()
