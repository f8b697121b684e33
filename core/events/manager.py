"""Load and check plugins, and hold the ones that a command uses.

Hook plugins, built-in ones included, come from the entry-point group `inkhook.plugins` or from a
file; `sources` finds them. Only chosen plugins are imported. Not for calling hooks (`calls`).
"""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import click
import pluggy

from ..base.problems import PluginProblem, Problem
from . import contract, hooks
from .sources import PluginSource, error_summary, select_plugins


@dataclass(frozen=True)
class Loaded:
    """A plugin that has been imported and checked, but not yet made."""

    source: PluginSource
    target: Any

    @property
    def options(self) -> tuple[click.Option, ...]:
        """The command-line options that a plugin class declares."""
        return tuple(getattr(self.target, "options", ())) if inspect.isclass(self.target) else ()

    @property
    def notices(self) -> list[str]:
        """What the plugin uses that is deprecated, as sentences."""
        return [f"Plugin '{self.source.name}' {text}" for text in contract.notices(self.target)]


def load(sources: Sequence[PluginSource], taken: Iterable[click.Parameter] = ()) -> list[Loaded]:
    """Import plugins and check their hooks and options, before any plugin is made.

    Parameters
    ----------
    sources : sequence of PluginSource
    taken : iterable of click.Parameter
        The command's own parameters, which no plugin may redefine.

    Raises
    ------
    PluginProblem
        For the first plugin that fails, with its name and its reason.
    """
    owners: dict[str, str] = {}
    for parameter in taken:
        owners.update(dict.fromkeys([parameter.name or "", *parameter.opts], "the command itself"))
    loaded = []
    scratch = _new_manager()  # one for all, because making one is most of the work
    for source in sources:
        plugin = Loaded(source, source.load())
        check_hooks(plugin, scratch)
        for fault in option_faults(plugin, owners):
            raise PluginProblem(f"Plugin '{source.name}' {fault}")
        loaded.append(plugin)
    return loaded


def options_of(name: str) -> tuple[click.Option, ...]:
    """Return the options of an installed plugin; none where it can't be loaded."""
    try:
        (loaded,) = load(select_plugins(name))
    except PluginProblem:
        return ()
    return loaded.options


def check_hooks(plugin: Loaded, scratch: pluggy.PluginManager | None = None) -> None:
    """Check a plugin's hooks against the specs; pluggy does so on a manager made only for this."""
    name = plugin.source.name
    for fault in contract.faults(plugin.target):
        raise PluginProblem(f"Plugin '{name}' {fault}")
    scratch = scratch or _new_manager()
    try:
        scratch.register(plugin.target, name)
        scratch.check_pending()
        scratch.unregister(plugin.target)
    except (pluggy.PluginValidationError, ValueError) as error:
        reason = str(error).strip().split("\n")[-1].rstrip(".")
        raise PluginProblem(f"Plugin '{name}' doesn't fit its hooks: {reason}.") from error


def option_faults(plugin: Loaded, owners: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a plugin's options, as sentences without a subject.

    Parameters
    ----------
    plugin : Loaded
    owners : dict of str to str
        Who has each option or parameter already; the plugin's own are added.
    """
    for option in plugin.options:
        if not isinstance(option, click.Option):
            yield f"has an option that isn't a click.Option: {option}."
            continue
        for word in (option.name or "", *option.opts, *option.secondary_opts):
            if word in owners:
                yield f"declares the option {word}, which {owners[word]} has already."
            owners[word] = f"plugin '{plugin.source.name}'"


class _Manager(pluggy.PluginManager):
    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Skip Python's own attributes; examining them would take most of the time."""
        return None if name.startswith("__") else super().parse_hookimpl_opts(plugin, name)


def _new_manager() -> pluggy.PluginManager:
    manager = _Manager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager


HookCall = Callable[[Mapping[str, Any]], Any]
"""From all of a hook's arguments to a plugin's answer."""


class Plugins:
    """The plugins of one command, made and registered, in call order.

    Attributes
    ----------
    names : list of str
    options : dict of str to str
        The values of all their options as text, by parameter name.
    trace : bool
        Whether to trace their calls.
    """

    def __init__(self, loaded: Sequence[Loaded], values: Mapping[str, Any] | None = None) -> None:
        """Make the plugins.

        Parameters
        ----------
        loaded : sequence of Loaded
        values : mapping of str to object, optional
            The values of all plugins' options by parameter name; an option that isn't here
            takes its default.

        Raises
        ------
        PluginProblem
            When a plugin's constructor raises.
        """
        self.names = [plugin.source.name for plugin in loaded]
        self.options = {name: str(value) for name, value in (values or {}).items()}
        self.trace = False
        manager = _new_manager()
        made = [(plugin.source.name, _make(plugin, values or {})) for plugin in loaded]
        # pluggy calls the last registered first.
        for name, plugin in reversed(made):
            manager.register(plugin, name)
        manager.check_pending()
        # looked up once, because a hook may be called a million times
        found = {
            hook: [
                (impl.plugin_name, _wanted(hook, impl), impl.function)
                for impl in reversed(getattr(manager.hook, hook).get_hookimpls())
            ]
            for hook in hooks.SPECS
        }
        self._calls = {
            hook: [(name, _call(function, wanted)) for name, wanted, function in impls]
            for hook, impls in found.items()
        }
        self._taken = {
            hook: {given for _, wanted, _ in impls for _, given in wanted}
            for hook, impls in found.items()
        }

    def implementations(self, hook: str) -> list[tuple[str, HookCall]]:
        """Return (plugin name, call) for each implementation of a hook, in call order."""
        return self._calls[hook]

    def take(self, hook: str, argument: str) -> bool:
        """Tell whether any implementation of a hook takes an argument."""
        return argument in self._taken[hook]


def _make(plugin: Loaded, values: Mapping[str, Any]) -> object:
    if isinstance(plugin.target, ModuleType) or not inspect.isclass(plugin.target):
        return plugin.target
    reader = click.Command("", params=list(plugin.options), add_help_option=False)
    defaults = reader.make_context("", []).params
    own = {name: values.get(name, default) for name, default in defaults.items()}
    try:
        with contextlib.redirect_stdout(sys.stderr):  # as when it is imported
            return plugin.target(**own)
    except Problem as problem:  # its message says what is missing
        raise PluginProblem(f"Plugin '{plugin.source.name}' can't be used: {problem}") from problem
    except (Exception, SystemExit) as error:
        raise PluginProblem(
            f"Plugin '{plugin.source.name}' can't be made from its options: {error_summary(error)}."
        ) from error


def _wanted(hook: str, impl: pluggy.HookImpl) -> list[tuple[str, str]]:
    """Return the names of the arguments that a plugin takes, each with whose value it gets.

    A deprecated argument gets the value of its successor (see
    docs/decisions/023-deprecated-arguments.md).
    """
    deprecated = hooks.SPECS[hook].deprecated
    return [
        (name, deprecated[name].instead or name if name in deprecated else name)
        for name in impl.argnames
    ]


def _call(function: Callable[..., Any], wanted: list[tuple[str, str]]) -> HookCall:
    """Return a function that calls a hook with the arguments that the plugin takes.

    An argument is None if the caller, perhaps a plugin older than the argument, doesn't pass it.
    """
    return lambda arguments: function(**{name: arguments.get(given) for name, given in wanted})
