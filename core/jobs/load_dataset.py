"""Ask the plugins for a dataset, and see that it is as it should be.

What is looked at is in `data.upright` and `data.classes`; the shipped model reads the images.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem, ModelProblem
from ..base.types import Dataset
from ..data import classes, upright
from ..data.labelled import LabelledArrays, arrays_of
from ..events.session import CommandSession
from ..modelfile.artifact import read_artifact
from ..network.classifier import Classifier
from ..reading.labelled_files import LabelledFiles, open_set
from .find_model import SHIPPED

LabelledSet = LabelledArrays | LabelledFiles


def load_dataset(session: CommandSession, wanted: str | Dataset) -> Dataset:
    """Return a dataset, its images upright and light on dark.

    Classes that it has too few images of are named to the user.

    Parameters
    ----------
    session : CommandSession
    wanted : str or Dataset
        The dataset, or its name, by which the plugins are asked for it.

    Raises
    ------
    DataProblem
        When no plugin has it, or it holds digits and it isn't clear how they lie.
    PluginProblem
        When a plugin fails.
    """
    with session.stage("load_dataset"):
        dataset = wanted
        if isinstance(wanted, str):
            dataset = session.ask("load_dataset", name=wanted)
        if not isinstance(dataset, Dataset):
            raise DataProblem(f"No plugin in use knows a dataset '{wanted}'; see --dataset.")
        judge = shipped_judge()
        if judge:
            dataset = upright.set_upright(dataset, judge, session.note)
    for sentence in classes.warnings(dataset):
        session.warn(sentence)
    return dataset


def open_labelled(
    data: Path | Dataset, labels: Path | None, note: Callable[[str], None]
) -> LabelledSet:
    """Open a labelled set to measure a model on; arrays of digits are set upright.

    Parameters
    ----------
    data : pathlib.Path or Dataset
        What `open_set` takes, or a dataset, of which the test images are taken.
    labels : pathlib.Path, optional
        As for `open_set`.
    note : callable
        Takes lines for the user.

    Raises
    ------
    DataProblem
        When it is no such set, or it isn't clear how its digits lie.
    """
    name = data.name if isinstance(data, Dataset) else str(data)
    found = arrays_of(data) if isinstance(data, Dataset) else open_set(data, labels)
    judge = shipped_judge() if isinstance(found, LabelledArrays) else None
    if judge and isinstance(found, LabelledArrays):
        found = upright.set_labelled_upright(found, name, judge, note)
    return found


@cache
def shipped_judge() -> upright.Judge | None:
    """Return the shipped model as a reader of digits; None where it can't be used."""
    try:
        model = read_artifact(SHIPPED)
    except ModelProblem:  # while another one is made, for preprocessing that has changed
        return None
    classify = Classifier(model.network)

    return lambda images: classify(images).argmax(axis=1).astype(np.uint8)
