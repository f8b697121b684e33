"""The command `inkhook learn`: a model gets better at one person's hand."""

import sys
from pathlib import Path

import click

from ..core.events.command import (
    PluginCommand,
    force_option,
    model_option,
    run_folder_option,
    seed_option,
)
from ..core.events.manager import Plugins
from ..core.jobs.defaults import ALWAYS


@click.command(
    cls=PluginCommand,
    one_thread=True,  # two that share small products wait for each other where a core is busy
    default_plugins="augment",
    always=ALWAYS,
    short_help="Make a model better at your handwriting.",
    epilog="Example: inkhook learn artifacts/drawings",
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]…", type=click.Path(path_type=Path))
@model_option("The model to begin with: a file or a run's name.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the images that tables name.  [default: the table's folder]",
)
@click.option(
    "--keep-anyway", is_flag=True, help="Write the model even if it isn't better than before."
)
@run_folder_option()
@force_option()
@seed_option()
@click.pass_context
def learn(
    context: click.Context,
    plugins: Plugins,
    sources: tuple[Path, ...],
    model: str | None,
    images: Path | None,
    keep_anyway: bool,
    output: Path | None,
    force: bool,
    seed: int | None,
    strict: bool,
    debug: bool,
) -> None:
    """Train a model on with samples of your handwriting, and prove that it reads it better.

    SOURCE is a folder of images in folders named after digits (artifacts/drawings by default, where
    'paint' saves samples), a table with the columns path and truth, or arrays of images with labels
    (.npz, IDX, Kaggle's CSV). Thirty samples are enough to begin with.

    The new model is written only if it reads samples that it hasn't seen better than the old one,
    and loses at most 0.1 points on the dataset's test images; otherwise the exit code is 1.
    """
    from ..core.jobs import learn as job
    from ..core.jobs.samples import DRAWINGS

    done = job.run(
        plugins,
        sources or (DRAWINGS,),
        model=model,
        images=images,
        output=output,
        force=force,
        seed=seed,
        keep_anyway=keep_anyway,
        strict=strict,
        debug=debug,
        command=["inkhook", *sys.argv[1:]],
    )
    context.exit(done.exit_code)
