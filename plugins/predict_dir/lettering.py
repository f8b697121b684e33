"""Text on a contact sheet: what the font can't draw is spelled out as escapes.

A name in Chinese or Arabic must not become a row of boxes, or letters in the wrong order.
"""

import functools
import importlib.util
import unicodedata
from pathlib import Path
from typing import Any

ELLIPSIS = "…"


class Lettering:
    """matplotlib's DejaVu Sans in one size; Pillow's own font knows only ASCII."""

    def __init__(self, size: int) -> None:
        from PIL import ImageFont, features

        spec = importlib.util.find_spec("matplotlib")
        folder = Path(spec.origin).parent if spec and spec.origin else Path()
        file = folder / "mpl-data/fonts/ttf/DejaVuSans.ttf"
        self.font: Any = (
            ImageFont.truetype(file, size) if file.exists() else ImageFont.load_default(size)
        )
        self._missing = bytes(self.font.getmask("\U0010fffe"))
        self._shapes = features.check("raqm")
        self._spelled = functools.cache(self._spell)

    def spell(self, text: str) -> str:
        r"""Return text that can be drawn; other characters become \u and their number."""
        return "".join(map(self._spelled, text))

    def fit(self, text: str, width: float) -> str:
        """Return a spelled text at most `width` pixels wide; of a longer one, both ends."""
        parts = list(map(self._spelled, text))
        if self.font.getlength("".join(parts)) <= width:
            return "".join(parts)
        start, end = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        while start or end:
            if len("".join(start)) >= len("".join(end)):
                start.pop()
            else:
                end.pop(0)
            shown = f"{''.join(start)}{ELLIPSIS}{''.join(end)}"
            if self.font.getlength(shown) <= width:
                return shown
        return ELLIPSIS

    def _spell(self, character: str) -> str:
        if character.isascii():
            return character
        turned = unicodedata.bidirectional(character) in ("R", "AL")
        if (turned and not self._shapes) or bytes(self.font.getmask(character)) == self._missing:
            code = ord(character)
            return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        return character
