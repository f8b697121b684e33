"""The command line: `inkhook`, `python -m inkhook` and `python cli.py`.

Commands come from the entry-point group `inkhook.commands` and are imported when called (see
docs/decisions/005-commands-are-plugins.md). This module itself only turns errors into one sentence
and an exit code: 0 all well, 1 done but something needs a look, 2 nothing done, 130 interrupted,
143 and 129 ended by SIGTERM and SIGHUP.
"""

import difflib
import sys
import traceback
from typing import Any

import click

from inkhook.core.base import opencv
from inkhook.core.base.problems import PluginProblem, Problem
from inkhook.core.base.text import abandon, printable
from inkhook.core.events.sources import COMMAND_GROUP, PluginSource, error_summary, installed

MEANT = {
    "'inkhook run' trains a network": "train training fit teach mnist start demo",
    "'inkhook run --plugins errors' shows what a model gets wrong": "errors mistakes confusion",
    "'inkhook run --plugins train,augment' trains with varied images": "augment augmentation",
    "'inkhook run --plugins train,tensorboard' writes what TensorBoard shows": "tensorboard board",
    "'inkhook evaluate DIR' measures a model on your images": (
        "eval test testing score accuracy measure validate benchmark bench metrics check"
    ),
    "'inkhook predict-dir DIR' reads images of digits": (
        "predict prediction recognize recognise recognition classify classification infer "
        "inference detect scan ocr images folder batch label"
    ),
    "'inkhook read PICTURE' reads the numbers in a picture": (
        "number numbers amount string strings sequence phone cheque"
    ),
    "'inkhook paint' opens a window to draw in": "draw drawing canvas sketch write gui window app",
    "'inkhook serve' draws, reads and corrects in a browser": (
        "web browser http server api page review correct upload tablet"
    ),
    "'inkhook models list' lists the models": "list ls runs history",
    "'inkhook models show M' shows what a model is": "show info card inspect describe model",
    "'inkhook models verify M' checks a model": "verify",
    "'inkhook models import FILE' takes in a Keras file": "import load upgrade migrate",
    "'inkhook models export M --format onnx' writes a model for other tools": (
        "export save onnx keras h5 export-onnx export-keras to-onnx"
    ),
    "'inkhook models import' takes in a Keras file, and 'inkhook models export' writes others": (
        "convert"
    ),
    "'inkhook plugins' lists the plugins": "plugin extensions hooks",
    "'inkhook plugins new NAME' starts a plugin": "new create init scaffold template",
    "'inkhook merge' joins the parts of a table": "join combine concat",
    "'inkhook --help' lists the commands": "help commands usage",
    "'inkhook --version' shows the version": "version",
}
"""What people look for, and the words they try."""


class CommandGroup(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all installed commands."""
        return sorted(installed(COMMAND_GROUP))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of this name."""
        sources = installed(COMMAND_GROUP).get(cmd_name, [])
        if len(sources) > 1:
            origins = " and ".join(source.origin for source in sources)
            raise PluginProblem(f"Command '{cmd_name}' is claimed by {origins}; uninstall one.")
        if not sources:
            return None
        command = sources[0].load()
        if not isinstance(command, click.Command):
            raise PluginProblem(
                f"Command '{cmd_name}' ({sources[0].origin}) isn't a click command."
            )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest another one."""
        names = self.list_commands(ctx)
        if args[0] not in names and not args[0].startswith("-"):
            ctx.fail(f"There is no command '{args[0]}'; {_suggest(args[0].lower(), names)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands; those of other packages are named without importing them."""
        rows = []
        for name, sources in sorted(installed(COMMAND_GROUP).items()):
            rows.append((name, _summary(sources[0])))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run a command and exit; every error becomes a sentence on stderr.

        With `standalone_mode=False`, as in a notebook, the exit code is returned and errors are
        raised, as click does it.
        """
        state = {"debug": False}
        kwargs |= {"standalone_mode": False, "obj": state, "prog_name": "inkhook"}
        if not standalone_mode:
            return super().main(*args, **kwargs) or 0
        try:
            sys.exit(super().main(*args, **kwargs))
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort) as error:
            ending = error.__cause__ or error  # click makes one of the other
            click.echo(getattr(ending, "sentence", "Interrupted."), err=True)
            sys.exit(getattr(ending, "exit_code", 130))
        except OSError as error:
            abandon(sys.stdout)
            if not isinstance(error, BrokenPipeError):  # as in `inkhook … | head`
                where = f"'{error.filename}'" if error.filename else "the output"
                _explain(f"Can't use {where}: {error.strerror}.", error, debug=state["debug"])
            sys.exit(2)
        except Problem as error:
            problem = opencv.problem_of(error) or error
            _explain(str(problem), error, debug=state["debug"])
            sys.exit(problem.exit_code)
        except Exception as error:
            if missing := opencv.problem_of(error):
                _explain(str(missing), error, debug=state["debug"])
                sys.exit(missing.exit_code)
            text = f"{error_summary(error)}. This is a bug in inkhook; --debug shows where."
            _explain(text, error, debug=state["debug"])
            sys.exit(2)


def _suggest(word: str, names: list[str]) -> str:
    """Say which command a word may stand for that is none."""
    meant = {other: sentence for sentence, words in MEANT.items() for other in words.split()}
    close = difflib.get_close_matches(word, [*names, *meant], n=3)
    if close and close[0] in meant:
        return f"{meant[close[0]]}."
    close = [name for name in close if name in names]
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(names)}."


def _summary(source: PluginSource) -> str:
    if not source.origin.startswith("inkhook "):
        return f"(from {source.origin})"
    command: click.Command = source.load()
    return command.get_short_help_str(limit=80)


def _explain(text: str, error: Exception, *, debug: bool) -> None:
    if debug:
        traceback.print_exception(error)
    click.echo(f"Error: {printable(text)}", err=True)


@click.command(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="inkhook", message="%(prog)s %(version)s", prog_name="inkhook")
def cli() -> None:
    """Read handwritten digits: train a network, examine its mistakes, use it.

    \b
    Examples:
      inkhook run                       train on MNIST and show the mistakes
      inkhook run --help                all options, including the plugins'
      inkhook paint                     draw and see the answer
      inkhook predict-dir scans         a folder of images becomes a table
    """  # noqa: D301


if __name__ == "__main__":
    from inkhook.__main__ import main

    main()
