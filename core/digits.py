"""The digits that the installed plugins have, for work that is no command of its own.

Asked in a session in which nothing is said and nothing is written.
"""

from collections.abc import Sequence

from .manager import Plugins, choose, load
from .problems import DataProblem
from .session import Session
from .types import Dataset


class _Quiet(Session):
    """A session that doesn't speak."""

    def note(self, text: str) -> None:
        """Say nothing."""


def load_digits(providers: Sequence[str]) -> Dataset:
    """Return the dataset `mnist`.

    Parameters
    ----------
    providers : sequence of str
        The plugins that are asked, by name.

    Raises
    ------
    DataProblem
        When none of them has it.
    """
    session = _Quiet(Plugins(load(choose("", providers))))
    dataset = session.ask("load_dataset", name="mnist")
    if not isinstance(dataset, Dataset):
        raise DataProblem("No plugin in use knows the dataset 'mnist'.")
    return dataset
