"""The command `inkhook plugins`: what is installed and what is broken, one in full, a new one.

The list is here; `show` and `new` have their own modules.
"""

import json
import os
from dataclasses import asdict, dataclass

import click

from ...core.base.problems import PluginProblem
from ...core.events.command import PLUGINS_VARIABLE, json_option
from ...core.events.contract import hook_names
from ...core.events.manager import load
from ...core.events.sources import PLUGIN_GROUP, PluginSource, installed, select_plugins
from ...core.jobs.defaults import ALWAYS, DEFAULT_PLUGINS


@dataclass(frozen=True)
class Row:
    """What is known about one installed plugin."""

    name: str
    origin: str
    hooks: list[str]
    options: list[str]
    chosen: bool
    problem: str | None = None


@click.group(
    invoke_without_command=True,
    short_help="List the installed plugins; show or create one.",
    epilog="Example: inkhook plugins new mine",
)
@json_option("Write a JSON list.")
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List the installed plugins, where each comes from and which hooks it implements.

    An asterisk marks those that 'inkhook run' uses without --plugins. If a plugin can't be used,
    the list gives the reason, and the exit code is 1.
    """
    if context.invoked_subcommand:
        return
    default = os.environ.get(PLUGINS_VARIABLE) or DEFAULT_PLUGINS
    wanted = {name.strip() for name in default.split(",")} | set(ALWAYS)
    rows = [
        _examine(name, sources, chosen=name in wanted)
        for name, sources in sorted(installed(PLUGIN_GROUP).items())
    ]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        _print_table(rows)
    context.exit(1 if any(row.problem for row in rows) else 0)


@plugins.command(epilog="Example: inkhook plugins show train")
@click.argument("name")
@json_option("Write a JSON object.")
def show(name: str, as_json: bool) -> None:
    """Show a plugin's description, hooks and options.

    NAME is what --plugins takes: an installed plugin or the path of a .py file.
    """
    from .show import plugin_as_dict, plugin_as_text

    (loaded,) = load(select_plugins(name))
    click.echo(json.dumps(plugin_as_dict(loaded), indent=2) if as_json else plugin_as_text(loaded))


@plugins.command(epilog="Example: inkhook plugins new mine")
@click.argument("name")
def new(name: str) -> None:
    """Create a package with a plugin and a command, to build on.

    It goes to a new folder inkhook-NAME here, with options, tests that pass, and a README that says
    how to publish it. Nothing is overwritten.
    """
    from .new import write_package

    folder = write_package(name)
    click.echo(f"{folder}")
    click.echo(f"Next: cd {folder} && pip install -e '.[test]' && python -m pytest", err=True)


def _examine(name: str, sources: list[PluginSource], *, chosen: bool) -> Row:
    origin = " and ".join(source.origin for source in sources)
    try:
        loaded = load(select_plugins(name))[0]
    except PluginProblem as problem:
        return Row(name, origin, [], [], chosen, str(problem))
    options = [option.opts[-1] for option in loaded.options]
    return Row(name, origin, hook_names(loaded.target), options, chosen)


def _print_table(rows: list[Row]) -> None:
    names = max(len(row.name) for row in rows)
    origins = max(len(row.origin) for row in rows)
    for row in rows:
        mark = "*" if row.chosen else " "
        text = row.problem or ", ".join(row.hooks)
        state = "broken: " if row.problem else ""
        click.echo(f"{mark} {row.name:<{names}}  {row.origin:<{origins}}  {state}{text}")
    click.echo("\n* used by 'inkhook run' without --plugins", err=True)
