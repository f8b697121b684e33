"""The command `inkhook plugins`: what is installed, what it does, and what is broken."""

import json
import os
from dataclasses import asdict, dataclass

import click

from ..core.command import PLUGINS_VARIABLE
from ..core.contract import hook_names
from ..core.manager import PLUGIN_GROUP, Source, choose, installed, load
from ..core.problems import PluginProblem
from . import ALWAYS, DEFAULT_PLUGINS


@dataclass(frozen=True)
class Row:
    """What is known of one installed plugin."""

    name: str
    origin: str
    hooks: list[str]
    options: list[str]
    chosen: bool
    problem: str | None = None


@click.command(
    short_help="List the plugins that are installed.", epilog="Example: inkhook plugins --json"
)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON list.")
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List the installed plugins: where each comes from and what it hooks into.

    'chosen' are those that 'inkhook run' uses without --plugins. A plugin that can't be
    used is listed with its reason, and the exit code is 1.
    """
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


def _examine(name: str, sources: list[Source], *, chosen: bool) -> Row:
    origin = " and ".join(source.origin for source in sources)
    try:
        loaded = load(choose(name))[0]
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
