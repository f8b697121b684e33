"""What a plugin may use of the command that calls it: the `session` that every hook gets.

Only these names are part of the contract. `session.CommandSession` implements them, and has more
for the commands themselves. See docs/decisions/031-session-protocol.md.
"""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..base.types import FloatArray, Split
from .runs import RunFolder


class Session(Protocol):
    """One command's context, passed to every hook.

    Attributes
    ----------
    run : RunFolder or None
        Where this command writes; `run.path` is the folder. None if the command has no folder.
    seed : int
        The seed of everything random in this command.
    training : dict
        The training arguments, for the model's card; JSON values. A plugin that takes part in the
        training, such as `augment`, may add its own; a trainer's are added when it returns them.
    held_out : Split or None
        For trainers written for version 1.0 of the hooks, which leave the held-back images here.
        Since 1.1 these are part of the `Trained` that a trainer returns.
    metrics : dict of str to float
        The run's metrics, such as `test_accuracy`, for `run.json` and the card.
    status : str
        `running`, then `complete`, `stopped` (by request), `interrupted` or `failed`.
    stop_reason : str
        Why the training was asked to stop; empty if it wasn't.
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
        """Whether training was asked to end."""

    def say(self, text: str) -> None:
        """Print a line of results on stdout, or on stderr if the command writes JSON to stdout."""

    def note(self, text: str) -> None:
        """Print a message about the work on stderr."""

    def tell(self, hook: str, **arguments: Any) -> None:
        """Report an event to every plugin that implements the hook."""

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that isn't None, or None; raises PluginProblem."""

    def chain(self, hook: str, value: Any, *, same_shape: bool, **arguments: Any) -> Any:
        """Pass a uint8 array through every plugin; raises PluginProblem.

        Parameters
        ----------
        hook : str
        value : uint8 array
        same_shape : bool
            Whether the shape must stay the same; the number of axes always must.
        **arguments
            The hook's other arguments.
        """

    def has(self, hook: str, argument: str = "") -> bool:
        """Tell whether any chosen plugin implements a hook.

        Parameters
        ----------
        hook : str
        argument : str, optional
            One of the hook's: whether any takes it, so that it must be made. Since version 1.3
            of the hooks.
        """

    def explain(self, images: FloatArray, digits: npt.NDArray[np.integer]) -> FloatArray | None:
        """Return how much each pixel's ink speaks for a digit, by the model that answers.

        Parameters
        ----------
        images : float32 (N, 28, 28)
            As predictions have them: 0 is paper, 1 is ink.
        digits : int (N,)
            The digit to explain for each, 0 to 9.

        Returns
        -------
        float32 (N, 28, 28) or None
            As `Model.explain` gives it. None before there is a model, and where it reads numbers.
        """

    def request_stop(self, reason: str, error: BaseException | None = None) -> None:
        """Ask the training to end after this batch or epoch, keeping what was learnt.

        Parameters
        ----------
        reason : str
            For the run's record, such as "val_loss hasn't improved for 3 epochs".
        error : BaseException, optional
            Raised once the model is saved, which ends the command.
        """
