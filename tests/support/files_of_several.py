"""Files that hold several digits: PDFs with one on each page, and Kaggle's tables."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

PIXELS = [f"pixel{i}" for i in range(784)]


def write_pdf(path: Path, images: npt.NDArray[np.uint8]) -> Path:
    """Write digits, white on black, as dark ink on pages of A4 at 75 dots an inch."""
    pages = []
    for image in images:
        page = Image.new("L", (620, 877), 255)
        page.paste(Image.fromarray(255 - image).resize((250, 250)), (180, 300))
        pages.append(page)
    pages[0].save(path, "PDF", save_all=True, append_images=pages[1:], resolution=75)
    return path


def write_table(
    path: Path,
    images: npt.NDArray[np.uint8],
    labels: Iterable[int] | None,
    *,
    header: bool = True,
    label: str = "label",
) -> Path:
    """Write images as Kaggle does, a line each, with a first column or without."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        first = [] if labels is None else [label]
        if header:
            writer.writerow([*first, *PIXELS])
        rows = images.reshape(-1, 784).tolist()
        if labels is None:
            writer.writerows(rows)
        else:
            writer.writerows([int(own), *row] for own, row in zip(labels, rows, strict=True))
    return path
