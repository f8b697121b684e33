"""The command `inkhook read`: the numbers in pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.base.text import spoken, to_json, visible
from ..core.events.command import (
    ONE_THAT_READS_NUMBERS,
    FileToWrite,
    PluginCommand,
    json_option,
    model_option,
)
from ..core.events.manager import Plugins

if TYPE_CHECKING:
    from ..core.events.session import CommandSession
    from ..core.numbers.number import Numbers


@click.command(
    cls=PluginCommand,
    default_plugins="",
    short_help="Read the numbers in pictures.",
    epilog="Example: inkhook read meter.jpg --draw seen.png",
)
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE…")
@model_option(default=ONE_THAT_READS_NUMBERS)
@click.option(
    "--draw",
    type=FileToWrite(),
    metavar="FILE.png",
    help="Draw the picture with what was read on it; for a single PICTURE.",
)
@click.option("--view", is_flag=True, help="Show that picture in a window, if there is a display.")
@json_option("Write a JSON list with an object for each picture; everything else goes to stderr.")
@click.pass_context
def read(
    context: click.Context,
    plugins: Plugins,
    pictures: tuple[str, ...],
    model: str | None,
    draw: Path | None,
    view: bool,
    as_json: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Read the numbers in each PICTURE, from the top and from the left.

    Each number gets a line, with its confidence. Signs between digits (. , - / :) are shown where
    they are seen. There may be many rows on a picture, ruled lines and boxes; words are left out.
    For whole folders, see predict-dir; without its --numbers it reads one digit a picture.
    """
    from ..core.base.problems import OptionProblem
    from ..core.reading import worker

    if (draw or view) and len(pictures) > 1:
        raise OptionProblem(f"{'--draw' if draw else '--view'} takes a single PICTURE.")
    first = worker.start()  # it loads its libraries while this process loads its own
    from ..core.events.session import CommandSession
    from ..core.jobs.find_model import facts, read_chosen
    from ..core.jobs.read_numbers import LONGEST, numbers_job, read_pictures
    from ..core.judging.number_picture import draw_numbers
    from ..core.reading.pool import WorkerPool

    failed, listed = False, []
    plain = CommandSession(plugins, None, strict=strict, debug=debug, stdout_is_json=as_json)
    with WorkerPool(first) as pool, plain as session:
        chosen = read_chosen(model, session.note, numbers=True)
        drawn = LONGEST if draw or view else 0
        job = numbers_job(chosen, pages=drawn, cuts=session.has("on_prediction"))
        for found in read_pictures(pictures, job, session, pool):
            listed.append(facts(chosen) | found.as_dict())
            name = f"{visible(found.path)}: " if len(pictures) > 1 else ""
            if not as_json:
                for number in found.numbers:
                    session.say(f"{name}{spoken(number.text, number.confidence, number.sure)}")
            failed |= _note(session, found)
            if found.page is not None:
                _keep(session, draw_numbers(found), draw, view)
    if as_json:
        click.echo(to_json(listed, indent=2))
    context.exit(max(session.exit_code, int(failed)))


def _note(session: "CommandSession", numbers: "Numbers") -> bool:
    """Say what there is to say besides the numbers; tell whether the picture couldn't be read."""
    said = {"blank": "Nothing is written there.", "no_number": "No number was found."}
    if line := said.get(numbers.status, numbers.remark):
        session.note(f"{visible(numbers.path)}: {line}")
    return not numbers.numbers and numbers.status not in said


def _keep(session: "CommandSession", image: bytes, draw: Path | None, view: bool) -> None:
    """Write the picture with what was read on it, and open a window with it."""
    import tempfile

    from ..core.base import files
    from ..core.judging import window

    if draw:
        files.write_file(draw, image)
    if view:
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder, "numbers.png")
            picture.write_bytes(image)
            if why := window.show(picture):
                session.note(f"--view: {why}; --draw FILE.png writes the picture instead.")
