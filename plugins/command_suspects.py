"""The command `inkhook suspects`: labels that are probably wrong."""

import sys
from pathlib import Path

import click

from ..core.events.command import (
    PluginCommand,
    force_option,
    model_option,
    run_folder_option,
)
from ..core.events.manager import Plugins


@click.command(
    cls=PluginCommand,
    short_help="Find the labels of a set that are probably wrong.",
    epilog="Example: inkhook suspects digits",
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the images that a table names.  [default: the table's folder]",
)
@click.option(
    "--part",
    type=click.Choice(("train", "test")),
    default="train",
    show_default=True,
    help="Which images, where SOURCE has both.",
)
@model_option("The model that describes the images; it needn't know their classes.")
@run_folder_option()
@force_option()
@click.pass_context
def suspects(
    context: click.Context,
    plugins: Plugins,
    source: Path,
    images: Path | None,
    part: str,
    model: str | None,
    output: Path | None,
    force: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Rank the labels of SOURCE that don't fit their images, the worst first.

    SOURCE is a folder of images in folders named after digits, a table with the columns path and
    truth, arrays of images with labels (.npz, IDX, Kaggle's CSV), or 'mnist' for the included
    digits. Each image is read by a classifier that hasn't seen its label.

    The results are suspects.csv, which 'inkhook serve --review' opens, and suspects.png.
    """
    from ..core.jobs import suspects as job

    done = job.run(
        plugins,
        source,
        images=images,
        part=part,
        model=model,
        output=output,
        force=force,
        strict=strict,
        debug=debug,
        command=["inkhook", *sys.argv[1:]],
    )
    context.exit(done.exit_code)
