"""The pages of a PDF as pictures, if the library for it is installed.

`imagefile` reads and refuses files.
"""

import threading
from typing import Any

from ..base.problems import ImageRefused

LONG_SIDE = 2400
"""A page's longer side in pixels: an A4 page at 205 dots per inch."""


_lock = threading.Lock()
"""PDFium works on one thread at a time."""


def count_pages(data: bytes) -> int:
    """Return the number of pages in a PDF; raises ImageRefused."""
    with _lock:
        document = _open(data)
        try:
            return len(document)
        finally:
            document.close()


def draw_page(data: bytes, number: int, most_pixels: int) -> Any:
    """Return a page as a PIL image.

    Parameters
    ----------
    data : bytes
        The whole file.
    number : int
        Counted from 1.
    most_pixels : int
        The picture has no more.

    Raises
    ------
    ImageRefused
        `not_image` where it can't be read here, `corrupt` where it is damaged.
    """
    with _lock:
        document = _open(data)
        try:
            if number > len(document):
                raise ImageRefused(
                    "corrupt", f"It has only {len(document)} pages, so there is no page {number}."
                )
            page = document[number - 1]
            width, height = page.get_size()
            # both sides are rounded up
            most = (most_pixels / (width * height)) ** 0.5 - 1 / min(width, height)
            scale = min(LONG_SIDE / max(width, height), most)
            return page.render(scale=scale).to_pil()
        except ImageRefused:
            raise
        except Exception as error:  # of any type, as for a page without a size
            raise ImageRefused("corrupt", "It is damaged: the page can't be drawn.") from error
        finally:
            document.close()


def _open(data: bytes) -> Any:
    try:
        import pypdfium2
    except ImportError as error:
        raise ImageRefused(
            "not_image", "It is a PDF; to read its pages, pip install 'inkhook[pdf]'."
        ) from error
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ImageRefused("corrupt", "It has a password; save it without one.") from error
        raise ImageRefused("corrupt", "It is damaged: it can't be opened as a PDF.") from error
