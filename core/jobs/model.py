"""A model for Python programs: open it, get answers, write it.

Answers come from `reading.predictor`, as in every command; `modelfile` handles the file.
"""

import functools
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base.text import note
from ..base.types import DIGITS, SIDE, FloatArray
from ..images.arrays import as_list
from ..images.imagefile import DEFAULT_LIMITS
from ..judging.score import sure_from
from ..modelfile.artifact import Artifact, ModelFile
from ..network.saliency import contributions
from ..numbers.number import Numbers
from ..reading.predictor import Job, Predictor
from ..reading.rows import Rows
from . import find_model
from .answer import Answer, answer_at, no_answers
from .given_image import given, read
from .read_numbers import numbers_job

BATCH = 1024
"""How many images are prepared and classified at once: a few megabytes."""


class Model:
    """A trained model; safe to use from several threads.

    `load_model` and `train` return one. Images are prepared as in every command, so they may have
    any size, be light on dark or dark on light, and have the digit anywhere. A set of images is

    - a uint8 array (N, H, W), or (N, H, W, C) with 1, 3 (red, green, blue) or 4 (and opacity)
      channels, or
    - a list of such arrays without the first axis, or of Pillow images; sizes may differ.

    Arrays of bool, and of floats from 0 to 1, are accepted as well. Other numbers are refused,
    because they are ambiguous.

    Attributes
    ----------
    card : Card
        What the file says about itself: the data, the training, the figures.
    """

    def __init__(self, stored: Artifact, numbers: str | None = find_model.SHIPPED.stem) -> None:
        """Prepare a model that has been read; use `load_model` to open one by name.

        Parameters
        ----------
        stored : Artifact
        numbers : str or None
            What reads numbers if this is a model for single digits, as for `read_chosen`.
        """
        if stored.card is None:
            raise TypeError("a model of unknown form has to be adopted first")
        self.card = stored.card
        self._stored, self._numbers = stored, numbers

    @functools.cached_property
    def _predictor(self) -> Predictor:
        """What answers; made when needed."""
        return Predictor(self._job, read)

    @functools.cached_property
    def _job(self) -> Job:
        stored = find_model.for_digits(self._stored)
        return Job(stored.network, stored.temperature, sure_from(stored), DEFAULT_LIMITS)

    def predict(self, images: object) -> npt.NDArray[np.int64]:
        """Return the digit on each image.

        Parameters
        ----------
        images : array or list
            N images; see Model.

        Returns
        -------
        int64 (N,)
            0 to 9; -1 where the image is blank or shows several digits.

        Raises
        ------
        TypeError, ValueError
            When an image isn't an image, or its numbers are ambiguous.
        """
        probabilities = self.predict_proba(images)
        digits: npt.NDArray[np.int64] = probabilities.argmax(axis=1).astype(np.int64)
        digits[np.isnan(probabilities[:, 0])] = -1
        return digits

    def predict_proba(self, images: object) -> FloatArray:
        """Return the probability of each digit on each image.

        Parameters
        ----------
        images : array or list
            N images; see Model.

        Returns
        -------
        float32 (N, 10)
            Each row sums to 1; it is all NaN if there is no answer, as for `predict`.

        Raises
        ------
        TypeError, ValueError
            When an image isn't an image, or its numbers are ambiguous.
        """
        listed = as_list(images)
        found = no_answers(len(listed))
        for start in range(0, len(listed), BATCH):
            rows = self._batch(listed[start : start + BATCH], start)
            for place in np.flatnonzero(rows.failed).tolist():
                raise ValueError(f"Image {start + place} can't be used. {rows.remarks[place]}")
            found[start : start + len(rows)][rows.answered] = rows.probabilities[rows.answered]
        return found

    def score(self, images: object, labels: npt.ArrayLike) -> float:
        """Return the share of images whose digit is right, 0 to 1; one without answer is wrong.

        Parameters
        ----------
        images : array or list
            N images; see Model.
        labels : int (N,)
            The right digits, 0 to 9.

        Raises
        ------
        TypeError, ValueError
            As `predict`, and when there are no images or the labels don't fit them.
        """
        truth = np.asarray(labels)
        if truth.ndim != 1 or not len(truth) or truth.dtype.kind not in "iu":
            raise ValueError(f"labels must be integers (N,), not {truth.dtype} {truth.shape}.")
        if truth.min() < 0 or truth.max() >= len(DIGITS):
            raise ValueError(f"labels must be from 0 to 9, not {truth.min()} to {truth.max()}.")
        digits = self.predict(images)
        if len(digits) != len(truth):
            raise ValueError(f"there are {len(digits):,} images but {len(truth):,} labels.")
        return float((digits == truth).mean())

    def explain(self, images: object) -> FloatArray:
        """Return what each answer rests on: how much each pixel's ink speaks for the digit.

        It is gradient × input of the digit's log odds, log p/(1 - p) (`network.saliency`). The sum
        over a part of an image is, roughly, by how much these fall when the part is wiped out.

        Parameters
        ----------
        images : array or list
            N images; see Model.

        Returns
        -------
        float32 (N, 28, 28)
            For the image as the network sees it. Above 0 where ink speaks for the digit, below 0
            where it speaks against it; all 0 where there is no answer.

        Raises
        ------
        TypeError, ValueError
            As `predict_proba`.
        """
        listed = as_list(images)
        found = np.zeros((len(listed), SIDE, SIDE), np.float32)
        network = find_model.for_digits(self._stored).network
        keeping = Predictor(replace(self._job, images=True), read)
        for start in range(0, len(listed), BATCH):
            rows = self._batch(listed[start : start + BATCH], start, keeping)
            for place in np.flatnonzero(rows.failed).tolist():
                raise ValueError(f"Image {start + place} can't be used. {rows.remarks[place]}")
            own = start + np.flatnonzero(rows.answered)
            digits = rows.probabilities[rows.answered].argmax(axis=1)
            found[own] = contributions(network, rows.images[rows.answered], digits)
        return found

    def read_digit(self, image: object) -> Answer:
        """Return the digit on one image, with its confidence.

        Parameters
        ----------
        image : str, path-like, bytes, array or Pillow image
            A path or the bytes of an image file, or an image as in Model.

        Raises
        ------
        DataProblem
            When there is no such file. For one that can't be read, the answer's status says why.
        TypeError, ValueError
            When it isn't an image, or its numbers are ambiguous.
        """
        item, path = given(image)
        return answer_at(self._predictor([item], [0]), 0, path)

    def read_numbers(self, picture: object) -> Numbers:
        """Return the numbers in one picture, however many and on however many rows.

        A network of its own reads them: this model's, if it is one for numbers, else the included
        one, or where `load_model` chose the model, the one that it chooses for numbers.

        Parameters
        ----------
        picture : str, path-like, bytes, array or Pillow image
            As for `read_digit`.

        Raises
        ------
        DataProblem
            When there is no such file. For one that can't be read, the status says why.
        TypeError, ValueError
            When it isn't an image, or its numbers are ambiguous.
        """
        item, path = given(picture)
        return self._numbers_predictor([item], [0]).numbers_of(0, path)

    @functools.cached_property
    def _numbers_predictor(self) -> Predictor:
        own = self._stored.network.reads_strips
        model = self._stored if own else find_model.read_chosen(self._numbers, note, numbers=True)
        return Predictor(numbers_job(model), functools.partial(read, fine=True))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model and its card as a `.h5` file, which Keras can open, too.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced, whole or not at all.

        Raises
        ------
        OutputProblem
            When it can't be written.
        """
        ModelFile(self._stored.network).write(Path(path), self.card)

    def _batch(
        self, images: Sequence[Any] | np.ndarray, first: int, predictor: Predictor | None = None
    ) -> Rows:
        """Prepare and classify a few images; an error says which image it is about."""
        begun = [0]
        try:
            return (predictor or self._predictor)(images, None, begun.append)
        except (TypeError, ValueError, OSError) as error:
            error.add_note(f"It is image {first + begun[-1]}.")
            raise

    def __repr__(self) -> str:
        return f"<inkhook.Model {find_model.model_summary(self._stored)}>"


def artifact_of(
    model: "Model | str | os.PathLike[str] | None", *, any_run: bool = False
) -> Artifact:
    """Return what a model was made of; one that is named is opened, as `find_model` does it."""
    if isinstance(model, Model):
        return find_model.for_digits(model._stored)
    if model is None:
        return find_model.read_chosen(None, note, any_run=any_run)
    return find_model.for_digits(find_model.read_named(os.fspath(model), note))


def load_model(name: str | os.PathLike[str] | None = None) -> Model:
    """Open a model.

    Parameters
    ----------
    name : str or path-like, optional
        A `.h5` or `.keras` file, a run's folder or its name, or "pretrained" for the included
        model. Without it, the one that commands use without `--model`; a line on stderr says which.

    Raises
    ------
    ModelProblem
        When there is no such model, or it isn't one that reads digits.
    ModelRejected
        When the file isn't safe to open.

    Examples
    --------
    >>> import inkhook
    >>> model = inkhook.load_model("pretrained")
    >>> model.predict(inkhook.load_mnist().test.images[:5])
    array([7, 2, 1, 0, 4])
    """
    if name is None:
        return Model(artifact_of(None), None)
    return Model(find_model.read_named(os.fspath(name), note))
