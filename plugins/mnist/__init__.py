"""The built-in dataset: MNIST, embedded, or with `--data` another set in the same form.

The files are found and named here; `idx` reads them.
"""

import os
import re
from pathlib import Path

import click
import numpy as np

from ...core.hooks import hookimpl
from ...core.problems import DataProblem
from ...core.session import Session
from ...core.types import DIGITS, Dataset, Split, UInt8Array
from . import idx

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")

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

# qmnist-train-images-idx3-ubyte.gz, train-labels.idx1-ubyte, emnist-digits-test-labels-idx1-ubyte
_FILE_NAME = re.compile(
    r"(?:.*[-_.])?(train|t10k|test)[-_.](images|labels)[-_.]idx\d-(?:ubyte|int)(\.gz)?",
    re.IGNORECASE,
)


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
    arrays, digests = [], []
    for name, digest in FILES.items():
        array, found = idx.read(Path(__file__).with_name(name))
        if found != digest:
            raise DataProblem(f"The embedded file '{name}' has changed; install inkhook again.")
        arrays.append(array)
        digests.append(found)
    return _dataset("mnist", "the embedded MNIST", arrays, digests)


def load_folder(folder: Path) -> Dataset:
    """Load a dataset from a folder of four IDX files or of one `.npz`, or from that file.

    Raises
    ------
    DataProblem
        When files are missing, doubled, damaged, or don't hold 28×28 digits with their labels.
    """
    if not os.path.exists(folder):  # Path.exists raises where a name is too long
        raise DataProblem(f"There is no folder '{folder}' (--data).")
    archives = [folder] if folder.is_file() else sorted(folder.glob("*.npz"))
    files = {} if folder.is_file() else _idx_files(folder)
    if files:
        missing = [part for part in PARTS if part not in files]
        if missing:
            raise DataProblem(f"'{folder}' has no file of {' and '.join(missing)}.")
        read = [idx.read(files[part]) for part in PARTS]
        if files["train-images"].name.lower().startswith("emnist"):
            # EMNIST's images lie on their side: columns and rows are exchanged (Cohen et al. 2017)
            for place in (0, 2):
                turned = np.ascontiguousarray(read[place][0].transpose(0, 2, 1))
                read[place] = turned, idx.digest(turned)
    elif len(archives) == 1:
        read = idx.read_npz(archives[0])
    elif archives:
        raise DataProblem(f"'{folder}' has {len(archives)} .npz files; name one with --data.")
    else:
        raise DataProblem(
            f"'{folder}' has neither the four IDX files (train-images-idx3-ubyte …) nor a .npz."
        )
    name = folder.stem if folder.is_file() else folder.resolve().name
    return _dataset(name, f"'{folder}'", [a for a, _ in read], [d for _, d in read])


def _idx_files(folder: Path) -> dict[str, Path]:
    """Return a folder's IDX files by part; of a file and its gzipped twin, the plain one."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):  # 'x' comes before 'x.gz'
        match = _FILE_NAME.fullmatch(path.name)
        if not match:
            continue
        split = match[1].lower().replace("test", "t10k")
        part = f"{split}-{match[2].lower()}"
        if part in found and path.name != f"{found[part].name}.gz":
            raise DataProblem(
                f"'{folder}' has both {found[part].name} and {path.name}; "
                "keep one dataset a folder."
            )
        found.setdefault(part, path)
    return found


def _dataset(name: str, where: str, arrays: list[UInt8Array], digests: list[str]) -> Dataset:
    splits = []
    for split, (images, labels) in zip(("training", "test"), (arrays[:2], arrays[2:]), strict=True):
        if len(images) != len(labels):
            raise DataProblem(
                f"{where} has {len(images)} {split} images but {len(labels)} {split} labels."
            )
        if not len(images):
            raise DataProblem(f"{where} has no {split} images.")
        if labels.max() >= len(DIGITS):
            raise DataProblem(f"{where} has the {split} label {labels.max()}; digits are 0 to 9.")
        splits.append(Split(images, labels))
    return Dataset(name, idx.combine(digests), DIGITS, *splits)
