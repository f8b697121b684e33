"""What a file's texts and arrays may mean: usually one network, sometimes a few to try.

Two things aren't in every file: whether it was trained with Theano, whose convolutions rotate their
kernels by 180°, and, if it holds only weights, which activations are between the layers.
"""

from ..base.problems import ModelRejected
from ..kerasfile.architecture import dense_config, group_by_layer, parse_architecture
from ..kerasfile.build import build
from ..network.network import Network
from .h5scan import Contents

TURNED = "kernels rotated as in Theano"
BETWEEN = ("relu", "sigmoid", "tanh")
"""The activations to try between the layers of a file of bare weights."""


def readings(contents: Contents, architecture: str | None = None) -> dict[str, Network]:
    """Return the networks that a file may hold, by what each assumes; the most likely first.

    Parameters
    ----------
    contents : Contents
    architecture : str, optional
        The layers of a file of bare weights, such as "dense:512,10".

    Raises
    ------
    ModelRejected
        With the first thing that is wrong.
    """
    texts = contents.texts
    if "model_config" not in texts:
        if "inkhook" in texts:  # every file that inkhook wrote describes its network
            raise ModelRejected("no_description", "It has lost the description of its network.")
        return _of_weights(contents, architecture)
    if architecture is not None:
        raise ModelRejected(
            "architecture", "It describes its network itself; leave out --architecture."
        )
    description, version = texts["model_config"], texts.get("keras_version", "")
    backend = texts.get("backend")
    if backend == "theano":
        return {TURNED: build(description, contents.weights, version, turned=True)}
    network = build(description, contents.weights, version)
    if backend is None and not version.startswith(("2", "3")) and _convolves(network):
        turned = build(description, contents.weights, version, turned=True)
        return {"": network, TURNED: turned}
    return {"": network}


def _of_weights(contents: Contents, architecture: str | None) -> dict[str, Network]:
    sizes = parse_architecture(architecture) if architecture else None
    layers = group_by_layer(contents.weights)
    between = BETWEEN if len(layers) > 1 else BETWEEN[:1]
    return {
        f"{name} between its dense layers": build(dense_config(layers, sizes, name), layers)
        for name in between
    }


def _convolves(network: Network) -> bool:
    """Tell whether there are kernels that could be rotated."""
    return any(
        layer.kind == "Conv2D" and max(layer.options["kernel_size"]) > 1 for layer in network.layers
    )
