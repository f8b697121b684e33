"""Which model is used where none is named, and what is said of those that aren't."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import Run, card_of

from inkhook.core.jobs import find_model
from inkhook.core.modelfile.artifact import ModelFile, read_artifact
from inkhook.core.modelfile.card import Card
from inkhook.core.network.network import Network
from inkhook.testing import tiny


@pytest.fixture
def card(tiny_model: Path) -> Card:
    return replace(card_of(tiny_model), metrics={"test_accuracy": 0.95}, holds_digits=True)


def make_run(
    name: str,
    card: Card,
    *,
    finished: str,
    status: str = "complete",
    network: Network | None = None,
) -> None:
    """Write what a run leaves behind."""
    folder = Path("artifacts") / name
    folder.mkdir(parents=True)
    ModelFile(tiny.network() if network is None else network).write(folder / "model.h5", card)
    (folder / "run.json").write_text(json.dumps({"status": status, "finished": finished}))


def chosen(*, any_run: bool = False) -> tuple[str, list[str]]:
    """Return which model is taken without a name, and what was said before that."""
    notes: list[str] = []
    artifact = find_model.read_chosen(None, notes.append, any_run=any_run)
    assert notes.pop() == f"Model: {find_model.model_summary(artifact)}"
    return find_model.model_name(artifact), notes


@pytest.mark.parametrize(
    ("changes", "status", "doubt"),
    [
        (
            {"metrics": {"test_accuracy": 0.12}},
            "complete",
            "12.00 %) reads less than 90 % of its test",
        ),
        ({"metrics": {}}, "stopped", "accuracy unknown) reads less than 90 % of its test images"),
        (
            {"dataset": "fashion", "holds_digits": False},
            "complete",
            "95.00 %) was trained on 'fashion', which hasn't all ten digits",
        ),
        ({}, "interrupted", "95.00 %) is of a run that is interrupted"),
        ({}, "failed", "95.00 %) is of a run that is failed"),
    ],
)
def test_a_newer_run_that_will_not_do_is_passed_over_by_name(
    in_tmp: Path, card: Card, changes: dict[str, object], status: str, doubt: str
) -> None:
    make_run("good", card, finished="2026-01-01")
    make_run("the new", replace(card, **changes), finished="2026-02-01", status=status)  # type: ignore[arg-type]
    name, (said,) = chosen()
    assert name == "artifacts/good/model.h5"
    assert said.startswith("Skipped: artifacts/the new/model.h5 (784-10, ")
    assert doubt in said
    assert said.endswith("; use it anyway with --model 'the new'.")

    name, notes = chosen(any_run=True)
    if status in ("complete", "stopped"):
        assert name == "artifacts/the new/model.h5"
        assert notes == [f"Warning: {said.removeprefix('Skipped: ').partition(';')[0]}."]
    else:
        assert (name, notes) == ("artifacts/good/model.h5", [said])


def test_the_shipped_one_stands_in_and_many_bad_runs_take_few_lines(
    in_tmp: Path, card: Card
) -> None:
    for day in range(10, 16):
        bad = replace(card, metrics={"test_accuracy": 0.5})
        make_run(f"day-{day}", bad, finished=f"2026-01-{day}")
    name, notes = chosen()
    assert name == "pretrained"
    assert [line.rpartition(" ")[2] for line in notes[:3]] == ["day-15.", "day-14.", "day-13."]
    assert notes[3:] == ["Skipped: 3 older runs; 'inkhook models list' shows all."]


def test_commands_that_read_others_images_pass_it_over_and_evaluate_warns(
    run: Run, card: Card, tiny_data: Path
) -> None:
    make_run("bad", replace(card, metrics={"test_accuracy": 0.5}), finished="2026-01-01")
    read = run("predict-dir", tiny_data)
    assert "Skipped: artifacts/bad/model.h5 (784-10, 50.00 %)" in read.stderr
    assert "Model: pretrained (784-" in read.stderr
    measured = run("evaluate", tiny_data, "--json")
    assert "Warning: artifacts/bad/model.h5 (784-10, 50.00 %) reads less" in measured.stderr
    said = json.loads(measured.stdout)
    assert (said["model"], said["model_accuracy"]) == ("artifacts/bad/model.h5", 0.5)


def test_numbers_have_the_same_rule(in_tmp: Path, card: Card) -> None:
    shipped = read_artifact(find_model.SHIPPED_NUMBERS)
    assert shipped.card is not None
    for name, exact, finished in (("good", 0.7, "2026-01-01"), ("poor", 0.5, "2026-01-02")):
        own = replace(shipped.card, metrics={"test_exact": exact})
        make_run(name, own, finished=finished, network=shipped.network)
    make_run("digits", card, finished="2026-01-03")
    notes: list[str] = []
    assert find_model.read_chosen(None, notes.append, numbers=True).path.parent.name == "good"
    assert notes[0].endswith(
        "50.00 %) reads less than 60 % of its test numbers; use it anyway with --model poor."
    )
    assert notes[1].startswith("Model: artifacts/good/model.h5 (32-")
    assert chosen()[0] == "artifacts/digits/model.h5"
    for named in ("pretrained", "digits", "numbers"):
        assert find_model.read_chosen(named, notes.append, numbers=True).sha256 == shipped.sha256
    read = f"{shipped.card.metrics['test_exact'] * 100:.2f} %"
    assert notes[-2].endswith(f"{read}), since 'digits' reads single digits")
