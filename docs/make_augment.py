"""Draw docs/augment.png: what the `augment` plugin does to each digit.

Usage: python docs/make_augment.py
"""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from inkhook.core.base.types import UInt8Array
from inkhook.plugins.augment.coarse import coarsen
from inkhook.plugins.augment.marks import add_marks, scribble
from inkhook.plugins.augment.pen import draw_digits
from inkhook.plugins.augment.warp import Bends, bend
from inkhook.plugins.mnist import load_embedded

PICTURE = Path(__file__).with_name("augment.png")
INK, QUIET = "#1a1a1a", "#6b6b6b"


def groups(rng: np.random.Generator) -> list[tuple[str, UInt8Array]]:
    """Return the titles and the images of each group, uint8 (10 digits, columns, 28, 28)."""
    train = load_embedded().train
    first = np.array([np.flatnonzero(train.labels == digit)[3] for digit in range(10)])
    images, labels = train.images[first], train.labels[first]

    def columns(count: int, make: UInt8Array) -> UInt8Array:
        return make.reshape(count, 10, 28, 28).swapaxes(0, 1)

    return [
        ("MNIST", images[:, None]),
        ("bent, thinner, thicker", columns(5, bend(np.tile(images, (5, 1, 1)), Bends(), rng))),
        ("marks", columns(2, add_marks(np.tile(images, (2, 1, 1)), np.tile(labels, 2), rng, 1.0))),
        ("drawn in other styles", columns(8, draw_digits(np.tile(labels, 8), rng))),
        ("coarse", columns(2, coarsen(np.tile(images, (2, 1, 1)), rng))),
        ("no digits", columns(2, scribble(20, rng))),
    ]


def main() -> None:
    """Draw all groups side by side, with a title above each."""
    cell, gap, top = 0.42, 0.3, 0.5
    parts = groups(np.random.default_rng(4))
    width = sum(images.shape[1] for _, images in parts) * cell + gap * (len(parts) + 1)
    height = 10 * cell + top + 0.25
    figure = Figure((width, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    left = gap
    for title, images in parts:
        wide = images.shape[1] * cell
        axes = figure.add_axes((left / width, 0.25 / height, wide / width, 10 * cell / height))
        rows = [np.hstack(list(row)) for row in images]
        axes.imshow(
            255 - np.vstack(rows), cmap="gray", vmin=0, vmax=255, interpolation="antialiased"
        )
        axes.set_axis_off()
        figure.text(
            left / width, 1 - 0.34 / height, title, size=10, color=INK if left == gap else QUIET
        )
        left += wide + gap
    figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
