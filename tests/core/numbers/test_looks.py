"""How many looks a strip gets, and what they make of it."""

import numpy as np
import pytest

from inkhook.core.base.types import FloatArray, UInt8Array
from inkhook.core.jobs.find_model import SHIPPED_NUMBERS
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.core.numbers.looks import Said, read_strips
from inkhook.core.numbers.recogniser import Recogniser
from inkhook.core.numbers.strip import BLANK, JUNK

STRIP = np.zeros((32, 60), np.uint8)


class Says(Recogniser):
    """Sees one sign and another that it may be, for each width of a strip; nothing else."""

    def __init__(self, first: float, others: float, sign: int = 5) -> None:
        super().__init__(read_artifact(SHIPPED_NUMBERS).network)
        self.sure = {STRIP.shape[1]: first}
        self.others, self.sign = others, sign
        self.asked: list[int] = []

    def __call__(self, strip: UInt8Array) -> FloatArray:
        self.asked.append(strip.shape[1])
        found = np.zeros((strip.shape[1] // 3 + 1, BLANK + 1), np.float32)
        found[:, BLANK] = 1
        sure = self.sure.get(strip.shape[1], self.others)
        found[5] = 0
        found[5, self.sign], found[5, 3] = sure, 1 - sure
        return found


def read(first: Recogniser, second: Recogniser | None) -> Said:
    first.second = second
    return read_strips(first, [STRIP])[0]


@pytest.mark.parametrize(
    ("sure", "own", "seconds", "alone"), [(0.999, 1, 0, 1), (0.99, 1, 1, 3), (0.4, 3, 3, 3)]
)
def test_the_less_sure_the_first_look_the_more_looks(
    sure: float, own: int, seconds: int, alone: int
) -> None:
    first, second, lone = Says(sure, 0.8), Says(0.7, 0.7), Says(sure, 0.8)
    read(first, second)
    read(lone, None)
    assert (len(first.asked), len(second.asked), len(lone.asked)) == (own, seconds, alone)
    for one in (first, second, lone):
        assert len(set(one.asked)) == len(one.asked), "each in another size"


def test_the_second_network_counts_as_much() -> None:
    said = read(Says(0.99, 0.8), Says(0.6, 0.6))
    assert said.chance == pytest.approx((0.99 + 0.6) / 2)


def test_looks_at_other_sizes_count_as_much() -> None:
    said = read(Says(0.99, 0.6), None)
    assert said.look.symbols == [5]
    assert said.chance == pytest.approx((0.99 + 0.6 + 0.6) / 3)
    assert read(Says(0.99, 0.2), None).look.symbols == [3], "two against one that is sure"


def test_what_is_mostly_no_digit_is_looked_at_once() -> None:
    first, second = Says(0.6, 0.6, sign=JUNK), Says(0.7, 0.7)
    read(first, second)
    assert (len(first.asked), len(second.asked)) == (1, 0)
