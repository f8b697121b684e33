"""The built-in dataset: MNIST, embedded, or with `--data` the user's own digits.

`core.data` and `core.reading` read those; here are the embedded files and the options.
"""

from pathlib import Path

import click

from ...core.base.problems import DataProblem
from ...core.base.types import Dataset
from ...core.data import idx
from ...core.data.datasets import PARTS, TEST_SHARE, assemble, read_dataset
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
"""The included files, with the SHA-256 of their contents."""


class Mnist:
    """Provides the dataset `mnist`: 60,000 training and 10,000 test images, or those of --data."""

    options = (
        click.Option(
            ["--data"],
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="Use these digits instead of the included MNIST: a folder of images "
            "(digits/7/a.png), of IDX files or of .npz files; a .npz; or Kaggle's CSV.",
        ),
        click.Option(
            ["--test-split"],
            type=click.FloatRange(0, 0.9, min_open=True),
            default=TEST_SHARE,
            show_default=True,
            metavar="S",
            help="The share of each digit's images to keep for the test, of --data without a test "
            "part.",
        ),
    )

    def __init__(self, data: Path | None = None, test_split: float = TEST_SHARE) -> None:
        self.data = data
        self.test_split = test_split

    @hookimpl
    def load_dataset(self, session: Session, name: str) -> Dataset | None:
        """Load the included files, or those of `--data`."""
        if name != "mnist":
            return None
        dataset = self._load(session, self.data) if self.data else load_embedded()
        session.note(
            f"Dataset {dataset.name}: {len(dataset.train):,} training "
            f"and {len(dataset.test):,} test images"
        )
        return dataset

    def _load(self, session: Session, data: Path) -> Dataset:
        found = read_dataset(data, self.test_split, session.seed, session.note)
        if found is not None:
            return found
        from ...core.reading.answers import change_by
        from ...core.reading.image_folder import load_image_folder

        return load_image_folder(
            data, self.test_split, session.seed, session.note, change_by(session)
        )


def load_embedded() -> Dataset:
    """Load MNIST from the files beside this module, and check their digests.

    Raises
    ------
    DataProblem
        When a file has changed.
    """
    read = []
    for name, digest in FILES.items():
        array, found = idx.read_idx(Path(__file__).with_name(name))
        if found != digest:
            raise DataProblem(f"The included file '{name}' has changed; reinstall inkhook.")
        read.append((array, found))
    return assemble("mnist", "the included MNIST", read)
