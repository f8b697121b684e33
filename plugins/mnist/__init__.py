"""The built-in dataset: MNIST, embedded, or with `--data` another set in the same form.

`core.datasets` reads files of this form; here are the embedded ones and the option.
"""

from pathlib import Path

import click

from ...core.base.problems import DataProblem
from ...core.base.types import Dataset
from ...core.data import idx
from ...core.data.datasets import PARTS, assemble, load_folder
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session

FILES = {
    f"{part}-idx{3 if part.endswith('images') else 1}-ubyte.gz": digest
    for part, digest in zip(
        PARTS,
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        strict=True,
    )
}
"""The embedded files and the SHA-256 of what is in them."""


class Mnist:
    """Gives the dataset `mnist`: 60,000 training and 10,000 test images, or those of --data."""

    options = (
        click.Option(
            ["--data"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Use this dataset instead of the embedded MNIST: a folder with the four IDX "
            "files, gzipped or not, or with a Keras-style mnist.npz.",
        ),
    )

    def __init__(self, data: Path | None = None) -> None:
        self.data = data

    @hookimpl
    def load_dataset(self, session: Session, name: str) -> Dataset | None:
        """Load the embedded files, or those of `--data`."""
        if name != "mnist":
            return None
        dataset = load_folder(self.data) if self.data else load_embedded()
        session.note(
            f"Dataset {dataset.name}: {len(dataset.train):,} training "
            f"and {len(dataset.test):,} test images"
        )
        return dataset


def load_embedded() -> Dataset:
    """Load MNIST from the files beside this module, and check them against their digests.

    Raises
    ------
    DataProblem
        When a file isn't what it should be.
    """
    read = []
    for name, digest in FILES.items():
        array, found = idx.read_idx(Path(__file__).with_name(name))
        if found != digest:
            raise DataProblem(f"The embedded file '{name}' has changed; install inkhook again.")
        read.append((array, found))
    return assemble("mnist", "the embedded MNIST", read)
