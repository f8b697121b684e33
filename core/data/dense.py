"""The dense network that trainers make: from an option's text to a Keras model."""

from typing import Any

import click

from ..base.problems import ModelProblem
from ..base.types import DIGITS, SIDE
from ..modelfile.h5guard import MOST_PARAMETERS


def parse_sizes(text: str) -> tuple[int, ...]:
    """Parse a comma-separated list of layer sizes, such as "512" or "1024,512".

    Raises
    ------
    click.BadParameter
        When it isn't one: as the type of an option, that is a sentence for the user.
    """
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or not all(1 <= size <= 16384 for size in sizes):
        raise click.BadParameter(
            f"'{text}' isn't a list of layer sizes from 1 to 16384, such as 512 or 512,256"
        )
    return sizes


def build_dense(keras: Any, hidden: tuple[int, ...], option: str) -> Any:
    """Return an untrained network: (N, 784) in, ReLU layers, ten probabilities out.

    Parameters
    ----------
    keras : module
    hidden : tuple of int
        The sizes of the hidden layers.
    option : str
        Which option gave them, for the error.

    Raises
    ------
    ModelProblem
        When no model file could hold it.
    """
    layers = [keras.Input((SIDE * SIDE,))]
    layers += [keras.layers.Dense(size, activation="relu") for size in hidden]
    model = keras.Sequential([*layers, keras.layers.Dense(len(DIGITS), activation="softmax")])
    if (count := model.count_params()) > MOST_PARAMETERS:
        raise ModelProblem(
            f"The network would have {count:,} parameters, but a model file holds at most "
            f"{MOST_PARAMETERS:,}; choose a smaller {option}."
        )
    return model
