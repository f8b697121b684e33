"""Change without breakage: plugins of an older contract, on the hooks of a newer one."""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pluggy
import pytest
from helpers import BLOCK, PAGES, ROOT, Run, WritePlugin

import inkhook
from inkhook import hookimpl
from inkhook.core.events import contract, hooks
from inkhook.core.events.hooks import PROJECT, SPECS, Deprecated
from inkhook.core.events.session import CommandSession
from inkhook.testing import check_plugin, new_session, tiny

HERE = ".".join(map(str, contract.CONTRACT_VERSION))


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks one release on: `on_run_start` has a new argument and an old one on its way out."""

    @pluggy.HookspecMarker(PROJECT)
    def on_run_start(session: CommandSession, folder: Path, place: Path, added: str) -> None: ...

    spec = replace(
        SPECS["on_run_start"],
        function=on_run_start,
        deprecated={"place": Deprecated("0.3", "folder")},
    )
    monkeypatch.setattr(hooks, "on_run_start", on_run_start)
    monkeypatch.setitem(SPECS, "on_run_start", spec)
    monkeypatch.setattr(contract, "CONTRACT_VERSION", (1, 2))


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
    def on_run_start(self, session: CommandSession) -> None:
        self.heard.append("start")


class Old(Hears):
    """Of before `place` was called `folder`."""

    @hookimpl
    def on_run_start(self, session: CommandSession, place: Path) -> None:
        self.heard.append(place)


class New(Hears):
    inkhook_contract = "1.2"

    @hookimpl
    def on_run_start(self, session: CommandSession, folder: Path, added: str) -> None:
        self.heard += [folder, added]


@pytest.mark.usefixtures("newer")
def test_old_and_new_plugins_work_side_by_side() -> None:
    few, old, new = Few(), Old(), New()
    with pytest.warns(FutureWarning, match="takes 'place' of on_run_start"):
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


WARNING = "takes 'place' of on_run_start, which inkhook 0.3 removes; use 'folder' instead."


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
        (f"'{HERE}'", ""),
        ("'1.77'", f"needs version 1.77 of the hooks, but this is {HERE}; update inkhook."),
        ("'0.9'", f"was written for version 0.9 of the hooks, but this is {HERE}; update it."),
        ("1", f'has an inkhook_contract of 1; it must be a text such as "{HERE}".'),
        ("'x'", f"has an inkhook_contract of 'x'; it must be a text such as \"{HERE}\"."),
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
    page = " ".join((ROOT / "docs" / "plugins.md").read_text().split())
    assert f"`inkhook.CONTRACT_VERSION`, {HERE}." in page
    assert f'inkhook_contract = "{HERE}"' in page
    templates = ROOT / "plugins" / "command_plugins" / "templates"
    assert f'inkhook_contract = "{HERE}"' in (templates / "plugin.py.txt").read_text()


def test_every_deprecation_names_its_end_and_a_successor_that_exists() -> None:
    found: Mapping[str, Any] = {hook: spec.deprecated for hook, spec in SPECS.items()}
    for hook, arguments in found.items():
        for name, old in arguments.items():
            known = SPECS[hook].function.__annotations__
            assert name in known
            assert old.removed
            assert old.instead in ("", *known)


# What is public


def imported(code: str, package: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of what code in a package imports from inkhook, itself left out."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            if module.split(".")[0] == "inkhook" and not module.startswith(f"{package}."):
                yield from ((module, alias.name) for alias in node.names)


def shown() -> Iterator[tuple[str, str]]:
    """Yield what others copy: the pages' code, the examples, the template of a package."""
    for page in PAGES:
        for kind, text in BLOCK.findall(page.read_text()):
            if kind == "python":
                yield page.name, text
    for path in (ROOT / "examples").rglob("*.py"):
        yield path.name, path.read_text()
    for name in ("plugin.py.txt", "test_plugin.py.txt"):
        yield name, (ROOT / "plugins" / "command_plugins" / "templates" / name).read_text()


def test_what_others_copy_imports_public_names_only() -> None:
    seen = set()
    for where, code in shown():
        for line in re.findall(r"^\s*from inkhook[ .].*", code, re.MULTILINE):
            for module, name in imported(line.strip(), "none"):
                assert module in ("inkhook", "inkhook.testing"), f"{where}: {line}"
                assert name in importlib.import_module(module).__all__, f"{where}: {line}"
                seen.add(where)
    assert {"hooks.md", "plugins.md", "predict-dir.md", "README.md"} <= seen
    assert {"__init__.py", "plugin.py.txt", "test_plugin.py.txt"} <= seen


def test_two_of_our_plugins_use_what_others_can_use() -> None:
    public = [getattr(inkhook, name) for name in inkhook.__all__]
    for path in ("early_stop.py", "tensorboard/__init__.py", "tensorboard/events.py"):
        package = ".".join(["inkhook", "plugins", *Path(path).parts[:-1]])
        for module, name in imported((ROOT / "plugins" / path).read_text(), package):
            value = getattr(importlib.import_module(module), name)
            assert any(value is one for one in public), f"{path}: {module}.{name}"
