"""Draw docs/prepare.png: pictures of digits, and what preprocessing makes of them.

Usage: PYTHONPATH=tests python docs/make_prepare.py
"""

from pathlib import Path

import numpy as np
import pictures
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from inkhook.core.images.preprocess import prepare
from inkhook.plugins.mnist import load_embedded

PICTURE = Path(__file__).with_name("prepare.png")
KINDS = {
    "dark on light": pictures.dark_on_light,
    "in the shade": pictures.half_in_the_shade,
    "light from a side": pictures.light_from_one_side,
    "ruled paper": pictures.ruled,
    "a form's box": pictures.boxed,
    "faint pencil": pictures.faint,
    "specks": pictures.specked,
    "a bad JPEG": pictures.noisy_jpeg,
    "a tight cut": pictures.cut_to_its_ink,
    "two pieces": pictures.in_two_pieces,
}


def main() -> None:
    """Draw the pictures in one row, and below each what the model sees."""
    test = load_embedded().test
    cell, gap = 1.15, 0.14
    width, height = len(KINDS) * (cell + gap) + gap, 2 * cell + 0.62
    figure = Figure((width, height), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    for place, (title, kind) in enumerate(KINDS.items()):
        rng = np.random.default_rng(40 + place)
        digit = test.images[np.flatnonzero(test.labels == place)[2]]
        page = kind(digit, rng)
        prepared = prepare(page)
        rows = (page, np.zeros((28, 28)) if prepared is None else 255 * prepared)
        left = gap + place * (cell + gap)
        for row, image in enumerate(rows):
            bottom = 0.12 + (1 - row) * (cell + 0.12)
            axes = figure.add_axes((left / width, bottom / height, cell / width, cell / height))
            axes.imshow(
                image, cmap="gray", vmin=0, vmax=255, aspect="auto", interpolation="nearest"
            )
            axes.set_axis_off()
        figure.text((left + cell / 2) / width, 1 - 0.24 / height, title, size=8.5, ha="center")
    figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
