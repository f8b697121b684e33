"""inkhook: an event-driven workbench for handwritten digits.

    >>> import inkhook
    >>> model = inkhook.load_model("pretrained")
    >>> model.predict(inkhook.load_mnist().test.images[:5])
    array([7, 2, 1, 0, 4])

The names in `__all__` are the public ones: docs/python-api.md says what each does and what stays.
Each is imported when it is first used, so that `import inkhook` takes no time
(docs/decisions/037-python-api.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.base.problems import (
        DataProblem,
        ImageRefused,
        ModelProblem,
        ModelRejected,
        OptionProblem,
        OutputProblem,
        PluginProblem,
        Problem,
    )
    from .core.base.text import unescape
    from .core.base.types import (
        DIGITS,
        SIDE,
        Correction,
        Dataset,
        Predictions,
        Split,
        Stroke,
        Trained,
    )
    from .core.data.training import epoch_images, hold_back, prepare_split
    from .core.events.command import PluginCommand
    from .core.events.contract import CONTRACT_VERSION
    from .core.events.hooks import hookimpl
    from .core.events.protocol import Session
    from .core.images.preprocess import prepare
    from .core.jobs.answer import Answer
    from .core.jobs.embedded_digits import load_mnist
    from .core.jobs.evaluate import Evaluation, evaluate
    from .core.jobs.model import Model, load_model
    from .core.jobs.read_folder import Rows, read_folder
    from .core.jobs.train import Run, train
    from .core.judging.figures import plot_confusion, plot_errors
    from .core.judging.mistakes import Mistakes
    from .core.judging.score import Score
    from .core.modelfile.card import Card
    from .core.numbers.number import Digit, Number, Numbers

__version__ = "0.1.0"
__all__ = [
    # models
    "load_model",
    "Model",
    "Answer",
    "Numbers",
    "Number",
    "Digit",
    "Card",
    # training
    "train",
    "Run",
    # looking
    "evaluate",
    "Evaluation",
    "Score",
    "plot_errors",
    "plot_confusion",
    # files
    "read_folder",
    "Rows",
    "unescape",
    # data
    "load_mnist",
    "Dataset",
    "Split",
    "Predictions",
    "DIGITS",
    "SIDE",
    "prepare",
    # errors
    "Problem",
    "OptionProblem",
    "PluginProblem",
    "DataProblem",
    "ImageRefused",
    "ModelProblem",
    "ModelRejected",
    "OutputProblem",
    # plugins
    "hookimpl",
    "CONTRACT_VERSION",
    "Session",
    "Stroke",
    "Correction",
    "PluginCommand",
    "Trained",
    "prepare_split",
    "hold_back",
    "epoch_images",
    "Mistakes",
    # this package
    "__version__",
]

_HOMES = {
    "core.base.problems": (
        *("DataProblem", "ImageRefused", "ModelProblem", "ModelRejected", "OptionProblem"),
        *("OutputProblem", "PluginProblem", "Problem"),
    ),
    "core.base.types": (
        *("DIGITS", "SIDE", "Correction", "Dataset", "Predictions", "Split", "Stroke", "Trained"),
    ),
    "core.data.training": ("epoch_images", "hold_back", "prepare_split"),
    "core.events.contract": ("CONTRACT_VERSION",),
    "core.events.command": ("PluginCommand",),
    "core.events.hooks": ("hookimpl",),
    "core.events.protocol": ("Session",),
    "core.images.preprocess": ("prepare",),
    "core.jobs.answer": ("Answer",),
    "core.jobs.embedded_digits": ("load_mnist",),
    "core.jobs.evaluate": ("Evaluation", "evaluate"),
    "core.jobs.model": ("Model", "load_model"),
    "core.jobs.read_folder": ("Rows", "read_folder"),
    "core.jobs.train": ("Run", "train"),
    "core.judging.figures": ("plot_confusion", "plot_errors"),
    "core.judging.mistakes": ("Mistakes",),
    "core.judging.score": ("Score",),
    "core.modelfile.card": ("Card",),
    "core.numbers.number": ("Digit", "Number", "Numbers"),
    "core.base.text": ("unescape",),
}
"""The modules that the public names come from: what is imported above, once more for Python."""


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(f".{home}", __name__), name)
            return value
    raise AttributeError(f"module 'inkhook' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
