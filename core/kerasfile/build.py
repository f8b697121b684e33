"""A network from a Keras file's description and arrays.

Only layers that are known here are accepted, every size is bounded, and every array must have the
shape that the description implies. Nothing is looked up by name and nothing is executed: a class
name in a description only selects a row of `rules.RULES`.
"""

from ..base.problems import ModelRejected
from ..base.text import parse_json
from ..base.types import DIGITS, SIDE
from ..network.network import (
    INPUT_SHAPES,
    MOST_SYMBOLS,
    STRIP_STEP,
    Network,
    Shape,
    is_window,
    wider,
)
from . import unroll
from .fields import is_image
from .translate import Translator
from .unroll import LayerConfig
from .weight_store import LayerArrays, Store

MOST_WORK = 500_000_000
"""Multiplications per image; VGG-like networks on 28×28 take a tenth of that."""

USUAL_SHAPES: tuple[Shape, ...] = (*INPUT_SHAPES, (SIDE, SIDE, 3))
"""The input shapes to try if a description states none."""


def build(
    description: str, weights: LayerArrays, version: str = "3", *, turned: bool = False
) -> Network:
    """Build a network.

    Parameters
    ----------
    description : str
        Keras's `model_config`: JSON.
    weights : mapping of str to mapping of str to float32 array
        The arrays of each layer by their names or paths.
    version : str
        Of the Keras that wrote it; empty if unknown.
    turned : bool
        Whether to rotate the kernels of convolutions by 180°, because Theano stored them so.

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    content = parse_json(description, "Its description")
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
        "input", "It doesn't state the shape of its inputs, and none of the usual shapes fits."
    )


def _assemble(
    shape: Shape, steps: list[LayerConfig], weights: LayerArrays, version: str, turned: bool
) -> Network:
    """Build the network of a chain with inputs of a shape."""
    if not is_image(shape) and not is_window(shape):
        raise ModelRejected("input", f"It takes inputs of shape {shape}, not images of digits.")
    translator = Translator(shape, Store(weights), version, turned=turned)
    for step in steps:
        translator.add(step)
        if translator.work > MOST_WORK:
            raise ModelRejected("work", f"It needs over {MOST_WORK:,} multiplications per image.")
    if translator.store.left:
        raise ModelRejected("extra_weights", "It has weights for layers that it doesn't describe.")
    out = translator.shape
    if is_window(shape):
        dense = [layer.options["units"] for layer in translator.layers if layer.kind == "Dense"]
        if out != (1, *dense[-1:]) or not 2 <= out[1] <= MOST_SYMBOLS:
            raise ModelRejected(
                "output",
                f"It takes inputs of shape {shape}, neither images of digits nor windows of rows "
                f"of numbers, for which it would give one row of symbols, not {out}.",
            )
        longer = Translator(wider(shape, STRIP_STEP), Store(weights), version, turned=turned)
        for step in steps:
            longer.add(step)
        if longer.shape != (2, out[1]):
            raise ModelRejected("output", "It can't be slid along rows of numbers.")
        return Network(shape, tuple(translator.layers), translator.largest)
    if len(out) == 1 and out != (len(DIGITS),):
        raise ModelRejected("output", f"It has {out[0]} classes, so it isn't for the ten digits.")
    if out != (len(DIGITS),):
        raise ModelRejected("output", f"Its output has the shape {out}, not (10,).")
    return Network(shape, tuple(translator.layers), translator.largest)
