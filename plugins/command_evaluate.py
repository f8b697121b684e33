"""The command `inkhook evaluate`: how good a model is on any labelled set."""

import sys
from pathlib import Path

import click

from ..core.base.text import to_json
from ..core.events.command import PluginCommand
from ..core.events.manager import Plugins
from ..core.events.options import json_option, model_option, run_folder_option

FIGURES = (
    "count", "accuracy", "low", "high", "loss", "calibration_error", "blank", "several",
    "unreadable",
)  # fmt: skip
"""The figures for the run's record."""


@click.command(
    cls=PluginCommand,
    default_plugins="errors",
    short_help="Measure a model on any labelled set of digits.",
    epilog="Example: inkhook evaluate digits --model pretrained",
)
@click.argument("place", type=click.Path(path_type=Path), metavar="DATA")  # --data is mnist's
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="A table with the columns 'file' (relative to DATA) and 'label', instead of folder names.",
)
@model_option(any_run=True)
@run_folder_option()
@json_option("Write one JSON object; all else goes to stderr.")
@click.pass_context
def evaluate(
    context: click.Context,
    plugins: Plugins,
    place: Path,
    labels: Path | None,
    model: str | None,
    output: Path | None,
    as_json: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Measure a model on DATA: accuracy with its interval, and what it gets wrong.

    DATA is a folder of images in folders named after digits (digits/7/a.png), a .npz file with
    images (uint8, of any height and width) and labels, or what 'run --data' takes; of that the
    test images are used.

    Images that are blank or show several digits count as wrong. Files that can't be read and
    images without a label are named and left out, and the exit code is then 1.
    """
    from ..core.events.runs import RunFolder, new_folder
    from ..core.events.session import CommandSession
    from ..core.jobs import find_model
    from ..core.jobs.load_dataset import open_labelled
    from ..core.judging import evaluation
    from ..core.judging.score import format_score, score_as_dict

    record = {"command": ["inkhook", *sys.argv[1:]], "plugins": plugins.names, "data": str(place)}
    folder = RunFolder(output or new_folder(), record)
    with CommandSession(
        plugins, folder, strict=strict, debug=debug, stdout_is_json=as_json
    ) as session:
        with session.stage("load_dataset"):
            found = open_labelled(place, labels, session.note)
            session.note(f"Data: {found.notice}")
        with session.stage("load_model"):
            chosen = find_model.load_model(model, session.note, any_run=True)
        what = find_model.facts(chosen) | {"sha256": chosen.sha256}
        folder.add_to_record(model=what["model"], model_sha256=chosen.sha256)
        score, unreadable = evaluation.on_set(session, chosen, found)
        figures = score_as_dict(score) | {"unreadable": unreadable}
        session.metrics.update(
            {name: figures[name] for name in FIGURES if figures[name] is not None}
        )
        if not as_json:
            session.say(format_score(score))
    if as_json:
        click.echo(to_json(what | {"data": str(place)} | figures))
    if unreadable:
        session.note(f"Unreadable: {unreadable:,} files; they aren't in these figures.")
    for sentence in found.problems:
        session.note(sentence)
    session.note(f"Results: {folder.path}")
    context.exit(1 if unreadable or found.problems else session.exit_code)
