"""The digits that come with an installed plugin, for work that is no command of its own.

Asked in a session in which nothing is said and nothing is written.
"""

from ..base.problems import DataProblem
from ..base.types import Dataset
from ..events.manager import Plugins, choose, load
from ..events.session import CommandSession

NAME = "mnist"
"""Of the dataset, and of the plugin that is asked for it."""


class _Quiet(CommandSession):
    """A session that doesn't speak."""

    def note(self, text: str) -> None:
        """Say nothing."""


def load_digits() -> Dataset:
    """Return the dataset `mnist`.

    Raises
    ------
    PluginProblem
        When no plugin of that name is installed.
    DataProblem
        When it doesn't have the dataset.
    """
    dataset = _Quiet(Plugins(load(choose(NAME)))).ask("load_dataset", name=NAME)
    if not isinstance(dataset, Dataset):
        raise DataProblem(f"No plugin in use knows the dataset '{NAME}'.")
    return dataset
