"""The command `inkhook models export`: write a model as a file for other tools."""

from pathlib import Path

import click

from ...core.events.command import PluginCommand, output_file_option
from ...core.events.manager import Plugins
from ...core.jobs.defaults import ALWAYS

CHECKED = 100
"""How many images a file is tested with before it gets its name."""

EXPORT_FORMATS = ("h5", "keras", "onnx")


@click.command(
    cls=PluginCommand,
    always=ALWAYS,
    short_help="Write a model as a file for other tools: Keras, ONNX.",
    epilog="Example: inkhook models export pretrained --format onnx",
)
@click.argument("model", metavar="M")
@output_file_option(
    "The file to write.  [default: M's name with the format's ending, in this folder]",
    metavar="OUT",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(EXPORT_FORMATS),
    help="The kind of file: Keras's older or newer format, or ONNX.  [default: by OUT's suffix]",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def export(
    context: click.Context,
    plugins: Plugins,
    model: str,
    output: Path | None,
    form: str | None,
    force: bool,
    strict: bool,
    debug: bool,
) -> None:
    """Write a model's network as a file that Keras or ONNX tools can open.

    The file gives the same probabilities as inkhook. Before it gets its name, the library it is
    meant for reads it back, and it is compared with the model on 100 test images of the included
    MNIST, or of --data. ONNX needs: pip install 'inkhook[onnx]'.
    """
    if output is None and form is None:
        raise click.UsageError(f"Choose a format: --format {', '.join(EXPORT_FORMATS)}.", context)
    if output and form and output.suffix != f".{form}":
        raise click.UsageError(f"'{output}' must end in .{form}, as --format says.", context)

    from ...core.events.session import CommandSession
    from ...core.images import preprocess
    from ...core.jobs.find_model import read_chosen
    from ...core.jobs.pipeline import load_dataset
    from ...core.modelfile import export

    with CommandSession(plugins, strict=strict, debug=debug) as session:
        found = read_chosen(
            model, session.note, None
        )  # its network as it stands, whatever it reads
        output = output or Path(f"{found.path.stem}.{form}")
        export.check_export_path(found, output, force=force)
        dataset = load_dataset(session, "mnist")
        images = preprocess.to_model_input(dataset.test.images[:CHECKED])
        difference = export.export_model(found, output, images, force=force)
        notes = export.file_notes(found)
        session.note(
            f"Checked in {export.library(output)} on {len(images)} images: "
            f"the probabilities differ from inkhook's by {difference:.1g} at most"
        )
        session.note(f"Input: {notes['inkhook_input']}")
        session.note(f"Output: {notes['inkhook_output']}")
        session.say(str(output))
    context.exit(session.exit_code)
