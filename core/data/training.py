"""What every trainer needs: prepared images, some held back, the rest augmented every epoch.

Classes with too few images to learn are named. Plugins do the training itself.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..base.problems import ModelProblem, Problem
from ..base.types import SIDE, Dataset, FloatArray, Split, UInt8Array
from ..events.protocol import Session
from ..images import preprocess


def hold_back(train: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Hold back a random share of the images.

    Parameters
    ----------
    train : Split
    share : float
        0 to 1; with 0 nothing is held back.
    seed : int

    Returns
    -------
    tuple of Split
        What to train with, and what is held back; together all images, each in its old order.

    Raises
    ------
    ModelProblem
        When nothing would be left to train with.
    """
    count = round(len(train) * share)
    if count == 0:
        return train, Split(train.images[:0], train.labels[:0])
    if count == len(train):
        raise ModelProblem(
            f"A validation split of {share} leaves none of {len(train)} images to train with."
        )
    order = np.random.default_rng(seed).permutation(len(train))
    held, rest = np.sort(order[:count]), np.sort(order[count:])
    return (
        Split(train.images[rest], train.labels[rest]),
        Split(train.images[held], train.labels[held]),
    )


def prepare_split(split: Split) -> Split:
    """Return a split whose images have been preprocessed, as every image is."""
    pixels, peaks = preprocess.all_to_pixels(split.images)
    faint = np.flatnonzero(peaks != preprocess.FULL)  # few, and only among images that were changed
    if len(faint):
        brighter = preprocess.scale(pixels[faint], peaks[faint]) * 255
        pixels[faint] = np.rint(brighter).astype(np.uint8)
    return Split(pixels, split.labels)


def flat(images: UInt8Array) -> FloatArray:
    """Return prepared images, uint8 (N, 28, 28), as the network's input, float32 (N, 784)."""
    return preprocess.scale(images).reshape(len(images), SIDE * SIDE)


def epoch_images(session: Session, train: Split, epochs: int) -> Iterator[FloatArray]:
    """Yield each epoch's images as a network's inputs, float32 (N, 784); see `epoch_pixels`.

    They are 0 for paper to 1 for ink, in the order of the split.
    """
    same = None if session.has("augment") else flat(train.images)
    for images in epoch_pixels(session, train, epochs):
        yield flat(images) if same is None else same


UNCHANGED = 0.75
"""The share of the images that stay as they are in the plain epochs of `epoch_pixels`."""


def epoch_pixels(
    session: Session, train: Split, epochs: int, *, plain_epochs: int = 0
) -> Iterator[UInt8Array]:
    """Yield each epoch's images, made by the `augment` plugins while the previous epoch trains.

    A plugin that fails ends the training; where an epoch has been trained by then, that much is
    kept, and the error is raised once it is safe.

    Parameters
    ----------
    session : Session
    train : Split
        Prepared.
    epochs : int
    plain_epochs : int
        How many epochs at the end leave most of the images as they are, so that a network that has
        learnt what hands may do ends with what most of them did (He et al. 2019, Data augmentation
        revisited).

    Yields
    ------
    uint8 (N, 28, 28)
        0 is paper, 255 is ink; in the order of the split.
    """
    if not session.has("augment"):
        for _ in range(epochs):
            yield train.images
        return

    def augmented(epoch: int) -> UInt8Array:
        rng = np.random.default_rng([session.seed, epoch])
        part, some = train, np.ones(len(train), bool)
        if epoch >= epochs - plain_epochs:
            some = rng.random(len(train)) >= UNCHANGED
            part = Split(train.images[some], train.labels[some])
        if not len(part):
            return train.images
        changed: UInt8Array = session.chain(
            "augment",
            part.images,
            same_shape=True,
            labels=part.labels,
            epoch=epoch,
            rng=rng,
            own=False,
        )
        if part is train:
            return changed
        images = train.images.copy()
        images[some] = changed
        return images

    with ThreadPoolExecutor(1, thread_name_prefix="augment") as worker:
        coming = worker.submit(augmented, 0)
        for epoch in range(epochs):
            try:
                images = coming.result()
            except Problem as problem:
                if epoch == 0:
                    raise
                session.request_stop(str(problem), problem)
                return
            if epoch + 1 < epochs:
                coming = worker.submit(augmented, epoch + 1)
            yield images


RARE = 0.2
"""As a fraction of an even share of the images. MNIST's rarest digit, 5, has 0.9."""


def class_warnings(dataset: Dataset) -> list[str]:
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
