"""Read what is drawn: the way from a model file to what reads a canvas."""

from ..drawing.reading import DrawingReader
from ..events.session import CommandSession
from ..judging.score import sure_from
from ..modelfile.artifact import Artifact
from ..network.classifier import Classifier


def drawing_reader(
    model: Artifact, session: CommandSession, *, strict: bool = False
) -> DrawingReader:
    """Return what reads drawings with a model.

    Parameters
    ----------
    model : Artifact
    session : CommandSession
        Its plugins prepare the drawings.
    strict : bool
        Whether a failing plugin ends the command.
    """
    classify = Classifier(model.network, model.temperature)
    return DrawingReader(classify, sure_from(model), session, strict=strict)
