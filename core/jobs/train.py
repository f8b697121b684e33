"""One run, as `inkhook run` and `inkhook.train` do it: a folder, a session, the pipeline.

`pipeline` does the work in between.
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.problems import PluginProblem
from ..base.types import Dataset, Predictions
from ..events.command import run_folder_option, seed_option
from ..events.from_python import Chosen, declared, make_plugins, read_values
from ..events.manager import Plugins
from ..events.runs import RunFolder, new_folder
from ..events.session import CommandSession
from . import pipeline
from .defaults import ALWAYS, DEFAULT_PLUGINS
from .model import Model


@dataclass(frozen=True, eq=False)
class Run:
    """The results of a run.

    Attributes
    ----------
    model : Model
        The model that was trained or examined.
    metrics : mapping of str to float
        `test_accuracy` and `test_calibration_error` (0 to 1), `test_loss` (nats), and what plugins
        add.
    predictions : Predictions
        The model's answers to the test images, with the truth; none for one that reads numbers.
    path : pathlib.Path
        The run's folder.
    faults : sequence of str
        Plugin failures that didn't stop the run, one sentence each.
    exit_code : int
        The command's exit code: 0, or 1 if something needs a look.
    """

    model: Model
    metrics: Mapping[str, float]
    predictions: Predictions
    path: Path
    faults: Sequence[str]
    exit_code: int

    def __repr__(self) -> str:
        return f"<inkhook.Run {self.path} ({self.metrics['test_accuracy'] * 100:.2f} %)>"


def train(
    plugins: Chosen = DEFAULT_PLUGINS,
    *,
    dataset: str | Dataset = "mnist",
    output: str | os.PathLike[str] | None = None,
    force: bool = False,
    seed: int | None = None,
    strict: bool = False,
    **options: Any,
) -> Run:
    """Train a model, save it, and look at what it gets wrong: `inkhook run` from Python.

    Progress goes to stderr and results to stdout, as lines that look right in a notebook; on a
    terminal there is a bar for each epoch.

    Parameters
    ----------
    plugins : str, plugin, or list of these
        What `--plugins` takes, such as "train,augment", or a list of names, paths, and your own
        classes, instances and modules. One of them must train. `mnist` is added, as in the command.
        The variable INKHOOK_PLUGINS is ignored.
    dataset : str or Dataset
        The name of a dataset that a plugin loads, or the dataset itself.
    output : str or path-like, optional
        The folder for the results; by default a new one below `artifacts`.
    force : bool
        Whether a run that is in that folder is replaced, when this one has ended well.
    seed : int, optional
        0 to 999,999,999; repeats a run exactly. By default random, and recorded in the results.
    strict : bool
        Whether a plugin's first failure ends the run. Otherwise it is reported on stderr and in
        `Run.faults`, and the work goes on.
    **options
        The plugins' options as Python values: `epochs=3, hidden=(64, 32)` for
        `--epochs 3 --hidden 64,32`. `inkhook run --help` lists them.

    Returns
    -------
    Run

    Raises
    ------
    Problem
        When a plugin or the dataset is missing, an option has an invalid value (OptionProblem), or
        the results can't be written.
    TypeError
        For an option that none of the plugins has.
    KeyboardInterrupt
        After Ctrl-C or a notebook's stop button. What was learnt has been saved by then, and a line
        on stderr says where.

    Examples
    --------
    >>> run = inkhook.train("train", dataset=inkhook.load_mnist(train=5000), epochs=3, seed=1)
    >>> run.metrics["test_accuracy"] > 0.9
    True
    """
    own = declared(seed_option(), run_folder_option())
    values = read_values(own, {"seed": seed, "output": output})
    made = make_plugins(plugins, ALWAYS, options, own)
    if not made.implementations("train_model"):
        raise PluginProblem(f"None of the plugins {', '.join(made.names)} trains; add 'train'.")
    given = {"dataset": dataset if isinstance(dataset, str) else dataset.name, "seed": seed}
    words = [f"{name}={value!r}" for name, value in (given | options).items() if value is not None]
    return run(
        made,
        dataset=dataset,
        output=values["output"],
        force=force,
        seed=values["seed"],
        strict=strict,
        command=["inkhook.train", *words],
    )


def run(
    plugins: Plugins,
    *,
    dataset: str | Dataset = "mnist",
    model: str | None = None,
    output: Path | None = None,
    force: bool = False,
    seed: int | None = None,
    strict: bool = False,
    debug: bool = False,
    command: Sequence[str] = (),
) -> Run:
    """Do a run with plugins that have been made; see `train` and, for `model`, `run_pipeline`.

    Parameters
    ----------
    command : sequence of str
        The command, for the run's record.
    """
    seed = secrets.randbelow(1_000_000_000) if seed is None else seed
    record = {"command": list(command), "plugins": plugins.names, "seed": seed}
    folder = RunFolder(output or new_folder(), record, force=force)
    written = folder.model_path
    with CommandSession(plugins, folder, seed=seed, strict=strict, debug=debug) as session:
        used, predictions = pipeline.run_pipeline(session, dataset, model)
    if used.path == written:  # an earlier run's place was taken at the end
        used = replace(used, path=folder.model_path)
    session.note(f"Results: {folder.path}")
    faults = [str(fault) for fault in session.hooks.faults]
    metrics = dict(session.metrics)
    return Run(Model(used), metrics, predictions, folder.path, faults, session.exit_code)
