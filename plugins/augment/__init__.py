"""Make new training images from the old ones every epoch, as different hands would write them.

A share of the images is replaced with digits in styles that MNIST lacks (`pen`), another gets a
flag, a foot, a bar or a slash, a few are replaced with scribbles (`marks`), and a few are written
over. Then each is bent, slanted and stretched, and its stroke is made thinner or thicker (`warp`);
and a share becomes as coarse as small scans are (`coarse`). All randomness comes from the epoch's
generator, so that a seed repeats a run.
"""

import click
import numpy as np

from ...core.base.types import UInt8Array
from ...core.events.hooks import hookimpl
from ...core.events.protocol import Session
from .coarse import coarsen
from .marks import add_marks, scribble
from .pen import draw_digits
from .warp import Bends, bend

WRITTEN_OVER = 0.15
"""As a share of the images with marks: how many are written over, line beside line."""

_SHARE = click.FloatRange(0, 1)


class Augment:
    """Bends, thickens and redraws the training images for every epoch."""

    options = (
        click.Option(
            ["--augment-drawn"],
            metavar="S",
            type=_SHARE,
            default=0.15,
            show_default=True,
            help="The share of images to replace with drawn digits: crossed 7s, slashed 0s …",
        ),
        click.Option(
            ["--augment-marks"],
            metavar="S",
            type=_SHARE,
            default=0.15,
            show_default=True,
            help="The share of 0s, 1s and 7s to give a slash, a flag, a foot or a bar.",
        ),
        click.Option(
            ["--augment-scribbles"],
            metavar="S",
            type=_SHARE,
            default=0.02,
            show_default=True,
            help="The share of images to replace with scribbles and letters, so that the network "
            "learns to be unsure of them.",
        ),
        click.Option(
            ["--augment-coarse"],
            metavar="S",
            type=_SHARE,
            default=0.05,
            show_default=True,
            help="The share of images to make as coarse as scans of 16 by 16 pixels, and to "
            "stretch.",
        ),
        click.Option(
            ["--augment-strength"],
            metavar="F",
            type=click.FloatRange(0, 3),
            default=1,
            show_default=True,
            help="How much to bend, slant, stretch and thicken; 0 for not at all.",
        ),
    )

    def __init__(
        self,
        augment_drawn: float,
        augment_marks: float,
        augment_scribbles: float,
        augment_coarse: float,
        augment_strength: float,
    ) -> None:
        self.drawn = augment_drawn
        self.marks = augment_marks
        self.scribbles = augment_scribbles
        self.coarse = augment_coarse
        self.strength = augment_strength

    @hookimpl
    def augment(
        self,
        session: Session,
        images: UInt8Array,
        labels: UInt8Array,
        rng: np.random.Generator,
        own: bool,
    ) -> UInt8Array:
        """Return as many images as came in, for the same labels; own ones are only bent."""
        session.training["augment"] = dict(vars(self))
        if own:
            return bend(images, Bends().scaled(self.strength), rng)
        images = add_marks(images, labels, rng, self.marks)
        lot = rng.random(len(images))
        redrawn, replaced = lot < self.drawn, lot > 1 - self.scribbles
        images[redrawn] = draw_digits(labels[redrawn], rng)
        images[replaced] = scribble(int(replaced.sum()), rng)
        over = rng.random(len(images)) < self.marks * WRITTEN_OVER
        images[over] = np.maximum(images[over], bend(images[over], Bends().scaled(1.5), rng))
        images = bend(images, Bends().scaled(self.strength), rng)
        small = rng.random(len(images)) < self.coarse
        images[small] = coarsen(images[small], rng)
        return images
