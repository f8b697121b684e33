"""Read the numbers in pictures, and tell the plugins: what `read` and its like have in common.

`reading` does the work, in processes that may die, or in this one for `Model.read_numbers`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ..base.types import SIDE, Predictions, Source
from ..events.session import CommandSession
from ..images.imagefile import DEFAULT_LIMITS, Limits
from ..images.preprocess import scale
from ..judging.score import sure_from
from ..modelfile.artifact import Artifact
from ..numbers.number import Numbers, probabilities_of
from ..reading import answers
from ..reading.pool import WorkerPool
from ..reading.predictor import Job

LONGEST = 1600
"""Pixels of a page's longer side: enough to draw it on a screen."""

FOR_PLUGINS = 400
"""The same for the pages of a whole folder: there may be a thousand in memory, and in a journal."""


def numbers_job(
    model: Artifact,
    *,
    asked: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    pages: int = 0,
    cuts: bool = False,
) -> Job:
    """Return what to do with each file to read its numbers.

    Parameters
    ----------
    model : Artifact
        As `find_model.read_chosen` gives it for numbers.
    asked : float, optional
        The user's threshold for "not sure", 0 to 1.
    limits, pages, cuts
        As for `Job`.
    """
    sure = sure_from(model, asked)
    return Job(model.network, model.temperature, sure, limits, pages=pages, cuts=cuts)


def read_pictures(
    paths: Sequence[str], job: Job, session: CommandSession, pool: WorkerPool
) -> Iterator[Numbers]:
    """Read the numbers of pictures, one after another, in processes that may die.

    Parameters
    ----------
    paths : sequence of str
    job : Job
        As `numbers_job` gives it.
    session : CommandSession
        Its plugins may change pictures and find numbers, in this process, and hear what is found.
    pool : WorkerPool
        Not started yet.

    Yields
    ------
    Numbers
        Of each path, in order. Where it can't be read, the status says why.

    Raises
    ------
    PluginProblem
        When a plugin fails in `prepare_image` or `find_numbers`.
    """
    change, find = answers.change_by(session, "number"), answers.find_by(session)
    pool.start(job, len(paths), change=change, find=find)
    for path, rows in zip(paths, [pool.submit([path], [0]) for path in paths], strict=True):
        found = rows.result()[0].numbers_of(0, path)
        tell(session, found)
        yield found


def tell(session: CommandSession, found: Numbers, source: Source = "number") -> None:
    """Tell the plugins the numbers of one picture, and then their digits.

    Parameters
    ----------
    session : CommandSession
    found : Numbers
        Nothing is told of a picture that couldn't be read. The digits have images if their job has
        `cuts`, which it should have where a plugin hears `on_prediction`.
    source : str
        Of the digits.
    """
    if found.size == (0, 0):
        return
    session.tell("on_number", numbers=found)
    if found.numbers and session.has("on_prediction"):
        session.tell("on_prediction", predictions=_predictions(found, source))


def _predictions(found: Numbers, source: Source) -> Predictions:
    """Return the digits of a picture's numbers as single answers."""
    digits = [digit for number in found.numbers for digit in number.digits]
    images = np.zeros((len(digits), SIDE, SIDE), np.uint8)
    for place, digit in enumerate(digits):
        if digit.image is not None:
            images[place] = digit.image
    names = tuple(f"{found.path}#{place}" for place in range(1, len(digits) + 1))
    return Predictions(source, names, scale(images), probabilities_of(digits))
