"""Lets libraries use one thread, in the tests and in the processes that these start.

Two processes of tests already keep two cores busy; threads of theirs would only wait for each
other. `conftest` imports this before NumPy and TensorFlow, which look once, when they are loaded.
See docs/decisions/017-tests-in-two-processes.md.
"""

import os

from inkhook.core.base.threads import LIBRARY_THREADS

for name in (*LIBRARY_THREADS, "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
