"""What plugin authors test with: each helper and fixture, as they would use it."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import click
import numpy as np
import pytest

import inkhook.testing
from inkhook import hookimpl
from inkhook.core.base.problems import PluginProblem
from inkhook.core.base.quiet_keras import import_keras
from inkhook.core.base.types import Dataset
from inkhook.core.events import contract
from inkhook.core.events.hooks import SPECS
from inkhook.core.events.session import CommandSession
from inkhook.core.events.sources import PLUGIN_GROUP, installed
from inkhook.core.modelfile import artifact
from inkhook.testing import Recorder, check_plugin, draw, new_session, predict, run_cli
from inkhook.testing.checks import HEAVY

HERE = ".".join(map(str, contract.CONTRACT_VERSION))
SEVEN = [(80.0, 70.0), (140.0, 68.0), (205.0, 72.0), (170.0, 140.0), (130.0, 220.0)]


def test_all_names_are_there() -> None:
    assert all(hasattr(inkhook.testing, name) for name in inkhook.testing.__all__)


def test_the_session_has_a_folder(session: CommandSession, tmp_path: Path) -> None:
    with session:
        assert session.run is not None
        assert session.run.path.parent == tmp_path
    assert session.status == "complete"
    assert '"complete"' in (session.run.path / "run.json").read_text()


def test_the_recorder_notes_calls_in_order() -> None:
    assert all(hasattr(Recorder(*SPECS), name) for name in SPECS)
    image = np.zeros((5, 4), np.uint8)
    recorder = Recorder("on_run_start", "load_dataset", "prepare_image", "on_epoch_end")
    with new_session(recorder) as session:
        assert session.ask("load_dataset", name="x") is None
        out = session.chain("prepare_image", image, same_shape=False, source="canvas")
        session.tell("on_epoch_end", epoch=0, logs={"loss": 1.0}, model=None)
    assert out.shape == image.shape
    assert recorder.hooks == [
        "on_run_start", "load_dataset", "prepare_image", "on_epoch_end",
    ]  # fmt: skip
    assert recorder.of("on_epoch_end") == [{"epoch": 0, "logs": {"loss": 1.0}, "model": None}]


class Shout:
    options = (click.Option(["--shout-loud"], default=2),)

    def __init__(self, shout_loud: int) -> None:
        self.loud = shout_loud

    @hookimpl
    def on_run_start(self, session: CommandSession) -> None:
        session.say("HO" * self.loud)


def test_a_class_is_made_from_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    with new_session(Shout):
        pass
    with new_session(Shout, shout_loud=3):
        pass
    assert capsys.readouterr().out == "HOHO\nHOHOHO\n"


def test_a_failure_is_raised_with_the_plugins_own_name() -> None:
    class Broken:
        @hookimpl
        def on_run_start(self, session: CommandSession) -> None:
            raise RuntimeError("oh")

    with pytest.raises(PluginProblem, match="'Broken' failed in on_run_start: RuntimeError: oh"):
        new_session(Broken).__enter__()
    with new_session(Broken(), strict=False) as session:
        pass
    assert session.exit_code == 1


def test_the_tiny_dataset_is_real(tiny_dataset: Dataset, digits: Dataset) -> None:
    assert len(tiny_dataset.train) == 400
    assert np.array_equal(tiny_dataset.test.images, digits.test.images[:100])


def test_the_tiny_model_reads_and_keras_opens_it(
    tiny_dataset: Dataset, tiny_model: Path, tiny_classifier: Any
) -> None:
    predictions = predict(tiny_dataset)
    assert predictions.truth is not None
    assert (predictions.digits == predictions.truth).mean() > 0.75
    assert artifact.read_artifact(tiny_model).card is not None
    model = import_keras().models.load_model(tiny_model, compile=False)
    images = predictions.images[:9]
    theirs = model.predict(images.reshape(9, 784), verbose=0)
    assert np.allclose(theirs, tiny_classifier(images), atol=1e-5)


def test_a_stroke_can_be_drawn_read_and_gone_on_with() -> None:
    drawing = draw(SEVEN)
    assert drawing.canvas.shape == (280, 280)
    assert len(drawing.stroke.points) == 5
    assert predict(drawing).digits.tolist() == [7]
    more = draw([(100, 140), (190, 140)], on=drawing.canvas, thickness=10)
    assert more.canvas.sum() > drawing.canvas.sum()
    pressed = draw(SEVEN, widths=[20, 30, 40, 30, 20])
    assert pressed.stroke.widths is not None
    assert pressed.canvas.sum() > 1.4 * drawing.canvas.sum()
    assert predict(pressed).digits.tolist() == [7]
    with pytest.raises(ValueError, match="blank"):
        predict(SimpleNamespace(canvas=np.zeros((9, 9), np.uint8)))  # type: ignore[arg-type]


def test_the_command_line_takes_plugins_as_they_are(
    recorder: Recorder, tiny_data: Path, tiny_model: Path, in_tmp: Path
) -> None:
    words = ("run", "--data", tiny_data, "--model", tiny_model, "--shout-loud", 1)
    result = run_cli(words, plugins=[Shout, recorder, "errors"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("HO\n")
    assert "Errors: " in result.stdout
    assert recorder.hooks == [
        "on_run_start", "on_dataset_loaded", "on_prediction", "on_run_end",
    ]  # fmt: skip
    assert run_cli(["run", "--plugins", "given0"]).exit_code == 2, "given for one command only"


def module_of(code: str, folder: Path) -> ModuleType:
    """Import a file and return its module."""
    path = folder / "a_plugin.py"
    path.write_text(code)
    module = ModuleType("a_plugin")
    module.__file__ = str(path)
    sys.modules["a_plugin"] = module
    exec(compile(code, path, "exec"), vars(module))  # noqa: S102
    return module


HEAD = "import click\nfrom inkhook import hookimpl\n"
START = "@hookimpl\ndef on_run_start(session): pass\n"
CLASS = "class Mine:\n    @hookimpl\n    def on_run_start(self, session): pass\n"


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        (START, []),
        ("", ["Plugin 'a_plugin' implements no hook; mark one with @hookimpl."]),
        (
            "@hookimpl\ndef on_epoc_end(session): pass",
            ["Plugin 'a_plugin' implements 'on_epoc_end', which isn't a hook; "
             "did you mean on_epoch_end?"],
        ),
        (
            "@hookimpl\ndef on_epoch_end(session, lgos): pass",
            ["Plugin 'a_plugin' doesn't fit its hooks: on_epoch_end has no argument 'lgos'; "
             "did you mean 'logs'?"],
        ),
        (
            "@hookimpl\ndef on_epoch_end(session, logs=None): pass",
            ["Plugin 'a_plugin' takes 'logs=None' in on_epoch_end, which is never passed; "
             "name it plainly."],
        ),
        (
            f"import json, matplotlib.pyplot\nif True:\n    from keras import Model\n{START}",
            ["Plugin 'a_plugin' imports matplotlib.pyplot at the top (line 3), which slows down "
             "every --help; import it in the function that uses it.",
             "Plugin 'a_plugin' imports keras at the top (line 5), which slows down every "
             "--help; import it in the function that uses it."],
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import keras\n"
            "@hookimpl\ndef on_run_start(session):\n    import cv2\n",
            [],
        ),
        (
            f"options = (click.Option(['--x']),)\n{START}",
            ["Plugin 'a_plugin' declares options in a module; only a class can have them."],
        ),
        (
            f"inkhook_contract = '9.0'\n{START}",
            ["Plugin 'a_plugin' needs version 9.0 of the hooks, but this is "
             f"{HERE}; update inkhook."],
        ),
    ],
)  # fmt: skip
def test_a_modules_faults_are_named(code: str, sentences: list[str], tmp_path: Path) -> None:
    assert check_plugin(module_of(HEAD + code, tmp_path)) == sentences


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("options = ('--x',)", "has an option that isn't a click.Option: --x."),
        ("options = (click.Option(['--seed']),)", "declares the option seed, which 'inkhook run'"),
        ("options = (click.Option(['--epochs']),)", "--epochs, which plugin 'train' has already."),
        ("options = (click.Option(['--y']),)", "option 'y', which its constructor doesn't take."),
        ("def __init__(self, z): pass", "takes 'z', which isn't an option."),
    ],
)
def test_a_classs_faults_are_named(code: str, sentence: str, tmp_path: Path) -> None:
    module = module_of(f"{HEAD}{CLASS}    {code}\n", tmp_path)
    assert any(sentence in found for found in check_plugin(module.Mine))
    assert all(found.startswith("Plugin 'Mine' ") for found in check_plugin(module.Mine))


@pytest.mark.parametrize("name", installed(PLUGIN_GROUP))
def test_the_built_in_plugins_are_without_fault(name: str) -> None:
    assert check_plugin(name) == []


def test_a_plugin_by_path_or_wrong_name_is_a_sentence_too() -> None:
    assert check_plugin("trian") == ["There is no plugin 'trian'; did you mean train?"]
    assert check_plugin("./none.py") == ["There is no plugin file 'none.py'."]
    assert "keras" in HEAVY
