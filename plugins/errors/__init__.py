"""Show what a model got wrong: a count, a table by digit, two pictures and a list; or numbers.

Works on every batch of predictions whose truth is known, wherever they come from; the results are
written when the command ends.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np

from ...core.base import files
from ...core.base.types import DIGITS, Predictions
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from ...core.judging import window
from ...core.judging.figures import plot_confusion, plot_errors
from ...core.judging.mistakes import Mistakes
from ...core.judging.number_mistakes import NumberMistakes, plot_number_errors
from ...core.numbers.number import Numbers
from ...core.reading.doubted import read_doubted

COLUMNS = ("index", "label", "predicted", "confidence", "label_probability")
NUMBER_COLUMNS = ("path", "label", "predicted", "confidence", "status", "mistakes")

Row = tuple[str, int, int, float, float]


class Errors:
    """Counts, lists and draws wrong predictions."""

    options = (
        click.Option(
            ["--errors-count"],
            metavar="N",
            type=click.IntRange(1, 400),
            default=16,
            show_default=True,
            help="How many wrong predictions to draw.",
        ),
        click.Option(
            ["--errors-pick"],
            type=click.Choice(["confident", "random"]),
            default="confident",
            show_default=True,
            help="Which ones: those with the highest confidence, or random ones.",
        ),
        click.Option(
            ["--show"], is_flag=True, help="Open the picture in a window, if there is a display."
        ),
        click.Option(
            ["--explain"],
            is_flag=True,
            help="Draw beside each mistake what speaks for the wrong answer (violet) and what "
            "speaks against it (orange).",
        ),
        click.Option(
            ["--suspects"],
            metavar="TABLE",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Mark mistakes whose label is itself doubtful: a table of 'inkhook suspects' "
            "about the same images.",
        ),
    )

    def __init__(
        self,
        errors_count: int,
        errors_pick: str,
        show: bool,
        explain: bool = False,
        suspects: Path | None = None,
    ) -> None:
        self.doubted = read_doubted(suspects) if suspects else None
        self.pick = errors_pick
        self.show = show
        self.explain = explain
        self.mistakes = Mistakes(errors_count)
        self.numbers = NumberMistakes(errors_count)
        self.misread: list[tuple[object, ...]] = []
        self.rows: list[Row] = []

    @hookimpl
    def on_prediction(self, session: Session, predictions: Predictions) -> None:
        """Collect a batch's mistakes."""
        chance = np.random.default_rng([session.seed, len(self.rows)])
        self.rows += [
            (found.name, found.label, found.predicted, found.confidence, found.label_probability)
            for found in self.mistakes.add(predictions, chance if self.pick == "random" else None)
        ]

    @hookimpl
    def on_number(self, session: Session, numbers: Numbers) -> None:
        """Collect a picture whose numbers were misread."""
        chance = np.random.default_rng([session.seed, len(self.misread)])
        made = self.numbers.add(numbers, chance if self.pick == "random" else None)
        if made:
            sure = "" if numbers.confidence is None else f"{numbers.confidence:.6f}"
            said = ", ".join(map(str, made))
            row = (numbers.path, numbers.truth, numbers.digits, sure, numbers.status, said)
            self.misread.append(row)

    @hookimpl
    def on_run_end(self, session: Session) -> None:
        """Print the summary and write the pictures and the list."""
        if self.mistakes.total:
            session.say(summary(self.mistakes.confusion))
        elif self.numbers.score.count:
            session.say(f"Errors: {self.numbers.wrong} of {self.numbers.score.count}")
        else:
            return
        if self.doubted is not None:
            count = sum(self.doubted(name) for name, *_ in self.rows)
            session.say(f"Mistakes whose label is itself doubtful: {count} of {len(self.rows)}")
        if session.run is None:
            return
        folder = session.run.path
        if self.mistakes.total:
            why = session.explain if self.explain else None
            drawn = plot_errors(self.mistakes, doubted=self.doubted, explain=why)
            files.write_file(folder / "errors.csv", self._list())
            files.write_file(folder / "errors.png", drawn.to_png())
            files.write_file(folder / "confusion.png", plot_confusion(self.mistakes).to_png())
        else:
            files.write_file(folder / "errors.csv", _csv(NUMBER_COLUMNS, self.misread))
            files.write_file(folder / "errors.png", plot_number_errors(self.numbers).to_png())
        if self.show:
            picture = folder / "errors.png"
            if reason := window.show(picture):
                session.note(f"--show: {reason}; the picture is in {picture}")

    def _list(self) -> str:
        """Return the mistakes as a table."""
        doubted = self.doubted
        if doubted is None:
            return _csv(COLUMNS, map(_as_text, self.rows))
        rows = ((*_as_text(row), int(doubted(row[0]))) for row in self.rows)
        return _csv((*COLUMNS, "suspect"), rows)


def summary(confusion: np.ndarray) -> str:
    """Return the count of errors, and precision and recall by digit, as text.

    Parameters
    ----------
    confusion : int (10, 10)
        Rows are labels, columns are predictions.
    """
    total, right = int(confusion.sum()), np.diag(confusion)
    lines = [
        f"Errors: {total - int(right.sum())} of {total}",
        "",
        "digit  precision  recall  errors",
    ]
    for digit in range(len(DIGITS)):
        said, are = int(confusion[:, digit].sum()), int(confusion[digit].sum())
        precision, recall = _share(int(right[digit]), said), _share(int(right[digit]), are)
        lines.append(f"{digit:>5}  {precision:>9}  {recall:>6}  {are - int(right[digit]):>6}")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f} %" if whole else "–"


def _as_text(row: Row) -> tuple[object, ...]:
    *what, sure, likely = row
    return *what, f"{sure:.6f}", f"{likely:.6f}"


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
