"""The progress of a training on terminals of each width, and on what only looks like one."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import Terminal

from inkhook.core.base.live_line import Figure, duration, fit_line

TRAINING = """
import sys, time
from inkhook.core.events.manager import Plugins
from inkhook.core.events.session import CommandSession
from inkhook.core.data.progress import TrainingProgress

epochs = int(sys.argv[1])
session = CommandSession(Plugins([]))
first = {"accuracy": 0.9102, "loss": 0.299}
with TrainingProgress(session, epochs, 1000, 10) as progress:
    for epoch in range(3):
        progress.batch(60, first)
        if epoch == 2:
            session.note("halfway")
            input()
        progress.epoch(epoch, first | {"val_accuracy": 0.9267, "val_loss": 0.3038})
session.note("over")
"""


def training(epochs: int = 10) -> list[str]:
    return [sys.executable, "-c", TRAINING, str(epochs)]


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
@pytest.mark.parametrize("epochs", [10, 1000])
def test_the_epoch_and_the_time_left_are_always_seen(columns: int, epochs: int) -> None:
    with Terminal(training(epochs), columns) as terminal:
        # a note goes above the line that is drawn over
        terminal.wait_for("halfway")
        lines = terminal.wait_for(f"3/{epochs} ━")
        width = len(str(epochs))
        assert [line.split("/")[0] for line in lines] == [
            f"Epoch {1:>{width}}", f"Epoch {2:>{width}}", "halfway", f"Epoch {3:>{width}}",
        ]  # fmt: skip
        for line in lines:
            assert line == "halfway" or re.search(r" · [^·]+ s left$", line), line
            assert "…" not in line
        assert "accuracy 91.02 %" in lines[-1]
        assert "val_accuracy 92.67 %" in lines[0]
        if columns in (60, 120):  # between, it depends on how long the time is that is left
            assert ("val_loss 0.3038" in lines[0]) == (columns == 120)
        terminal.send("\n")
        assert terminal.end() == 0
        kept = [line for line in terminal.lines if line.startswith("Epoch")]
        assert len(kept) == 3, "no line is broken in two, and the one drawn over is gone"


@pytest.mark.parametrize(
    "variables", [{"TERM": "dumb"}, {"CI": "true"}, {"JPY_PARENT_PID": "1"}], ids=str
)
def test_where_nothing_is_drawn_over_there_are_plain_lines(variables: dict[str, str]) -> None:
    with Terminal(training(), 80, variables) as terminal:
        terminal.wait_for("halfway")
        terminal.send("\n")
        assert terminal.end() == 0
    lines = [line for line in terminal.raw.splitlines() if line.startswith("Epoch")]
    assert [line[:12] for line in lines] == ["Epoch  1/10 ", "Epoch  2/10 ", "Epoch  3/10 "]
    assert all("val_loss 0.3038" in line and line.endswith(" left") for line in lines)
    assert "\x1b" not in terminal.raw


def test_a_folder_s_progress_fits_a_narrow_terminal() -> None:
    code = (
        "from inkhook.plugins.predict_dir.engines import Progress\n"
        "with Progress(1_234_567, shown=True) as progress:\n"
        "    progress.advance(123_456)\n"
        "    input()\n"
    )
    with Terminal([sys.executable, "-c", code], 60) as terminal:
        (line,) = terminal.wait_for(" left")
        assert line.startswith("123,456/1,234,567 files ━")
        terminal.send("\n")
        assert terminal.end() == 0
        assert terminal.lines == []


figures = st.lists(st.builds(Figure, st.text("abc %", min_size=1), st.integers(0, 3)), max_size=6)


@given(st.text("E 1/", min_size=1), figures, st.text("40 s left"), st.integers(10, 150))
def test_the_figures_give_way_and_head_and_tail_never(
    head: str, figures: list[Figure], tail: str, width: int
) -> None:
    line = fit_line(head, figures, tail, width)
    assert line.startswith(head.rstrip())
    assert line.endswith(tail.rstrip())
    assert len(line) <= width or line == f"{head}  {tail}".rstrip()
    assert fit_line(head, figures, tail, len(fit_line(head, figures, tail))) == fit_line(
        head, figures, tail
    )


def test_a_duration_is_said_in_the_units_that_fit() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.6, 725, 12000)] == [
        "0 s",
        "1 min 0 s",
        "12 min 5 s",
        "3 h 20 min",
    ]
