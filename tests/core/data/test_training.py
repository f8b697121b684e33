"""What every trainer needs: a share held back, with nothing lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inkhook.core.base.problems import ModelProblem
from inkhook.core.base.types import Split
from inkhook.core.data.training import hold_back


@given(st.integers(1, 60), st.floats(0, 0.9), st.integers(0, 99))
def test_a_split_loses_and_doubles_nothing(count: int, share: float, seed: int) -> None:
    labels = np.arange(count, dtype=np.uint8)
    images = np.broadcast_to(labels[:, None, None], (count, 28, 28)).copy()
    try:
        rest, held = hold_back(Split(images, labels), share, seed)
    except ModelProblem:
        assert round(count * share) == count
        return
    assert sorted([*rest.labels, *held.labels]) == list(range(count))
    assert len(held) == round(count * share)
    assert (rest.images[:, 0, 0] == rest.labels).all()
