"""A contact sheet of numbers: each picture with what was read, and the digits that aren't sure."""

from typing import TYPE_CHECKING, Any

from ...core.drawing.doubt import doubtful
from ...core.numbers.number import Number, Numbers
from ...core.reading.rows import Status
from .sheet import COLOURS, FAILED, INK, LOOK, MARGIN, QUIET, ContactSheet, draw_failure

if TYPE_CHECKING:
    from PIL import Image

SIDE = 220
"""Pixels of a picture's longer side."""

HEIGHT = 84
"""Pixels that a picture is high at most."""

LARGEST = 3.0
"""How many times a small picture is enlarged at most."""

Coloured = list[tuple[str, str]]
"""Pieces of text, each with its colour."""


class NumberSheet(ContactSheet[Numbers]):
    """A sheet of numbers, 70 to a page."""

    columns, rows, fewest = 7, 10, 3
    cell_width, cell_height = SIDE + MARGIN, HEIGHT + 62

    def add(self, found: list[Numbers]) -> None:
        """Add files whose numbers have their pages."""
        for numbers in found:
            self.put(numbers)

    def draw_cell(self, page: "Image.Image", draw: Any, left: int, top: int, cell: Numbers) -> None:
        """Draw a picture, and below it its numbers and the lowest confidence."""
        status = Status.of(cell.status)
        colour = COLOURS.get(status, FAILED)
        right, below = left + SIDE, top + HEIGHT + 6
        if cell.page is None:
            draw_failure(draw, (left, top, right, top + HEIGHT))
        else:
            self._picture(page, draw, left, top, cell)
        if status.answered and cell.confidence is not None:
            font = self.lettering(12).font
            percent = f"{int(cell.confidence * 100)} %"
            draw.text((right - 2, below + 5), percent, colour, font, anchor="ra")
            room = SIDE - font.getlength(percent) - 10
            self._text(draw, left + 2, below, _spelled(cell), room)
        else:
            said, font = status.word.replace("_", " "), self.lettering(12).font
            draw.text((left + SIDE // 2, below + 3), said, colour, font, anchor="ma")
        self.caption(draw, left + SIDE // 2, below + 27, cell.path)

    def _picture(self, page: "Image.Image", draw: Any, left: int, top: int, cell: Numbers) -> None:
        """Paste a picture, with a box around each digit that isn't sure."""
        from PIL import Image

        if cell.page is None:
            raise TypeError("a sheet needs pages")
        width, height = cell.size
        zoom = min(SIDE / width, HEIGHT / height, LARGEST)
        size = max(round(width * zoom), 1), max(round(height * zoom), 1)
        x, y = left + (SIDE - size[0]) // 2, top + (HEIGHT - size[1]) // 2
        method = Image.Resampling.BOX if size[0] < cell.page.shape[1] else Image.Resampling.BICUBIC
        page.paste(Image.fromarray(cell.page).resize(size, method), (x, y))
        frame = LOOK if cell.status == "unsure" else "#cccccc"
        draw.rectangle((x - 1, y - 1, x + size[0], y + size[1]), None, frame, 1)
        for number in cell.numbers:
            for digit, doubted in zip(number.digits, doubtful(number), strict=True):
                if doubted:
                    a, b, wide, high = (side * zoom for side in digit.box)
                    across = (x + min(place, size[0]) for place in (a - 1, a + wide))
                    down = (y + min(place, size[1]) for place in (b - 1, b + high))
                    draw.rectangle([*zip(across, down, strict=True)], None, LOOK)

    def _text(self, draw: Any, x: float, y: int, pieces: Coloured, room: float) -> None:
        """Write pieces beside each other; what has no room is left out."""
        font = self.lettering(18).font
        widths = [font.getlength(text) for text, _ in pieces]
        left = sum(widths)
        for (text, colour), width in zip(pieces, widths, strict=True):
            if left > room and width + font.getlength("…") > room:
                draw.text((x, y), "…", QUIET, font, anchor="la")
                return
            draw.text((x, y), text, colour, font, anchor="la")
            x, room, left = x + width, room - width, left - width


def _spelled(cell: Numbers) -> Coloured:
    """Return a picture's numbers, with the digits that deserve a look in another colour."""
    pieces: Coloured = []
    for number in cell.numbers:
        pieces += ([("  ", INK)] if pieces else []) + _signs(number)
    return pieces


def _signs(number: Number) -> Coloured:
    doubts = iter(doubtful(number))
    pieces: Coloured = []
    for sign in number.text:
        doubted = sign.isdigit() and next(doubts, False)
        pieces.append((sign, LOOK if doubted else INK))
    return pieces if number.sure else [*pieces, ("?", LOOK)]
