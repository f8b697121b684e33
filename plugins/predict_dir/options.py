"""Options of `inkhook predict-dir`, and those that it shares with `inkhook merge`."""

import sys
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from ...core.events.command import output_file_option

FORMATS = ("table", "csv", "jsonl", "parquet", "kaggle")

Function = Callable[..., Any]


def parse_columns(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[str, ...]:
    """Parse "path,number"; which columns there are is only known later."""
    names = (name.strip() for name in (text or "").split(","))
    return tuple(name for name in names if name)


_TABLE = (
    output_file_option("Write the table to this file, whole or not at all."),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="[default: by FILE's suffix; without -o, table on a terminal, else csv]",
    ),
    click.option(
        "--top-k",
        type=click.IntRange(1, 10),
        default=1,
        show_default=True,
        metavar="K",
        help="List the K most likely digits.",
    ),
    click.option("--probabilities", is_flag=True, help="Add the probability of each digit."),
    click.option(
        "--columns",
        metavar="A,B,…",
        callback=parse_columns,
        help="The table's columns, in this order; for numbers, 'text' is one with signs.",
    ),
    click.option(
        "--pages", is_flag=True, help="For numbers: a row for each number, with its place."
    ),
    click.option(
        "--truth",
        metavar="parent|FILE.csv",
        help="Where the labels are: 'parent' for the names of the files' folders, or a table of "
        "files and their labels (digits, or numbers).",
    ),
)


def table_options(function: Function) -> Function:
    """Give a command the options that say where a table goes and what is in it."""
    return reduce(lambda inner, option: option(inner), reversed(_TABLE), function)


def form_for(form: str | None, output: Path | None, *, more_columns: bool) -> str:
    """Return the requested format, or the one that fits where the table goes.

    Raises
    ------
    click.UsageError
        For Parquet on stdout, and for Kaggle's two columns where more are wanted.
    """
    if form == "kaggle" and more_columns:
        raise click.UsageError(
            "--format kaggle has only two columns; leave out --top-k, --probabilities and "
            "--columns."
        )
    if form is None:
        form = _suffix_of(output) if output else "table" if sys.stdout.isatty() else "csv"
    if form == "parquet" and output is None:
        raise click.UsageError("--format parquet needs -o FILE.")
    return form


def _suffix_of(output: Path) -> str:
    suffix = output.suffix.lower().removeprefix(".")
    return {"ndjson": "jsonl", "pq": "parquet", "txt": "table"}.get(
        suffix, suffix if suffix in FORMATS else "csv"
    )


def parse_shard(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[int, int] | None:
    """Parse "3/8" as the third of eight parts; raises click.BadParameter."""
    if text is None:
        return None
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise click.BadParameter(f"'{text}' isn't I/N with I from 1 to N, such as 3/8.")
    return int(number), int(of)
