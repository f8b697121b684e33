"""Change without breakage: plugins of an older contract, on the hooks of a newer one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pluggy
import pytest
from helpers import Run, WritePlugin

from inkhook import hookimpl
from inkhook.core import contract, hooks, tiny
from inkhook.core.hooks import PROJECT, SPECS, Deprecated
from inkhook.core.session import Session
from inkhook.testing import check_plugin, new_session


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks one release on: `on_run_start` has a new argument and an old one on its way out."""

    @pluggy.HookspecMarker(PROJECT)
    def on_run_start(session: Session, folder: Path, place: Path, added: str) -> None: ...

    spec = replace(
        SPECS["on_run_start"],
        function=on_run_start,
        deprecated={"place": Deprecated("0.3", "folder")},
    )
    monkeypatch.setattr(hooks, "on_run_start", on_run_start)
    monkeypatch.setitem(SPECS, "on_run_start", spec)
    monkeypatch.setattr(contract, "VERSION", (1, 1))


class Hears:
    inkhook_contract = "1.0"

    def __init__(self) -> None:
        self.heard: list[object] = []

    @hookimpl
    def on_run_end(self) -> None:
        self.heard.append("end")


class Few(Hears):
    """Of before `added` was: it takes what there was, or nothing at all."""

    @hookimpl
    def on_run_start(self, session: Session) -> None:
        self.heard.append("start")


class Old(Hears):
    """Of before `place` was called `folder`."""

    @hookimpl
    def on_run_start(self, session: Session, place: Path) -> None:
        self.heard.append(place)


class New(Hears):
    inkhook_contract = "1.1"

    @hookimpl
    def on_run_start(self, session: Session, folder: Path, added: str) -> None:
        self.heard += [folder, added]


@pytest.mark.usefixtures("newer")
def test_old_and_new_plugins_work_side_by_side() -> None:
    few, old, new = Few(), Old(), New()
    session = new_session(few, old, new)
    session.tell("on_run_start", folder=Path("f"), added="a")
    session.tell("on_run_end")
    assert few.heard == ["start", "end"]
    assert old.heard == [Path("f"), "end"]
    assert new.heard == [Path("f"), "a", "end"]


@pytest.mark.usefixtures("newer")
def test_what_a_caller_of_the_old_contract_does_not_pass_is_none() -> None:
    new = New()
    new_session(new).tell("on_run_start", folder=Path("f"))
    assert new.heard == [Path("f"), None]


WARNING = "takes 'place' of on_run_start, which goes in inkhook 0.3; use 'folder' instead."


@pytest.mark.usefixtures("newer")
def test_a_deprecated_argument_is_a_warning_with_the_plugins_name(
    run: Run, write_plugin: WritePlugin, in_tmp: Path
) -> None:
    path = write_plugin("@hookimpl\ndef on_run_start(session, place): session.note('still works')")
    data, model = tiny.write_dataset(in_tmp / "t.npz"), tiny.write_model(in_tmp / "t.h5")
    result = run("run", "--data", data, "--model", model, "--plugins", path)
    assert result.exit_code == 0
    assert result.stderr.startswith(f"Warning: Plugin 'mine' {WARNING}\n")
    assert "still works" in result.stderr
    assert check_plugin(Old) == [f"Plugin 'Old' {WARNING}"]
    assert WARNING in run("plugins", "show", path).stdout
    assert check_plugin(Few) == []


def test_a_removed_argument_is_refused_by_name(run: Run, write_plugin: WritePlugin) -> None:
    path = write_plugin("@hookimpl\ndef on_run_start(session, place): pass")
    result = run("run", "--plugins", path)
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: Plugin 'mine' doesn't fit its hooks: on_run_start has no argument 'place'; "
        "it has session.\n"
    )


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("'1.0'", ""),
        ("'1.7'", "needs version 1.7 of the hooks, and here is 1.0; update inkhook."),
        ("'0.9'", "was written for version 0.9 of the hooks, and here is 1.0; update it."),
        ("1", 'has an inkhook_contract of 1; it is a text such as "1.0".'),
        ("'x'", "has an inkhook_contract of 'x'; it is a text such as \"1.0\"."),
    ],
)
def test_a_plugin_asks_for_a_version(
    run: Run, write_plugin: WritePlugin, wanted: str, sentence: str
) -> None:
    code = f"inkhook_contract = {wanted}\n@hookimpl\ndef on_run_start(session): pass"
    result = run("run", "--plugins", write_plugin(code), "--help")
    assert result.exit_code == (2 if sentence else 0)
    assert sentence in result.stderr


def test_the_documented_version_is_the_present_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
    have = ".".join(map(str, contract.VERSION))
    assert f"`inkhook.core.contract.VERSION`, {have}." in page
    assert f'inkhook_contract = "{have}"' in page
    templates = Path(contract.__file__).parents[1] / "plugins/command_plugins/templates"
    assert f'inkhook_contract = "{have}"' in (templates / "plugin.py.txt").read_text()


def test_every_deprecation_names_its_end_and_a_successor_that_exists() -> None:
    found: Mapping[str, Any] = {hook: spec.deprecated for hook, spec in SPECS.items()}
    for hook, arguments in found.items():
        for name, old in arguments.items():
            known = SPECS[hook].function.__annotations__
            assert name in known
            assert old.removed
            assert old.instead in ("", *known)
