"""Mistakes: counted, the right ones kept, and each in its cell of the grid."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import partly_wrong

from inkhook.core.base.types import Dataset
from inkhook.core.judging.figures import plot_confusion, plot_errors
from inkhook.core.judging.mistakes import Mistakes


def picture(data: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return np.asarray(image)


def test_sure_mistakes_are_kept_and_none_twice(digits: Dataset) -> None:
    mistakes = Mistakes(16)
    found = mistakes.add(partly_wrong(digits, wrong=30))
    assert (len(found), mistakes.wrong, mistakes.total) == (30, 30, 50)
    confidence = [mistake.confidence for mistake in mistakes.best]
    assert len(confidence) == 16
    assert confidence == sorted(confidence, reverse=True)
    assert min(confidence) > 0.83, "the 16 surest of 30"
    assert len({mistake.name for mistake in mistakes.best}) == 16


@pytest.mark.parametrize("wrong", [0, 1, 3, 5, 16, 17, 50])
def test_each_mistake_has_its_cell(digits: Dataset, wrong: int) -> None:
    mistakes = Mistakes(16)
    mistakes.add(partly_wrong(digits, wrong))
    image = picture(plot_errors(mistakes).to_png())
    assert image.shape[1] >= 700, "the title fits"
    assert (image.mean(axis=1) < 255).any()
    columns = 3 if wrong <= 3 else 4
    assert image.shape[1] == round((columns * 2.35 + 0.3) * 100)
    # every cell of the grid that should hold a digit has ink in it, and no other has
    top, cell_height, cell_width = 70, 245, 235
    drawn = len(mistakes.best)
    for place in range(columns * max(1, -(-drawn // columns))):
        row, column = divmod(place, columns)
        y, x = top + row * cell_height + 60, 15 + column * cell_width + 40
        inked = (image[y : y + 150, x : x + 150] < 100).any()
        if wrong:
            assert inked == (place < drawn)


def test_the_confusion_matrix_is_drawn_for_any_size() -> None:
    for top in (0, 1, 9, 12_345, 10_000_000):
        confusion = np.full((10, 10), top)
        assert picture(plot_confusion(confusion).to_png()).shape == (840, 840)


def test_predictions_are_drawn_as_their_mistakes_are(digits: Dataset) -> None:
    predictions, mistakes = partly_wrong(digits, wrong=30), Mistakes(16)
    mistakes.add(predictions)
    assert plot_errors(predictions).to_png() == plot_errors(mistakes).to_png()
    confusion = plot_confusion(mistakes.confusion).to_png()
    assert plot_confusion(predictions).to_png() == plot_confusion(mistakes).to_png() == confusion
    assert picture(plot_errors(predictions, count=5).to_png()).shape[0] < 600


def test_what_can_not_be_drawn_is_refused(digits: Dataset) -> None:
    predictions = partly_wrong(digits, wrong=3)
    with pytest.raises(ValueError, match="they have no truth"):
        plot_errors(replace(predictions, truth=None))
    with pytest.raises(ValueError, match="count must be at least 1, not 0"):
        plot_errors(predictions, count=0)
    with pytest.raises(ValueError, match=r"of shape \(10, 10\), not \(3, 3\)"):
        plot_confusion(np.zeros((3, 3), np.int64))


def test_a_notebook_shows_a_figure_and_savefig_writes_it(digits: Dataset, in_tmp: Path) -> None:
    figure = plot_confusion(partly_wrong(digits, wrong=3))
    assert figure._repr_png_() == figure.to_png()
    figure.savefig("confusion.png")
    assert (in_tmp / "confusion.png").stat().st_size > 1000
