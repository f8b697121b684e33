"""Plugins and options as Python values: the command line's conversions and sentences."""

import re
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from helpers import Run, WritePlugin

import inkhook
from inkhook import hookimpl
from inkhook.core.events.from_python import make_plugins, read_values
from inkhook.testing import Recorder

OPTIONS = (
    click.Option(["--sizes"], default="1", type=lambda text: tuple(map(int, text.split(",")))),
    click.Option(["--count"], type=click.IntRange(1, 9)),
    click.Option(["--share"], type=float, default=0.5),
    click.Option(["--place"], type=click.Path(path_type=Path)),
    click.Option(["--loud/--quiet"]),
    click.Option(["--name"], multiple=True),
    click.Option(["--pair"], nargs=2, type=int),
    click.Option(["--from-there"], envvar="INKHOOK_TEST", default="nothing"),
)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("sizes", (64, 32), (64, 32)),
        ("sizes", [64, 32], (64, 32)),
        ("sizes", np.array([64, 32]), (64, 32)),
        ("sizes", 64, (64,)),
        ("sizes", "64,32", (64, 32)),
        ("count", np.int64(3), 3),
        ("count", None, None),
        ("share", np.float32(0.25), 0.25),
        ("share", 1e-5, 1e-5),
        ("place", Path("a"), Path("a")),
        ("place", "a", Path("a")),
        ("loud", True, True),
        ("loud", np.bool_(True), True),
        ("name", ["a,b", "c"], ("a,b", "c")),
        ("pair", (1, 2), (1, 2)),
    ],
)
def test_values_are_converted(name: str, value: Any, read: Any) -> None:
    values = read_values(OPTIONS, {name: value})
    assert values[name] == read
    assert type(values[name]) is type(read)


def test_what_is_not_given_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKHOOK_TEST", "the environment")
    values = read_values(OPTIONS, {})
    assert values.keys() == {option.name for option in OPTIONS}
    assert (values["sizes"], values["count"], values["loud"]) == ((1,), None, False)
    assert values["from_there"] == "the environment"
    assert read_values(OPTIONS, {"from_there": "here"})["from_there"] == "here"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("epochs", 0),
        ("epochs", 3.5),
        ("epochs", True),
        ("hidden", (64, 0)),
        ("hidden", "many"),
        ("validation_split", 1),
        ("errors_pick", "best"),
    ],
)
def test_a_wrong_value_has_the_command_lines_sentence(run: Run, option: str, value: Any) -> None:
    with pytest.raises(inkhook.OptionProblem) as problem:
        make_plugins("train,errors", options={option: value})
    assert isinstance(problem.value, ValueError)
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    words = ("--plugins", "train,errors", f"--{option.replace('_', '-')}", text)
    assert run("run", *words).stderr.endswith(f"Error: {problem.value}\n")


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("epoch", "There is no option 'epoch'; did you mean epochs?"),
        ("errors_count", "'errors_count'; plugin 'errors' has it: add that to plugins."),
        ("xyz", "'xyz'; there are epochs, batch_size, learning_rate, hidden, validation_split."),
    ],
)
def test_an_unknown_option_is_a_type_error_with_a_hint(option: str, sentence: str) -> None:
    with pytest.raises(TypeError, match=re.escape(sentence)):
        make_plugins("train", options={option: 1})


class Notes:
    options = (click.Option(["--notes-name"], default="Ada"),)

    def __init__(self, notes_name: str) -> None:
        self.name = notes_name

    @hookimpl
    def on_run_start(self, session: inkhook.Session) -> None:
        session.note(self.name)


def test_plugins_are_names_paths_and_objects(write_plugin: WritePlugin) -> None:
    path = Path(write_plugin("@hookimpl\ndef on_run_start(session): pass"))
    plugins = make_plugins(["train", path, Notes, Recorder(), Recorder()], ("mnist",))
    assert plugins.names == ["train", "mine", "Notes", "Recorder", "Recorder-2", "mnist"]
    assert make_plugins(Notes, options={"notes_name": "Grace"}).options == {"notes_name": "Grace"}
    assert make_plugins("", ("mnist",)).names == ["mnist"]
    assert make_plugins([], ("mnist",)).names == ["mnist"]


def test_no_plugin_takes_the_place_of_one_that_is_always_used() -> None:
    class mnist(Notes):  # noqa: N801
        pass

    with pytest.raises(inkhook.PluginProblem, match="The plugin given has the name of the plugin"):
        make_plugins([mnist], ("mnist",))


def test_what_is_no_plugin_is_refused() -> None:
    with pytest.raises(inkhook.PluginProblem, match="Plugin 'int' implements no hook"):
        make_plugins([7])
