"""A matplotlib figure that a notebook shows by itself, and that turns into a PNG.

A module of its own, because it can't be imported without matplotlib.
"""

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class Picture(Figure):
    """A figure made without pyplot: no window system and no global state is touched."""

    def to_png(self) -> bytes:
        """Return the picture as the bytes of a PNG."""
        buffer = io.BytesIO()
        FigureCanvasAgg(self).print_png(buffer)
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        """Show it in a notebook, also where nobody has imported pyplot, which arranges for that."""
        return self.to_png()
