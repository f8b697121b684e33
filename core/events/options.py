"""The command-line options that several commands share, each declared once.

These are decorators like `click.option`. `command.PluginCommand` adds those that every command with
`--plugins` has. An option of a single command is declared there.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from ..base import files
from .trace import VARIABLE as TRACE_VARIABLE

PLUGINS_VARIABLE = "INKHOOK_PLUGINS"
LARGEST_SEED = 999_999_999

Function = TypeVar("Function", bound=Callable[..., Any])


class Decorator(Protocol):
    """Declares an option, above a command's function."""

    def __call__(self, function: Function, /) -> Function:
        """Return the function, with the option."""


class Under(click.Option):
    """An option that is listed under a heading of its own in the help."""

    def __init__(self, *args: Any, heading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


class FileToWrite(click.Path):
    """The path of a file that a command will write; refused if its folder doesn't exist."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        """Return the path; raises OutputProblem before any work is done."""
        path = super().convert(value, parameter, context)
        files.check_place(Path(os.fsdecode(path)))
        return path


def model_option(
    sentence: str = "The model: a file or a run's name.", *, any_run: bool = False
) -> Decorator:
    """Declare `--model`; the argument `model` is a str or None, as `find_model` takes it."""
    condition = "" if any_run else " that reads 90 % of its test digits"
    newest = f"the newest complete run's{condition}"
    return click.option(
        "--model",
        metavar="M",
        help=f"{sentence}  [default: {newest}, else the included one]",
    )


def run_folder_option() -> Decorator:
    """Declare `-o`, the folder of a run; the argument `output` is a Path or None."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="The folder for the results.  [default: artifacts/<date and time>]",
    )


def force_option() -> Decorator:
    """Declare `--force`, for a command that has `run_folder_option`."""
    return click.option(
        "--force",
        is_flag=True,
        help="Replace the run in DIR when this one has ended well; other files stay.",
    )


def output_file_option(sentence: str, metavar: str = "FILE") -> Decorator:
    """Declare `-o`, a file to write; the argument `output` is a Path or None."""
    return click.option(
        "-o",
        "--output",
        type=FileToWrite(),
        metavar=metavar,
        help=sentence,
    )


def json_option(sentence: str = "Write JSON.") -> Decorator:
    """Declare `--json`; the argument is `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=sentence)


def seed_option() -> Decorator:
    """Declare `--seed`; the argument `seed` is an int, or None for a random one."""
    return click.option(
        "--seed",
        type=click.IntRange(0, LARGEST_SEED),
        metavar="N",
        help="Make the run repeatable.  [default: random, and recorded in the results]",
    )


def plugins_option(default: str) -> click.Option:
    """Return `--plugins`; without a default, INKHOOK_PLUGINS is ignored."""
    return click.Option(
        ["--plugins"],
        default=default,
        envvar=PLUGINS_VARIABLE if default else None,
        show_default=bool(default),
        show_envvar=bool(default),
        metavar="A,B,…",
        help="Plugins to use: names or .py files, in the order in which they are called.",
    )


def set_debug(context: click.Context, _: click.Parameter | None, value: bool) -> bool:
    """Tell `cli`, while the command line is still being parsed, that tracebacks are wanted."""
    if value and isinstance(context.obj, dict):
        context.obj["debug"] = True
    return value


DIAGNOSIS = (
    click.Option(["--strict"], is_flag=True, help="Stop at a plugin's first failure."),
    click.Option(
        ["--debug"],
        is_flag=True,
        is_eager=True,
        callback=set_debug,
        help="Show tracebacks of errors.",
    ),
    click.Option(
        ["--trace"],
        is_flag=True,
        envvar=TRACE_VARIABLE,
        help="Show each call of a plugin and how long it took.  [env var: INKHOOK_TRACE]",
    ),
)
"""Options for finding a plugin's fault; every command with `--plugins` has them."""
