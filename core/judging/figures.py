"""Draw wrong predictions and the confusion matrix, as matplotlib figures.

The colours are told apart by their lightness alone.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..base import home
from ..base.types import DIGITS, FloatArray, Predictions
from .mistakes import Mistake, Mistakes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

    from .picture import Picture

INK, QUIET, DOUBT = "#1a1a1a", "#6b6b6b", "#b45f06"
CELL_INCHES = 2.35


def plot_errors(
    predictions: Predictions | Mistakes,
    count: int = 16,
    *,
    doubted: Callable[[str], bool] | None = None,
    explain: Callable[[FloatArray, npt.NDArray[np.integer]], FloatArray | None] | None = None,
) -> "Picture":
    """Draw wrong predictions in a grid, each with its label and what was predicted.

    Parameters
    ----------
    predictions : Predictions or Mistakes
        With their truth.
    count : int
        How many to draw, the most confident first; ignored for Mistakes, which have kept theirs.
    doubted : callable, optional
        Tells by an image's id whether its label may be wrong; such mistakes are marked.
    explain : callable, optional
        From images and digits to how much each pixel speaks for the digit, as `Session.explain`;
        drawn beside each mistake.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it; `figure.savefig("errors.png")` writes it.

    Raises
    ------
    ValueError
        When the truth isn't known, or `count` is below 1.
    """
    mistakes = _mistakes(predictions, count)
    drawn = mistakes.best
    columns = max(min(len(drawn), max(4, math.ceil(math.sqrt(len(drawn))))), 3)
    rows = max(math.ceil(len(drawn) / columns), 1)
    title_inches = 0.7
    reasons = _reasons(drawn, explain)
    cell = CELL_INCHES * (1 if reasons is None else 2)
    width, height = columns * cell + 0.3, rows * (CELL_INCHES + 0.1) + title_inches
    figure = new_figure(width, height)
    share = mistakes.wrong / max(mistakes.total, 1)
    said = f"{mistakes.wrong:,} of {mistakes.total:,} predictions are wrong ({share * 100:.2f} %)"
    add_headline(figure, height, said, "" if drawn else "every prediction is right")
    cell_width, cell_height = cell / width, (CELL_INCHES + 0.1) / height
    for place, mistake in enumerate(drawn):
        row, column = divmod(place, columns)
        left = 0.15 / width + column * cell_width
        bottom = 1 - title_inches / height - (row + 1) * cell_height
        title = (
            f"Label {mistake.label} · Predicted {mistake.predicted} "
            f"({math.floor(mistake.confidence * 100)} %)"
        )
        mark = doubted is not None and doubted(mistake.name)
        title = f"Label doubtful\n{title}" if mark else title
        corner, colour = (left * width, bottom * height), DOUBT if mark else INK
        draw_image(figure, mistake.image, title, corner, colour)
        if reasons is not None:
            beside = corner[0] + CELL_INCHES - 0.3, corner[1]
            _draw_reasons(figure, reasons[place], f"Why {mistake.predicted}", beside)
    return figure


def plot_confusion(predictions: "Predictions | Mistakes | npt.NDArray[np.integer]") -> "Picture":
    """Draw the confusion matrix with its counts.

    Only mistakes are coloured, the darker the more frequent. The right answers, a hundred times as
    many, would hide them.

    Parameters
    ----------
    predictions : Predictions, Mistakes, or int (10, 10)
        Predictions with their truth; or a confusion matrix, whose rows are labels and whose columns
        are predictions.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        When the truth isn't known, or the matrix has another shape.
    """
    if isinstance(predictions, Predictions | Mistakes):
        confusion = _mistakes(predictions, 1).confusion
    else:
        confusion = np.asarray(predictions)
    count = len(DIGITS)
    if confusion.shape != (count, count):
        raise ValueError(f"a confusion matrix is of shape (10, 10), not {confusion.shape}.")
    wrong = confusion * (1 - np.eye(count, dtype=confusion.dtype))
    most = max(int(wrong.max()), 1)
    figure = new_figure(8.4, 8.4)
    axes = figure.add_axes((0.1, 0.04, 0.86, 0.8))
    shown = np.ma.masked_equal(wrong, 0)
    axes.imshow(shown, cmap="Oranges", vmin=-0.15 * most, vmax=most * 1.15)
    for label in range(count):
        axes.add_patch(_square(label))
        for predicted in range(count):
            number = int(confusion[label, predicted])
            right = label == predicted
            dark = not right and number > most * 0.6
            axes.text(
                predicted,
                label,
                f"{number}" if number or right else "·",
                ha="center",
                va="center",
                size=11 if number < 100_000 else 8,
                weight="bold" if right else "normal",
                color="white" if dark else (INK if number else "#b0b0b0"),
            )
    axes.set_xticks(range(count), DIGITS, size=12)
    axes.set_yticks(range(count), DIGITS, size=12)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, pad=6)
    axes.set_xlabel("Predicted", size=13, labelpad=8, color=INK)
    axes.set_ylabel("Label", size=13, labelpad=8, color=INK)
    for spine in axes.spines.values():
        spine.set_color("#cccccc")
    total = int(confusion.sum())
    figure.text(
        0.53,
        0.945,
        f"Confusion matrix: {int(wrong.sum()):,} of {total:,} are wrong",
        ha="center",
        size=15,
        weight="bold",
        color=INK,
    )
    return figure


def draw_image(
    figure: "Picture",
    image: FloatArray,
    title: str,
    corner: tuple[float, float],
    colour: str = INK,
) -> None:
    """Draw an image in a cell of a figure, below its title.

    Parameters
    ----------
    figure : Picture
    image : float32 (28, 28)
        0 is paper, which is drawn white.
    title : str
    corner : tuple of float
        The cell's left and lower end in inches; it is CELL_INCHES wide.
    colour : str
        The title's.
    """
    axes = _cell(figure, title, corner, colour)
    axes.imshow(1 - image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def _cell(figure: "Picture", title: str, corner: tuple[float, float], colour: str = INK) -> "Axes":
    """Return the axes of a cell, as `draw_image` takes it."""
    width, height = figure.get_size_inches()
    side = CELL_INCHES - 0.45
    left, bottom = corner[0] + 0.225, corner[1] + 0.12
    axes = figure.add_axes((left / width, bottom / height, side / width, side / height))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#cccccc")
    axes.set_title(title, size=10, color=colour, pad=5)
    return axes


def _reasons(
    drawn: list[Mistake],
    explain: Callable[[FloatArray, npt.NDArray[np.integer]], FloatArray | None] | None,
) -> FloatArray | None:
    """Return what each wrong answer rests on, if it is to be drawn: float32 (N, 28, 28)."""
    if explain is None or not drawn:
        return None
    images = np.stack([mistake.image for mistake in drawn])
    return explain(images, np.array([mistake.predicted for mistake in drawn]))


def _draw_reasons(
    figure: "Picture", reasons: FloatArray, title: str, corner: tuple[float, float]
) -> None:
    """Draw how much each pixel speaks for a digit (violet) or against it (orange)."""
    axes = _cell(figure, title, corner)
    most = max(float(np.abs(reasons).max()), 1e-9)
    axes.imshow(reasons, cmap="PuOr", vmin=-most, vmax=most, interpolation="nearest")


def add_headline(figure: "Picture", height: float, text: str, nothing: str = "") -> None:
    """Write a line above a picture of some inches' height, and in it why there is nothing."""
    top = 1 - 0.42 / height
    figure.text(0.5, top, text, ha="center", size=15, weight="bold", color=INK)
    if nothing:
        figure.text(0.5, 0.45, f"Nothing to show: {nothing}.", ha="center", color=QUIET)


def _square(place: int) -> "Rectangle":
    from matplotlib.patches import Rectangle

    return Rectangle((place - 0.5, place - 0.5), 1, 1, facecolor="#e4e4e4", edgecolor="none")


def _mistakes(predictions: Predictions | Mistakes, count: int) -> Mistakes:
    if isinstance(predictions, Mistakes):
        return predictions
    if predictions.truth is None:
        raise ValueError("nobody knows which of these predictions are wrong: they have no truth.")
    if count < 1:
        raise ValueError(f"count must be at least 1, not {count}.")
    mistakes = Mistakes(count)
    mistakes.add(predictions)
    return mistakes


def new_figure(width: float, height: float) -> "Picture":
    """Return an empty picture of this many inches."""
    home.settle()  # matplotlib keeps its list of fonts there
    from .picture import Picture

    return Picture(figsize=(width, height), dpi=100, facecolor="white")
