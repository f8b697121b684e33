"""Distillation: a dense network learns from convolutional ones, and only it is kept."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from helpers import Run, WritePlugin, card_of, write_idx

from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import Dataset, FloatArray
from inkhook.core.data.dense import build_dense
from inkhook.core.data.training import flat
from inkhook.core.modelfile.artifact import read_artifact
from inkhook.plugins import distill

OUT = Path("out")
QUICK = (
    *("--distill-teachers", "1", "--distill-teacher-epochs", "1"),
    *("--distill-epochs", "2", "--distill-hidden", "32"),
)


@pytest.fixture(scope="module")
def few(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_idx(tmp_path_factory.mktemp("data") / "few", digits, 400, 100)


@pytest.fixture
def run_few(run: Run, few: Path, eager: None) -> Run:
    common = ("--data", few, "-o", "out", "--force", "--seed", "1", *QUICK)
    return lambda *args: run("run", *common, *args)


def weights() -> Sequence[FloatArray]:
    layers = read_artifact(OUT / "model.h5").network.layers
    return [array for layer in layers for array in layer.weights.values()]


def test_the_student_is_kept_and_says_how_it_was_taught(run_few: Run) -> None:
    done = run_few("--plugins", "distill,augment")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in OUT.iterdir()) == ["metrics.jsonl", "model.h5", "run.json"]
    card = card_of(OUT / "model.h5")
    assert card.architecture == "784-32-10"
    assert card.status == "complete"
    told = {"trainer": "distill", "teachers": 1, "teacher_epochs": 1, "epochs_done": 2}
    assert told.items() <= card.training.items()
    assert card.temperature != 1, "it is calibrated on what was held back"
    progress = [line for line in done.stderr.splitlines() if line.startswith("Epoch")]
    assert [line[:9] for line in progress] == ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"]
    lines = [json.loads(line) for line in (OUT / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1], "the student's"
    assert set(lines[0]) == {"epoch", "loss", "val_accuracy"}


@pytest.mark.soak
def test_a_seed_repeats_a_run_and_another_does_not(run_few: Run) -> None:
    run_few("--plugins", "distill")
    first = weights()
    run_few("--plugins", "distill")
    assert all(np.array_equal(a, b) for a, b in zip(first, weights(), strict=True))
    run_few("--plugins", "distill", "--seed", "2")
    assert not np.array_equal(first[0], weights()[0])


def test_the_student_believes_its_teachers_more_than_the_labels(digits: Dataset) -> None:
    keras = import_keras()
    keras.utils.set_random_seed(1)
    images, labels = flat(digits.train.images[:1024]), digits.train.labels[:1024]
    teacher = build_dense(keras, (128,), "--hidden")
    teacher.compile("adam", "sparse_categorical_crossentropy")
    teacher.fit(images, labels, epochs=8, verbose=0)
    logits = keras.Sequential(teacher.layers[:-1])
    last = keras.layers.Dense(10)
    logits.add(last)
    logits(images[:1])
    last.set_weights(teacher.layers[-1].get_weights())

    student = build_dense(keras, (128,), "--hidden")
    step = distill._step(keras, student, distill._mean_answer([logits]), 80)
    wrong = ((labels + 1) % 10).astype(np.uint8)
    for epoch in range(20):
        batches = distill._batches(images, wrong, np.random.default_rng(epoch), 1)
        losses = [float(step(*batch)) for (batch,) in batches]
    assert np.isfinite(losses).all()
    unseen = flat(digits.test.images[:500])
    read = student.predict(unseen, verbose=0).argmax(axis=1)
    taught = teacher.predict(unseen, verbose=0).argmax(axis=1)
    assert (read == taught).mean() > 0.8
    assert (read == digits.test.labels[:500]).mean() > 0.7


def test_every_learner_sees_every_image_once_in_its_own_order() -> None:
    count = distill.BATCH + 7
    images = np.arange(count, dtype=np.float32)[:, np.newaxis]
    labels = (np.arange(count) % 10).astype(np.uint8)
    steps = list(distill._batches(images, labels, np.random.default_rng(0), 2))
    assert [len(step[0][0]) for step in steps] == [distill.BATCH, 7]
    orders = [np.concatenate([step[who][0][:, 0] for step in steps]) for who in range(2)]
    assert all(sorted(order) == list(range(count)) for order in orders)
    assert (orders[0] != orders[1]).any()
    for step in steps:
        assert all(np.array_equal(part[:, 0] % 10, truth) for part, truth in step)


@pytest.mark.soak
def test_it_is_calibrated_on_what_augment_makes_of_the_held_back_images_too(
    run_few: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        @hookimpl
        def augment(session, images, labels, epoch):
            session.note(f"augment {epoch} {len(images)}")
            return images if epoch < 3 else images[:, ::-1, ::-1].copy()
        """
    )
    done = run_few("--plugins", f"distill,{path}")
    assert done.exit_code == 0, done.output
    assert [line for line in done.stderr.splitlines() if line.startswith("augment")] == [
        "augment 0 380",
        "augment 1 380",
        "augment 2 380",
        "augment 3 20",
    ]
    upset = card_of(OUT / "model.h5")
    run_few("--plugins", "distill")
    assert upset.temperature > card_of(OUT / "model.h5").temperature, "half of it is upside down"


def test_stopped_while_the_teachers_learn_there_is_no_model(
    run_few: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        @hookimpl
        def augment(session, images, epoch):
            if epoch == 0:
                session.request_stop("no more time")
            return images
        """
    )
    done = run_few("--plugins", f"distill,{path}")
    assert done.exit_code == 2
    assert "Stopped before anything was learnt: no more time." in done.stderr
    assert not (OUT / "model.h5").exists()


def test_stopped_later_it_keeps_what_the_student_has_learnt(
    run_few: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        @hookimpl
        def on_epoch_end(session, epoch):
            session.request_stop("good enough")
        """
    )
    done = run_few("--plugins", f"distill,{path}")
    assert done.exit_code == 0, done.output
    card = card_of(OUT / "model.h5")
    assert card.status == "stopped"
    assert card.training["epochs_done"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--distill-hidden", "512,x"), "'512,x' isn't a list of layer sizes"),
        (("--distill-hidden", "8192,1024"), "choose a smaller --distill-hidden"),
        (("--distill-teachers", "0"), "0 is not in the range"),
        (("--distill-teacher-epochs", "0"), "0 is not in the range"),
        (("--distill-epochs", "0"), "0 is not in the range"),
    ],
)
def test_values_that_make_no_sense(run_few: Run, words: tuple[str, ...], sentence: str) -> None:
    done = run_few("--plugins", "distill", *words)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not OUT.exists()
