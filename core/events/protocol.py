"""What a plugin may use of the command that calls it: the `session` that every hook is given.

Only these names are part of the contract. `session.CommandSession` has them, and more, which is the
commands' own.
"""

from typing import Any, Protocol

from ..base.types import Split
from .runs import RunFolder


class Session(Protocol):
    """One command's context, handed to every hook.

    Attributes
    ----------
    run : RunFolder or None
        Where this command writes: `run.path` is the folder. None for a command without one.
    seed : int
        The seed of everything random in this command.
    training : dict
        The arguments of the training, for the model's card; JSON values. Whoever takes part in it
        may add its own, such as `augment`; a trainer's are added once it has returned them.
    held_out : Split or None
        For trainers of version 1.0 of the hooks, which leave here what they held back. Since 1.1 it
        is part of the `Trained` that they return.
    metrics : dict of str to float
        The figures of the run, such as `test_accuracy`; for `run.json` and the card.
    status : str
        `running`, then `complete`, `stopped` (by request), `interrupted` or `failed`.
    stop_reason : str
        Why the training was asked to stop; empty where it wasn't.
    """

    run: RunFolder | None
    seed: int
    training: dict[str, Any]
    held_out: Split | None
    metrics: dict[str, float]
    status: str
    stop_reason: str

    @property
    def stop_requested(self) -> bool:
        """Whether someone has asked the training to end."""

    def say(self, text: str) -> None:
        """Write a line of results, on stdout; on stderr where the command writes JSON there."""

    def note(self, text: str) -> None:
        """Write a line about the work, on stderr."""

    def tell(self, hook: str, **arguments: Any) -> None:
        """Tell an event to every plugin that implements the hook."""

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Return the first plugin's answer that isn't None, or None; raises PluginProblem."""

    def chain(self, hook: str, value: Any, *, same_shape: bool, **arguments: Any) -> Any:
        """Pass a uint8 array through every plugin; raises PluginProblem.

        Parameters
        ----------
        hook : str
        value : uint8 array
        same_shape : bool
            Whether the shape must stay; the number of axes always must.
        **arguments
            The hook's other arguments.
        """

    def has(self, hook: str) -> bool:
        """Tell whether any chosen plugin implements a hook."""

    def request_stop(self, reason: str, error: BaseException | None = None) -> None:
        """Ask the training to end after this batch or epoch and keep what was learnt.

        Parameters
        ----------
        reason : str
            For the run's record, such as "val_loss hasn't improved for 3 epochs".
        error : BaseException, optional
            Raised once the model is safe, and so ends the command.
        """
