"""Labels that are probably wrong, by confident learning (Northcutt, Jiang and Chuang 2021).

A classifier answers each image without having seen its label: a logistic regression on what a
network's last hidden layer says of the images. cleanlab ranks the labels by how little they fit the
answers. Not for where the images come from.
"""

import math
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..base.problems import DataProblem, OutputProblem
from ..base.types import FloatArray, UInt8Array
from ..network.network import Network
from ..network.numpy_engine import compile_network
from .figures import CELL_INCHES, INK, QUIET, draw_image, new_figure

if TYPE_CHECKING:
    from .picture import Picture

FOLDS = 5

SHRINK = 0.003
"""How freely the regression may follow single images (scikit-learn's C). From 0.0003 to 0.03 at
least 94 of 100 flipped labels among 5,000 are found among the first 110."""

COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Suspects:
    """Labels that don't fit, the worst first.

    Attributes
    ----------
    places : int (n,)
        Which images.
    digits : uint8 (N,)
        What each image looks like.
    confidence : float32 (N,)
        How likely that is, 0 to 1.
    """

    places: np.ndarray
    digits: UInt8Array
    confidence: FloatArray


def find_suspects(network: Network, images: FloatArray, labels: UInt8Array, seed: int) -> Suspects:
    """Find the labels that don't fit their images.

    Parameters
    ----------
    network : Network
        Its last hidden layer describes the images. It needn't know these classes.
    images : float32 (N, 28, 28)
        Prepared.
    labels : uint8 (N,)
    seed : int
        Divides the images.

    Raises
    ------
    OutputProblem
        When the libraries aren't installed.
    DataProblem
        When fewer than two digits have two images.
    """
    try:
        from cleanlab.filter import find_label_issues
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise OutputProblem(
            "Finding suspects needs extra libraries: pip install 'inkhook[suspects]'."
        ) from error
    counts = np.bincount(labels, minlength=10)
    known = np.flatnonzero(counts >= 2)
    if len(known) < 2:
        raise DataProblem("Labels can be compared only if two digits have two images each.")
    chosen = np.flatnonzero(np.isin(labels, known))
    given = np.searchsorted(known, labels[chosen])
    folds = StratifiedKFold(min(FOLDS, int(counts.max())), shuffle=True, random_state=seed)
    # the regression's many small steps are faster on one thread
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # about digits with fewer images than folds
        answers = cross_val_predict(
            LogisticRegression(C=SHRINK, max_iter=200),
            features(network, images[chosen]),
            given,
            cv=folds,
            method="predict_proba",
        )
        ranked = find_label_issues(
            given,
            answers,
            filter_by="predicted_neq_given",
            return_indices_ranked_by="normalized_margin",
            n_jobs=1,
        )
    digits = labels.copy()
    confidence = np.ones(len(labels), np.float32)
    digits[chosen] = known[answers.argmax(axis=1)]
    confidence[chosen] = answers.max(axis=1)
    return Suspects(chosen[ranked], digits, confidence)


def features(network: Network, images: FloatArray) -> FloatArray:
    """Return what a network's last hidden layer says of images: float32 (N, F)."""
    places = [n for n, layer in enumerate(network.layers) if layer.kind == "Dense"]
    hidden = replace(network, layers=network.layers[: places[-1]] if places else network.layers)
    if not hidden.layers:  # a network without a hidden layer
        return images.reshape(len(images), -1)
    found = compile_network(hidden)(images.reshape(len(images), *network.input_shape))
    return np.asarray(found).reshape(len(images), -1)


def plot_suspects(
    suspects: Suspects, images: FloatArray, labels: UInt8Array, count: int = 36
) -> "Picture":
    """Draw the images whose labels fit worst.

    Parameters
    ----------
    suspects : Suspects
    images : float32 (N, 28, 28)
    labels : uint8 (N,)
    count : int
        The most to draw.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = suspects.places[:count].tolist()
    rows = max(math.ceil(len(drawn) / COLUMNS), 1)
    width, height = COLUMNS * CELL_INCHES + 0.3, rows * (CELL_INCHES + 0.1) + 0.7
    figure = new_figure(width, height)
    figure.text(
        0.5,
        1 - 0.42 / height,
        f"{len(suspects.places):,} of {len(labels):,} labels don't fit their images",
        ha="center",
        size=15,
        weight="bold",
        color=INK,
    )
    if not drawn:
        figure.text(0.5, 0.4, "Nothing to show: every label fits.", ha="center", color=QUIET)
    for number, place in enumerate(drawn):
        row, column = divmod(number, COLUMNS)
        left = 0.15 + column * CELL_INCHES
        bottom = height - 0.7 - (row + 1) * (CELL_INCHES + 0.1)
        sure = math.floor(suspects.confidence[place] * 100)
        title = f"Label {labels[place]} · Looks like {suspects.digits[place]} ({sure} %)"
        draw_image(figure, images[place], title, (left, bottom))
    return figure
