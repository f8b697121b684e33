"""Where plugins come from: entry points, files, and objects that a test provides.

Only for finding and importing them; `manager` checks whether a plugin can be used.
"""

import contextlib
import difflib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import opencv
from ..base.installed import EntryPoint, entry_points
from ..base.problems import PluginProblem
from .contract import hook_names

PLUGIN_GROUP = "inkhook.plugins"
COMMAND_GROUP = "inkhook.commands"


@dataclass(frozen=True, eq=False)
class Given:
    """A plugin that exists already: a test's module, class or instance."""

    plugin: Any


_given: dict[str, Given] = {}


@contextlib.contextmanager
def giving(plugins: Mapping[str, Any]) -> Iterator[None]:
    """Make plugins available to `--plugins` under these names while the block runs; for tests."""
    before = dict(_given)
    _given.update({name: Given(plugin) for name, plugin in plugins.items()})
    try:
        yield
    finally:
        _given.clear()
        _given.update(before)


@dataclass(frozen=True)
class PluginSource:
    """Where a plugin comes from, before it is imported: an entry point or a path."""

    name: str
    origin: str
    target: EntryPoint | str | Given

    def load(self) -> Any:
        """Import the plugin and return its module or class.

        Raises
        ------
        PluginProblem
            When the import fails in any way, or the file has no plugin.
        """
        if isinstance(self.target, Given):
            return self.target.plugin
        try:
            # what a module prints when it is imported must not end up in a command's data
            with contextlib.redirect_stdout(sys.stderr):
                if isinstance(self.target, str):
                    return _load_file(self.target)
                return self.target.load()
        except PluginProblem:
            raise
        except (Exception, SystemExit) as error:
            raise opencv.problem_of(error) or PluginProblem(
                f"Plugin '{self.name}' ({self.origin}) can't be imported: {error_summary(error)}."
            ) from error


def installed(group: str) -> dict[str, list[PluginSource]]:
    """Return what is installed in an entry-point group, by name; a clash has two sources."""
    found: dict[str, list[PluginSource]] = {}
    for point in entry_points(group):
        found.setdefault(point.name, []).append(PluginSource(point.name, point.origin, point))
    return found


def select_plugins(plugins: object, always: Iterable[str] = ()) -> list[PluginSource]:
    """Turn a choice of plugins into sources, in order, and add those that are always there.

    Parameters
    ----------
    plugins : str, or sequence of str, module, class or instance
        The text of `--plugins`: names and paths, separated by commas; a path ends in `.py` or in
        `.py:ClassName`. Or a list of such names and paths, and of plugins that are there already.
    always : iterable of str
        Names to append unless they are chosen already.

    Raises
    ------
    PluginProblem
        For a name that is unknown, repeated or taken, or that two packages claim.
    """
    wanted = _as_list(plugins)
    known = installed(PLUGIN_GROUP)
    sources: list[PluginSource] = []
    for plugin in wanted:
        if isinstance(plugin, str):
            sources.append(_find(plugin, known))
        else:
            sources.append(_given_source(plugin, [source.name for source in sources]))
    chosen = [source.name for source in sources]
    for name in chosen:
        if chosen.count(name) > 1:
            text = plugins if isinstance(plugins, str) else ",".join(chosen)
            raise PluginProblem(f"Plugin '{name}' is given twice in --plugins {text}.")
    for source in sources:
        if source.name in always and isinstance(source.target, str | Given):
            what = f"file '{source.target}'" if isinstance(source.target, str) else "plugin given"
            raise PluginProblem(
                f"The {what} has the name of the plugin '{source.name}', "
                f"which is always used; give the {what.split(maxsplit=1)[0]} another name."
            )
    return sources + [_find(name, known) for name in always if name not in chosen]


def _as_list(plugins: object) -> list[object]:
    """Return a choice of plugins as a list of names, paths and objects."""
    found: list[object] = []
    for plugin in plugins if isinstance(plugins, list | tuple) else [plugins]:
        if isinstance(plugin, str):
            found += filter(None, map(str.strip, plugin.split(",")))
        else:
            found.append(os.fspath(plugin) if isinstance(plugin, os.PathLike) else plugin)
    return found


def _given_source(plugin: object, taken: Sequence[str]) -> PluginSource:
    """Call a plugin what its author calls it, and number those of one name."""
    own = getattr(plugin, "__name__", type(plugin).__name__).rpartition(".")[2]
    same = sum(name.partition("-")[0] == own for name in taken)
    return PluginSource(f"{own}-{same + 1}" if same else own, "given", Given(plugin))


def _find(name: str, known: Mapping[str, Sequence[PluginSource]]) -> PluginSource:
    if name in _given:
        return PluginSource(name, "given", _given[name])
    path, _, _ = name.partition(".py:")
    if path != name or name.endswith(".py"):
        return PluginSource(Path(path).stem, name, name)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.7)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."
        raise PluginProblem(f"There is no plugin '{name}'; {hint}")
    if len(known[name]) > 1:
        origins = " and ".join(source.origin for source in known[name])
        raise PluginProblem(f"Plugin '{name}' is claimed by {origins}; uninstall one of them.")
    return known[name][0]


def _load_file(text: str) -> Any:
    """Import a plugin file: return its module if that has hooks, else its class with hooks."""
    file, _, wanted = text.partition(".py:")
    path = Path(file if file.endswith(".py") else file + ".py")
    if not path.is_file():
        raise PluginProblem(f"There is no plugin file '{path}'.")
    spec = importlib.util.spec_from_file_location(f"inkhook_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginProblem(f"'{path}' can't be imported as a plugin.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with _neighbours_of(path.resolve().parent):
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
        if isinstance(value, type) and value.__module__ == spec.name and hook_names(value)
    ]
    if len(classes) != 1:
        have = "no hooks" if not classes else "several plugin classes"
        raise PluginProblem(f"{path} has {have}; mark a hook with @hookimpl or add ':ClassName'.")
    return classes[0]


_imported_from: dict[str, Path] = {}
"""The modules that plugin files have found beside them, and the folders these lie in."""


@contextlib.contextmanager
def _neighbours_of(folder: Path) -> Iterator[None]:
    """Let a plugin file import the modules and packages beside it while this block runs.

    A module of the same name that lies beside another plugin file isn't taken for one of these.
    """
    for name in [name for name, place in _imported_from.items() if place != folder]:
        sys.modules.pop(name, None)
        del _imported_from[name]
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the plugin may have changed the path itself
            sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and folder in Path(file).parents:
                _imported_from[name] = folder


def error_summary(error: BaseException) -> str:
    """Return an exception as one line: its type and the first line of its message."""
    message = str(error).strip().split("\n")[0].rstrip(".")
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
