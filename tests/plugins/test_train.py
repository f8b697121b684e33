"""Training: that it learns, repeats, reports, stops when asked, and keeps what was learnt."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import Run, RunProcess, WritePlugin, card_of

from inkhook.core.modelfile import artifact

OUT = Path("out")
QUICK = ("--plugins", "train", "--epochs", "2", "--batch-size", "400", "--hidden", "64")


def record() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((OUT / "run.json").read_text())
    return content


def weights() -> list[np.ndarray]:
    layers = artifact.read_artifact(OUT / "model.h5").network.layers
    return [array for layer in layers for array in layer.weights.values()]


def test_it_learns_and_keeps_everything(run_small: Run) -> None:
    result = run_small("--plugins", "train", "--epochs", "3", "--batch-size", "100")
    assert result.exit_code == 0
    assert sorted(path.name for path in OUT.iterdir()) == ["metrics.jsonl", "model.h5", "run.json"]

    lines = [json.loads(line) for line in (OUT / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1, 2]
    assert lines[2]["loss"] < lines[0]["loss"]
    assert set(lines[0]) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}

    card = card_of(OUT / "model.h5")
    accuracy = card.metrics["test_accuracy"]
    assert accuracy > 0.8, "2,000 digits are enough for that"
    assert f"Test accuracy: {accuracy * 100:.2f} %" in result.stdout
    assert "Test loss: " in result.stdout
    assert card.architecture == "784-512-10"
    assert card.dataset == "small"
    assert card.status == "complete"
    assert card.training["seed"] == 1
    assert record()["status"] == "complete"
    assert record()["metrics"] == card.metrics

    progress = [line for line in result.stderr.splitlines() if line.startswith("Epoch")]
    assert [line[:11] for line in progress] == ["Epoch 1/3  ", "Epoch 2/3  ", "Epoch 3/3  "]
    assert "val_accuracy" in progress[0]
    assert "left" in progress[0]


def test_a_seed_repeats_a_run_and_another_does_not(run_small: Run) -> None:
    run_small(*QUICK)
    first = weights()
    run_small(*QUICK)
    assert all(np.array_equal(a, b) for a, b in zip(first, weights(), strict=True))
    run_small(*QUICK, "--seed", "2")
    assert not np.array_equal(first[0], weights()[0])


def test_the_seed_that_was_drawn_is_noted(run: Run, small_data: Path) -> None:
    run("run", *QUICK, "--data", small_data, "-o", OUT)
    assert record()["seed"] == card_of(OUT / "model.h5").training["seed"]


def test_options_reach_the_network(run_small: Run) -> None:
    options = ("--hidden", "32,16", "--validation-split", "0", "--learning-rate", "0.002")
    assert run_small(*QUICK, *options).exit_code == 0
    card = card_of(OUT / "model.h5")
    assert card.architecture == "784-32-16-10"
    assert card.training["learning_rate"] == 0.002
    assert "val_loss" not in (OUT / "metrics.jsonl").read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--hidden", "512,x"), "'512,x' isn't a list of layer sizes"),
        (("--hidden", "0"), "'0' isn't a list of layer sizes"),
        (("--hidden", "99999"), "isn't a list of layer sizes"),
        (("--epochs", "0"), "0 is not in the range"),
        (("--learning-rate", "0"), "0.0 is not in the range"),
        (("--validation-split", "1"), "1.0 is not in the range"),
        (("--seed", "-1"), "-1 is not in the range"),
    ],
)
def test_values_that_make_no_sense(run_small: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run_small(*QUICK, *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not OUT.exists()


def test_a_network_that_no_file_could_hold_is_refused_before_training(run_small: Run) -> None:
    result = run_small(*QUICK, "--hidden", "8192,1024")
    assert result.exit_code == 2
    assert "The network would have 14,830,602 parameters" in result.stderr
    assert "Epoch" not in result.stderr


def test_a_rate_that_blows_up_is_a_sentence(run_small: Run) -> None:
    result = run_small(*QUICK, "--learning-rate", "1e30")
    assert result.exit_code == 2
    assert "no longer a number" in result.stderr
    assert "try a smaller --learning-rate" in result.stderr
    assert not OUT.exists(), "nothing was done"


def test_a_plugin_can_stop_the_training(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def on_epoch_end(session, epoch, logs):
            if epoch == 1:
                session.request_stop("good enough")
        """
    )
    result = run_small("--plugins", f"train,errors,{path}", "--epochs", "9")
    assert result.exit_code == 0
    assert "Stopped: good enough." in result.stderr
    assert len((OUT / "metrics.jsonl").read_text().splitlines()) == 2
    card = card_of(OUT / "model.h5")
    assert card.status == "stopped"
    assert card.training["epochs_done"] == 2
    assert record()["status"] == "stopped"
    assert record()["stop_reason"] == "good enough"
    assert (OUT / "errors.png").exists(), "the run goes on to its end"


def test_augment_changes_each_epochs_images(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        import threading
        seen = []
        @hookimpl
        def augment(session, images, labels, epoch, rng):
            seen.append((epoch, len(images), rng.integers(1000), threading.current_thread().name))
            return images[:, :, ::-1]
        @hookimpl
        def on_run_end(session):
            for line in seen:
                session.say(f"augment {line[0]} {line[1]} {line[3]}")
        """
    )
    result = run_small("--plugins", f"train,{path}", "--epochs", "3")
    assert [line for line in result.stdout.splitlines() if "augment" in line] == [
        f"augment {epoch} 1900 augment_0" for epoch in range(3)
    ]
    card = card_of(OUT / "model.h5")
    assert card.metrics["test_accuracy"] < 0.7, "mirrored digits"
    assert (card.training["passes"], card.training["label_smoothing"]) == (2, 0)


def test_the_last_epochs_vary_few_images(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def augment(session, images, epoch):
            session.say(f"augment {epoch} {len(images)}")
            return images
        """
    )
    result = run_small("--plugins", f"train,{path}", "--epochs", "20")
    said = [line.split()[1:] for line in result.stdout.splitlines() if "augment" in line]
    counts = {int(epoch): int(count) for epoch, count in said}
    assert [counts[epoch] for epoch in range(18)] == [1900] * 18
    assert [counts[18], counts[19]] == pytest.approx([475, 475], abs=60)
    assert card_of(OUT / "model.h5").training["plain_epochs"] == 2


def test_the_best_epoch_is_kept(run_small: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        @hookimpl
        def on_epoch_end(session, epoch, logs, model):
            session.say(f"sum {model.get_weights()[0].sum():.4f}")
        """
    )
    # a rate so high that epochs go up and down
    words = ("--learning-rate", "0.08", "--epochs", "4", "--validation-split", "0.2")
    result = run_small("--plugins", f"train,{path}", *words)
    lines = [json.loads(line) for line in (OUT / "metrics.jsonl").read_text().splitlines()]
    accuracies = [line["val_accuracy"] for line in lines]
    kept, best = 0, 0.0
    for epoch, accuracy in enumerate(accuracies):
        best = max(best, accuracy)
        if accuracy >= best - (best * (1 - best) / 400) ** 0.5:
            kept = epoch
    assert card_of(OUT / "model.h5").training["best_epoch"] == kept + 1
    sums = [line for line in result.stdout.splitlines() if line.startswith("sum")]
    assert sums[kept] == f"sum {weights()[0].sum():.4f}"


def test_keras_is_imported_only_for_plugins_that_take_the_model(
    run_process: RunProcess, run_small: Run, write_plugin: WritePlugin, tiny_data: Path
) -> None:
    quick = ("--epochs", "1", "--hidden", "8", "--plugins")
    listing = {"PYTHONPROFILEIMPORTTIME": "1"}
    done = run_process("run", "--data", tiny_data, *quick, "train,errors", env=listing)
    assert done.returncode == 0
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "numpy" in imported
    assert not imported & {"tensorflow", "keras"}
    path = write_plugin(
        """
        import numpy as np
        @hookimpl
        def on_epoch_end(session, model):
            images, labels = np.zeros((2, 784), np.float32), np.zeros(2)
            session.say(f"{type(model).__module__} {len(model.evaluate(images, labels))}")
        """
    )
    result = run_small(*quick, f"train,{path}")
    assert result.exit_code == 0
    assert "keras.src.models.sequential 2\n" in result.stdout


def test_the_confidence_is_calibrated_on_what_was_held_back(run_small: Run) -> None:
    run_small(*QUICK, "--validation-split", "0.3")
    card = card_of(OUT / "model.h5")
    assert 0.2 < card.temperature < 5
    assert card.temperature != 1
    assert 0 < card.reject_below < 1
    assert 0 < card.metrics["test_calibration_error"] < 0.1
    run_small(*QUICK, "--validation-split", "0")
    assert (card_of(OUT / "model.h5").temperature, card_of(OUT / "model.h5").reject_below) == (1, 0)


@pytest.mark.parametrize("epoch", [0, 1])
def test_a_failing_augment_ends_the_run_and_keeps_what_was_learnt(
    run_small: Run, write_plugin: WritePlugin, epoch: int
) -> None:
    path = write_plugin(
        f"""
        @hookimpl
        def augment(session, images, labels, epoch, rng):
            if epoch == {epoch}:
                raise RuntimeError("no more")
            return images
        """
    )
    result = run_small("--plugins", f"train,{path}", "--epochs", "3")
    assert result.exit_code == 2
    assert "Plugin 'mine' failed in augment: RuntimeError: no more." in result.stderr
    assert OUT.exists() == (epoch > 0)
    if epoch:
        assert card_of(OUT / "model.h5").status == "stopped"


def test_a_trainer_and_a_model_together_are_refused(run_small: Run) -> None:
    result = run_small(*QUICK, "--model", "x.h5")
    assert result.exit_code == 2
    assert "--model is for examining a model" in result.stderr
    assert not OUT.exists()
