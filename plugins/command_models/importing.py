"""The command `inkhook models import`: adopt a foreign Keras file, `.h5` or `.keras`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.base.problems import OutputProblem
from ...core.events.command import PluginCommand, json_option, output_file_option
from ...core.events.manager import Plugins
from ...core.jobs.defaults import ALWAYS

if TYPE_CHECKING:
    from ...core.foreign.adopt import Imported

SHOWN = 6
"""How many of the ways that were tried are listed."""


@click.command(
    "import",
    cls=PluginCommand,
    always=ALWAYS,
    short_help="Convert a foreign Keras file, of any age, for use with inkhook.",
    epilog="Example: inkhook models import mnist_cnn.h5 -o cnn.h5",
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@output_file_option(
    "The file to write.  [default: artifacts/<name of FILE>/model.h5]", metavar="OUT"
)
@click.option(
    "--architecture",
    metavar="A",
    help="The layers of a file of bare weights, such as dense:512,10.",
)
@json_option()
@click.option(
    "--force", is_flag=True, help="Accept a model that reads fewer than half of the digits."
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
    """Convert a foreign Keras file: open it safely, try it, measure it, and give it a card.

    FILE, a .h5 or .keras file, doesn't say how the network's training images were scaled. All known
    scalings are tried on 1,000 training digits, and the best becomes part of the new file. The
    accuracy is measured on the test images of the included MNIST, or of --data.
    """
    from ...core.base import files
    from ...core.events import records
    from ...core.events.session import CommandSession
    from ...core.foreign import adopt
    from ...core.jobs.pipeline import load_dataset
    from ...core.modelfile import artifact

    place = output or records.ROOT / file.stem / records.MODEL
    artifact.check_model_path(place)
    if place.exists() and file.exists() and place.samefile(file):
        raise OutputProblem(f"'{place}' is FILE itself; choose another with -o.")
    if output is None:
        if place.exists():
            raise OutputProblem(f"'{place}' exists; choose another file with -o, or delete it.")
        files.check_folder(place.parent)
    with CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=as_json) as session:
        dataset = load_dataset(session, "mnist")
        found = adopt.convert(file, dataset, architecture=architecture, force=force)
        if output is None:
            with files.reporting(place.parent):
                place.parent.mkdir(parents=True, exist_ok=True)
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


def _table(found: "Imported") -> str:
    """Return the best ways that were tried, a line each."""
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
