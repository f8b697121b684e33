"""The command `inkhook run`: the main job, from a dataset to the mistakes."""

import sys
from pathlib import Path

import click

from ..core.events.command import (
    ANY_RUN,
    PluginCommand,
    force_option,
    model_option,
    run_folder_option,
    seed_option,
)
from ..core.events.manager import Plugins
from ..core.jobs.defaults import ALWAYS, DEFAULT_PLUGINS


@click.command(
    cls=PluginCommand,
    default_plugins=DEFAULT_PLUGINS,
    always=ALWAYS,
    short_help="Train a network on a dataset and examine its mistakes.",
    epilog="Example: inkhook run --plugins train,errors --epochs 5 -o artifacts/first",
)
@click.option(
    "--dataset", default="mnist", show_default=True, metavar="NAME", help="The dataset to load."
)
@model_option("Use this model (a file or a run's name) if no plugin trains one.", default=ANY_RUN)
@run_folder_option()
@force_option()
@seed_option()
@click.pass_context
def run(
    context: click.Context,
    plugins: Plugins,
    dataset: str,
    model: str | None,
    output: Path | None,
    force: bool,
    seed: int | None,
    strict: bool,
    debug: bool,
) -> None:
    """Load a dataset, train a network (or open one), and examine its mistakes.

    Results are printed on stdout. The model, its metrics and the plugins' results go to the run's
    folder.
    """
    from ..core.jobs import train

    done = train.run(
        plugins,
        dataset=dataset,
        model=model,
        output=output,
        force=force,
        seed=seed,
        strict=strict,
        debug=debug,
        command=["inkhook", *sys.argv[1:]],
    )
    context.exit(done.exit_code)
