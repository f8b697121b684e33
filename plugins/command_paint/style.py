"""How the window looks: its colours, sizes and words; `panel` draws with them.

Measures are in pixels at `--scale 1`.
"""

from ...core.base.types import SIDE
from .lettering import Colour


def _hex(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return blue, green, red


# Every text has a contrast of at least 4.5 to 1 with its background (WCAG AA).
GROUND, SURFACE, TRACK, LINE = (
    _hex("14171c"),
    _hex("1f242b"),
    _hex("272d36"),
    _hex("39414c"),
)
INK, QUIET = _hex("f4f0e6"), _hex("98a2b0")
SURE, UNSURE, TROUBLE = _hex("5cc8b0"), _hex("f0b352"), _hex("ff8a75")

MARGIN, GAP, PANEL, LOWEST = 28, 32, 304, 410
TILE = 4 * SIDE
BARS = 196
"""Where the bars begin, below the top of the canvas."""
STATUS, HELP, BOTTOM = 38, 84, 112
"""The status line's baseline, the help line's middle, and the bottom, all below the canvas."""

KEYS = (
    ("Right button, Enter", "answer"),
    ("C", "clear"),
    ("U", "undo"),
    ("H", "help"),
    ("[ ]", "brush"),
    ("S", "save"),
    ("Esc", "end"),
)
"""The help line; in a narrow window its end is left out, because `h` shows everything."""

ALL_KEYS = (
    ("Left button", "draw"),
    ("Right button, Enter", "answer, then clear"),
    ("0 – 9", "save it as this digit"),
    ("C", "clear"),
    ("U, Ctrl+Z", "undo"),
    ("[ ], wheel", "brush"),
    ("S", "save as PNG"),
    ("H", "this help"),
    ("Esc, Q", "end"),
)
