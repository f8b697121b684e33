"""A labelled set of arrays from outside, to measure a model on.

Every label is checked before anything is measured. The images are read a few at a time, so
that a set may be larger than the memory. They are neither prepared nor classified here; see
`evaluation`. Not for image files with labels (`reading.labelled_files`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..base.types import Dataset, UInt8Array
from .arrays import TEST, TITLES, TRAIN, WHOLE, find_arrays


@dataclass(frozen=True, eq=False)
class LabelledArrays:
    """Images in arrays.

    Attributes
    ----------
    notice : str
        What was taken, as a sentence for the user.
    labels : uint8 (N,)
        0 to 9.
    blocks : callable
        From a number to an iterator of uint8 (n, H, W), n at most that number, N in all.
    problems : sequence of str
        What should have been measured but isn't, one sentence each.
    """

    notice: str
    labels: UInt8Array
    blocks: Callable[[int], Iterator[UInt8Array]]
    problems: Sequence[str] = ()


def open_arrays(data: Path, part: str = TEST) -> LabelledArrays | None:
    """Open a set of arrays: its test images, or all where it has no parts.

    Parameters
    ----------
    data : pathlib.Path
    part : {"train", "test"}
        Which images are wanted, where it has parts.

    Returns
    -------
    LabelledArrays or None
        None for a folder that has none.

    Raises
    ------
    DataProblem
        When it can't be read, or a label isn't a digit.
    """
    found = find_arrays(data)
    if found is None:
        return None
    name = next(name for name in (part, WHOLE, TEST, TRAIN) if name in found.parts)
    taken = found.parts[name]
    notice = f"The {len(taken.labels):,} {TITLES[name]} of '{data}'. {found.notice}"
    return LabelledArrays(notice.strip(), taken.labels, taken.blocks)


def arrays_of(dataset: Dataset, part: str = TEST) -> LabelledArrays:
    """Return a dataset's images of a part."""
    split = dataset.train if part == TRAIN else dataset.test

    def blocks(size: int) -> Iterator[UInt8Array]:
        for start in range(0, len(split), size):
            yield split.images[start : start + size]

    notice = f"The {len(split):,} {TITLES[part]} of '{dataset.name}'."
    return LabelledArrays(notice, split.labels, blocks)
