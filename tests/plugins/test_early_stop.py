"""`early_stop`: patience, on a chosen figure, for real and figure by figure."""

import json
from pathlib import Path

import pytest
from helpers import Run

from inkhook.core.base.problems import ModelProblem
from inkhook.testing import new_session, tiny

WORDS = ("--plugins", "train,early_stop", "--epochs", "30", "-o", "out", "--seed", "1")


@pytest.mark.parametrize(
    ("metric", "values", "ends"),
    [
        ("val_accuracy", [0.5, 0.6, 0.6, 0.59, 0.7], 4),
        ("val_accuracy", [0.5, 0.6, 0.6, 0.7, 0.8, 0.9], 0),
        ("val_loss", [0.5, 0.4, 0.5, 0.6], 4),
        ("val_loss", [0.5, 0.4, 0.3, 0.2], 0),
        ("val_loss", [float("nan"), float("nan")], 2),
    ],
)
def test_patience_is_counted_in_epochs_without_improvement(
    metric: str, values: list[float], ends: int
) -> None:
    session = new_session("early_stop", early_stop_metric=metric, early_stop_patience=2)
    for epoch, value in enumerate(values):
        session.tell("on_epoch_end", epoch=epoch, logs={metric: value}, model=None)
        if session.stop_requested:
            assert epoch + 1 == ends
            best = session.stop_reason.split()
            assert best[0] == metric
            assert best[-2:] == ["2", "epochs"]
            break
    assert session.stop_requested == (ends > 0)


def test_a_training_ends_early_and_is_kept(run: Run, in_tmp: Path) -> None:
    data = tiny.write_dataset(in_tmp / "t.npz")
    words = ("run", *WORDS, "--data", data, "--early-stop-patience", 1)
    result = run(*words, "--early-stop-metric", "val_accuracy", "--learning-rate", 1e-9)
    assert result.exit_code == 0
    assert "Stopped: val_accuracy hasn't improved on " in result.stderr
    record = json.loads(Path("out/run.json").read_text())
    assert record["status"] == "stopped"
    assert record["training"]["epochs_done"] == 2
    assert record["training"]["early_stop"] == {"metric": "val_accuracy", "patience": 1}
    assert Path("out/model.h5").exists()


def test_a_figure_that_is_not_there_ends_with_a_sentence() -> None:
    session = new_session("early_stop", early_stop_metric="acuracy")
    with pytest.raises(ModelProblem) as raised, session.finishing():
        session.tell("on_epoch_end", epoch=0, logs={"loss": 1.0, "accuracy": 0.5}, model=None)
    assert str(raised.value) == (
        "This training has no metric 'acuracy' (--early-stop-metric); it has accuracy, loss."
    )
