"""How far to trust a figure: an accuracy's interval, a confidence's calibration.

Plain functions on arrays; nothing here knows about models or files.
"""

import math

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating]

BINS = 15
LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.05, 20.0

_Z95 = 1.959963984540054
"""The standard normal distribution has 95 % of its mass between minus and plus this."""


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, such as an accuracy.

    Unlike the usual ± it stays within 0 and 1, and it is valid for few answers and shares near 1.
    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).

    Parameters
    ----------
    right, count : int
        The number of right answers, and of all answers.

    Returns
    -------
    tuple of float
        The lower and the upper end, 0 to 1; (0, 1) if `count` is 0.
    """
    if not count:
        return 0.0, 1.0
    share, square = right / count, _Z95**2 / count
    middle = (share + square / 2) / (1 + square)
    half = math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square)
    # rounding must not move an end past the share itself
    return max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)


def standard_error(accuracy: float, count: int) -> float:
    """Return how far an accuracy measured on `count` images may be off by chance.

    Of epochs that differ by less, a trainer keeps the last, whose learning rate was the lowest: the
    one-standard-error rule (Breiman et al., Classification and regression trees, 1984).

    Parameters
    ----------
    accuracy : float
        0 to 1.
    count : int
        At least 1.
    """
    return math.sqrt(accuracy * (1 - accuracy) / count)


def calibration_error(confidence: Numbers, right: npt.NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error of N answers.

    The answers are sorted by confidence into bins of equal width, (0, 1/bins] and so on. The result
    is the mean of |accuracy - mean confidence| over the bins, weighted by the number of answers in
    each. Chuan Guo et al., On calibration of modern neural networks, ICML 2017, eq. 3.

    Parameters
    ----------
    confidence : float (N,)
        0 to 1.
    right : bool (N,)
        Whether each answer was right.
    bins : int
    """
    if not len(confidence):
        return 0.0
    return float(np.abs(surplus(confidence, right, bins)).sum() / len(confidence))


def surplus(
    confidence: Numbers, right: npt.NDArray[np.bool_], bins: int = BINS
) -> npt.NDArray[np.float64]:
    """Return, for each bin, the sum of the confidences minus the number of right answers.

    The sums of several batches may be added; see `calibration_error`.

    Parameters
    ----------
    confidence : float (N,)
    right : bool (N,)
    bins : int

    Returns
    -------
    float64 (bins,)
    """
    sure = np.asarray(confidence, np.float64)
    places = (np.ceil(sure * bins).astype(np.int64) - 1).clip(0, bins - 1)
    return np.bincount(places, sure - right, bins).astype(np.float64)


def fit_temperature(scores: Numbers, truth: npt.NDArray[np.integer]) -> float:
    """Return the temperature T for which softmax(scores / T) fits the truth best.

    A T above 1 lowers a model's confidence, below 1 it raises it; its digits stay the same. Guo et
    al. 2017, section 4.2. The loss is convex in 1/T, so its slope changes sign once, and bisection
    finds where.

    Parameters
    ----------
    scores : float (N, K)
        Logits, or probabilities (no number below 0, each row sums to 1). The logarithms of
        probabilities are logits up to a constant in each row, which softmax ignores.
    truth : int (N,)
        The right class of each row.

    Returns
    -------
    float
        From LEAST_TEMPERATURE to MOST_TEMPERATURE; an end of that range if the best T is beyond
        it, as for a model that is always right; 1 if T changes nothing.
    """
    logits = np.asarray(scores, np.float64)
    if not len(logits):
        return 1.0
    if logits.min() >= 0 and np.allclose(logits.sum(axis=1), 1, atol=1e-3):
        logits = np.log(logits.clip(1e-30))
    logits = logits - logits.max(axis=1, keepdims=True)
    wanted = logits[np.arange(len(logits)), truth]
    if not logits.any():
        return 1.0

    def slope(sharpness: float) -> float:
        weights = np.exp(logits * sharpness)
        expected = (weights * logits).sum(axis=1) / weights.sum(axis=1)
        return float((expected - wanted).sum())

    low, high = -math.log(MOST_TEMPERATURE), -math.log(LEAST_TEMPERATURE)
    for _ in range(40):  # after 40 halvings, the range is 1e-11 wide
        middle = (low + high) / 2
        if slope(math.exp(middle)) <= 0:  # 0: too flat to tell, far on the sure side
            low = middle
        else:
            high = middle
    return math.exp(-(low + high) / 2)


def reject_threshold(
    confidence: Numbers, right: npt.NDArray[np.bool_], precision: float = 0.995
) -> float:
    """Return the smallest confidence at and above which answers are right often enough.

    Parameters
    ----------
    confidence : float (N,)
        0 to 1.
    right : bool (N,)
        Whether each answer was right.
    precision : float
        The share of the accepted answers that must be right on this data.

    Returns
    -------
    float
        The confidence of one of the answers. Those at or above it are accepted, so that answers of
        equal confidence are accepted or rejected together. 1 if no threshold is good enough.
    """
    order = np.argsort(-np.asarray(confidence), kind="stable")
    sorted_confidence = np.asarray(confidence)[order]
    shares = np.cumsum(np.asarray(right)[order]) / np.arange(1, len(order) + 1)
    # a line can only be drawn before an answer with less confidence
    last = np.append(sorted_confidence[1:] < sorted_confidence[:-1], True)[: len(order)]
    enough = np.flatnonzero(last & (shares >= precision))
    return float(sorted_confidence[enough[-1]]) if len(enough) else 1.0
