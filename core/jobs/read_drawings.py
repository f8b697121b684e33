"""Read what is drawn: the way from model files to what reads a canvas."""

import contextlib
from collections.abc import Callable

from ..base.problems import Problem
from ..base.types import UInt8Array
from ..drawing.answer import DrawingAnswer
from ..drawing.reading import DrawingReader, Reading
from ..events.session import CommandSession
from ..judging.score import sure_from
from ..modelfile.artifact import Artifact
from ..network.classifier import Classifier
from ..numbers.number import Numbers
from ..reading import answers
from ..reading.page_numbers import PageNumbers
from . import find_model


class DrawingModels:
    """The model for single digits, and the one for numbers, which is opened when it is needed.

    Attributes
    ----------
    digits : Artifact
    """

    def __init__(self, name: str | None, note: Callable[[str], None]) -> None:
        """Open the model for digits.

        Parameters
        ----------
        name : str or None
            The value of `--model`. A model for numbers is used for these only.
        note : callable
            Takes a line for the user.

        Raises
        ------
        ModelProblem
            When there is no such model, or it can't be used.
        """
        for_numbers = name is not None and find_model.is_for_numbers(name)
        self.digits = find_model.read_chosen(None if for_numbers else name, note)
        self._name = name if for_numbers else None
        self._note = note if for_numbers else lambda _: None
        self._numbers: Artifact | None = None
        if for_numbers:
            self.numbers()

    def numbers(self) -> Artifact:
        """Return the model for numbers; raises ModelProblem."""
        if self._numbers is None:
            self._numbers = find_model.read_chosen(self._name, self._note, numbers=True)
        return self._numbers

    def load_numbers(self) -> None:
        """Open the model for numbers now; if it can't be, that is said when it is needed."""
        with contextlib.suppress(Problem):
            self.numbers()

    def facts(self, answer: DrawingAnswer) -> dict[str, str | float | None]:
        """Return what JSON output says about the model that gave an answer."""
        single = isinstance(answer.reading, Reading)
        return find_model.facts(self.digits if single else self.numbers())


def drawing_reader(
    models: DrawingModels, session: CommandSession, *, strict: bool = False
) -> DrawingReader:
    """Return what reads drawings.

    Parameters
    ----------
    models : DrawingModels
    session : CommandSession
        Its plugins prepare the drawings, and may find numbers in a way of their own.
    strict : bool
        Whether a failing plugin ends the command.
    """
    readers: list[PageNumbers] = []

    def read_numbers(canvas: UInt8Array) -> Numbers:
        if not readers:
            model, find = models.numbers(), answers.find_by(session)
            network, sure = model.network, sure_from(model)
            readers.append(PageNumbers(network, model.temperature, sure, find=find))
        return readers[0](canvas)

    return DrawingReader(*_of_digits(models.digits), read_numbers, session, strict=strict)


def replace_digits(models: DrawingModels, reader: DrawingReader, model: Artifact) -> None:
    """Read single digits with another model from now on."""
    reader.use(*_of_digits(model))
    models.digits = model


def _of_digits(model: Artifact) -> tuple[Classifier, float]:
    return Classifier(model.network, model.temperature), sure_from(model)
