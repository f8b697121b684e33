"""The command `inkhook run`: the main job, from a dataset to a look at the errors."""

import sys
from pathlib import Path

import click

from ..core.events.command import PluginCommand
from ..core.events.manager import Plugins
from ..core.jobs.defaults import ALWAYS, DEFAULT_PLUGINS


@click.command(
    cls=PluginCommand,
    default_plugins=DEFAULT_PLUGINS,
    always=ALWAYS,
    short_help="Train a network on a dataset and look at what it gets wrong.",
    epilog="Example: inkhook run --plugins train,errors --epochs 5 -o artifacts/first",
)
@click.option(
    "--dataset", default="mnist", show_default=True, metavar="NAME", help="The dataset to load."
)
@click.option(
    "--model",
    metavar="M",
    help="Use this model (a file, or a run's name) where no plugin trains one.  "
    "[default: the newest complete run's, else the one that comes with inkhook]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder for the results.  [default: artifacts/<date and time>]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 999_999_999),
    metavar="N",
    help="Repeat a run exactly.  [default: drawn by chance, and noted in the results]",
)
@click.pass_context
def run(
    context: click.Context,
    plugins: Plugins,
    dataset: str,
    model: str | None,
    output: Path | None,
    seed: int | None,
    strict: bool,
    debug: bool,
) -> None:
    """Load a dataset, train a network (or open one), and look at what it gets wrong.

    Results are printed on stdout. The model, its figures and what the plugins add are kept in
    the run's folder.
    """
    from ..core.jobs import train

    done = train.run(
        plugins,
        dataset=dataset,
        model=model,
        output=output,
        seed=seed,
        strict=strict,
        debug=debug,
        command=["inkhook", *sys.argv[1:]],
    )
    context.exit(done.exit_code)
