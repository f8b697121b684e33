"""Which classes a labelled set has too few images of."""

import numpy as np

from ..base.types import Dataset, UInt8Array

RARE = 0.2
"""As a fraction of an even share of the images. MNIST's rarest digit, 5, has 0.9."""


def warnings(dataset: Dataset) -> list[str]:
    """Return a sentence for each part of a dataset with absent or rare classes."""
    sentences = []
    for part, split, effect in (
        ("training", dataset.train, "what isn't there can't be learnt"),
        ("test", dataset.test, "the accuracy says little about these"),
    ):
        if found := gaps(split.labels, dataset.class_names):
            sentences.append(f"The {part} images of '{dataset.name}' have {found}: {effect}.")
    return sentences


def gaps(labels: UInt8Array, names: tuple[str, ...]) -> str:
    """Return the classes that are absent or rare, as in "no 0 or 3, and only 3 of 7"."""
    counts = np.bincount(labels, minlength=len(names))
    absent = [name for name, count in zip(names, counts, strict=True) if not count]
    least = RARE * len(labels) / len(names)
    rare = [f"{n:,} of {name}" for name, n in zip(names, counts, strict=True) if 0 < n < least]
    parts = []
    if absent:
        parts.append(f"no {' or '.join(filter(None, (', '.join(absent[:-1]), absent[-1])))}")
    if rare:
        parts.append(f"only {', '.join(rare)}")
    return ", and ".join(parts)
