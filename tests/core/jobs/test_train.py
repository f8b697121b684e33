"""`inkhook.train`: what the command does, from Python."""

import json
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import Run

import inkhook
from inkhook import hookimpl
from inkhook.testing import Recorder, tiny


def train(plugins: Any = "train", **options: Any) -> inkhook.Run:
    """Train for a second."""
    return inkhook.train(plugins, dataset=tiny.dataset(), epochs=1, seed=1, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("train"))
        yield Path.cwd()


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def done(folder: Path, recorder: Recorder) -> inkhook.Run:
    return train(["train", recorder], hidden=(16, 8))


def test_a_run_has_all_that_came_of_it(done: inkhook.Run, folder: Path) -> None:
    test = tiny.dataset().test
    assert done.path.parent == Path("artifacts")
    assert done.model.card.architecture == "784-16-8-10"
    assert done.model.card.training["epochs"] == 1
    assert done.model.card.metrics == done.metrics
    assert np.array_equal(done.predictions.digits, done.model.predict(test.images))
    assert done.metrics["test_accuracy"] == pytest.approx(
        done.model.score(test.images, test.labels)
    )
    assert (done.faults, done.exit_code) == ([], 0)
    assert repr(done).startswith(f"<inkhook.Run {done.path} (")
    saved = inkhook.load_model(folder / done.path)
    assert np.array_equal(saved.predict_proba(test.images), done.model.predict_proba(test.images))


def test_plugins_of_ones_own_take_part(done: inkhook.Run, recorder: Recorder) -> None:
    assert recorder.hooks == [
        *("on_run_start", "on_dataset_loaded", "on_epoch_end", "on_model_saved"),
        *("on_prediction", "on_run_end"),
    ]
    (told,) = recorder.of("on_prediction")
    assert told["predictions"] is done.predictions


def test_the_record_says_how_it_was_asked_for(done: inkhook.Run, folder: Path) -> None:
    record = json.loads((folder / done.path / "run.json").read_text())
    assert record["command"] == [
        *("inkhook.train", "dataset='tiny'", "seed=1", "epochs=1", "hidden=(16, 8)")
    ]
    assert record["plugins"] == ["train", "Recorder", "mnist"]


def test_it_is_the_command(done: inkhook.Run, run: Run, tiny_data: Path) -> None:
    words = ("--plugins", "train", "--epochs", 1, "--hidden", "16,8", "--seed", 1)
    assert run("run", *words, "--data", tiny_data, "-o", "out").exit_code == 0
    card = inkhook.load_model("out").card
    assert card.metrics == done.metrics
    assert card.training == done.model.card.training


def test_again_in_a_thread_and_with_a_plugin_that_fails(
    in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Fails:
        @hookimpl
        def on_prediction(self) -> None:
            raise ValueError("no")

    runs: list[inkhook.Run] = []
    thread = threading.Thread(target=lambda: runs.append(train(["train", Fails], output="out")))
    thread.start()
    thread.join()
    assert runs[0].path == Path("out")
    assert runs[0].faults == ["Plugin 'Fails' failed in on_prediction: ValueError: no."]
    assert runs[0].exit_code == 1
    written = capsys.readouterr()
    assert re.search(r"^Test accuracy: \d+\.\d\d %$", written.out, re.MULTILINE)
    assert re.search(r"^Epoch 1/1  accuracy .* s$", written.err, re.MULTILINE)
    assert "\r" not in written.err
    assert "\x1b" not in written.err


def test_ctrl_c_keeps_what_was_learnt(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Presses:
        @hookimpl
        def on_epoch_end(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(["train", Presses], output="out")
    assert signal.getsignal(signal.SIGINT) is before
    said = re.findall(r"The model is in (\S+)", capsys.readouterr().err)
    assert inkhook.load_model(said[0]).card.status == "stopped"


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        ({"plugins": "errors"}, inkhook.PluginProblem, "None of the plugins errors, mnist trains"),
        ({"plugins": "trian"}, inkhook.PluginProblem, "There is no plugin 'trian'; did you mean"),
        ({"hidden": ()}, inkhook.OptionProblem, "Invalid value for '--hidden': '' isn't a list"),
        ({"epoch": 1}, TypeError, "There is no option 'epoch'; did you mean epochs?"),
        ({"output": "file"}, inkhook.OptionProblem, "Directory 'file' is a file."),
        ({"output": "file/out"}, inkhook.OutputProblem, "Can't write 'file/out': "),
        ({"seed": -1}, inkhook.OptionProblem, "Invalid value for '--seed': -1 is not in the range"),
        ({"dataset": "letters"}, inkhook.DataProblem, "No plugin in use knows a dataset 'letters'"),
    ],
)
def test_what_can_not_be_done_is_said_before_anything_is_begun(
    in_tmp: Path, given: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    (in_tmp / "file").touch()
    with pytest.raises(error, match=re.escape(sentence)):
        inkhook.train(**({"plugins": "train"} | given))
    assert not list(in_tmp.glob("artifacts/*"))
