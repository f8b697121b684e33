"""What went wrong in numbers, and how often they are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.judging.number_score import (
    NumberScore,
    format_number_score,
    number_score_as_dict,
)
from inkhook.core.judging.slips import MOST_STEPS, distance, slips
from inkhook.core.numbers.number import Number, Numbers

FEW = st.text("0123", max_size=7)


def read(text: str, truth: str | None, status: str = "ok") -> Numbers:
    sure = status == "ok"
    digits = "".join(sign for sign in text if sign.isdigit())
    number = Number(text, digits, 0.9, sure, (0, 0, 9, 9), 0, ())
    return Numbers(status, (number,) if text else (), truth=truth)


@pytest.mark.parametrize(
    ("wanted", "found", "kinds", "said"),
    [
        ("2026", "2126", ["wrong digit"], "0→1"),
        ("2026", "206", ["missed"], "2 missed"),
        ("2026", "20226", ["one too many"], "2 too many"),
        ("382", "3132", ["cut in two"], "8→13"),
        ("3132", "382", ["two in one"], "13→8"),
        ("12", "", ["missed", "missed"], "1 missed"),
        ("", "7", ["one too many"], "7 too many"),
    ],
)
def test_each_kind_of_mistake(wanted: str, found: str, kinds: list[str], said: str) -> None:
    made = slips(wanted, found)
    assert [slip.kind for slip in made] == kinds
    assert str(made[0]) == said


def levenshtein(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        left, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left + (a != b))
    return row[-1]


@given(FEW, FEW)
def test_mistakes_are_as_few_as_can_be(wanted: str, found: str) -> None:
    made = slips(wanted, found)
    assert distance(wanted, found) == levenshtein(wanted, found)
    assert (not made) == (wanted == found)


def test_texts_too_long_for_every_way_are_compared_by_place() -> None:
    long = "".join(map(str, np.random.default_rng(0).integers(0, 10, MOST_STEPS // 50)))
    assert [str(slip) for slip in slips(long, f"{long}7")] == ["7 too many"]


def test_pictures_add_up() -> None:
    score = NumberScore()
    score.add(read("12/21/91", "122191"))
    score.add(read("27.50", "27-51"))
    score.add(read("8", "8", "unsure"))
    score.add(read("", "5", "blank"))
    score.add(read("3", None))
    score.add(read("", "77", "corrupt"))
    assert (score.count, score.right, score.sure, score.unsure) == (4, 2, 2, 1)
    assert (score.digits, score.changes) == (12, 2)
    assert score.precision == 0.5
    assert score.distance == pytest.approx((0 + 0.25 + 0 + 1) / 4)
    figures = number_score_as_dict(score)
    assert figures["accuracy"] == 0.5
    assert figures["mistakes"]["wrong digit"] == figures["mistakes"]["missed"] == 1
    assert figures["commonest"] == {"5 missed": 1, "1→0": 1}
    assert figures["blank"] == 1
    text = format_number_score(score)
    assert text.startswith("All digits right: 50.00 % (95 % interval 15.00 to 85.00 %), 2 of 4\n")
    assert "Digit error rate: 16.67 %, 2 of 12 digits\n" in text
    assert "Not sure: 1; 50.00 % of the other answers are right\n" in text


def test_numbers_know_whether_they_are_right() -> None:
    assert read("12/21", "1221").right
    assert not read("0414", "414").right
    assert read("1", None).right is None
