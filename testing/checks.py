"""Find what is wrong with a plugin and say so in sentences, before its users find out.

`manager` refuses what can't work. This module also finds what works but annoys: an import that
slows down every `--help`, an argument that never arrives, an option that another plugin has.
Nothing here runs the plugin.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.base.problems import PluginProblem
from ..core.events import contract
from ..core.events.command import PluginCommand
from ..core.events.manager import Loaded, check_hooks, load, option_faults
from ..core.events.sources import (
    COMMAND_GROUP,
    PLUGIN_GROUP,
    PluginSource,
    installed,
    select_plugins,
)

HEAVY = frozenset(
    (
        *("cv2", "dask", "h5py", "jax", "keras", "matplotlib", "pandas", "pyarrow", "scipy"),
        *("skimage", "sklearn", "tensorboard", "tensorflow", "torch", "torchvision"),
    )
)
"""Packages that take at least a tenth of a second to import."""


def check_plugin(plugin: object, name: str = "") -> list[str]:
    """Return what is wrong with a plugin.

    Parameters
    ----------
    plugin : module, class, instance or str
        A string is what `--plugins` takes: an installed name or a path.
    name : str, optional
        The name to use; by default the plugin's own.

    Returns
    -------
    list of str
        Whole sentences; empty if nothing is wrong.

    Examples
    --------
    >>> from inkhook.testing import check_plugin
    >>> check_plugin("train")
    []
    """
    if isinstance(plugin, str):
        try:
            (source,) = select_plugins(plugin)
            plugin, name = source.load(), name or source.name
        except PluginProblem as problem:
            return [str(problem)]
    loaded = Loaded(PluginSource(name or _name_of(plugin), "checked", ""), plugin)
    return [f"Plugin '{loaded.source.name}' {finding}" for finding in _findings(loaded)]


def _findings(loaded: Loaded) -> Iterator[str]:
    plugin, name = loaded.target, loaded.source.name
    faults = list(contract.faults(plugin))
    yield from faults
    if not faults:  # whatever else pluggy objects to
        try:
            check_hooks(loaded)
        except PluginProblem as problem:
            yield str(problem).removeprefix(f"Plugin '{name}' ")
    yield from contract.notices(plugin)
    yield from contract.never_passed(plugin)
    yield from option_faults(loaded, _owners(name))
    yield from _constructor_faults(loaded)
    for module, line in _heavy_imports(plugin):
        yield (
            f"imports {module} at the top (line {line}), which slows down every --help; "
            "import it in the function that uses it."
        )


def _name_of(plugin: object) -> str:
    own = plugin if inspect.isclass(plugin) or inspect.ismodule(plugin) else type(plugin)
    return own.__name__.rpartition(".")[2]


def _owners(but: str) -> dict[str, str]:
    """Return the owner of each option: the commands that take plugins, and the other plugins."""
    owners: dict[str, str] = {}
    for sources in installed(COMMAND_GROUP).values():
        for source in sources:
            try:
                command = source.load()
            except PluginProblem:
                continue
            for parameter in command.params if isinstance(command, PluginCommand) else ():
                words = (parameter.name or "", *parameter.opts, *parameter.secondary_opts)
                owners.update(dict.fromkeys(words, f"'inkhook {source.name}'"))
    for other in installed(PLUGIN_GROUP):
        try:
            (loaded,) = load(select_plugins(other)) if other != but else [None]
        except PluginProblem:
            continue
        for option in loaded.options if loaded else ():
            owners.update(dict.fromkeys((option.name or "", *option.opts), f"plugin '{other}'"))
    return owners


def _constructor_faults(loaded: Loaded) -> Iterator[str]:
    """Compare the options with the arguments of the constructor."""
    plugin = loaded.target
    if not inspect.isclass(plugin):
        if getattr(plugin, "options", None) and inspect.ismodule(plugin):
            yield "declares options in a module; only a class can have them."
        return
    names = {str(getattr(option, "name", "")) for option in loaded.options}
    parameters = list(inspect.signature(plugin).parameters.values())
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    taken = {parameter.name for parameter in parameters}
    for name in sorted(names - taken) if not open_ended else ():
        yield f"declares the option '{name}', which its constructor doesn't take."
    for parameter in parameters:
        needed = parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        )
        if needed and parameter.name not in names:
            yield f"has a constructor that takes '{parameter.name}', which isn't an option."


def _heavy_imports(plugin: object) -> Iterator[tuple[str, int]]:
    """Yield the heavy packages that the plugin's file imports at the top, with line numbers."""
    name = getattr(plugin, "__name__" if inspect.ismodule(plugin) else "__module__", "")
    file = getattr(sys.modules.get(str(name)), "__file__", None)
    if not file or not file.endswith(".py"):
        return
    for node in _at_the_top(ast.parse(Path(file).read_text(encoding="utf-8")).body):
        modules = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""] if not node.level else []
        for module in modules:
            if module.partition(".")[0] in HEAVY:
                yield module, node.lineno


def _at_the_top(body: list[Any]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when the module is imported."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _at_the_top(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "orelse", "finalbody", "handlers"):
                yield from _at_the_top(getattr(node, part, []))
