"""Ring the terminal's bell when the work is done: a plugin in one file, used by its path.

Usage: inkhook run --plugins train,./examples/beep.py
"""

import sys
import time

from inkhook import hookimpl

started = time.monotonic()


@hookimpl
def on_run_end(session):
    """Ring once where all went well, twice where something is the matter."""
    sys.stderr.write("\a" if session.status == "complete" else "\a\a")
    session.note(f"Beep: {session.status} after {time.monotonic() - started:.0f} s")
