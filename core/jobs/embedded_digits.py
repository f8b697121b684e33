"""The digits that an installed plugin provides, for work that isn't a command.

The plugin is asked in a silent session that writes nothing.
"""

from dataclasses import replace

from ..base.problems import DataProblem
from ..base.types import Dataset
from ..data.datasets import first
from ..events.manager import Plugins, load
from ..events.session import CommandSession
from ..events.sources import select_plugins

NAME = "mnist"
"""The name of the dataset, and of the plugin that provides it."""


class _Quiet(CommandSession):
    """A session that doesn't speak."""

    def note(self, text: str) -> None:
        """Say nothing."""


def load_mnist(train: int | None = None, test: int | None = None) -> Dataset:
    """Load the MNIST digits that come with inkhook.

    Parameters
    ----------
    train, test : int, optional
        Return only the first `train` training and `test` test images. A few thousand are enough to
        try something.

    Returns
    -------
    Dataset
        60,000 training and 10,000 test images with their labels.

    Raises
    ------
    PluginProblem
        When the plugin `mnist` isn't installed.
    DataProblem
        When it doesn't have the dataset.

    Examples
    --------
    >>> import inkhook
    >>> inkhook.load_mnist(test=3).test.labels
    array([7, 2, 1], dtype=uint8)
    """
    dataset = _Quiet(Plugins(load(select_plugins(NAME)))).ask("load_dataset", name=NAME)
    if not isinstance(dataset, Dataset):
        raise DataProblem(f"No plugin in use knows the dataset '{NAME}'.")
    dataset = replace(dataset, holds_digits=True)
    return dataset if train is None and test is None else first(dataset, train, test)
