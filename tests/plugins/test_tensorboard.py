"""`tensorboard`: what is in its files, read back by TensorBoard, and a server that shows it."""

import importlib.util
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import Run

from inkhook.core.judging.figures import plot_confusion, plot_errors
from inkhook.core.judging.mistakes import Mistakes
from inkhook.testing import new_session, predict, tiny

pytest.importorskip("tensorboard")

HISTORY = [
    {"loss": 1.5, "accuracy": 0.5, "val_loss": 1.25, "val_accuracy": 0.625},
    {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.75, "val_accuracy": 0.875},
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a run, as a command would make them."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    with new_session("tensorboard", folder=folder, seed=7, tensorboard_errors=9) as session:
        for epoch, figures in enumerate(HISTORY):
            session.tell("on_epoch_end", epoch=epoch, logs=figures, model=None)
        session.training = {"hidden": [512], "learning_rate": 0.01, "epochs": 2}
        session.metrics["test_accuracy"] = 0.8
        session.tell("on_prediction", predictions=predict(tiny.dataset()))
    return folder / "tensorboard"


@pytest.fixture(scope="module")
def read(logs: Path) -> Any:
    """What TensorBoard makes of them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(logs), size_guidance={"tensors": 0})
    read.Reload()
    return read


def scalars(read: Any, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in read.Scalars(tag)]


def test_the_figures_are_all_there(read: Any) -> None:
    assert scalars(read, "loss/train") == [(1, 1.5), (2, 0.5)]
    assert scalars(read, "loss/validation") == [(1, 1.25), (2, 0.75)]
    assert scalars(read, "accuracy/validation") == [(1, 0.625), (2, 0.875)]
    ((step, accuracy),) = scalars(read, "accuracy/test")
    assert step == 2
    assert accuracy == pytest.approx(0.8)


def test_the_pictures_are_those_of_errors(read: Any) -> None:
    mistakes = Mistakes(9)
    mistakes.add(predict(tiny.dataset()))
    assert mistakes.wrong > 9
    for tag, figure in (
        ("errors", plot_errors(mistakes)),
        ("confusion", plot_confusion(mistakes)),
    ):
        width, height, data = read.Tensors(tag)[0].tensor_proto.string_val
        assert data == figure.to_png()
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        assert image.shape == (int(height), int(width))


def test_the_hyperparameters_are_there(read: Any) -> None:
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    content = read.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    values = HParamsPluginData.FromString(content).session_start_info.hparams
    assert values["learning_rate"].number_value == 0.01
    assert values["seed"].number_value == 7
    assert values["hidden"].string_value == "[512]"


@pytest.fixture(scope="module")
def server(logs: Path) -> Iterator[str]:
    """A real TensorBoard's address."""
    # with a module of this name it goes without TensorFlow, which takes it seconds to import
    code = (
        "import sys, types\n"
        "sys.modules['tensorboard.compat.notf'] = types.ModuleType('notf')\n"
        "from tensorboard.main import run_main\n"
        "run_main()\n"
    )
    words = [sys.executable, "-c", code, "--port", "0", "--load_fast", "false"]
    process = subprocess.Popen(
        [*words, "--logdir", str(logs.parents[1])], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://\S+:\d+/", line):
                yield found[0]
                break
        else:
            raise AssertionError("TensorBoard didn't start")
    finally:
        process.terminate()
        process.wait(20)


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def test_a_server_shows_the_scalars(server: str) -> None:
    tags = get(f"{server}data/plugin/scalars/tags")
    assert "accuracy/validation" in tags["first/tensorboard"]
    page = f"{server}data/plugin/scalars/scalars?run=first%2Ftensorboard&tag=loss%2Ftrain"
    assert [point[1:] for point in get(page)] == [[1, 1.5], [2, 0.5]]
    assert set(get(f"{server}data/plugin/images/tags")["first/tensorboard"]) == {
        "confusion",
        "errors",
    }


def test_a_run_without_training_has_pictures_and_needs_no_tensorflow(in_tmp: Path) -> None:
    data, model = tiny.write_dataset(in_tmp / "t.npz"), tiny.write_model(in_tmp / "t.h5")
    code = (
        "import sys\nfrom inkhook.testing import run_cli\n"
        f"words = ['run', '--data', {str(data)!r}, '--model', {str(model)!r}, '-o', 'out']\n"
        "result = run_cli(words, plugins=['tensorboard'])\n"
        "print(result.exit_code, 'tensorflow' in sys.modules, result.stderr)\n"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("0 False ")
    assert "TensorBoard: tensorboard --logdir" in done.stdout
    assert len(list(Path("out/tensorboard").iterdir())) == 1


def test_without_the_extra_there_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name)
    )
    result = run("run", "--plugins", "tensorboard")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: Plugin 'tensorboard' can't be used: TensorBoard isn't installed; run: "
        "pip install 'inkhook[tensorboard]'.\n"
    )
    assert run("run", "--plugins", "tensorboard", "--help").exit_code == 0


def test_a_command_without_a_folder_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with new_session("tensorboard") as session:
        session.tell("on_prediction", predictions=predict(tiny.dataset()))
    assert "nothing is written" in capsys.readouterr().err
