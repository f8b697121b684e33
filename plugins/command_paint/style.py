"""How the window looks: its sizes and words; `panel` draws with them.

Measures are in pixels at `--scale 1`. `core.drawing.colours` has the colours.
"""

from ...core.base.types import SIDE

MARGIN, GAP, PANEL, LOWEST = 28, 32, 304, 410
TILE = 4 * SIDE
BARS = 196
"""Where the bars begin, below the top of the canvas."""
STATUS, HELP, BOTTOM = 38, 84, 112
"""The status line's baseline, the help line's middle, and the bottom, all below the canvas."""

NUMBER_SIZES = (104, 88, 74, 62, 52, 44, 37, 31, 26, 22)
"""Sizes of letters for numbers; the largest that fits is used."""

KEYS = (
    ("Right button, Enter", "answer"),
    ("C", "clear"),
    ("U", "undo"),
    ("H", "help"),
    ("[ ]", "brush"),
    ("S", "save"),
    ("L", "learn"),
    ("E", "why"),
    ("Esc", "end"),
    ("← →", "choose a digit"),
)
"""The help line; in a narrow window its end is left out, because `h` shows everything."""

ALL_KEYS = (
    ("Left button", "draw"),
    ("Right button, Enter", "answer, then clear"),
    ("0 – 9", "save it as this digit"),
    ("← →", "choose a digit"),
    ("C", "clear"),
    ("U, Ctrl+Z", "undo"),
    ("[ ], wheel", "brush"),
    ("S", "save as PNG"),
    ("L, B", "learn, go back"),
    ("E", "why this digit"),
    ("H", "this help"),
    ("Esc, Q", "end"),
)
