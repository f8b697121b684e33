"""Slashes and 1s: what a stroke is depends on the number it stands in."""

import numpy as np
import pytest

from inkhook.core.base.types import FloatArray
from inkhook.core.numbers.decode import best_path
from inkhook.core.numbers.slashes import heights_of, sensible_slashes
from inkhook.core.numbers.strip import BLANK, CLASSES, SYMBOLS


def seen_as(text: str, doubt: float = 0.3) -> FloatArray:
    """Return what a network says of `text` that isn't sure which strokes are slashes."""
    found = np.full((3 * len(text), CLASSES), 1e-4, np.float32)
    found[:, BLANK] = 1
    for place, sign in enumerate(text):
        at = 3 * place + 1
        found[at, BLANK] = 0.01
        found[at, SYMBOLS.index(sign)] = 1
        if sign in "/1":
            found[at, SYMBOLS.index("1" if sign == "/" else "/")] = doubt
    return np.asarray(found / found.sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("seen", "sensible"),
    [
        ("12/21/91", "12/21/91"),
        ("3/4", "3/4"),
        ("2026/11/26", "2026/11/26"),
        ("11/2026", "11/2026"),
        ("22100/715", "221001715"),  # neither date nor fraction
        ("22/2026/11", "2212026111"),  # the year isn't in the middle
        ("/23", "123"),
        ("20/", "201"),
        ("5/", "51"),
        ("55000/-", "55000/-"),  # closes an amount
        ("55000/7", "5500017"),
        ("551-", "551-"),
        ("/-", "1-"),
        ("111", "111"),
        ("2026", "2026"),
    ],
)
def test_slashes_part_dates_and_fractions(seen: str, sensible: str) -> None:
    found = seen_as(seen)
    path, changed = sensible_slashes(best_path(found), found, lambda: [0.0] * len(seen))
    assert "".join(SYMBOLS[each.symbol] for each in path) == sensible
    for each in path:
        assert changed[each.peak].argmax() == each.symbol, (
            "the digit's confidence is of what is said"
        )
    np.testing.assert_allclose(changed.sum(axis=1), 1, rtol=1e-5)


def test_a_likely_slash_is_one_although_a_1_was_a_little_likelier() -> None:
    found = seen_as("12121191", 0.01)
    for place in (2, 5):
        at = 3 * place + 1
        one, slash = SYMBOLS.index("1"), SYMBOLS.index("/")
        found[at, [one, slash]] = 0.45, 0.54
    path, _ = sensible_slashes(best_path(found), found, lambda: [0.0] * 8)
    assert "".join(SYMBOLS[each.symbol] for each in path) == "12/21/91"


@pytest.mark.parametrize(("high", "read"), [(1.45, "6/8"), (1.0, "618"), (0.0, "618")])
def test_a_stroke_higher_than_its_neighbours_is_rather_a_slash(high: float, read: str) -> None:
    found = seen_as("618", 0.2)
    path, _ = sensible_slashes(best_path(found), found, lambda: [1.0, high, 1.0])
    assert "".join(SYMBOLS[each.symbol] for each in path) == read


def test_a_high_1_at_an_end_is_none() -> None:
    found = seen_as("100", 0.9)
    path, _ = sensible_slashes(best_path(found), found, lambda: [1.5, 1.0, 1.0])
    assert "".join(SYMBOLS[each.symbol] for each in path) == "100"


def test_heights_are_those_of_signs_that_stand_alone() -> None:
    strip = np.zeros((32, 80), np.uint8)
    for left, high in ((2, 20), (22, 28), (42, 20), (52, 20)):
        top = 16 - high // 2
        strip[top : top + high, left : left + 8] = 255
    strip[16, 45:55] = 255  # the last two touch
    seen = best_path(seen_as("6180"))
    assert heights_of(seen, [6, 26, 46, 56], strip) == [1.0, 1.4, 0.0, 0.0]
    assert heights_of(best_path(seen_as("60")), [6, 46], strip) == [0.0, 0.0], "not needed"
