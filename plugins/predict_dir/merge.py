"""The command `inkhook merge`: join the parts that `predict-dir --shard` made into one table."""

from pathlib import Path

import click

from ...core.events.command import PluginCommand
from ...core.events.manager import Plugins
from .options import form_for, table_options


@click.command(
    cls=PluginCommand,
    short_help="Join the parts that predict-dir --shard made into one table.",
    epilog="Example: inkhook merge answers.part* -o answers.csv",
)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PART…",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
@table_options
@click.pass_context
def merge(
    context: click.Context,
    plugins: Plugins,
    paths: tuple[Path, ...],
    output: Path | None,
    form: str | None,
    top_k: int,
    probabilities: bool,
    columns: tuple[str, ...],
    pages: bool,
    truth: str | None,
    strict: bool,
    debug: bool,
) -> None:
    """Join the parts that 'inkhook predict-dir --shard I/N' made into one table.

    The table is the same, byte for byte, as without --shard. Give the parts in any order; if one is
    missing, repeated, unfinished or of other work, it is named and no table is written.

    The exit code is 0 if all files could be read, 1 if some couldn't, 2 if nothing was done.
    """
    from ...core.events.session import CommandSession
    from .outputs import Outputs, Wanted
    from .parts import Parts

    output = None if output == Path("-") else output
    form = form_for(form, output, more_columns=probabilities or top_k > 1 or bool(columns))
    wanted = Wanted(output, form, top_k, probabilities, truth, columns, pages)
    with (
        CommandSession(plugins, strict=strict, debug=debug, stdout_is_json=True) as session,
        Parts(paths) as parts,
    ):
        outputs = Outputs(
            wanted,
            session,
            parts.facts,
            parts.count,
            parts.reject_below,
            parts.all_names(),
            numbers=parts.numbers,
        )
        outputs.write_all(parts)
        outputs.report(0, 0)
    context.exit(session.exit_code if outputs.all_well else 1)
