"""Tracing: each hook call as a line, and at the end the time per plugin.

`--trace` or INKHOOK_TRACE=1 switches it on. Without it, none of this runs: `calls` calls the
plugins directly.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from .manager import HookCall

VARIABLE = "INKHOOK_TRACE"


class Tracer:
    """Times hook calls, on whatever thread; each plugin is charged only its own time.

    While `train` trains, it tells other plugins about the epochs; it isn't charged for their time.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._inner = threading.local()
        self._spent: dict[str, tuple[int, float]] = {}

    def call(self, hook: str, name: str, call: HookCall, arguments: Mapping[str, Any]) -> Any:
        """Call a plugin's hook, and write a line about it."""
        before: float = getattr(self._inner, "seconds", 0.0)
        self._inner.seconds = 0.0
        start = time.perf_counter()
        kind = "an error"
        try:
            answer = call(arguments)
            kind = value_kind(answer)
        finally:
            seconds = time.perf_counter() - start
            own = seconds - self._inner.seconds
            self._inner.seconds = before + seconds
            with self._lock:
                count, spent = self._spent.get(name, (0, 0.0))
                self._spent[name] = count + 1, spent + own
            self._write(f"trace: {hook}  {name}  {own * 1e3:.2f} ms  {kind}")
        return answer

    def end(self) -> None:
        """Write the time per plugin, the slowest first."""
        rows = sorted(self._spent.items(), key=lambda row: -row[1][1])
        self._spent = {}
        for name, (count, seconds) in rows:
            calls = "call" if count == 1 else "calls"
            self._write(f"trace: {name} took {seconds * 1e3:.1f} ms in {count:,} {calls}")


def value_kind(answer: object) -> str:
    """Return the type of a value, or the dtype and shape of an array, as text."""
    if answer is None:
        return "nothing"
    if hasattr(answer, "dtype") and hasattr(answer, "shape"):
        return f"{answer.dtype} {answer.shape}"
    return type(answer).__name__
