"""The contract between inkhook and its plugins: its version, and whether a plugin keeps to it.

docs/plugins.md says what the contract promises. In short: hooks and arguments may be added at any
time; before one is removed it is deprecated for a minor release, in which plugins that use it still
work and are named in a warning. This module checks a plugin's hooks and nothing else; `manager` and
`checks` look at options and imports.
"""

import difflib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from . import hooks

CONTRACT_VERSION = (1, 4)
"""The version of the hooks: the second number grows when something is added, the first when
something is taken away. Not the version of inkhook, which grows for other reasons too."""

WANTED = "inkhook_contract"
"""The attribute by which a plugin says which version it was written for, as in "1.1"."""


def hook_names(plugin: object) -> list[str]:
    """Return the names of the hooks that a module, class or instance implements."""
    marker = hooks.PROJECT + "_impl"
    return [
        name
        for name in dir(plugin)
        if not name.startswith("__") and hasattr(getattr(plugin, name, None), marker)
    ]


def faults(plugin: object) -> Iterator[str]:
    """Yield what keeps a plugin from being used, as sentences without a subject."""
    yield from _version_faults(plugin)
    if not hook_names(plugin):
        yield "implements no hook; mark one with @hookimpl."
    for hook in hook_names(plugin):
        function = getattr(plugin, hook)
        marks = getattr(function, hooks.PROJECT + "_impl")
        if marks["wrapper"] or marks["hookwrapper"]:
            # see docs/decisions/006-no-hook-wrappers.md
            yield f"wraps {hook}; inkhook has no hook wrappers."
        elif inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            yield f"declares {hook} with 'async', so it would never run; use a plain 'def'."
        elif inspect.isgeneratorfunction(function):
            yield f"has a 'yield' in {hook}, so it would never run; use 'return'."
        if hook in hooks.SPECS:
            yield from _argument_faults(plugin, hook)
        elif not marks["optionalhook"]:
            close = difflib.get_close_matches(hook, hooks.SPECS, n=1)
            hint = f"did you mean {close[0]}?" if close else "see the list of hooks in the docs."
            yield f"implements '{hook}', which isn't a hook; {hint}"


def notices(plugin: object) -> Iterator[str]:
    """Yield what will keep a plugin from being used one day: deprecated arguments."""
    for hook in hook_names(plugin):
        spec = hooks.SPECS.get(hook)
        if not spec or not spec.deprecated:  # which saves examining most functions once more
            continue
        for name in _arguments(plugin, hook):
            if name in spec.deprecated:
                old = spec.deprecated[name]
                instead = f"use '{old.instead}' instead" if old.instead else "do without it"
                yield f"takes '{name}' of {hook}, which inkhook {old.removed} removes; {instead}."


def never_passed(plugin: object) -> Iterator[str]:
    """Yield arguments that have a default value: pluggy doesn't pass those."""
    for hook in hook_names(plugin):
        for parameter in _parameters(plugin, hook):
            if parameter.default is not parameter.empty or parameter.kind in (
                parameter.KEYWORD_ONLY,
                parameter.VAR_POSITIONAL,
                parameter.VAR_KEYWORD,
            ):
                yield f"takes '{parameter}' in {hook}, which is never passed; name it plainly."


def _version_faults(plugin: object) -> Iterator[str]:
    wanted = getattr(plugin, WANTED, None)
    if wanted is None:
        return
    have = ".".join(map(str, CONTRACT_VERSION))
    try:
        major, minor = map(int, wanted.split("."))
    except (AttributeError, ValueError):
        yield f'has an {WANTED} of {wanted!r}; it must be a text such as "{have}".'
        return
    if (major, minor) > CONTRACT_VERSION:
        yield f"needs version {wanted} of the hooks, but this is {have}; update inkhook."
    elif major < CONTRACT_VERSION[0]:
        yield f"was written for version {wanted} of the hooks, but this is {have}; update it."


def _argument_faults(plugin: object, hook: str) -> Iterator[str]:
    known = _names(hooks.SPECS[hook].function)
    for name in _arguments(plugin, hook):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(known)}."
            yield f"doesn't fit its hooks: {hook} has no argument '{name}'; {hint}"


@functools.cache
def _names(function: Callable[..., object]) -> list[str]:
    """Return the names of a function's arguments; examined once, for plugins share their hooks."""
    return list(inspect.signature(function).parameters)


def _arguments(plugin: object, hook: str) -> list[str]:
    """Return the names of the arguments that are passed to a plugin's hook."""
    return [
        parameter.name
        for parameter in _parameters(plugin, hook)
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        and parameter.default is parameter.empty
    ]


def _parameters(plugin: Any, hook: str) -> list[inspect.Parameter]:
    try:
        parameters = list(inspect.signature(getattr(plugin, hook)).parameters.values())
    except (TypeError, ValueError):  # not callable; pluggy reports that
        return []
    if inspect.isclass(plugin) and inspect.isfunction(inspect.getattr_static(plugin, hook)):
        return parameters[1:]  # self
    return parameters
