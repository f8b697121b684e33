"""The options of `inkhook predict-dir`, and what is done in which order."""

import os
import sys
from pathlib import Path

import click

from ...core.command import PluginCommand
from ...core.manager import Plugins

FORMATS = ("table", "csv", "jsonl", "parquet")


@click.command(
    "predict-dir",
    cls=PluginCommand,
    short_help="Read a folder of images of digits, and give a table of answers.",
    epilog="Example: inkhook predict-dir scans -r -o answers.csv --sheet sheet.png",
)
@click.argument("inputs", nargs=-1, required=True, metavar="DIR|FILE|-…")
@click.option("-r", "--recursive", is_flag=True, help="Go through folders in folders, too.")
@click.option(
    "-0", "--null", "nulls", is_flag=True, help="Paths on stdin end with a null character."
)
@click.option(
    "--model",
    metavar="M",
    help="The model: a file, or a run's name.  "
    "[default: the newest complete run's, else the one that comes with inkhook]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the table here, whole or not at all.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="[default: by FILE's name; else table on a terminal, csv elsewhere]",
)
@click.option(
    "--top-k",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    metavar="K",
    help="Give the K likeliest digits.",
)
@click.option("--probabilities", is_flag=True, help="Give the probability of each digit.")
@click.option(
    "--reject-below",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Answers less sure than this are 'unsure'.  [default: what the model says]",
)
@click.option(
    "--truth",
    metavar="parent|FILE.csv",
    help="Where the right answers are: the names of the files' folders, or a table with the "
    "columns 'file' and 'label'.",
)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.png",
    help="Draw a contact sheet; a page for every 200 files.",
)
@click.option(
    "--sort-into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Copy the files into folders by their answers; none is overwritten.",
)
@click.option(
    "--sort-how",
    type=click.Choice(("copy", "link", "symlink")),
    default="copy",
    show_default=True,
    help="Copy files, or only link them.",
)
@click.option("--resume", is_flag=True, help="Finish what was cut off, with the same -o.")
@click.option("--restart", is_flag=True, help="Begin anew what was cut off.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many processes read files, at most.  [default: one for each core]",
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
    help="Images of more megapixels are 'too_large'.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder for what plugins write.  [default: artifacts/<date and time>]",
)
@click.pass_context
def predict_dir(
    context: click.Context,
    plugins: Plugins,
    inputs: tuple[str, ...],
    recursive: bool,
    nulls: bool,
    model: str | None,
    output: Path | None,
    form: str | None,
    top_k: int,
    probabilities: bool,
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
    results: Path | None,
    strict: bool,
    debug: bool,
) -> None:
    """Read images of digits and write a table: one row for each file.

    Give a folder, files, a pattern such as "scans/*.png", or - for a list of paths on stdin. What
    is an image is told by its content. The columns are path, status, digit and confidence; the
    status is ok, unsure, blank, or why the file can't be read.

    The exit code is 0 when all files could be read, 1 when some couldn't, 2 when nothing was done.
    """
    from ...core.crew import Crew
    from ...core.imagefile import Limits
    from ...core.runs import RunFolder, new_folder
    from ...core.session import Session
    from .work import Request, do

    output = None if output == Path("-") else output
    if (resume or restart) and output is None:
        raise click.UsageError(
            "--resume and --restart need -o FILE, beside which progress is kept."
        )
    if resume and restart:
        raise click.UsageError("--resume and --restart are two ways to go; choose one.")
    chosen = form or _form(output)
    if chosen == "parquet" and output is None:
        raise click.UsageError("--format parquet needs -o FILE.")
    request = Request(
        inputs=inputs,
        recursive=recursive,
        nulls=nulls,
        model=model,
        output=output,
        form=chosen,
        top=top_k,
        probabilities=probabilities,
        reject_below=reject_below,
        truth=truth,
        sheet=sheet,
        sort_into=sort_into,
        sort_how=sort_how,
        resume=resume,
        restart=restart,
        workers=workers or _cores(),
        limits=Limits(int(max_file * 2**20), int(max_pixels * 1e6)),
        plugins=plugins.names,
    )
    folder = None
    if plugins.names:
        record = {"command": ["inkhook", *sys.argv[1:]], "plugins": plugins.names}
        folder = RunFolder(results or new_folder(), record)
    with (
        Crew() as crew,  # its first process loads its libraries while the model is read
        Session(plugins, folder, strict=strict, debug=debug, stdout_is_json=True) as session,
    ):
        all_well = do(request, session, crew)
    if folder:
        session.note(f"Results: {folder.path}")
    context.exit(session.exit_code if all_well else 1)


def _form(output: Path | None) -> str:
    """Return the format that fits where the table goes."""
    if output is None:
        return "table" if sys.stdout.isatty() else "csv"
    suffix = output.suffix.lower().removeprefix(".")
    return {"ndjson": "jsonl", "pq": "parquet", "txt": "table"}.get(
        suffix, suffix if suffix in FORMATS else "csv"
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
