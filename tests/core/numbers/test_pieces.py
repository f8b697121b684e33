"""What is left of an upright line is no digit; a 1 beside one is."""

import cv2
import numpy as np
import pytest

from inkhook.core.numbers.pieces import left_of_lines
from inkhook.core.numbers.rulings import Ruled

HEIGHT = 39
"""Of digits, in pixels."""


def beside_an_edge(lean: float, gap: tuple[int, int] | None = None) -> Ruled:
    """Return a page with an upright line that was taken out, but for the rows of a gap."""
    upright = np.zeros((420, 200), np.uint8)
    cv2.line(upright, (120, 80), (round(120 + lean * 330), 410), 1, 4)
    if gap:
        upright[slice(*gap)] = 0
    return Ruled(np.zeros_like(upright), np.zeros_like(upright), upright)


@pytest.mark.parametrize("lean", [-0.02, 0.0, 0.02, 0.04])
@pytest.mark.parametrize("away", [5, 8, 11])
def test_a_1_beside_an_edge_stays_however_that_leans(lean: float, away: int) -> None:
    top, thick, high = 150, 8, 32
    x = round(118 + lean * (top - 80)) - away - thick
    one = np.array([[x, top, thick, high, 0.7 * thick * high]])
    assert not left_of_lines(one, beside_an_edge(lean), HEIGHT).any()


@pytest.mark.parametrize("lean", [-0.02, 0.0, 0.02])
def test_what_stands_in_the_gap_of_a_line_is_left_of_it(lean: float) -> None:
    top, high = 200, 26
    rest = np.array([[round(119 + lean * 130), top, 4, high, 4.0 * high]])
    assert left_of_lines(rest, beside_an_edge(lean, (top, top + high)), HEIGHT).all()
