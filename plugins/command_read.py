"""The command `inkhook read`: the numbers in pictures."""

from pathlib import Path

import click

from ..core.base.text import to_json, visible
from ..core.events.command import FileToWrite, PluginCommand, json_option, model_option
from ..core.events.manager import Plugins


@click.command(
    cls=PluginCommand,
    default_plugins="",
    short_help="Read the numbers in pictures.",
    epilog="Example: inkhook read meter.jpg --draw seen.png",
)
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE…")
@model_option()
@click.option(
    "--draw",
    type=FileToWrite(),
    metavar="FILE.png",
    help="Draw the picture with what was read on it; for a single PICTURE.",
)
@json_option("Write a JSON list with an object for each picture; everything else goes to stderr.")
@click.pass_context
def read(
    context: click.Context,
    plugins: Plugins,
    pictures: tuple[str, ...],
    model: str | None,
    draw: Path | None,
    as_json: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Read the numbers in each PICTURE, from the top and from the left.

    Each number gets a line, with its confidence. Signs between digits (. , - / :) are shown where
    they are seen. There may be many rows on a picture, ruled lines and boxes; words are left out.
    For a folder of images of one digit each, see predict-dir.
    """
    from ..core.base.problems import OptionProblem
    from ..core.events.session import CommandSession
    from ..core.jobs.find_model import facts
    from ..core.jobs.read_numbers import choose_numbers_model, numbers_reader, read_picture

    if draw and len(pictures) > 1:
        raise OptionProblem("--draw takes a single PICTURE.")
    failed = False
    listed = []
    with CommandSession(
        plugins, None, strict=strict, debug=debug, stdout_is_json=as_json
    ) as session:
        chosen = choose_numbers_model(model, session.note)
        reader = numbers_reader(chosen)
        for path in pictures:
            found = read_picture(path, reader, session)
            numbers = found.numbers
            name = f"{visible(path)}: " if len(pictures) > 1 else ""
            if as_json:
                listed.append(facts(chosen) | numbers.as_dict())
            for number in numbers.numbers if not as_json else ():
                session.say(f"{name}{spoken(number.text, number.confidence, number.sure)}")
            if not numbers.numbers:
                said = {"blank": "Nothing is written there.", "no_number": "No number was found."}
                session.note(f"{visible(path)}: {said.get(numbers.status, numbers.remark)}")
                failed |= numbers.status not in said
            elif numbers.remark:
                session.note(f"{visible(path)}: {numbers.remark}")
            if draw and found.page is not None:
                from ..core.base import files
                from ..core.judging.number_picture import draw_numbers

                files.write_file(draw, draw_numbers(found.page, numbers))
    if as_json:
        click.echo(to_json(listed, indent=2))
    context.exit(max(session.exit_code, int(failed)))


def spoken(text: str, confidence: float, sure: bool) -> str:
    """Return a number as a line says it, such as "2026 (98 %)"."""
    doubt = "" if sure else ", not sure"
    return f"{text} ({confidence * 100:.0f} %{doubt})"
