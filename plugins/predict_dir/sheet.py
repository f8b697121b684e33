"""A contact sheet: a thumbnail of each picture with its answer, 200 to a page."""

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ...core.base import files
from ...core.base.text import printable, visible
from ...core.reading.rows import THUMB, Rows, Status
from .lettering import Lettering

if TYPE_CHECKING:
    from PIL import Image

COLUMNS, ROWS = 20, 10
CELL_WIDTH, CELL_HEIGHT = THUMB + 26, THUMB + 44
MARGIN, TITLE = 18, 44

PAPER, INK, QUIET = "#ffffff", "#1a1a1a", "#6b6b6b"
LOOK, FAILED = "#b45f06", "#b00020"
COLOURS = {
    Status.OK: INK,
    Status.UNSURE: LOOK,
    Status.BLANK: QUIET,
    Status.SEVERAL: LOOK,
    Status.NO_NUMBER: QUIET,
}

Cell = TypeVar("Cell")
"""What a sheet shows of one file."""


class ContactSheet(Generic[Cell]):
    """Draws page after page, keeping only one in memory; subclasses know what a cell shows."""

    columns, rows = COLUMNS, ROWS
    cell_width, cell_height = CELL_WIDTH, CELL_HEIGHT
    fewest = 6
    """How many columns a page has at least."""

    def __init__(self, path: Path, title: str, count: int) -> None:
        """Prepare to draw `count` files under a title; the first page goes to `path`."""
        self.pages = 0
        self._path, self._title, self._count = path, printable(title), count
        self._cells: list[Cell] = []
        self._letterings: dict[int, Lettering] = {}

    def put(self, cell: Cell) -> None:
        """Add a file; a full page is written."""
        self._cells.append(cell)
        if len(self._cells) == self.columns * self.rows:
            self._write()

    def close(self) -> None:
        """Write the last page."""
        if self._cells:
            self._write()

    def draw_cell(self, page: "Image.Image", draw: Any, left: int, top: int, cell: Cell) -> None:
        """Draw a file into the cell whose corner is at (left, top)."""
        raise NotImplementedError

    def caption(self, draw: Any, middle: int, top: int, name: str) -> None:
        """Write a file's name below its picture."""
        small = self.lettering(9)
        label = small.fit(visible(name.rsplit("/", 1)[-1]), self.cell_width - 4)
        draw.text((middle, top), label, QUIET, small.font, anchor="ma")

    def lettering(self, size: int) -> Lettering:
        """Return what writes text in a size, in pixels."""
        if size not in self._letterings:
            self._letterings[size] = Lettering(size)
        return self._letterings[size]

    def _write(self) -> None:
        self.pages += 1
        buffer = io.BytesIO()
        self._page().save(buffer, "PNG")
        files.write_file(page_path(self._path, self.pages), buffer.getvalue())
        self._cells.clear()

    def _page(self) -> "Image.Image":
        from PIL import Image, ImageDraw

        wanted = math.ceil(math.sqrt(self.columns / self.rows * len(self._cells)))
        columns = min(max(wanted, self.fewest), self.columns)
        rows = -(-len(self._cells) // columns)
        pages = -(-self._count // (self.columns * self.rows))
        title = self._title + (f" · page {self.pages} of {pages}" if pages > 1 else "")
        large = self.lettering(15)
        width = max(columns * self.cell_width, math.ceil(large.font.getlength(title)) + 8)
        size = width + 2 * MARGIN, rows * self.cell_height + TITLE + MARGIN
        page = Image.new("RGB", size, PAPER)
        draw = ImageDraw.Draw(page)
        large = self.lettering(14)
        draw.text((MARGIN + 4, MARGIN), large.spell(title), QUIET, large.font, anchor="la")
        for place, cell in enumerate(self._cells):
            row, column = divmod(place, columns)
            left, top = MARGIN + column * self.cell_width, TITLE + row * self.cell_height
            self.draw_cell(page, draw, left, top, cell)
        return page


class Digit(NamedTuple):
    """What the sheet shows of a file with a single digit."""

    name: str
    status: Status
    digit: int
    confidence: float
    thumb: Any


class DigitSheet(ContactSheet[Digit]):
    """A sheet of single digits."""

    def add(self, names: Sequence[str], rows: Rows) -> None:
        """Add a batch whose rows have thumbnails."""
        if rows.thumbs is None:
            raise TypeError("a sheet needs thumbnails")
        confidence = rows.probabilities.max(axis=1)
        for i, digit in enumerate(rows.digits.tolist()):
            status = Status(rows.status[i])
            self.put(Digit(names[i], status, digit, float(confidence[i]), rows.thumbs[i]))

    def draw_cell(self, page: "Image.Image", draw: Any, left: int, top: int, cell: Digit) -> None:
        """Draw a thumbnail, and below it the digit and its confidence."""
        from PIL import Image

        left += (CELL_WIDTH - THUMB) // 2
        colour = COLOURS.get(cell.status, FAILED)
        middle, below = left + THUMB // 2, top + THUMB + 4
        if colour == FAILED:
            draw_failure(draw, (left, top, left + THUMB, top + THUMB))
        else:
            page.paste(Image.fromarray(cell.thumb), (left, top))
            box = (left - 1, top - 1, left + THUMB, top + THUMB)
            draw.rectangle(box, None, "#cccccc" if cell.status == Status.OK else colour, 1)
        if colour == LOOK:
            draw.rectangle((left - 3, top - 3, left + THUMB + 2, top + THUMB + 2), None, colour, 2)
        if cell.status.answered:
            mark = "?" if cell.status == Status.UNSURE else ""
            font = self.lettering(18).font
            draw.text((left + 2, below), f"{cell.digit}{mark}", colour, font, anchor="la")
            percent, font = f"{int(cell.confidence * 100)} %", self.lettering(12).font
            draw.text((left + THUMB - 2, below + 4), percent, colour, font, anchor="ra")
        else:
            said, font = cell.status.word.replace("_", " "), self.lettering(12).font
            draw.text((middle, below + 3), said, colour, font, anchor="ma")
        self.caption(draw, middle, below + 23, cell.name)


def draw_failure(draw: Any, area: tuple[int, int, int, int]) -> None:
    """Draw a crossed-out field in place of a picture: left, top, right and bottom."""
    left, top, right, bottom = area
    draw.rectangle((left - 1, top - 1, right, bottom), "#fbeaec", FAILED)
    x, y = (left + right) // 2, (top + bottom) // 2
    draw.line((x - 12, y - 12, x + 11, y + 11), FAILED, 2)
    draw.line((x + 11, y - 12, x - 12, y + 11), FAILED, 2)


def page_path(path: Path, page: int) -> Path:
    """Return a page's path, counted from 1: sheet.png, sheet-2.png and so on."""
    return path if page == 1 else path.with_stem(f"{path.stem}-{page}")


def pages_at(path: Path) -> list[Path]:
    """Return the pages that exist already or will be written."""
    later = re.compile(rf"{re.escape(path.stem)}-\d+{re.escape(path.suffix)}")
    found = path.parent.iterdir() if path.parent.is_dir() else ()
    return [path, *(other for other in found if later.fullmatch(other.name))]
