"""Read the numbers in pictures: which network does it, and the way from a file to its numbers."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..base.problems import ImageRefused, ModelProblem
from ..base.types import SIDE, Predictions, UInt8Array
from ..events.session import CommandSession
from ..images import imagefile
from ..images.arrays import as_grey
from ..images.imagefile import DEFAULT_LIMITS, GreyImage
from ..images.preprocess import prepare
from ..judging.score import sure_from
from ..modelfile.artifact import Artifact, read_artifact
from ..numbers.number import Numbers, probabilities_of
from ..numbers.reader import NumbersReader
from ..numbers.recogniser import Recogniser
from ..reading.entries import read_entry
from .find_model import SHIPPED, SHIPPED_NUMBERS, model_summary, read_named


@dataclass(frozen=True, eq=False)
class Picture:
    """What was read in one picture.

    Attributes
    ----------
    numbers : Numbers
    page : uint8 (H, W) or None
        What was looked at, grey; boxes are places on it. None if the picture can't be read.
    """

    numbers: Numbers
    page: UInt8Array | None


def choose_numbers_model(name: str | None, note: Callable[[str], None]) -> Artifact:
    """Open the network that reads numbers, and tell the user which one it is.

    Parameters
    ----------
    name : str or None
        The value of `--model`. None, `pretrained` and a model for single digits stand for the
        included network.
    note : callable
        Takes a line for the user.

    Raises
    ------
    ModelProblem
        When there is no such model, or it can't be used.
    """
    reason = ""
    if name not in (None, SHIPPED.stem):
        found = read_named(str(name), note, None, numbers=True)
        if found.network.reads_strips:
            note(f"Model: {model_summary(found)}")
            return found
        reason = f", since '{name}' reads single digits"
    if not SHIPPED_NUMBERS.exists():
        raise ModelProblem(
            "There is no network for numbers; train one with "
            "'inkhook run --plugins augment,strings'."
        )
    shipped = read_artifact(SHIPPED_NUMBERS)
    note(f"Model: {model_summary(shipped)}{reason}")
    return shipped


def numbers_reader(model: Artifact) -> NumbersReader:
    """Return what reads pages with a model; raises ModelProblem if it is for single digits."""
    return NumbersReader(Recogniser(model.network, model.temperature), sure_from(model))


def read_picture(
    picture: object, reader: NumbersReader, session: CommandSession | None = None
) -> Picture:
    """Read the numbers of one picture, and tell the plugins.

    Parameters
    ----------
    picture : str, path-like, bytes, array or Pillow image
        A path or the bytes of an image file, or an image.
    reader : NumbersReader
    session : CommandSession, optional
        Its plugins may find the numbers in a way of their own, and hear what was found.

    Raises
    ------
    TypeError, ValueError
        When it isn't an image, or its numbers are ambiguous.
    PluginProblem
        When a plugin fails in `find_numbers`.
    """
    path = os.fspath(picture) if isinstance(picture, str | os.PathLike) else ""
    try:
        image = _grey(picture, path)
    except ImageRefused as refused:
        return Picture(Numbers(refused.status, path=path, remark=str(refused)), None)
    own = session.ask("find_numbers", image=image.pixels) if session else None
    found = reader(image.pixels) if own is None else of_plugin(own)
    found = replace(found, path=path, remark=image.notice)
    if session:
        session.tell("on_number", numbers=found)
        if found.numbers and session.has("on_prediction"):
            session.tell("on_prediction", predictions=_predictions(found, image.pixels))
    return Picture(found, image.pixels)


def _grey(picture: object, path: str) -> GreyImage:
    if path:
        return read_entry(path, fine=True)
    if isinstance(picture, bytes):
        return imagefile.decode_image(picture, DEFAULT_LIMITS, fine=True)
    return GreyImage(as_grey(picture))


def of_plugin(numbers: list) -> Numbers:  # type: ignore[type-arg]
    """Return what a plugin's `find_numbers` found."""
    if not numbers:
        return Numbers("no_number")
    sure = all(number.sure for number in numbers)
    return Numbers("ok" if sure else "unsure", tuple(numbers))


def _predictions(found: Numbers, page: UInt8Array) -> Predictions:
    """Return the digits of a picture's numbers as single answers."""
    digits = [digit for number in found.numbers for digit in number.digits]
    images = np.zeros((len(digits), SIDE, SIDE), np.float32)
    for place, digit in enumerate(digits):
        x, y, width, height = digit.box
        part = page[y : y + height, x : x + width]
        alone = prepare(np.ascontiguousarray(part)) if part.size else None
        if alone is not None:
            images[place] = alone
    names = tuple(f"{found.path}#{place}" for place in range(1, len(digits) + 1))
    return Predictions("number", names, images, probabilities_of(digits))
