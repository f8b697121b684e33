"""A contact sheet: a thumbnail of each picture with its answer, 200 to a page."""

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
}


class ContactSheet:
    """Draws page after page, keeping only one in memory."""

    def __init__(self, path: Path, title: str, count: int) -> None:
        """Prepare to draw `count` files under a title; the first page goes to `path`."""
        self.pages = 0
        self._path, self._title, self._count = path, printable(title), count
        self._cells: list[tuple[str, Status, int, float, Any]] = []
        self._letterings: dict[int, Lettering] = {}

    def add(self, names: Sequence[str], rows: Rows) -> None:
        """Add a batch whose rows have thumbnails."""
        if rows.thumbs is None:
            raise TypeError("a sheet needs thumbnails")
        confidence = rows.probabilities.max(axis=1)
        for i, digit in enumerate(rows.digits.tolist()):
            thumb = rows.thumbs[i]
            self._cells.append(
                (names[i], Status(rows.status[i]), digit, float(confidence[i]), thumb)
            )
            if len(self._cells) == COLUMNS * ROWS:
                self._write()

    def close(self) -> None:
        """Write the last page."""
        if self._cells:
            self._write()

    def _write(self) -> None:
        self.pages += 1
        buffer = io.BytesIO()
        self._page().save(buffer, "PNG")
        files.write_file(page_path(self._path, self.pages), buffer.getvalue())
        self._cells.clear()

    def _page(self) -> "Image.Image":
        from PIL import Image, ImageDraw

        columns = min(max(math.ceil(math.sqrt(2 * len(self._cells))), 6), COLUMNS)
        rows = -(-len(self._cells) // columns)
        pages = -(-self._count // (COLUMNS * ROWS))
        title = self._title + (f" · page {self.pages} of {pages}" if pages > 1 else "")
        width = max(columns * CELL_WIDTH, math.ceil(self._font(15).getlength(title)) + 8)
        size = width + 2 * MARGIN, rows * CELL_HEIGHT + TITLE + MARGIN
        page = Image.new("RGB", size, PAPER)
        draw = ImageDraw.Draw(page)
        large = self._lettering(14)
        draw.text((MARGIN + 4, MARGIN), large.spell(title), QUIET, large.font, anchor="la")
        for place, cell in enumerate(self._cells):
            row, column = divmod(place, columns)
            left, top = MARGIN + column * CELL_WIDTH, TITLE + row * CELL_HEIGHT
            self._cell(page, draw, left + (CELL_WIDTH - THUMB) // 2, top, *cell)
        return page

    def _cell(
        self,
        page: "Image.Image",
        draw: Any,
        left: int,
        top: int,
        name: str,
        status: Status,
        digit: int,
        confidence: float,
        thumb: Any,
    ) -> None:
        from PIL import Image

        colour = COLOURS.get(status, FAILED)
        middle, below = left + THUMB // 2, top + THUMB + 4
        box = (left - 1, top - 1, left + THUMB, top + THUMB)
        if colour == FAILED:
            draw.rectangle(box, "#fbeaec", FAILED)
            draw.line((left + 20, top + 20, left + 43, top + 43), FAILED, 2)
            draw.line((left + 43, top + 20, left + 20, top + 43), FAILED, 2)
        else:
            page.paste(Image.fromarray(thumb), (left, top))
            draw.rectangle(box, None, "#cccccc" if status == Status.OK else colour, 1)
        if colour == LOOK:
            draw.rectangle((left - 3, top - 3, left + THUMB + 2, top + THUMB + 2), None, colour, 2)
        if status.answered:
            mark = "?" if status == Status.UNSURE else ""
            said = f"{digit}{mark}"
            font = self._font(18)
            draw.text((left + 2, below), said, colour, font, anchor="la")
            percent = f"{int(confidence * 100)} %"
            draw.text((left + THUMB - 2, below + 4), percent, colour, self._font(12), anchor="ra")
        else:
            said = status.word.replace("_", " ")
            draw.text((middle, below + 3), said, colour, self._font(12), anchor="ma")
        small = self._lettering(9)
        label = small.fit(visible(name.rsplit("/", 1)[-1]), CELL_WIDTH - 4)
        draw.text((middle, below + 23), label, QUIET, small.font, anchor="ma")

    def _font(self, size: int) -> Any:
        return self._lettering(size).font

    def _lettering(self, size: int) -> Lettering:
        if size not in self._letterings:
            self._letterings[size] = Lettering(size)
        return self._letterings[size]


def page_path(path: Path, page: int) -> Path:
    """Return a page's path, counted from 1: sheet.png, sheet-2.png and so on."""
    return path if page == 1 else path.with_stem(f"{path.stem}-{page}")


def pages_at(path: Path) -> list[Path]:
    """Return the pages that exist already or will be written."""
    later = re.compile(rf"{re.escape(path.stem)}-\d+{re.escape(path.suffix)}")
    found = path.parent.iterdir() if path.parent.is_dir() else ()
    return [path, *(other for other in found if later.fullmatch(other.name))]
