"""A click command with `--plugins`, and the options that several commands share.

The chosen plugins' options become the command's own: the plugins are imported before the rest of
the command line is parsed, so that their options appear in `--help`, under a heading for each
plugin. Options that several commands have are decorators like `click.option`, declared once; an
option of a single command is declared there.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from ..base import files
from ..base.quiet_keras import quiet_tensorflow
from ..base.text import printable
from ..base.threads import use_one_thread
from .manager import Loaded, Plugins, load, options_of
from .sources import PLUGIN_GROUP, installed, select_plugins
from .trace import VARIABLE as TRACE_VARIABLE

_LOADED = "inkhook.loaded"


class PluginCommand(click.Command):
    """A command whose callback gets the chosen plugins, made from their options, as `plugins`."""

    def __init__(
        self,
        *args: Any,
        default_plugins: str = "",
        always: Iterable[str] = (),
        one_thread: bool = False,
        **kwargs: Any,
    ) -> None:
        """Add the common options to a command.

        Parameters
        ----------
        *args, **kwargs
            As for click.Command.
        default_plugins : str
            The value of `--plugins` if neither it nor INKHOOK_PLUGINS is given. A command that uses
            no plugins by default ignores INKHOOK_PLUGINS.
        always : iterable of str
            Plugins that are always added.
        one_thread : bool
            Whether the command computes so little at a time that libraries should start no threads.
        """
        super().__init__(*args, **kwargs)
        self._always = tuple(always)
        self._one_thread = one_thread
        self._choice = plugins_option(default_plugins)
        self.params = [self._choice, *self.params, *DIAGNOSIS]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Import the plugins that the arguments choose, then parse the arguments."""
        set_debug(ctx, None, "--debug" in args)
        quiet_tensorflow()  # a plugin may import it by itself
        if self._one_thread:
            use_one_thread()
        taken = [*self.params, self.get_help_option(ctx) or self._choice]
        ctx.meta[_LOADED] = load(select_plugins(self._chosen(args), self._always), taken)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            owners = [
                name
                for name in installed(PLUGIN_GROUP)
                if any(error.option_name in option.opts for option in options_of(name))
            ]
            if owners:
                hint = f"Plugin '{owners[0]}' has it: add it to --plugins."
                raise click.UsageError(f"{error.format_message()} {hint}", ctx) from error
            raise

    def _chosen(self, args: list[str]) -> str:
        """Parse only `--plugins`, among options that aren't known yet."""
        reader = click.Command(
            self.name,
            params=[self._choice],
            add_help_option=False,
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
        with reader.make_context(self.name, list(args), resilient_parsing=True) as context:
            return str(context.params["plugins"])

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the plugins' options."""
        loaded: list[Loaded] = ctx.meta.get(_LOADED, [])
        own = super().get_params(ctx)
        return own + [option for plugin in loaded for option in plugin.options]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options under their headings, then each plugin's under its name."""
        loaded: list[Loaded] = ctx.meta.get(_LOADED, [])
        sections: dict[str, list[click.Parameter]] = {"Options": []}
        for param in super().get_params(ctx):
            sections.setdefault(getattr(param, "heading", "Options"), []).append(param)
        sections |= {f"Plugin {p.source.name}": list(p.options) for p in loaded}
        for title, params in sections.items():
            options = [param for param in params if isinstance(param, click.Option)]
            rows = [row for option in options if (row := option.get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Make the plugins from their options and call the command's function."""
        loaded: list[Loaded] = ctx.meta[_LOADED]
        names = {option.name for plugin in loaded for option in plugin.options}
        values = {name: ctx.params.pop(name) for name in list(ctx.params) if name in names}
        for plugin in loaded:
            for notice in plugin.notices:
                click.echo(f"Warning: {printable(notice)}", err=True)
        plugins = Plugins(loaded, values)
        # not passed on, so that a command's arguments stay the same when such options are added
        plugins.trace = ctx.params.pop("trace")
        ctx.params["plugins"] = plugins
        return super().invoke(ctx)


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
    """The path of a file that a command will write; refused if its folder can't take it."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        """Return the path; raises OutputProblem before any work is done."""
        path = super().convert(value, parameter, context)
        files.check_place(Path(os.fsdecode(path)))
        return path


class FolderToWrite(click.Path):
    """The path of a folder that a command will make or fill; refused if it can't."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        """Return the path; raises OutputProblem before any work is done."""
        path = super().convert(value, parameter, context)
        files.check_folder(Path(os.fsdecode(path)))
        return path


ONE_THAT_READS_DIGITS = (
    "the newest complete run's that reads 90 % of its test digits, else the included one"
)
ONE_THAT_READS_NUMBERS = (
    "the newest complete run's that reads 60 % of its composed numbers, else the included one"
)
ANY_RUN = "the newest complete run's, else the included one"


def model_option(
    sentence: str = "The model: a file or a run's name.", *, default: str = ONE_THAT_READS_DIGITS
) -> Decorator:
    """Declare `--model`; the argument `model` is a str or None, as `find_model` takes it."""
    return click.option("--model", metavar="M", help=f"{sentence}  [default: {default}]")


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


def numbers_option(sentence: str) -> Decorator:
    """Declare `--numbers`: pictures hold numbers of any length, and not one digit each."""
    return click.option("--numbers", is_flag=True, help=sentence)


def headless_option(sentence: str) -> Decorator:
    """Declare `--headless`: do it without a window."""
    return click.option("--headless", is_flag=True, help=sentence)


def record_option(sentence: str) -> Decorator:
    """Declare `--record`; the argument `record` is a Path or None."""
    return click.option(
        "--record",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help=sentence,
    )


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
