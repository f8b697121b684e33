"""Signals that ask the program to end: SIGTERM and SIGHUP are treated as Ctrl-C is.

`docker stop`, a cluster's scheduler and a lost connection send them, and what was done until then
is worth as much as after Ctrl-C. A signal that was ignored when the program started (`nohup`) stays
ignored, and handlers that somebody else has set stay, too.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))  # Windows


class Ended(KeyboardInterrupt):
    """SIGTERM or SIGHUP, raised wherever the main thread is, as Ctrl-C is.

    Attributes
    ----------
    sentence : str
        What is said last.
    exit_code : int
        What the program exits with: 143 or 129.
    """

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"ended by {name}")
        self.sentence = f"Ended by {name}."
        self.exit_code = 128 + number


def listen() -> None:
    """Have these signals raise `Ended` from now on; for the start of a program."""
    for number in _NUMBERS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise)


def ignore() -> None:
    """Have these signals do nothing from now on; for a process that somebody else ends."""
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)


def reason(error: KeyboardInterrupt) -> str:
    """Return what has ended the program, for its record."""
    return str(error) if isinstance(error, Ended) else "interrupted by Ctrl-C"


@contextlib.contextmanager
def caught(handle: Callable[[KeyboardInterrupt], None]) -> Iterator[None]:
    """Hand these signals to a function while the block runs, in place of raising.

    The function may raise what it is given. Does nothing outside the main thread.
    """

    def catch(number: int, frame: FrameType | None) -> None:
        handle(_interruption(number))

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    raising = [n for n, old in before.items() if old in (signal.default_int_handler, _raise)]
    for number in raising:
        signal.signal(number, catch)
    try:
        yield
    finally:
        for number in raising:
            signal.signal(number, before[number])


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let the block run to its end; a signal that comes meanwhile is raised then."""
    pending: list[KeyboardInterrupt] = []
    with caught(pending.append):
        yield
    if pending:
        raise pending[0]


def _interruption(number: int) -> KeyboardInterrupt:
    return KeyboardInterrupt() if number == signal.SIGINT else Ended(number)


def _raise(number: int, frame: FrameType | None) -> None:
    raise _interruption(number)
