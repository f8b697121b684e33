"""Intervals, calibration, temperature and thresholds: against textbook values and by their laws."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkhook.core.judging.calibration import (
    LEAST_TEMPERATURE,
    MOST_TEMPERATURE,
    calibration_error,
    fit_temperature,
    reject_threshold,
    wilson,
)

Floats = npt.NDArray[np.float64]


def softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        (15, 148, 0.0624, 0.1605),  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (9843, 10_000, 0.9817, 0.9866),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(right: int, count: int, low: float, high: float) -> None:
    assert wilson(right, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_the_interval_holds_the_share(count: int, share: float) -> None:
    right = round(count * share)
    low, high = wilson(right, count)
    assert 0 <= low <= right / count <= high <= 1
    assert wilson(count - right, count) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_calibration_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.65, 0.65, 0.65])
    right = np.array([True, False, True, True, True])
    # two answers 0.45 too sure, three 0.35 not sure enough
    assert calibration_error(confidence, right, bins=10) == pytest.approx((0.9 + 1.05) / 5)
    assert calibration_error(confidence, right, bins=1) == pytest.approx(abs(4 - 3.85) / 5)
    assert calibration_error(np.empty(0), np.empty(0, bool)) == 0


def test_the_bins_are_open_below_and_closed_above() -> None:
    confidence, right = np.array([0.5, 0.51, 0.0, 1.0]), np.array([True, False, False, True])
    assert calibration_error(confidence, right, bins=2) == pytest.approx((0.5 + 0.51) / 4)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
@settings(max_examples=30)
def test_calibration_lies_between_0_and_1_and_heeds_no_order(seed: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = softmax(rng.normal(0, 3, (50, 10)))
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == rng.integers(0, 10, 50)
    error = calibration_error(confidence, right, bins)
    order = rng.permutation(50)
    assert 0 <= error <= 1
    assert calibration_error(confidence[order], right[order], bins) == pytest.approx(error)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_is_found_again(temperature: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 10))
    truth = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn from softmax(logits)
    found = fit_temperature(logits * temperature, truth)
    assert found == pytest.approx(temperature, rel=0.03)
    assert fit_temperature(softmax(logits * temperature), truth) == pytest.approx(found, rel=1e-3)
    cooled = softmax(logits * temperature / found)
    right = cooled.argmax(axis=1) == truth
    assert calibration_error(cooled.max(axis=1), right) < 0.01


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 5))
@settings(max_examples=40, deadline=None)
def test_no_other_temperature_is_better(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    logits, truth = rng.normal(0, spread, (30, 4)), rng.integers(0, 4, 30)

    def loss(temperature: float) -> float:
        return -float(np.log(softmax(logits / temperature)[np.arange(30), truth]).mean())

    found = fit_temperature(logits, truth)
    assert LEAST_TEMPERATURE <= found <= MOST_TEMPERATURE
    others = np.geomspace(LEAST_TEMPERATURE, MOST_TEMPERATURE, 50)
    assert loss(found) <= min(map(loss, others)) + 1e-9


def test_temperatures_at_the_ends() -> None:
    sure = np.eye(10) * 5
    assert fit_temperature(sure, np.arange(10)) == pytest.approx(LEAST_TEMPERATURE)
    assert fit_temperature(sure, (np.arange(10) + 1) % 10) == pytest.approx(MOST_TEMPERATURE)
    assert fit_temperature(np.full((5, 10), 0.1), np.zeros(5, int)) == 1
    assert fit_temperature(np.empty((0, 10)), np.empty(0, int)) == 1
    with np.errstate(divide="raise", invalid="raise"):
        assert fit_temperature(np.eye(10), np.arange(10)) == pytest.approx(LEAST_TEMPERATURE)


@pytest.mark.parametrize(
    ("confidence", "right", "precision", "expected"),
    [
        ([0.9, 0.8, 0.7], [1, 1, 0], 0.9, 0.8),
        ([0.7, 0.9, 0.8], [0, 1, 1], 0.6, 0.7),
        ([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1], 0.75, 0.6),  # the smallest, past a worse place
        ([0.9, 0.8, 0.8], [1, 1, 0], 0.9, 0.9),  # the two are taken or left together
        ([0.9, 0.9], [0, 1], 0.9, 1.0),
        ([0.5], [1], 1.0, 0.5),
        ([], [], 0.5, 1.0),
    ],
)
def test_thresholds_by_hand(
    confidence: list[float], right: list[int], precision: float, expected: float
) -> None:
    found = reject_threshold(np.array(confidence), np.array(right, bool), precision)
    assert found == expected


@given(
    hnp.arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 12)),
    st.integers(0, 2**32 - 1),
    st.floats(0.1, 1),
)
def test_a_threshold_keeps_its_promise_and_no_smaller_one_does(
    steps: npt.NDArray[np.int64], seed: int, precision: float
) -> None:
    confidence = steps / 16  # many ties
    right = np.random.default_rng(seed).random(len(steps)) < 0.7
    found = reject_threshold(confidence, right, precision)
    good = [t for t in confidence if right[confidence >= t].mean() >= precision]
    assert found == (min(good) if good else 1.0)
