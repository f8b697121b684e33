"""inkhook: an event-driven workbench for handwritten digits.

A plugin needs one name from here::

    from inkhook import hookimpl
"""

from .core.events.hooks import hookimpl

__version__ = "0.1.0"
__all__ = ["hookimpl", "__version__"]
