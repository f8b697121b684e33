"""The context of one command: its folder, its output, and how it stops and ends.

A command makes one session and uses it as a context manager, which tells `on_run_start` and
`on_run_end`. `calls` calls the hooks; `protocol.Session` is what plugins may use of a session.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
import numpy.typing as npt

from ..base import signals
from ..base.problems import OutputProblem, Problem
from ..base.text import abandon, note, printable
from ..base.types import FloatArray, Split
from ..network.network import Network
from .calls import HookCaller
from .manager import Plugins
from .runs import RunFolder


class CommandSession:
    """One command's context; plugins see it as a `protocol.Session`.

    Attributes
    ----------
    run, seed, training, held_out, metrics, status, stop_reason
        See `protocol.Session`.
    hooks : HookCaller
        Calls the plugins, and records their failures.
    network : Network or None
        What answers, if it reads single digits: for `explain`.
    stop_error : BaseException or None
        The error that ends the command once the model is saved.
    warnings : list of str
        What `warn` said.
    """

    def __init__(
        self,
        plugins: Plugins,
        run: RunFolder | None = None,
        *,
        seed: int = 0,
        strict: bool = False,
        debug: bool = False,
        stdout_is_json: bool = False,
    ) -> None:
        self.run = run
        self.seed = seed
        self.training: dict[str, Any] = {}
        self.held_out: Split | None = None
        self.metrics: dict[str, float] = {}
        self.status = "running"
        self.stop_reason = ""
        self.stop_error: BaseException | None = None
        self.warnings: list[str] = []
        self.network: Network | None = None
        self.hooks = HookCaller(plugins, self, strict=strict, debug=debug)
        self._output_lost = False
        self._stdout_is_json = stdout_is_json
        self._stdout: TextIO | None = None
        self._stage = "start"
        if run is not None:
            self.hooks.subscribe("on_epoch_end", partial(self._keep_figures, run))

    # Calling plugins

    def tell(self, hook: str, **arguments: Any) -> None:
        """Tell an event to the plugins; see `HookCaller.tell`."""
        self.hooks.tell(hook, **arguments)

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that isn't None, or None; see `HookCaller.ask`."""
        return self.hooks.ask(hook, **arguments)

    def chain(self, hook: str, value: Any, *, same_shape: bool, **arguments: Any) -> Any:
        """Pass a uint8 array through every implementation; see `HookCaller.chain`."""
        return self.hooks.chain(hook, value, same_shape=same_shape, **arguments)

    def has(self, hook: str, argument: str = "") -> bool:
        """Tell whether any chosen plugin implements a hook; see `protocol.Session.has`."""
        return self.hooks.has(hook, argument)

    def explain(self, images: FloatArray, digits: npt.NDArray[np.integer]) -> FloatArray | None:
        """Return how much each pixel's ink speaks for a digit; see `protocol.Session.explain`."""
        from ..network.saliency import contributions

        return contributions(self.network, images, digits) if self.network else None

    def _keep_figures(
        self, run: RunFolder, *, epoch: int, logs: Mapping[str, float], model: Any
    ) -> None:
        """Write an epoch's metrics to the run's folder."""
        try:
            run.add_metrics(epoch, logs)
        except OutputProblem as problem:  # there may still be room for the model
            self.request_stop(str(problem), problem)

    # Speaking to the user

    def note(self, text: str) -> None:
        """Print a message about the work on stderr."""
        note(text)

    def warn(self, text: str) -> None:
        """Write a line on something that may spoil the results, and keep it in the run's record."""
        self.note(f"Warning: {text}")
        self.warnings.append(text)

    def say(self, text: str) -> None:
        """Print a line of results on stdout, or on stderr if the command writes JSON to stdout."""
        if self._stdout_is_json:
            self.note(text)
        else:
            self.emit(text)

    @property
    def stdout(self) -> TextIO:
        """Where the command's own data goes: what `sys.stdout` was when it began."""
        return self._stdout or sys.stdout

    def emit(self, text: str) -> None:
        """Write a line of the command's own data, on stdout."""
        try:
            print(printable(text) + "\n", end="", flush=True, file=self.stdout)
        except OSError as error:
            abandon(self.stdout)
            self._output_lost = True
            if not isinstance(error, BrokenPipeError):  # as in `inkhook run | head`
                self.note(f"Can't write to stdout: {error.strerror}.")

    # Stopping and ending

    def request_stop(self, reason: str, error: BaseException | None = None) -> None:
        """Ask the training to end after this batch or epoch, keeping what was learnt.

        Parameters
        ----------
        reason : str
            For the run's record, such as "val_loss hasn't improved for 3 epochs".
        error : BaseException, optional
            Raised once the model is saved, which ends the command.
        """
        if not self.stop_reason:
            self.stop_reason, self.stop_error = reason, error

    @property
    def stop_requested(self) -> bool:
        """Whether training was asked to end."""
        return bool(self.stop_reason)

    @contextlib.contextmanager
    def finishing(self) -> Iterator[None]:
        """Let the work in this block end in order after Ctrl-C, SIGTERM, or a request to stop.

        The first Ctrl-C requests a stop and is raised when the block has ended; the second is
        raised at once. SIGTERM and SIGHUP are treated likewise. An error given to `request_stop` is
        raised at the end, too. See docs/decisions/004-ctrl-c-while-training.md.
        """
        seen: list[KeyboardInterrupt] = []

        def handle(error: KeyboardInterrupt) -> None:
            if seen:
                raise error
            seen.append(error)
            again = (
                "" if isinstance(error, signals.Ended) else " Press Ctrl-C again to leave at once."
            )
            self.note(f"\nStopping; what was learnt is kept.{again}")
            self.request_stop(signals.reason(error))
            self.stop_error = self.stop_error or error

        with signals.caught(handle):
            yield
        if self.stop_error:
            raise self.stop_error

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Name the current stage; the name stays when the block raises, for `on_error`."""
        before, self._stage = self._stage, name
        yield
        self._stage = before

    @property
    def exit_code(self) -> int:
        """0, or 1 if a plugin failed or results couldn't be printed."""
        return 1 if self.hooks.faults or self._output_lost else 0

    def __enter__(self) -> Self:
        # what plugins print mustn't end up among the data: docs/decisions/035-prints-of-plugins.md
        if self._stdout_is_json:
            self._stdout, sys.stdout = sys.stdout, sys.stderr
        try:
            self.tell("on_run_start")
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            self.status = "interrupted"
            self.stop_reason = self.stop_reason or signals.reason(error)
        elif error is not None:
            self.status = "failed"
        else:
            self.status = "stopped" if self.stop_requested else "complete"
        try:
            if isinstance(error, Exception):
                self.tell("on_error", stage=self._stage, error=error)
            self.tell("on_run_end")
        except BaseException:  # --strict, or Ctrl-C while the last pictures are drawn
            self._close(well=False, quietly=True)
            raise
        self._close(well=error is None, quietly=error is not None)

    def _close(self, *, well: bool, quietly: bool) -> None:
        """Write the run's final record; an error already being raised takes precedence."""
        if self._stdout:
            sys.stdout, self._stdout = self._stdout, None
        self.hooks.close()
        if self.run is None:
            return
        record = {
            "stop_reason": self.stop_reason,
            "training": self.training,
            "metrics": self.metrics,
            "warnings": self.warnings,
            "faults": [str(fault) for fault in self.hooks.faults],
        }
        try:
            self.run.finish(self.status, record, well=well)
        except Problem:
            if not quietly:
                raise
        if not well and self.run.model_path.exists():
            self.note(f"The model is in {self.run.model_path}")
