"""The command `inkhook models import`: a stranger's Keras file becomes one of ours."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.base.problems import OutputProblem
from ...core.events.command import PluginCommand
from ...core.events.manager import Plugins
from ...core.events.options import json_option, output_file_option
from ...core.jobs.defaults import ALWAYS

if TYPE_CHECKING:
    from ...core.foreign.adopt import Imported

SHOWN = 6
"""So many of the ways that were tried are listed."""


@click.command(
    "import",
    cls=PluginCommand,
    always=ALWAYS,
    short_help="Make a stranger's Keras file, of any age, one of ours.",
    epilog="Example: inkhook models import mnist_cnn.h5 -o cnn.h5",
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@output_file_option(
    "The file to write.  [default: artifacts/<name of FILE>/model.h5]", metavar="OUT"
)
@click.option(
    "--architecture",
    metavar="A",
    help="The layers of a file that has weights only, as in dense:512,10.",
)
@json_option()
@click.option(
    "--force", is_flag=True, help="Write it even if it reads fewer than half of the digits."
)
@click.pass_context
def import_model(
    context: click.Context,
    plugins: Plugins,
    file: Path,
    output: Path | None,
    architecture: str | None,
    as_json: bool,
    force: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Make a stranger's Keras file one of ours: safely opened, tried, measured, with a card.

    Files don't say how the images were scaled that a network was trained on. All known ways are
    tried on 1,000 training digits, and the best is kept in the new file. The accuracy is that on
    the test images of the embedded MNIST, or of --data.
    """
    from ...core.events import runs
    from ...core.events.session import CommandSession
    from ...core.foreign import adopt
    from ...core.jobs.load_dataset import load_dataset
    from ...core.modelfile import artifact

    place = output or runs.ROOT / file.stem / runs.MODEL
    if place.exists() and file.exists() and place.samefile(file):
        raise OutputProblem(f"'{place}' is FILE itself; name another with -o.")
    if output is None and place.exists():
        raise OutputProblem(f"'{place}' exists; name another file with -o, or remove it.")
    with CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=as_json) as session:
        dataset = load_dataset(session, "mnist")
        found = adopt.convert(file, dataset, architecture=architecture, force=force)
        if output is None:
            _make_folder(place.parent)
        written = artifact.ModelFile(found.network).write(place, found.card)
        session.note(_table(found))
        session.note(found.sentence)
    if as_json:
        from ...core.base.text import to_json

        click.echo(
            to_json(_content(found) | {"path": str(place), "sha256": written.sha256}, indent=2)
        )
    else:
        click.echo(str(place))
    context.exit(session.exit_code)


def _make_folder(folder: Path) -> None:
    from ...core.base import files

    with files.reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _table(found: "Imported") -> str:
    """Return the best of what was tried, a line each."""
    shown = found.tried[:SHOWN]
    width = max(len(str(tried)) for tried in shown)
    lines = [f"{'tried':<{width}}  accuracy   loss  digits"]
    for tried in shown:
        share = f"{tried.accuracy * 100:.1f} %"
        lines.append(f"{tried!s:<{width}}  {share:>8}  {tried.loss:5.2f}  {tried.count:6,}")
    return "\n".join(lines)


def _content(found: "Imported") -> dict[str, Any]:
    card = found.card
    return {
        "accuracy": found.accuracy,
        "architecture": card.architecture,
        "parameters": card.parameters,
        "origin": dict(card.origin),
        "tried": [
            {
                "inputs": str(tried.way),
                "assumed": tried.reading,
                "accuracy": tried.accuracy,
                "loss": tried.loss,
                "digits": tried.count,
            }
            for tried in found.tried
        ],
    }
