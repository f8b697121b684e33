"""Find, choose, load and check plugins, and hold the ones that a command uses.

Hook plugins come from the entry-point group `inkhook.plugins`, built-in ones included, or from
a file by its path. Only chosen plugins are imported. Calling hooks is the session's part.
"""

import contextlib
import difflib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pluggy

from . import contract, hooks
from .contract import hook_names
from .problems import PluginProblem, Problem

PLUGIN_GROUP = "inkhook.plugins"
COMMAND_GROUP = "inkhook.commands"


@dataclass(frozen=True, eq=False)
class Given:
    """A plugin that is there already: a module, a class or an instance of a test."""

    plugin: Any


_given: dict[str, Given] = {}


@contextlib.contextmanager
def giving(plugins: Mapping[str, Any]) -> Iterator[None]:
    """Let `--plugins` know plugins by these names while the block runs; for tests."""
    before = dict(_given)
    _given.update({name: Given(plugin) for name, plugin in plugins.items()})
    try:
        yield
    finally:
        _given.clear()
        _given.update(before)


@dataclass(frozen=True)
class Source:
    """Where a plugin comes from, before it is imported: an entry point or a path."""

    name: str
    origin: str
    target: "EntryPoint | str | Given"

    def load(self) -> Any:
        """Import the plugin and return its module or class.

        Raises
        ------
        PluginProblem
            When the import fails, in whatever way, or there is no plugin in the file.
        """
        try:
            if isinstance(self.target, EntryPoint):
                return self.target.load()
            if isinstance(self.target, Given):
                return self.target.plugin
            return _load_file(self.target)
        except PluginProblem:
            raise
        except (Exception, SystemExit) as error:
            raise PluginProblem(
                f"Plugin '{self.name}' ({self.origin}) can't be imported: {describe(error)}."
            ) from error


def installed(group: str) -> dict[str, list[Source]]:
    """Return what is installed in an entry-point group, by name; two sources share a clash."""
    found: dict[str, list[Source]] = {}
    for point in sorted(entry_points(group=group)):
        found.setdefault(point.name, []).append(Source(point.name, _origin(point), point))
    return found


def _origin(point: EntryPoint) -> str:
    """Return the name and version of the distribution that an entry point is in.

    `point.dist.version` says the same, but it reads a mail parser's whole message for it, and fifty
    installed plugins would make `--help` noticeably slower.
    """
    head = ((point.dist and point.dist.read_text("METADATA")) or "").partition("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if "Name" in fields and "Version" in fields:
        return f"{fields['Name']} {fields['Version']}"
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def choose(names: str, always: Iterable[str] = ()) -> list[Source]:
    """Turn the text of `--plugins` into sources, in order, and add those that are always there.

    Parameters
    ----------
    names : str
        Names and paths, separated by commas; a path ends in `.py` or in `.py:ClassName`.
    always : iterable of str
        Names to add at the end where they aren't chosen already.

    Raises
    ------
    PluginProblem
        For an unknown name, one that is given twice or taken, and one that two packages claim.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = installed(PLUGIN_GROUP)
    sources = [_find(name, known) for name in wanted]
    chosen = [source.name for source in sources]
    for name in chosen:
        if chosen.count(name) > 1:
            raise PluginProblem(f"Plugin '{name}' is given twice in --plugins {names}.")
    for source in sources:
        if source.name in always and not isinstance(source.target, EntryPoint):
            raise PluginProblem(
                f"The file '{source.target}' has the name of the plugin '{source.name}', "
                "which is always used; give the file another name."
            )
    return sources + [_find(name, known) for name in always if name not in chosen]


def _find(name: str, known: Mapping[str, Sequence[Source]]) -> Source:
    if name in _given:
        return Source(name, "given", _given[name])
    path, _, _ = name.partition(".py:")
    if path != name or name.endswith(".py"):
        return Source(Path(path).stem, name, name)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."
        raise PluginProblem(f"There is no plugin '{name}'; {hint}")
    if len(known[name]) > 1:
        origins = " and ".join(source.origin for source in known[name])
        raise PluginProblem(f"Plugin '{name}' is claimed by {origins}; uninstall one of them.")
    return known[name][0]


def _load_file(text: str) -> Any:
    """Import a plugin file: its module if that has hooks, else the class that has them."""
    file, _, wanted = text.partition(".py:")
    path = Path(file if file.endswith(".py") else file + ".py")
    if not path.is_file():
        raise PluginProblem(f"There is no plugin file '{path}'.")
    spec = importlib.util.spec_from_file_location(f"inkhook_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginProblem(f"'{path}' can't be imported as a plugin.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if wanted:
        if not hasattr(module, wanted):
            raise PluginProblem(f"There is no class '{wanted}' in {path}.")
        return getattr(module, wanted)
    if hook_names(module):
        return module
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == spec.name and hook_names(value)
    ]
    if len(classes) != 1:
        have = "no hooks" if not classes else "several plugin classes"
        raise PluginProblem(f"{path} has {have}; mark a hook with @hookimpl or add ':ClassName'.")
    return classes[0]


def describe(error: BaseException) -> str:
    """Return an exception as one line: its type and the first line of its message."""
    message = str(error).strip().split("\n")[0].rstrip(".")
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


@dataclass(frozen=True)
class Loaded:
    """A plugin that has been imported and checked, but not yet made."""

    source: Source
    target: Any

    @property
    def options(self) -> tuple[click.Option, ...]:
        """The command-line options that a plugin class declares."""
        return tuple(getattr(self.target, "options", ())) if inspect.isclass(self.target) else ()

    @property
    def notices(self) -> list[str]:
        """What the plugin uses that is deprecated, as sentences."""
        return [f"Plugin '{self.source.name}' {text}" for text in contract.notices(self.target)]


def load(sources: Sequence[Source], taken: Iterable[click.Parameter] = ()) -> list[Loaded]:
    """Import plugins and check their hooks and options, all before anything is made.

    Parameters
    ----------
    sources : sequence of Source
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
    scratch = _new_manager()  # one for all, because making it is most of the work
    for source in sources:
        plugin = Loaded(source, source.load())
        check_hooks(plugin, scratch)
        for fault in option_faults(plugin, owners):
            raise PluginProblem(f"Plugin '{source.name}' {fault}")
        loaded.append(plugin)
    return loaded


def check_hooks(plugin: Loaded, scratch: pluggy.PluginManager | None = None) -> None:
    """Hold a plugin's hooks against the specs; pluggy does so on a manager for nothing else."""
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
    """Say what is wrong with a plugin's options, each as a sentence without its subject.

    Parameters
    ----------
    plugin : Loaded
    owners : dict of str to str
        Who has which option or parameter already; the plugin's own are added.
    """
    for option in plugin.options:
        if not isinstance(option, click.Option):
            yield f"has an option that is no click.Option: {option}."
            continue
        for word in (option.name or "", *option.opts, *option.secondary_opts):
            if word in owners:
                yield f"declares the option {word}, which {owners[word]} has already."
            owners[word] = f"plugin '{plugin.source.name}'"


def _new_manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager


Call = Callable[[Mapping[str, Any]], Any]
"""From all of a hook's arguments to a plugin's answer."""


class Plugins:
    """The plugins of one command, made and registered, in call order.

    Attributes
    ----------
    names : list of str
    trace : bool
        Whether their calls are to be traced.
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
        self.trace = False
        manager = _new_manager()
        made = [(plugin.source.name, _make(plugin, values or {})) for plugin in loaded]
        # pluggy calls the last registered first.
        for name, plugin in reversed(made):
            manager.register(plugin, name)
        manager.check_pending()
        # looked up once, because a hook may be called a million times
        self._calls = {
            hook: [
                (impl.plugin_name, _call(hook, impl))
                for impl in reversed(getattr(manager.hook, hook).get_hookimpls())
            ]
            for hook in hooks.SPECS
        }

    def implementations(self, hook: str) -> list[tuple[str, Call]]:
        """Return (plugin name, call) for each implementation of a hook, in call order."""
        return self._calls[hook]


def _make(plugin: Loaded, values: Mapping[str, Any]) -> object:
    if isinstance(plugin.target, ModuleType) or not inspect.isclass(plugin.target):
        return plugin.target
    reader = click.Command("", params=list(plugin.options), add_help_option=False)
    defaults = reader.make_context("", []).params
    own = {name: values.get(name, default) for name, default in defaults.items()}
    try:
        return plugin.target(**own)
    except Problem as problem:  # it says itself what is missing
        raise PluginProblem(f"Plugin '{plugin.source.name}' can't be used: {problem}") from problem
    except (Exception, SystemExit) as error:
        raise PluginProblem(
            f"Plugin '{plugin.source.name}' can't be made from its options: {describe(error)}."
        ) from error


def _call(hook: str, impl: pluggy.HookImpl) -> Call:
    """Return the call of a hook with the arguments that a plugin takes.

    A deprecated argument gets the value of its successor. One that the caller, perhaps a plugin
    older than the argument, doesn't pass is None.
    """
    deprecated = hooks.SPECS[hook].deprecated
    wanted = [
        (name, deprecated[name].instead or name if name in deprecated else name)
        for name in impl.argnames
    ]
    function = impl.function
    return lambda arguments: function(**{name: arguments.get(given) for name, given in wanted})
