"""What a plugin's tests need: sessions, a recorder, digits, a model, strokes, the commands.

Public: it changes only as docs/plugins.md says. One line in a package's `conftest.py` makes the
fixtures available::

    pytest_plugins = ["inkhook.testing"]

Needs pytest; inkhook itself never imports this module.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ..cli import cli
from ..core.base.types import Dataset, Predictions, Stroke, UInt8Array
from ..core.events.command import PLUGINS_VARIABLE
from ..core.events.from_python import make_plugins
from ..core.events.hooks import SPECS, hookimpl
from ..core.events.runs import RunFolder
from ..core.events.session import CommandSession
from ..core.events.sources import giving
from ..core.images.preprocess import prepare, to_model_input
from ..core.images.strokes import draw_stroke
from ..core.network.classifier import Classifier
from . import tiny
from .checks import check_plugin

__all__ = [
    "Call",
    "Drawing",
    "Recorder",
    "check_plugin",
    "draw",
    "new_session",
    "predict",
    "recorder",
    "run_cli",
    "session",
    "tiny_classifier",
    "tiny_data",
    "tiny_dataset",
    "tiny_model",
]


@dataclass(frozen=True)
class Call:
    """One hook call: the hook's name and its arguments, without the session."""

    hook: str
    arguments: Mapping[str, Any]


class Recorder:
    """A plugin that changes nothing and records each call of its hooks.

    Without names it has every hook of kind tell (`on_…`). Other hooks count as an offer to do the
    work: `Recorder("train_model")` is a trainer, albeit one without an answer. See
    docs/decisions/022-recorder-hears-events.md.

    Attributes
    ----------
    calls : list of Call
        In order.
    """

    def __init__(self, *hooks: str) -> None:
        self.calls: list[Call] = []
        for hook in hooks or [name for name, spec in SPECS.items() if spec.kind == "tell"]:
            names = ", ".join(inspect.signature(SPECS[hook].function).parameters)
            # pluggy reads a function's own argument names, so each hook gets a function
            note = eval(f"lambda {names}: _note({hook!r}, locals())", {"_note": self._note})  # noqa: S307
            setattr(self, hook, hookimpl(note))

    @property
    def hooks(self) -> list[str]:
        """The names of the hooks that were called, in order."""
        return [call.hook for call in self.calls]

    def of(self, hook: str) -> list[Mapping[str, Any]]:
        """Return the arguments of each call of one hook."""
        return [call.arguments for call in self.calls if call.hook == hook]

    def _note(self, hook: str, values: dict[str, Any]) -> Any:
        arguments = {name: value for name, value in values.items() if name in _names(hook)}
        self.calls.append(Call(hook, arguments))
        return arguments.get(SPECS[hook].value)  # a chain continues with the same value


def _names(hook: str) -> list[str]:
    return list(inspect.signature(SPECS[hook].function).parameters)[1:]


def new_session(
    *plugins: object,
    folder: Path | None = None,
    seed: int = 0,
    strict: bool = True,
    **options: Any,
) -> CommandSession:
    """Return a session; enter it with `with` if its first and last event matter.

    Parameters
    ----------
    *plugins : module, class, instance or str
        In the order in which they are called. A class is made from `options`; a string is what
        `--plugins` takes.
    folder : pathlib.Path, optional
        Becomes the run's folder, `session.run.path`.
    seed : int
    strict : bool
        Whether a plugin's failure is raised, as tests usually want, or reported.
    **options
        Values of the plugins' options by parameter name; others have their defaults.
    """
    made = make_plugins(list(plugins), options=options)
    run = RunFolder(folder, {"command": ["test"], "seed": seed}) if folder else None
    return CommandSession(made, run, seed=seed, strict=strict)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What `inkhook paint` has after a stroke: the stroke, and the canvas as uint8 (H, W)."""

    stroke: Stroke
    canvas: UInt8Array


def draw(
    points: Sequence[tuple[float, float]],
    *,
    side: int = 280,
    thickness: float | None = None,
    on: UInt8Array | None = None,
    widths: Sequence[float] | None = None,
) -> Drawing:
    """Draw a stroke as `inkhook paint` does, without a window.

    Parameters
    ----------
    points : sequence of (x, y)
        Pixels, y downwards; a hundredth of a second apart.
    side : int
        Of the square canvas.
    thickness : float, optional
        In pixels; by default that of paint's brush, a twentieth of the side.
    on : uint8 (H, W), optional
        A drawing to continue, for digits of several strokes.
    widths : sequence of float, optional
        In pixels, one for each point, as a pen's pressure makes them.
    """
    canvas = np.zeros((side, side), np.uint8) if on is None else on.copy()
    times = np.arange(len(points), dtype=np.float32) / 100
    stroke = Stroke(
        np.array(points, np.float32).reshape(-1, 2),
        times.astype(np.float32),
        None if widths is None else np.array(widths, np.float32),
    )
    draw_stroke(canvas, stroke, thickness or canvas.shape[0] / 20)
    canvas.flags.writeable = False
    return Drawing(stroke, canvas)


def predict(what: Dataset | Drawing) -> Predictions:
    """Return the tiny model's answers: for a dataset's test split, or for a drawing.

    Raises
    ------
    ValueError
        When the drawing is empty.
    """
    classify = Classifier(tiny.network())
    if isinstance(what, Dataset):
        images, truth = to_model_input(what.test.images), what.test.labels
        ids = tuple(map(str, range(len(images))))
        return Predictions("dataset", ids, images, classify(images), truth)
    image = prepare(what.canvas)
    if image is None:
        raise ValueError("the drawing is blank")
    return Predictions("canvas", ("1",), image[np.newaxis], classify(image[np.newaxis]))


def run_cli(
    args: Sequence[object], plugins: Sequence[object] = (), *, env: Mapping[str, str] | None = None
) -> Result:
    """Run inkhook's command line in this process.

    Parameters
    ----------
    args : sequence
        The words after `inkhook`; paths and numbers are allowed.
    plugins : sequence of module, class, instance or str
        For `--plugins`, which is appended; strings are names and paths.
    env : mapping, optional
        Environment variables; INKHOOK_PLUGINS only counts if it is given here.

    Returns
    -------
    click.testing.Result
        With `exit_code`, `stdout` and `stderr`.
    """
    given = {f"given{i}": plugin for i, plugin in enumerate(plugins) if type(plugin) is not str}
    names = [plugin if type(plugin) is str else f"given{i}" for i, plugin in enumerate(plugins)]
    words = [str(word) for word in args]
    if names:
        words += ["--plugins", ",".join(names)]
    with giving(given):
        return CliRunner().invoke(cli, words, env={PLUGINS_VARIABLE: None} | dict(env or {}))


@pytest.fixture
def session(tmp_path: Path) -> CommandSession:
    """Return a session without plugins, with a temporary run folder."""
    return new_session(folder=tmp_path / "run")


@pytest.fixture
def recorder() -> Recorder:
    """Return a plugin that records every event."""
    return Recorder()


@pytest.fixture(scope="session")
def tiny_dataset() -> Dataset:
    """Return 400 training and 100 test digits from MNIST."""
    return tiny.dataset()


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny dataset as a file for `--data`."""
    return tiny.write_dataset(tmp_path_factory.mktemp("tiny") / "tiny.npz")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that was trained on the tiny dataset, as a file for `--model`."""
    return tiny.write_model(tmp_path_factory.mktemp("tiny") / "tiny.h5")


@pytest.fixture(scope="session")
def tiny_classifier() -> Callable[[np.ndarray], np.ndarray]:
    """Return that model as a function: float32 (N, 28, 28) in, probabilities (N, 10) out."""
    return Classifier(tiny.network())
