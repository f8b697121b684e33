"""How hooks are called: tell, ask and chain, each with its own way to fail.

`Session` is what plugins see of this; `hooks` says what the three kinds mean.
"""

import copy
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.problems import PluginProblem, Problem
from ..base.types import read_only
from . import hooks
from .manager import Call, Plugins, describe
from .trace import Tracer
from .trace import describe as form

MOST_FAULTS = 3
"""After so many failures a plugin is told nothing more."""


@dataclass(frozen=True)
class Fault:
    """A plugin's failure in a hook that the work doesn't depend on."""

    plugin: str
    hook: str
    error: BaseException

    def __str__(self) -> str:
        return f"Plugin '{self.plugin}' failed in {self.hook}: {describe(self.error)}."


class HookCaller:
    """Calls the hooks of one command's plugins, with itself as their `session`.

    Attributes
    ----------
    faults : list of Fault
        What plugins did wrong so far.
    answered : dict of str to str
        Which plugin gave the answer to each `ask`.
    calling : str
        The plugin that is at work in a hook now, on whatever thread; empty while none is. So that
        one that takes its time can be named.
    """

    def __init__(self, plugins: Plugins, *, strict: bool) -> None:
        self.faults: list[Fault] = []
        self.answered: dict[str, str] = {}
        self.calling = ""
        self._plugins = plugins
        self._strict = strict
        self._failed: Counter[str] = Counter()
        self._tracer = Tracer(self.note) if plugins.trace else None

    def note(self, text: str) -> None:
        """Write a line about the work, on stderr."""
        raise NotImplementedError

    def report(self, fault: Fault, *, last: bool) -> None:
        """Say what a plugin did wrong; `last` when it isn't called again."""
        raise NotImplementedError

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call every implementation of an event on its own, and report those that raise.

        Raises
        ------
        Exception
            What the plugin raised, with `--strict`; KeyboardInterrupt always.
        """
        calls = self._implementations(hook, "tell")
        if not calls:
            return
        given = {"session": self, **arguments}
        copied = [key for key, value in arguments.items() if isinstance(value, dict)]
        for name, call in calls:
            if self._failed and self._failed[name] >= MOST_FAULTS:
                continue
            for key in copied:
                given[key] = copy.deepcopy(arguments[key])
            try:
                self._call(hook, name, call, given)
            except (Exception, SystemExit) as error:
                if self._strict:
                    raise _ended_by(name, hook, error) from error
                self.faults.append(Fault(name, hook, error))
                self._failed[name] += 1
                self.report(self.faults[-1], last=self._failed[name] >= MOST_FAULTS)

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that isn't None, or None.

        Raises
        ------
        PluginProblem
            When an implementation raises; a Problem passes as it is.
        """
        for name, call in self._implementations(hook, "ask"):
            try:
                answer = self._call(hook, name, call, {"session": self, **arguments})
            except (Exception, SystemExit) as error:
                raise _ended_by(name, hook, error) from error
            if answer is not None:
                self.answered[hook] = name
                return answer
        return None

    def chain(self, hook: str, value: Any, *, same_shape: bool, **arguments: Any) -> Any:
        """Pass a uint8 array through every implementation and return what the last one returned.

        Parameters
        ----------
        hook : str
        value : uint8 array
        same_shape : bool
            Whether the shape must stay; the number of axes always must.
        **arguments
            The hook's other arguments.

        Raises
        ------
        PluginProblem
            When an implementation raises or returns another kind of array.
        """
        for name, call in self._implementations(hook, "chain"):
            passed = {"session": self, hooks.SPECS[hook].value: read_only(value), **arguments}
            try:
                answer = self._call(hook, name, call, passed)
            except (Exception, SystemExit) as error:
                raise _ended_by(name, hook, error) from error
            fits = isinstance(answer, np.ndarray) and answer.dtype == value.dtype
            if (
                not fits
                or answer.ndim != value.ndim
                or (same_shape and answer.shape != value.shape)
            ):
                raise PluginProblem(
                    f"Plugin '{name}' returned {form(answer)} from {hook}, not {form(value)}."
                )
            value = answer
        return value

    def has(self, hook: str) -> bool:
        """Tell whether any chosen plugin implements a hook."""
        return bool(self._plugins.implementations(hook))

    def _call(self, hook: str, name: str, call: Call, arguments: dict[str, Any]) -> Any:
        before, self.calling = self.calling, name
        try:
            if self._tracer:
                return self._tracer.call(hook, name, call, arguments)
            return call(arguments)
        finally:
            self.calling = before

    def _implementations(self, hook: str, kind: str) -> list[tuple[str, Call]]:
        if hooks.SPECS[hook].kind != kind:
            raise TypeError(f"{hook} is for {hooks.SPECS[hook].kind}, not for {kind}")
        return self._plugins.implementations(hook)


def _ended_by(name: str, hook: str, error: BaseException) -> Problem:
    if isinstance(error, Problem):
        return error
    return PluginProblem(f"Plugin '{name}' failed in {hook}: {describe(error)}.")
