"""The options of `inkhook predict-dir`, and the order in which things happen."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.events.command import (
    FileToWrite,
    FolderToWrite,
    PluginCommand,
    Under,
    model_option,
    numbers_option,
)
from ...core.events.manager import Plugins
from .options import form_for, parse_shard, table_options

if TYPE_CHECKING:
    from .engines import Engine

MANY = "Many machines (see docs/clusters.md)"


@click.command(
    "predict-dir",
    cls=PluginCommand,
    short_help="Read a folder of images and write a table of answers.",
    epilog="Example: inkhook predict-dir scans -r -o answers.csv --sheet sheet.png",
)
@click.argument("inputs", nargs=-1, required=True, metavar="DIR|FILE|-…")
@click.option("-r", "--recursive", is_flag=True, help="Include subfolders.")
@click.option(
    "-0", "--null", "nulls", is_flag=True, help="Paths on stdin end with a null character."
)
@numbers_option("Read numbers of any length, and not one digit a picture.")
@model_option()
@table_options
@click.option(
    "--reject-below",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Answers with less confidence are 'unsure'.  [default: the model's threshold]",
)
@click.option(
    "--sheet",
    type=FileToWrite(),
    metavar="FILE.png",
    help="Draw a contact sheet, with a page for every 200 files (70 with --numbers).",
)
@click.option(
    "--sort-into",
    type=FolderToWrite(),
    metavar="DIR",
    help="Copy the files into a folder for each answer (with --numbers, each status); none is "
    "overwritten.",
)
@click.option(
    "--sort-how",
    type=click.Choice(("copy", "link", "symlink")),
    default="copy",
    show_default=True,
    help="Copy the files, or link them.",
)
@click.option("--resume", is_flag=True, help="Finish interrupted work; use the same -o.")
@click.option("--restart", is_flag=True, help="Discard earlier progress and start over.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="The most processes to read files with.  [default: one per core]",
)
@click.option(
    "--max-file",
    type=click.FloatRange(0, min_open=True),
    default=32,
    show_default=True,
    metavar="MB",
    help="Larger files are 'too_large'.",
)
@click.option(
    "--max-pixels",
    type=click.FloatRange(0, min_open=True),
    default=50,
    show_default=True,
    metavar="MP",
    help="Images with more megapixels are 'too_large'.",
)
@click.option(
    "--engine",
    cls=Under,
    heading=MANY,
    type=click.Choice(("local", "dask")),
    help="What reads the files: processes on this machine, or a Dask cluster.  [default: local]",
)
@click.option(
    "--scheduler",
    cls=Under,
    heading=MANY,
    metavar="ADDRESS",
    help="A running Dask scheduler, such as tcp://host:8786.  [default: a cluster of N workers "
    "on this machine]",
)
@click.option(
    "--shard",
    "part",
    cls=Under,
    heading=MANY,
    metavar="I/N",
    callback=parse_shard,
    help="Do only part I of N (I from 1 to N); -o gets the part, and 'inkhook merge' joins parts.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder for the plugins' results.  [default: artifacts/<date and time>]",
)
@click.pass_context
def predict_dir(
    context: click.Context,
    plugins: Plugins,
    inputs: tuple[str, ...],
    recursive: bool,
    nulls: bool,
    numbers: bool,
    model: str | None,
    output: Path | None,
    form: str | None,
    top_k: int,
    probabilities: bool,
    columns: tuple[str, ...],
    pages: bool,
    reject_below: float | None,
    truth: str | None,
    sheet: Path | None,
    sort_into: Path | None,
    sort_how: str,
    resume: bool,
    restart: bool,
    workers: int | None,
    max_file: float,
    max_pixels: float,
    engine: str | None,
    scheduler: str | None,
    part: tuple[int, int] | None,
    results: Path | None,
    strict: bool,
    debug: bool,
) -> None:
    """Read images of digits or numbers and write a table: one row for each file.

    Give a folder, files, a pattern such as "scans/*.png", or - for a list of paths on stdin. File
    types are detected from the content. Each page of a PDF is a row, as is each line of Kaggle's
    CSV if you name the file itself.

    The columns are path, status, digit and confidence; the status is ok, unsure, blank, several
    (digits), or the reason why the file can't be read. With --numbers they are path, status,
    number (all numbers of a picture in reading order, with a space between them), confidence (the
    lowest) and count.

    The exit code is 0 if all files could be read, 1 if some couldn't, 2 if nothing was done.
    """
    output = None if output == Path("-") else output
    on_dask = engine == "dask" or (engine is None and scheduler is not None)
    if (resume or restart) and output is None:
        raise click.UsageError("--resume and --restart need -o FILE: progress is kept beside it.")
    if resume and restart:
        raise click.UsageError("--resume and --restart exclude each other; choose one.")
    if engine == "local" and scheduler is not None:
        raise click.UsageError("--scheduler goes with --engine dask, not with local.")
    if on_dask and output is None:
        raise click.UsageError("--engine dask needs -o FILE: the workers write beside it.")
    if part:
        if on_dask:
            raise click.UsageError("--shard and --engine dask exclude each other; choose one.")
        if output is None:
            raise click.UsageError("--shard needs -o FILE for the part.")
        table = (form, probabilities, columns, pages, truth, sheet, sort_into)
        if any(table) or top_k > 1:
            raise click.UsageError(
                "--shard writes a part, not a table: give --format, --top-k, --probabilities, "
                "--columns, --pages and --truth to 'inkhook merge'; --sheet and --sort-into can't "
                "be used with it."
            )
    more = probabilities or top_k > 1 or bool(columns)
    form = None if part else form_for(form, output, more_columns=more)

    from ...core.reading import worker

    # it loads its libraries while this process loads its own
    first = None if on_dask else worker.start()
    from ...core.base.processor import cores
    from ...core.events.runs import RunFolder, new_folder
    from ...core.events.session import CommandSession
    from ...core.images.imagefile import Limits
    from .outputs import PART_ONLY, Wanted
    from .work import Part, Request, predict_folder

    request = Request(
        inputs=inputs,
        recursive=recursive,
        nulls=nulls,
        model=model,
        numbers=numbers,
        reject_below=reject_below,
        part=Part(*part) if part else None,
        resume=resume,
        restart=restart,
        limits=Limits(int(max_file * 2**20), int(max_pixels * 1e6)),
        plugins=plugins.names,
        plugin_options=plugins.options,
        wanted=Wanted(
            output,
            form or PART_ONLY,
            top_k,
            probabilities,
            truth,
            columns,
            pages,
            sheet,
            sort_into,
            sort_how,
        ),
    )
    folder = None
    with _engine(first, scheduler, workers or cores()) as readers:
        if plugins.names:
            record = {"command": ["inkhook", *sys.argv[1:]], "plugins": plugins.names}
            folder = RunFolder(results or new_folder(), record, option="--results")
        with CommandSession(
            plugins, folder, strict=strict, debug=debug, stdout_is_json=True
        ) as session:
            all_well = predict_folder(request, session, readers)
    if folder:
        session.note(f"Results: {folder.path}")
    context.exit(session.exit_code if all_well else 1)


def _engine(first: Any, scheduler: str | None, workers: int) -> "Engine":
    """Return what reads the files: processes, the first of which has started, or Dask."""
    from .engines import Local, OnDask

    if first is not None:
        return Local(workers, first)
    from .cluster.dask_cluster import Cluster

    return OnDask(Cluster(scheduler, workers))
