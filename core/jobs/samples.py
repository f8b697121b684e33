"""Labelled samples of a person's own, from wherever they are: what `learn` and `samples` take.

Drawings of `paint`, folders named after digits, tables that somebody has corrected, and sets of
arrays. They are prepared as every image is.
"""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.problems import DataProblem
from ..base.text import visible
from ..base.types import SIDE, Split, UInt8Array
from ..data import idx, upright
from ..data.arrays import TRAIN
from ..data.labelled import LabelledArrays, arrays_of, open_arrays
from ..data.pixel_table import is_pixel_table
from ..drawing.samples import FOLDER
from ..events import records
from ..images import preprocess
from ..reading.answers import read_all
from ..reading.entries import file_of
from ..reading.image_folder import read_digits
from ..reading.labelled_files import LabelledFiles
from ..reading.labels import read_labels
from .embedded_digits import NAME, load_mnist
from .find_model import read_chosen
from .pipeline import shipped_judge
from .read_numbers import numbers_job

DRAWINGS = records.ROOT / FOLDER
"""Where `paint` saves samples."""

MOST_NAMED = 3

TRUTH = "truth"
"""The column of a corrected table that says what is on the picture."""

Note = Callable[[str], None]
Change = Callable[[UInt8Array], UInt8Array] | None


@dataclass(frozen=True, eq=False)
class Samples:
    """Images of digits with their labels.

    Attributes
    ----------
    split : Split
        Prepared.
    names : tuple of str
        Where each comes from: a file's path, or a set and a number, counted from 1.
    places : tuple of int or None
        The numbers in their array, counted from 0; None where they are from files.
    """

    split: Split
    names: tuple[str, ...]
    places: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def sha256(self) -> str:
        """A digest of the images and labels, 64 hexadecimal digits."""
        return idx.combine([idx.digest(self.split.images), idx.digest(self.split.labels)])

    def take(self, places: np.ndarray) -> "Samples":
        """Return some of them: int or bool (n,)."""
        numbers = np.arange(len(self))[places]
        split = Split(self.split.images[numbers], self.split.labels[numbers])
        return Samples(split, tuple(self.names[number] for number in numbers))


def read_samples(
    sources: Sequence[Path],
    note: Note,
    *,
    images: Path | None = None,
    change: Change = None,
) -> Samples:
    """Read all samples, each once.

    Parameters
    ----------
    sources : sequence of pathlib.Path
        A folder of images in folders named after digits; a CSV file with the columns `path` and
        `truth`; or arrays: IDX, `.npz`, and tables of pixels, of which the training part is taken.
    note : callable
        Takes lines for the user.
    images : pathlib.Path, optional
        What paths in tables are relative to; by default the table's folder.
    change : callable, optional
        As for `WorkerPool.start`.

    Raises
    ------
    DataProblem
        When there is no such source, it can't be read, or no sample is left.
    """
    read = [read_source(source, note, images=images, change=change) for source in sources]
    return _each_once(_joined(read), note)


def read_source(
    source: Path,
    note: Note,
    *,
    images: Path | None = None,
    part: str = TRAIN,
    change: Change = None,
) -> Samples:
    """Read the samples of one source, also those that are there twice.

    Parameters
    ----------
    source, note, images, change
        See `read_samples`; the source may also be `mnist`, for the included digits.
    part : {"train", "test"}
        Which of arrays, where they have parts.

    Raises
    ------
    DataProblem
        When there is no such source, or it can't be read.
    """
    if str(source) == NAME and not source.exists():
        return _of_arrays(arrays_of(load_mnist(), part), source, note)
    if not source.exists():
        raise DataProblem(
            f"There is no file or folder '{source}'."
            + (" A digit key in 'inkhook paint' saves samples there." if source == DRAWINGS else "")
        )
    if source.suffix.lower() == ".csv" and not is_pixel_table(source):
        return _of_table(source, images or source.parent, note, change)
    arrays = open_arrays(source, part)
    if arrays is not None:
        return _of_arrays(arrays, source, note)
    files = LabelledFiles(source)
    note(f"Samples in '{source}': {files.notice}")
    for problem in files.problems:
        note(problem)
    names, pixels = read_digits(files.names(), files.path_of, note, change)
    split = Split(pixels, files.labels(names).astype(np.uint8))
    return Samples(split, tuple(files.path_of(name) for name in names))


def _of_table(table: Path, folder: Path, note: Note, change: Change) -> Samples:
    """Read the images to which somebody has said what they show: digits, or numbers."""
    truths: dict[str, str] = {}
    missing = 0
    for _, name, text in read_labels(table, numbers=True, columns=(TRUTH,)):
        if text is not None and (folder / file_of(name)).exists():
            truths[os.path.join(folder, name)] = "".join(re.findall("[0-9]", text))
        else:
            missing += text is not None
    note(f"Images with a truth in '{table}': {len(truths):,}.")
    if missing:
        note(f"Left out, since they aren't in '{folder}' (--images): {missing:,}.")
    digits = [name for name, truth in truths.items() if len(truth) == 1]
    names, pixels = read_digits(digits, lambda name: name, note, change)
    labels = np.array([int(truths[name]) for name in names], np.uint8)
    numbers = {name: truth for name, truth in truths.items() if len(truth) > 1}
    single = Samples(Split(pixels, labels), tuple(names))
    return _joined([single, _of_numbers(numbers, note, change)]) if numbers else single


def _of_numbers(truths: dict[str, str], note: Note, change: Change) -> Samples:
    """Cut the digits out of numbers, where as many are seen as there should be."""
    job = numbers_job(read_chosen(None, note, numbers=True), cuts=True)
    images = [np.zeros((0, SIDE, SIDE), np.uint8)]
    names: list[str] = []
    text, left = "", 0
    with closing(read_all(job, truths, lambda name: name, change=change)) as batches:
        for batch in batches:
            for place, name in enumerate(batch.names):
                found = batch.rows.numbers_of(place, name)
                cuts = [digit.image for number in found.numbers for digit in number.digits]
                known = [cut for cut in cuts if cut is not None]
                if len(known) != len(truths[name]):
                    left += 1
                    continue
                images.append(np.stack(known))
                names += [f"{name}#{number}" for number in range(1, len(known) + 1)]
                text += truths[name]
    if left:
        note(f"Left out, as numbers in which other digits are seen than should be: {left:,}.")
    labels = np.array([int(digit) for digit in text], np.uint8)
    return Samples(Split(np.concatenate(images), labels), tuple(names))


def _of_arrays(arrays: LabelledArrays, source: Path, note: Note) -> Samples:
    note(f"Samples: {arrays.notice}")
    judge = shipped_judge()
    if judge:
        arrays = upright.set_labelled_upright(arrays, str(source), judge, note)
    blocks = [preprocess.to_model_input(block) for block in arrays.blocks(1024)]
    pixels = np.rint(np.concatenate(blocks) * 255).astype(np.uint8)
    inked = pixels.any(axis=(1, 2))
    if not inked.all():
        note(f"Left out, as blank: {np.count_nonzero(~inked):,}.")
    places = tuple(np.flatnonzero(inked).tolist())
    names = tuple(f"{source}#{place + 1}" for place in places)
    return Samples(Split(pixels[inked], arrays.labels[inked]), names, places)


def _joined(parts: Sequence[Samples]) -> Samples:
    nothing = np.zeros((0, SIDE, SIDE), np.uint8)
    images = np.concatenate([nothing, *(part.split.images for part in parts)])
    labels = np.concatenate([nothing[:, 0, 0], *(part.split.labels for part in parts)])
    return Samples(Split(images, labels), tuple(name for part in parts for name in part.names))


def _each_once(samples: Samples, note: Note) -> Samples:
    """Leave out what is there twice, and images that have two labels."""
    labels: dict[bytes, set[int]] = {}
    keys = [image.tobytes() for image in samples.split.images]
    for key, label in zip(keys, samples.split.labels.tolist(), strict=True):
        labels.setdefault(key, set()).add(label)
    torn = [place for place, key in enumerate(keys) if len(labels[key]) > 1]
    first = {key: place for place, key in reversed(list(enumerate(keys))) if len(labels[key]) == 1}
    kept = sorted(first.values())
    if torn:
        names = ", ".join(f"'{visible(samples.names[place])}'" for place in torn[:MOST_NAMED])
        note(f"Left out, since the same image has two labels: {names}.")
    if doubled := len(samples) - len(torn) - len(kept):
        note(f"Left out, since they are there twice: {doubled:,}.")
    if not kept:
        raise DataProblem("There is no sample to learn from: no image of a digit with its label.")
    return samples.take(np.array(kept))
