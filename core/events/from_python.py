"""Plugins and their options from Python values, checked as the command line checks them.

For the Python API; `command` does the same for the command line. A plugin declares its options
once, for both.
"""

import difflib
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from ..base.problems import OptionProblem
from ..base.quiet_keras import quiet_tensorflow
from .command import Decorator
from .manager import Plugins, load, options_of
from .sources import PLUGIN_GROUP, installed, select_plugins

Chosen = str | Sequence[object] | object
"""A choice of plugins: what `--plugins` takes, or a list of names, paths and objects."""


def make_plugins(
    chosen: Chosen,
    always: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    taken: Iterable[click.Parameter] = (),
) -> Plugins:
    """Import, check and make plugins.

    Parameters
    ----------
    chosen : str, plugin, or sequence of these
        See `sources.select_plugins`.
    always : iterable of str
        Names to append unless they are chosen already.
    options : mapping of str to object
        Values of the plugins' options by parameter name, such as `{"hidden": (64, 32)}`.
    taken : iterable of click.Parameter
        What no plugin may redefine.

    Raises
    ------
    PluginProblem
        When a plugin is unknown, or can't be imported or made.
    OptionProblem
        When an option has an invalid value.
    TypeError
        For an option that none of the plugins has.
    """
    quiet_tensorflow()  # a plugin may import it by itself
    loaded = load(select_plugins(chosen, always), taken)
    for plugin in loaded:
        for notice in plugin.notices:
            warnings.warn(notice, FutureWarning, stacklevel=3)
    known = [option for plugin in loaded for option in plugin.options]
    return Plugins(loaded, read_values(known, options or {}))


def declared(*decorators: Decorator) -> list[click.Option]:
    """Return the options that decorators such as `options.seed_option()` declare."""

    def function() -> None:
        """Stand for a command's function."""

    for decorate in decorators:
        function = decorate(function)
    return [option for option in click.command(function).params if isinstance(option, click.Option)]


def read_values(options: Sequence[click.Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every option: the given one, converted and checked, or the default.

    Parameters
    ----------
    options : sequence of click.Option
    given : mapping of str to object
        By parameter name. A sequence stands for a comma-separated text, as in `--hidden 64,32`,
        unless the option takes several values. None means the default.

    Raises
    ------
    OptionProblem
        With the same sentence as on the command line.
    TypeError
        For a name that isn't among the options.
    """
    known = {str(option.name): option for option in options}
    for name in given:
        if name not in known:
            raise TypeError(f"There is no option '{name}'; {_hint(name, known)}")
    texts = {
        name: _for_click(known[name], value) for name, value in given.items() if value is not None
    }
    left: list[click.Parameter] = [option for option in options if option.name not in texts]
    try:
        context = click.Command(None, params=left, add_help_option=False).make_context(None, [])
        for name in texts:
            known[name].handle_parse_result(context, texts, [])
    except click.UsageError as error:
        raise OptionProblem(error.format_message()) from error
    return context.params


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    for plugin in installed(PLUGIN_GROUP):
        if name in (option.name for option in options_of(plugin)):
            return f"plugin '{plugin}' has it: add that to plugins."
    return f"there are {', '.join(known)}." if known else "the plugins in use have none."


def _for_click(option: click.Option, value: object) -> Any:
    """Return a value as the command line would pass it: a string, or a tuple of strings."""
    if hasattr(value, "tolist"):  # of NumPy
        value = value.tolist()
    if isinstance(value, list | tuple):
        texts = tuple(_text(part) for part in value)
        return texts if option.multiple or option.nargs != 1 else ",".join(texts)
    return _text(value)


def _text(value: object) -> str:
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)
