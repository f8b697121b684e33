"""For the tests of plugins: `inkhook.testing` is `inkhook.core.testing` under a shorter name.

In a `conftest.py`: `pytest_plugins = ["inkhook.testing"]`.
"""

from .core import testing
from .core.testing import *  # noqa: F403

__all__ = list(testing.__all__)
