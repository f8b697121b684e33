"""What a network sees along a strip becomes symbols, with the probability of all of them."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.numbers.decode import TOGETHER, best_path, probabilities_of, probability_of
from inkhook.core.numbers.strip import BLANK, CLASSES


def along(*symbols: int) -> np.ndarray:
    """Return probabilities that are sure of one symbol at each place."""
    rows = np.full((len(symbols), CLASSES), 1e-4, np.float32)
    rows[np.arange(len(symbols)), symbols] = 1
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def test_equal_neighbours_are_one_symbol_unless_there_is_a_gap() -> None:
    seen = best_path(along(BLANK, 7, 7, BLANK, 7, 1, 1, BLANK))
    assert [each.symbol for each in seen] == [7, 7, 1]
    assert [(each.first, each.last) for each in seen] == [(1, 2), (4, 4), (5, 6)]
    assert best_path(along(BLANK, BLANK)) == []


@given(st.lists(st.integers(0, 2), min_size=0, max_size=3), st.integers(0, 2**32 - 1))
def test_the_probability_is_the_sum_over_all_ways(symbols: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).random((5, 4))
    rows /= rows.sum(axis=1, keepdims=True)
    full = np.zeros((5, CLASSES))
    full[:, [0, 1, 2, BLANK]] = rows
    total = 0.0
    for path in itertools.product((0, 1, 2, BLANK), repeat=5):
        said = [s for s, _ in itertools.groupby(path) if s != BLANK]
        if said == symbols:
            total += float(np.prod([full[place, s] for place, s in enumerate(path)]))
    found = probability_of(symbols, full.astype(np.float32))
    np.testing.assert_allclose(found, total, rtol=1e-4, atol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60)), max_size=6), st.integers(0, 99))
def test_strips_of_any_length_get_the_same_probability_together(
    sizes: list[tuple[int, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pairs = []
    for symbols, places in sizes:
        rows = rng.random((places, CLASSES)).astype(np.float32)
        rows /= rows.sum(axis=1, keepdims=True)
        pairs.append((rng.integers(0, BLANK, symbols).tolist(), rows))
    alone = [probability_of(*pair) for pair in pairs]
    np.testing.assert_allclose(probabilities_of(pairs), alone, rtol=1e-9)


def test_more_strips_than_are_taken_at_once_keep_their_order() -> None:
    sure = [along(*([BLANK, 7] * places)) for places in (400, 2, 500, 1)] * 2
    texts = [[7] * 400, [7, 7], [7] * 500, [7]] * 2
    assert 2 * sum(len(text) * len(rows) for text, rows in zip(texts, sure, strict=True)) > TOGETHER
    found = probabilities_of(list(zip(texts, sure, strict=True)))
    assert min(found) > 0.1
    assert found == [probability_of(*pair) for pair in zip(texts, sure, strict=True)]
