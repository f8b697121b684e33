"""How hooks are called: tell, ask and chain, each with its own way to fail.

Plugins see this through `protocol.Session`; `hooks` says what the three kinds mean. See
docs/decisions/007-errors-in-ask-and-chain.md.
"""

import copy
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

import numpy as np

from ..base import opencv
from ..base.problems import PluginProblem, Problem
from ..base.types import read_only
from . import hooks
from .manager import HookCall, Plugins
from .protocol import Session
from .sources import error_summary
from .trace import Tracer
from .trace import value_kind as form

NEVER_RUN = {CoroutineType: "a coroutine", GeneratorType: "a generator"}
NEVER_RUN[AsyncGeneratorType] = "an async generator"
"""What a call returns whose body hasn't run. `contract` refuses functions that are seen to return
such; a decorator may hide it."""

MOST_FAULTS = 3
"""After this many failures, a plugin is no longer told anything."""


@dataclass(frozen=True)
class Fault:
    """A plugin's failure in a hook that the work doesn't depend on."""

    plugin: str
    hook: str
    error: BaseException

    def __str__(self) -> str:
        return f"Plugin '{self.plugin}' failed in {self.hook}: {error_summary(self.error)}."


class HookCaller:
    """Calls the hooks of one command's plugins, in order.

    Attributes
    ----------
    faults : list of Fault
        The plugins' failures so far.
    answered : dict of str to str
        Which plugin answered each `ask`.
    calling : str
        The plugin that is in a hook right now, on whatever thread, so that a slow one can be named;
        empty while none is.
    """

    def __init__(
        self, plugins: Plugins, session: Session, *, strict: bool = False, debug: bool = False
    ) -> None:
        """Prepare to call the plugins' hooks.

        Parameters
        ----------
        plugins : Plugins
        session : Session
            Passed to every hook as `session`; its `note` reports failures.
        strict : bool
            Whether the first failure in an event ends the command.
        debug : bool
            Whether failures are reported with tracebacks.
        """
        self.faults: list[Fault] = []
        self.answered: dict[str, str] = {}
        self.calling = ""
        self._plugins = plugins
        self._session = session
        self._strict = strict
        self._debug = debug
        self._failed: Counter[str] = Counter()
        self._subscribers: dict[str, list[Callable[..., None]]] = {}
        self._tracer = Tracer(session.note) if plugins.trace else None

    def subscribe(self, hook: str, function: Callable[..., None]) -> None:
        """Call a function of inkhook's own at an event, before the plugins; it mustn't raise."""
        self._subscribers.setdefault(hook, []).append(function)

    def close(self) -> None:
        """Report how long the plugins took, if calls are traced."""
        if self._tracer:
            self._tracer.end()

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call every implementation of an event on its own, and report those that raise.

        Raises
        ------
        Exception
            With `--strict`, what the plugin raised; always KeyboardInterrupt.
        """
        for function in self._subscribers.get(hook, ()):
            function(**arguments)
        calls = self._implementations(hook, "tell")
        if not calls:
            return
        given = {"session": self._session, **arguments}
        copied = [key for key, value in arguments.items() if isinstance(value, dict)]
        for name, call in calls:
            if self._failed and self._failed[name] >= MOST_FAULTS:
                continue
            for key in copied:
                given[key] = copy.deepcopy(arguments[key])
            try:
                self._call(hook, name, call, given)
            except (Exception, SystemExit) as error:
                if self._strict or opencv.problem_of(error):
                    raise _ended_by(name, hook, error) from error
                self._failed[name] += 1
                self._report(Fault(name, hook, error))

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that isn't None, or None.

        Raises
        ------
        PluginProblem
            When an implementation raises; a Problem is passed on unchanged.
        """
        for name, call in self._implementations(hook, "ask"):
            try:
                answer = self._call(hook, name, call, {"session": self._session, **arguments})
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
            Whether the shape must stay the same; the number of axes always must.
        **arguments
            The hook's other arguments.

        Raises
        ------
        PluginProblem
            When an implementation raises, or returns an array of another kind.
        """
        for name, call in self._implementations(hook, "chain"):
            passed = {
                "session": self._session,
                hooks.SPECS[hook].value: read_only(value),
                **arguments,
            }
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

    def has(self, hook: str, argument: str = "") -> bool:
        """Tell whether any chosen plugin implements a hook, and takes this argument of it."""
        if argument:
            return self._plugins.take(hook, argument)
        return bool(self._plugins.implementations(hook))

    def _report(self, fault: Fault) -> None:
        """Record and report a plugin's failure; with `--debug`, with its traceback."""
        self.faults.append(fault)
        last = self._failed[fault.plugin] >= MOST_FAULTS
        self._session.note(f"{fault}{' It is not called again.' if last else ''}")
        if self._debug:
            self._session.note("".join(traceback.format_exception(fault.error)).rstrip())

    def _call(self, hook: str, name: str, call: HookCall, arguments: dict[str, Any]) -> Any:
        before, self.calling = self.calling, name
        try:
            answer = (
                self._tracer.call(hook, name, call, arguments) if self._tracer else call(arguments)
            )
        finally:
            self.calling = before
        if type(answer) in NEVER_RUN:
            answer.close()  # Python warns of a coroutine that nobody waited for
            raise TypeError(f"it returned {NEVER_RUN[type(answer)]}, which inkhook doesn't run")
        return answer

    def _implementations(self, hook: str, kind: str) -> list[tuple[str, HookCall]]:
        if hooks.SPECS[hook].kind != kind:
            raise TypeError(f"{hook} is for {hooks.SPECS[hook].kind}, not for {kind}")
        return self._plugins.implementations(hook)


def _ended_by(name: str, hook: str, error: BaseException) -> Problem:
    if isinstance(error, Problem):
        return error
    problem = PluginProblem(f"Plugin '{name}' failed in {hook}: {error_summary(error)}.")
    return opencv.problem_of(error) or problem
