"""Finding, choosing and checking plugins, through `--plugins` wherever the user would meet it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import Run, WritePlugin

from inkhook.core.base.problems import PluginProblem
from inkhook.core.events.manager import Loaded, Plugins, load
from inkhook.core.events.sources import select_plugins


def install(folder: Path, package: str, entries: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a distribution with these entry points on the path, as pip would."""
    info = folder / f"{package.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(entries)
    monkeypatch.syspath_prepend(str(folder))


def test_left_to_right_and_always_at_the_end() -> None:
    assert [source.name for source in select_plugins("errors, train", ("mnist",))] == [
        "errors",
        "train",
        "mnist",
    ]
    assert [source.name for source in select_plugins("mnist,errors", ("mnist",))] == [
        "mnist",
        "errors",
    ]


def test_an_unknown_name_gets_its_close_matches(run: Run) -> None:
    result = run("run", "--plugins", "trian")
    assert result.exit_code == 2
    assert result.stderr == "Error: There is no plugin 'trian'; did you mean train?\n"
    assert "there are augment, " in run("run", "--plugins", "zzz").stderr


def test_a_name_given_twice_is_refused(run: Run) -> None:
    assert "'train' is given twice" in run("run", "--plugins", "train,train").stderr


def test_only_chosen_plugins_are_imported(run: Run, write_plugin: WritePlugin) -> None:
    write_plugin("raise RuntimeError('imported')", "other")
    path = write_plugin("@hookimpl\ndef on_run_start(session): pass")
    assert run("run", "--plugins", path, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_module", "can't be imported: ModuleNotFoundError: No module named"),
        ("raise SystemExit(0)", "can't be imported: SystemExit: 0"),
        ("def f(:", "can't be imported: SyntaxError"),
        ("x = 1", "has no hooks; mark a hook with @hookimpl"),
        (
            "@hookimpl\ndef on_epoc_end(session): pass",
            "'on_epoc_end', which isn't a hook; did you mean",
        ),
        ("@hookimpl\ndef on_epoch_end(session, colour): pass", "doesn't fit its hooks: .*colour"),
        ("@hookimpl(wrapper=True)\ndef on_run_start(session): yield", "wraps on_run_start"),
        ("@hookimpl\nasync def on_run_start(session): pass", "declares on_run_start with 'async'"),
        ("@hookimpl\nasync def on_run_end(session): yield", "declares on_run_end with 'async'"),
        ("@hookimpl\ndef load_dataset(name): yield name", "has a 'yield' in load_dataset, so"),
        (
            """
            class Mine:
                @hookimpl
                async def on_prediction(self, predictions): pass
            """,
            "declares on_prediction with 'async', so it would never run; use a plain 'def'.",
        ),
        (
            """
            import click
            class Mine:
                options = (click.Option(["--epochs"]),)
                @hookimpl
                def on_run_start(self, session): pass
            """,
            "declares the option epochs, which plugin 'train' has already",
        ),
        (
            """
            import click
            class Mine:
                options = (click.Option(["--seed"]),)
                @hookimpl
                def on_run_start(self, session): pass
            """,
            "declares the option seed, which the command itself has already",
        ),
        (
            """
            class Mine:
                options = ("--x",)
                @hookimpl
                def on_run_start(self, session): pass
            """,
            "has an option that isn't a click.Option: --x",
        ),
        (
            """
            class Mine:
                def __init__(self): raise ValueError("not today")
                @hookimpl
                def on_run_start(self, session): pass
            """,
            "can't be made from its options: ValueError: not today",
        ),
        (
            """
            class A:
                @hookimpl
                def on_run_start(self, session): pass
            class B(A): pass
            """,
            "has several plugin classes",
        ),
    ],
)
def test_a_broken_plugin_is_named_with_its_reason(
    run: Run, write_plugin: WritePlugin, in_tmp: Path, code: str, reason: str
) -> None:
    result = run("run", "--plugins", f"train,{write_plugin(code)}")
    assert result.exit_code == 2
    assert "mine" in result.stderr
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(result.stderr)
    assert result.stderr.count("\n") == 1, "one line, no traceback"
    assert not (in_tmp / "artifacts").exists(), "nothing was begun"


def test_a_file_that_is_not_there(run: Run) -> None:
    assert "There is no plugin file 'nowhere.py'" in run("run", "--plugins", "nowhere.py").stderr


def test_a_class_of_a_file_can_be_named(write_plugin: WritePlugin) -> None:
    path = write_plugin(
        """
        class A:
            @hookimpl
            def on_run_start(self, session): pass
        class B(A): pass
        """
    )
    assert load(select_plugins(f"{path}:B"))[0].target.__name__ == "B"
    with pytest.raises(PluginProblem, match="no class 'C'"):
        load(select_plugins(f"{path}:C"))


def test_options_show_up_under_the_plugins_name_and_reach_the_constructor(
    run_small: Run, run: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin(
        """
        import click
        class Mine:
            options = (click.Option(["--shout"], default="hey", help="What to shout."),)
            def __init__(self, shout): self.shout = shout
            @hookimpl
            def on_dataset_loaded(self, session, dataset):
                session.say(f"{self.shout} {dataset.name}")
        """
    )
    text = run("run", "--plugins", path, "--help").output
    assert text.index("Plugin mine:") < text.index("--shout")
    assert "Plugin train" not in text
    assert "HO small" in run_small("--plugins", path, "--shout", "HO").output
    assert "hey small" in run_small("--plugins", path).output


def test_the_environment_sets_the_default(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKHOOK_PLUGINS", "errors")
    assert "Plugin train" not in run("run", "--help").output
    assert "Plugin train" in run("run", "--plugins", "train", "--help").output


def test_a_third_party_plugin_and_command_by_entry_point(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_module.py").write_text(
        "import click\nfrom inkhook import hookimpl\n"
        "@hookimpl\ndef on_run_start(session): session.say('theirs started')\n"
        "@click.command()\ndef greet(): click.echo('hello')\n"
    )
    entries = (
        "[inkhook.plugins]\ntheirs = their_module\n[inkhook.commands]\ngreet = their_module:greet\n"
    )
    install(tmp_path, "their-package", entries, monkeypatch)
    assert "theirs started" in run("run", "--plugins", "theirs").output
    assert run("greet").output == "hello\n"
    assert "(from their-package 1.2)" in run("--help").output


def test_a_name_claimed_twice_names_both(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "rival", "[inkhook.plugins]\ntrain = rival\n", monkeypatch)
    result = run("run")
    assert result.exit_code == 2
    assert "Plugin 'train' is claimed by" in result.stderr
    assert "inkhook 0.1.0" in result.stderr
    assert "rival 1.2" in result.stderr


def test_plugins_lists_what_is_installed_and_what_is_broken(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {row["name"]: row for row in json.loads(run("plugins", "--json").stdout)}
    assert rows["errors"]["hooks"] == ["on_number", "on_prediction", "on_run_end"]
    assert rows["train"]["chosen"]
    assert "--epochs" in rows["train"]["options"]
    assert run("plugins").exit_code == 0

    install(tmp_path, "rotten", "[inkhook.plugins]\nrotten = no_such_module\n", monkeypatch)
    result = run("plugins")
    assert result.exit_code == 1
    line = next(line for line in result.stdout.splitlines() if "rotten" in line)
    assert line.split()[:4] == ["rotten", "rotten", "1.2", "broken:"]
    assert "Plugin 'rotten' (rotten 1.2) can't be imported" in line
    rows = {row["name"]: row for row in json.loads(run("plugins", "--json").stdout)}
    assert "no_such_module" in rows["rotten"]["problem"]
    assert not rows["rotten"]["chosen"]


def _spy(seen: list[dict[str, object]]) -> Callable[..., None]:
    """Return a constructor that only notes its arguments."""
    return lambda _, **values: seen.append(values)


def test_a_file_cannot_take_the_name_of_what_is_always_there(
    run: Run, write_plugin: WritePlugin
) -> None:
    path = write_plugin("@hookimpl\ndef on_run_start(session): pass", "mnist")
    result = run("run", "--plugins", path)
    assert result.exit_code == 2
    assert "give the file another name" in result.stderr


def test_defaults_hold_where_no_values_are_given() -> None:
    seen: list[dict[str, object]] = []
    for name in ("train", "errors", "mnist"):
        (loaded,) = load(select_plugins(name))
        loaded = Loaded(loaded.source, type("Spy", (loaded.target,), {"__init__": _spy(seen)}))
        Plugins([loaded])
    assert seen[0]["hidden"] == (512,)
    assert seen[0]["batch_size"] == 512
    assert seen[1]["show"] is False
    assert seen[2] == {"data": None, "test_split": 0.15}
    plugins = Plugins(load(select_plugins("train")))
    assert [name for name, _ in plugins.implementations("train_model")] == ["train"]
