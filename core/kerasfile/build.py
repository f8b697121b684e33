"""A network from a Keras file's description and arrays.

Only layers that are known here are accepted, every size is bounded, and every array must have the
shape that the description implies. Nothing is looked up by name and nothing is executed: a class
name in a description only selects a row of `rules.RULES`.
"""

from ..base import bounded_json
from ..base.problems import ModelRejected
from ..base.types import DIGITS, SIDE
from ..network.network import INPUT_SHAPES, Network, Shape
from . import unroll
from .fields import is_image
from .translate import Translator
from .unroll import LayerConfig
from .weight_store import Arrays, Store

MOST_WORK = 500_000_000
"""Multiplications an image; VGG-like networks on 28×28 take a tenth of that."""

USUAL_SHAPES: tuple[Shape, ...] = (*INPUT_SHAPES, (SIDE, SIDE, 3))
"""What is tried where a description doesn't say what shape its inputs have."""


def build(
    description: str, weights: Arrays, version: str = "3", *, turned: bool = False
) -> Network:
    """Build a network.

    Parameters
    ----------
    description : str
        Keras's `model_config`: JSON.
    weights : mapping of str to mapping of str to float32 array
        The arrays of each layer by their names or paths.
    version : str
        Of the Keras that wrote it; empty where that isn't known.
    turned : bool
        Whether the kernels of convolutions are to be turned by 180°, as Theano kept them.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    content = bounded_json.parse_json(description, "Its description")
    shape, steps = unroll.unroll(content)
    if shape is not None:
        return _assemble(shape, steps, weights, version, turned)
    for usual in USUAL_SHAPES:
        try:
            return _assemble(usual, steps, weights, version, turned)
        except ModelRejected as problem:
            if problem.code not in ("shape", "config", "input"):
                raise
    raise ModelRejected(
        "input", "It doesn't say what shape its inputs have, and none of the usual ones fits."
    )


def _assemble(
    shape: Shape, steps: list[LayerConfig], weights: Arrays, version: str, turned: bool
) -> Network:
    """Build the network of a chain with inputs of a shape."""
    if not is_image(shape):
        raise ModelRejected("input", f"It takes inputs of shape {shape}, not images of digits.")
    translator = Translator(shape, Store(weights), version, turned=turned)
    for step in steps:
        translator.add(step)
        if translator.work > MOST_WORK:
            raise ModelRejected("work", f"It takes over {MOST_WORK:,} multiplications an image.")
    if translator.store.left:
        raise ModelRejected("extra_weights", "It has weights for layers that it doesn't describe.")
    out = translator.shape
    if len(out) == 1 and out != (len(DIGITS),):
        raise ModelRejected(
            "output", f"It tells {out[0]} classes apart, so it isn't for the ten digits."
        )
    if out != (len(DIGITS),):
        raise ModelRejected("output", f"It gives numbers of shape {out} an image, not ten.")
    return Network(shape, tuple(translator.layers), translator.largest)
