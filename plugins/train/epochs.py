"""The images of each epoch: prepared once, held back in part, and augmented where plugins do that.

Training itself is the plugin's, in `__init__`.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...core.base.problems import ModelProblem, Problem
from ...core.base.types import SIDE, FloatArray, Split, UInt8Array
from ...core.events.protocol import Session
from ...core.images import preprocess


def split(train: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Hold back a share of the images, drawn by chance; return the rest and those.

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


def standard_error(accuracy: float, count: int) -> float:
    """Return how far an accuracy that was measured on so many images may be off by chance.

    Of epochs that differ by less, the last is kept, whose learning rate was the lowest: the
    one-standard-error rule (Breiman et al., Classification and regression trees, 1984).
    """
    return math.sqrt(accuracy * (1 - accuracy) / count)


def prepared(split: Split) -> Split:
    """Return a split whose images have been through preprocessing, as every image does."""
    images = preprocess.to_model_input(split.images)
    return Split(np.rint(images * 255).astype(np.uint8), split.labels)


def flat(images: UInt8Array) -> FloatArray:
    """Return prepared images, uint8 (N, 28, 28), as the network's input, float32 (N, 784)."""
    return preprocess.scale(images).reshape(len(images), SIDE * SIDE)


def epoch_images(session: Session, train: Split, epochs: int) -> Iterator[FloatArray]:
    """Yield each epoch's images, made by the `augment` plugins while the epoch before trains.

    A plugin that fails ends the training; where an epoch has been trained by then, that much is
    kept, and the error is raised once it is safe.

    Parameters
    ----------
    session : Session
    train : Split
        Prepared.
    epochs : int
    """
    if not session.has("augment"):
        images = flat(train.images)
        for _ in range(epochs):
            yield images
        return

    def augmented(epoch: int) -> FloatArray:
        rng = np.random.default_rng([session.seed, epoch])
        return flat(
            session.chain(
                "augment", train.images, same_shape=True, labels=train.labels, epoch=epoch, rng=rng
            )
        )

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
