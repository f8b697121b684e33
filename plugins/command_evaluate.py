"""The command `inkhook evaluate`: how good a model is on any labelled set."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.base.text import to_json
from ..core.events.command import (
    ANY_RUN,
    PluginCommand,
    json_option,
    model_option,
    numbers_option,
    run_folder_option,
)
from ..core.events.manager import Plugins

if TYPE_CHECKING:
    from ..core.jobs.evaluate import Measured


@click.command(
    cls=PluginCommand,
    default_plugins="errors",
    short_help="Measure a model on any labelled set of digits or numbers.",
    epilog="Example: inkhook evaluate digits --model pretrained",
)
@click.argument("place", type=click.Path(path_type=Path), metavar="DATA")  # --data is mnist's
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="A table of files (relative to DATA) and their labels, instead of folder names.",
)
@numbers_option("Measure how well numbers of any length are read.")
@model_option(default=ANY_RUN)
@run_folder_option()
@json_option("Write one JSON object; everything else goes to stderr.")
@click.pass_context
def evaluate(
    context: click.Context,
    plugins: Plugins,
    place: Path,
    labels: Path | None,
    numbers: bool,
    model: str | None,
    output: Path | None,
    as_json: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Measure a model on DATA: accuracy with its interval, and what it gets wrong.

    DATA is a folder of images in folders named after digits (digits/7/a.png), or arrays of images
    of any size with their labels: a .npz file, Kaggle's CSV, or whatever else 'run --data' takes.
    If a dataset has a test part, only that is used.

    With --numbers, DATA is a folder of pictures with numbers, and --labels names a table with a
    column 'number' or 'label'; or folders are named after the numbers. Only digits are compared.

    Images that are blank or show several digits count as wrong. Files that can't be read and
    images without a label are named and left out, and the exit code is then 1.
    """
    from ..core.events.runs import RunFolder, new_folder
    from ..core.events.session import CommandSession
    from ..core.jobs import find_model
    from ..core.jobs.evaluate import measure, measure_numbers
    from ..core.judging.number_score import format_number_score
    from ..core.judging.score import format_score

    record = {"command": ["inkhook", *sys.argv[1:]], "plugins": plugins.names, "data": str(place)}
    folder = RunFolder(output or new_folder(), record)
    with CommandSession(
        plugins, folder, strict=strict, debug=debug, stdout_is_json=as_json
    ) as session:
        used = partial(find_model.read_chosen, model, session.note, any_run=True, numbers=numbers)
        done: Measured[Any]
        if numbers:
            done = measure_numbers(session, place, labels, used)
            text = format_number_score(done.score)
        else:
            done = measure(session, place, labels, used)
            text = format_score(done.score)
        if not as_json:
            session.say(text)
    if as_json:
        what = find_model.facts(done.model) | {"sha256": done.model.sha256}
        click.echo(to_json(what | {"data": str(place)} | done.figures))
    if done.unreadable:
        session.note(f"Unreadable: {done.unreadable:,} files; they aren't in these figures.")
    for sentence in done.problems:
        session.note(sentence)
    session.note(f"Results: {folder.path}")
    context.exit(1 if done.unreadable or done.problems else session.exit_code)
