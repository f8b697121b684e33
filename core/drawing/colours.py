"""The colours of windows and pages, so that all look made by the same hand."""

from .lettering import Colour


def _hex(code: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return blue, green, red


FADED = _hex("5d6672")
"""The ink of a drawing that has been answered; no text has this colour."""

# Every text has a contrast of at least 4.5 to 1 with its background (WCAG AA).
GROUND, SURFACE, TRACK, LINE = (
    _hex("14171c"),
    _hex("1f242b"),
    _hex("272d36"),
    _hex("39414c"),
)
INK, QUIET = _hex("f4f0e6"), _hex("98a2b0")
SURE, UNSURE, TROUBLE = _hex("5cc8b0"), _hex("f0b352"), _hex("ff8a75")
