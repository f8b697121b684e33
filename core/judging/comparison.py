"""Two models on the same images: which of them is better, as a table and as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.types import DIGITS, Predictions
from .figures import CELL_INCHES, QUIET, draw_image, new_figure
from .score import Score

if TYPE_CHECKING:
    from .picture import Picture

MOST_DRAWN = 12
"""Images in each half of the picture."""

COLUMNS = 6

CELL_HEIGHT = CELL_INCHES + 0.3

RIGHT, WRONG = "#1b7f3b", "#b3261e"


@dataclass(frozen=True, eq=False)
class Comparison:
    """The answers of two models to the same images.

    Attributes
    ----------
    title : str
        What the images are, such as "your 30 samples".
    before, after : Predictions
        With their truth, of the same images in the same order.
    """

    title: str
    before: Predictions
    after: Predictions

    def score(self, predictions: Predictions) -> Score:
        """Return how good one of the two is."""
        score = Score()
        score.add(predictions)
        return score

    @property
    def is_better(self) -> bool:
        """Whether the mean log loss is lower, and there are no more errors."""
        before, after = self.score(self.before), self.score(self.after)
        return after.loss < before.loss and after.right >= before.right

    @property
    def lost(self) -> float:
        """By how much the accuracy is lower, 0 to 1; below 0 if it is higher."""
        return self.score(self.before).accuracy - self.score(self.after).accuracy

    @property
    def changed(self) -> tuple[list[int], list[int]]:
        """The places of images that were put right, and of those that got worse."""
        truth = self.before.truth
        was, now = self.before.digits == truth, self.after.digits == truth
        return np.flatnonzero(~was & now).tolist(), np.flatnonzero(was & ~now).tolist()

    def words(self, place: int) -> str:
        """Return both answers to an image, as in "Label 7 · 1 (63 %) → 7 (98 %)"."""
        said = [
            f"{each.digits[place]} ({int(each.confidence[place] * 100)} %)"
            for each in (self.before, self.after)
        ]
        return f"Label {np.asarray(self.before.truth)[place]} · {said[0]} → {said[1]}"

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        better, worse = self.changed
        figures: dict[str, Any] = {"count": len(self.before)}
        for name, predictions in (("before", self.before), ("after", self.after)):
            score = self.score(predictions)
            low, high = score.interval
            figures[name] = {
                "errors": score.count - score.right,
                "accuracy": score.accuracy,
                "low": low,
                "high": high,
                "loss": score.loss,
                "errors_by_digit": _errors(predictions).tolist(),
            }
        return figures | {"put_right": len(better), "got_worse": len(worse)}


def _errors(predictions: Predictions) -> np.ndarray:
    """Return the number of errors for each digit, int (10,)."""
    truth = np.asarray(predictions.truth)
    return np.bincount(truth[predictions.digits != truth], minlength=len(DIGITS))


def format_comparisons(comparisons: Sequence[Comparison]) -> str:
    """Return the figures as lines of text: accuracies with 95 % intervals, and errors by digit."""
    lines = [f"{'':<30}{'before':<28}after"]
    for each in comparisons:
        scores = [each.score(predictions) for predictions in (each.before, each.after)]
        right = [_share(score) for score in scores]
        lines.append(f"{each.title:<30}{right[0]:<28}{right[1]}")
        lines.append(f"{'  mean log loss':<30}{scores[0].loss:<28.4f}{scores[1].loss:.4f}")
    lines += ["", "Errors by digit, before → after:"]
    lines.append(f"{'digit':>5}" + "".join(f"{each.title:>30}" for each in comparisons))
    table = [(each, _errors(each.before), _errors(each.after)) for each in comparisons]
    for digit in range(len(DIGITS)):
        cells = []
        for each, before, after in table:
            count = int(np.count_nonzero(each.before.truth == digit))
            cells.append(f"{before[digit]} → {after[digit]} of {count:,}" if count else "–")
        lines.append(f"{digit:>5}" + "".join(f"{cell:>30}" for cell in cells))
    return "\n".join(lines)


def _share(score: Score) -> str:
    low, high = score.interval
    return f"{score.accuracy * 100:.2f} % ({low * 100:.1f} to {high * 100:.1f} %)"


def plot_changes(comparisons: Sequence[Comparison]) -> "Picture":
    """Draw the images that were put right, and below them those that got worse.

    Returns
    -------
    matplotlib.figure.Figure
    """
    halves = (("Put right", RIGHT, 0), ("Got worse", WRONG, 1))
    chosen = [
        [(each, place) for each in comparisons for place in each.changed[half]]
        for _, _, half in halves
    ]
    rows = [max(-(-len(some[:MOST_DRAWN]) // COLUMNS), 1) for some in chosen]
    title_inches = 0.6
    height = sum(rows) * CELL_HEIGHT + 2 * title_inches
    width = COLUMNS * CELL_INCHES + 0.3
    figure = new_figure(width, height)
    top = height
    for (title, colour, _), some, count in zip(halves, chosen, rows, strict=True):
        drawn = some[:MOST_DRAWN]
        more = f", the first {len(drawn)} of them" if len(some) > len(drawn) else ""
        heading = f"{title}: {len(some):,}{more}"
        figure.text(0.02, (top - 0.42) / height, heading, size=15, weight="bold", color=colour)
        top -= title_inches
        if not drawn:
            figure.text(0.02, (top - 0.6) / height, "None.", size=12, color=QUIET)
        for number, (each, place) in enumerate(drawn):
            row, column = divmod(number, COLUMNS)
            corner = 0.15 + column * CELL_INCHES, top - (row + 1) * CELL_HEIGHT
            image = each.before.images[place]
            draw_image(figure, image, f"{each.title}\n{each.words(place)}", corner)
        top -= count * CELL_HEIGHT
    return figure
